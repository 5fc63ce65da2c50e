package bench

import (
	"sync/atomic"
	"time"

	"cria/internal/cpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/place"
	"cria/internal/sample"
	"cria/internal/tensor"
)

// sink takes results that nobody needs.
var sink atomic.Uint64

// A Runner runs one model with one number of threads and one grain.
type Runner struct {
	Config  model.Config
	Weights *model.Weights
	KV      tensor.DType
	Threads int    // of the CPU; 0 on another device
	Device  string // "cpu", or the device's name

	ceiling func() float64 // GB/s; nil if there is none
	at      *place.Place
	waits   bool // for each token, even if the device can go on

	state  *model.State
	seqs   []*kv.Seq
	active int // of seqs, that generate together
	batch  int // tokens of a prompt at once
	rows   []kv.Row
	pick   *sample.Sampler
}

// Room is what a runner has room for.
type Room struct {
	Positions int // of a sequence
	Sequences int // at once, at least 1
	Batch     int // tokens of a prompt at once
}

// rows returns how many tokens go through the network at once.
func (r Room) rows() int { return max(min(r.Batch, r.Positions), r.Sequences) }

// plan returns how a model is run for it.
func (r Room) plan(c *model.Config, kvType tensor.DType) place.Plan {
	shape := c.KVShape(r.Positions, kvType)
	shape.Pages *= r.Sequences
	return place.Plan{KV: shape, Rows: r.rows(), SeqLen: r.Positions}
}

// NewRunner returns a runner on the CPU.
func NewRunner(
	c model.Config, w *model.Weights, kvType tensor.DType, room Room, o cpu.Options, repack *bool,
) (*Runner, error) {
	plan := room.plan(&c, kvType)
	plan.CPU, plan.Repack = o, repack
	at, err := place.OnCPU(&c, w, plan)
	if err != nil {
		return nil, err
	}
	return newRunner(c, w, kvType, room, at, NewReader(at.Pool, memoryOf(w)...).GBs)
}

// newRunner makes what a runner needs on any device.
func newRunner(
	c model.Config, w *model.Weights, kvType tensor.DType, room Room, at *place.Place, ceiling func() float64,
) (*Runner, error) {
	r := &Runner{
		Config: c, Weights: w, KV: kvType, Device: at.Name, ceiling: ceiling, at: at,
		state:  model.NewState(&c, at.Cache, room.Positions, room.rows(), room.Sequences),
		active: 1, rows: make([]kv.Row, room.rows()), batch: room.Batch,
	}
	if at.Pool != nil {
		r.Threads = at.Pool.Workers()
	}
	for range room.Sequences {
		r.seqs = append(r.seqs, at.Cache.NewSeq(room.Positions))
	}
	var err error
	r.pick, err = sample.New(sample.Params{TopP: 1, RepeatPenalty: 1}, c.VocabSize)
	return r, err
}

// Close ends the runner's workers, or gives its device back.
func (r *Runner) Close() { r.at.Backend.Close() }

// Err returns what went wrong on the device.
func (r *Runner) Err() error { return r.at.Err() }

// memoryOf returns the bytes that one token reads, as load.WeightBytes counts them.
func memoryOf(w *model.Weights) [][]byte {
	var list [][]byte
	add := func(m *tensor.Mat) {
		if m.Panels != nil {
			list = append(list, m.Panels)
			return
		}
		list = append(list, m.Data)
		if len(m.Scales) > 0 {
			list = append(list, tensor.Bytes(m.Scales))
		}
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		for _, m := range l.Matrices() {
			add(m)
		}
	}
	add(&w.Output)
	return list
}

// ceilingTime is how long one measurement of the ceiling takes at least.
const ceilingTime = 4 * time.Millisecond

// Ceiling reads the weights, doing nothing else, and returns GB/s; on a GPU it copies memory of
// the device, of which bytes read and bytes written count. Where both compute, it is 0.
func (r *Runner) Ceiling() float64 {
	if r.ceiling == nil {
		return 0
	}
	var speeds []float64
	for start := time.Now(); len(speeds) == 0 || time.Since(start) < ceilingTime; {
		speeds = append(speeds, r.ceiling())
	}
	return NewStat(speeds).Median
}

// Prompt reads a prompt of n tokens into an empty context and returns the seconds.
func (r *Runner) Prompt(n int) float64 {
	r.Reset(1)
	start := time.Now()
	r.fill(r.seqs[0], n)
	return time.Since(start).Seconds()
}

// Reset empties the contexts; n sequences generate together from here on.
func (r *Runner) Reset(n int) {
	for _, s := range r.seqs {
		s.Truncate(0)
	}
	r.active = n
}

// Fill reads a prompt of n tokens into each context.
func (r *Runner) Fill(n int) {
	for _, s := range r.seqs[:r.active] {
		r.fill(s, n)
	}
}

func (r *Runner) fill(s *kv.Seq, n int) {
	for done := 0; done < n; {
		m := min(r.batch, n-done)
		for i := range m {
			r.rows[i] = r.next(s, done+i+1 == n)
		}
		r.forward(m)
		done += m
	}
}

// Generate appends n tokens to each sequence, one after the other, chooses the most likely each
// time, and returns the seconds and the bytes of weights, keys and values read.
func (r *Runner) Generate(n int) (seconds float64, bytes int64) {
	start, depth := time.Now(), r.seqs[0].Len()
	if r.active == 1 && r.starts() {
		r.generateStarted(n)
	} else {
		for range n {
			for i, s := range r.seqs[:r.active] {
				r.rows[i] = r.next(s, true)
			}
			r.forward(r.active)
		}
	}
	seconds = time.Since(start).Seconds()
	for i := range n {
		kvBytes := load.KVBytes(&r.Config, r.KV, depth+i)
		bytes += load.WeightBytes(&r.Config, r.Weights) + int64(r.active)*kvBytes
	}
	return seconds, bytes
}

// next returns the row of a token after those that a sequence has.
func (r *Runner) next(s *kv.Seq, logits bool) kv.Row {
	pos := s.Len()
	if err := s.Grow(1); err != nil {
		panic("bench: " + err.Error()) // NewRunner was told of too little
	}
	return kv.Row{Seq: s, Token: int32(pos*7919+1) % int32(r.Config.VocabSize), Pos: pos, Logits: logits}
}

// forward runs the first n rows and chooses tokens.
func (r *Runner) forward(n int) {
	out, chosen := model.Forward(r.at.Backend, &r.Config, r.Weights, r.state, r.rows[:n]), 0
	for _, row := range r.rows[:n] {
		if row.Logits {
			// An error means that random weights gave no number, which costs as much as any other.
			id, _ := r.pick.Sample(out.Row(chosen))
			sink.Store(uint64(id))
			chosen++
		}
	}
}
