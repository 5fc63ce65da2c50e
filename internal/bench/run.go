package bench

import (
	"sync/atomic"
	"time"

	"cria/internal/cpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/sample"
	"cria/internal/tensor"
)

// sink takes results that nobody needs.
var sink atomic.Uint64

// A Runner runs one model with one number of threads and one grain.
type Runner struct {
	Config  model.Config
	Weights *model.Weights
	Backend model.Backend
	KV      tensor.DType
	Threads int    // of the CPU; 0 on another device
	Device  string // "cpu", or the device's name

	ceiling func() float64 // GB/s
	pool    *par.Pool      // nil on another device
	failed  func() error
	close   func()

	state *model.State
	seq   *kv.Seq
	rows  []kv.Row
	pick  *sample.Sampler
}

// batch is how many tokens of a prompt a runner takes at once, as cria.Open does by default.
const batch = 256

// NewRunner returns a runner on the CPU with room for a number of positions.
func NewRunner(c model.Config, w *model.Weights, kvType tensor.DType, positions int, o cpu.Options) (*Runner, error) {
	cache, err := kv.New(c.KVShape(positions, kvType))
	if err != nil {
		return nil, err
	}
	b := cpu.New(cpu.Sizes{
		Rows: min(batch, positions), Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
		Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: positions,
	}, o)
	read := NewReader(b.Pool, memoryOf(w)...)
	r := &Runner{
		Config: c, Weights: w, Backend: b, KV: kvType, Threads: b.Pool.Workers(), Device: "cpu",
		ceiling: read.GBs, pool: b.Pool, failed: func() error { return nil }, close: b.Close,
	}
	return r, r.start(cache, positions)
}

// start makes what a runner needs on any device.
func (r *Runner) start(cache *kv.Cache, positions int) (err error) {
	r.state = model.NewState(&r.Config, cache, positions, min(batch, positions), 1)
	r.seq, r.rows = cache.NewSeq(positions), make([]kv.Row, batch)
	r.pick, err = sample.New(sample.Params{TopP: 1, RepeatPenalty: 1}, r.Config.VocabSize)
	return err
}

// Close ends the runner's workers, or gives its device back.
func (r *Runner) Close() { r.close() }

// Err returns what went wrong on the device.
func (r *Runner) Err() error { return r.failed() }

// memoryOf returns the bytes that one token reads, as load.WeightBytes counts them.
func memoryOf(w *model.Weights) [][]byte {
	var list [][]byte
	add := func(m *tensor.Mat) {
		list = append(list, m.Data)
		if len(m.Scales) > 0 {
			list = append(list, tensor.Bytes(m.Scales))
		}
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		for _, m := range []*tensor.Mat{&l.WQ, &l.WK, &l.WV, &l.WO, &l.W1, &l.W2, &l.W3} {
			add(m)
		}
	}
	add(&w.Output)
	return list
}

// ceilingTime is how long one measurement of the ceiling takes at least.
const ceilingTime = 4 * time.Millisecond

// Ceiling reads the weights, doing nothing else, and returns GB/s; on a GPU it copies memory of
// the device, of which bytes read and bytes written count.
func (r *Runner) Ceiling() float64 {
	var speeds []float64
	for start := time.Now(); len(speeds) == 0 || time.Since(start) < ceilingTime; {
		speeds = append(speeds, r.ceiling())
	}
	return NewStat(speeds).Median
}

// Prompt reads a prompt of n tokens into an empty context and returns the seconds.
func (r *Runner) Prompt(n int) float64 {
	r.Reset()
	start := time.Now()
	for done := 0; done < n; {
		m := min(batch, n-done)
		r.forward(m, done+m == n)
		done += m
	}
	return time.Since(start).Seconds()
}

// Reset empties the context.
func (r *Runner) Reset() { r.seq.Truncate(0) }

// Generate appends n tokens, one after the other, chooses the most likely each
// time, and returns the seconds and the bytes of weights, keys and values read.
func (r *Runner) Generate(n int) (seconds float64, bytes int64) {
	start := time.Now()
	for range n {
		r.forward(1, true)
		bytes += load.WeightBytes(&r.Config, r.Weights) + load.KVBytes(&r.Config, r.KV, r.seq.Len()-1)
	}
	return time.Since(start).Seconds(), bytes
}

// forward appends n tokens.
func (r *Runner) forward(n int, logits bool) {
	pos := r.seq.Len()
	if err := r.seq.Grow(n); err != nil {
		panic("bench: " + err.Error()) // NewRunner was told too few positions
	}
	for i := range n {
		token := int32((pos+i)*7919+1) % int32(r.Config.VocabSize)
		r.rows[i] = kv.Row{Seq: r.seq, Token: token, Pos: pos + i, Logits: logits && i == n-1}
	}
	out := model.Forward(r.Backend, &r.Config, r.Weights, r.state, r.rows[:n])
	if logits {
		// An error means that random weights gave no number, which costs as much as any other.
		id, _ := r.pick.Sample(out.Row(0))
		sink.Store(uint64(id))
	}
}
