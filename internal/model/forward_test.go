package model_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/check"
	"cria/internal/cpu"
	"cria/internal/cpuid"
	"cria/internal/fixture"
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/llama2c"
	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// A machine is a model that is ready to run.
type machine struct {
	backend model.Backend
	config  model.Config
	weights *model.Weights
	state   *model.State
}

// maxRows is the largest batch in these tests.
const maxRows = 48

func newMachine(
	t testing.TB, backend func(*model.Config) model.Backend, c model.Config, w *model.Weights, kvType tensor.DType,
) *machine {
	t.Helper()
	cache, err := kv.New(c.KVShape(6*c.SeqLen, kvType))
	if err != nil {
		t.Fatal(err)
	}
	return &machine{backend(&c), c, w, model.NewState(&c, cache, c.SeqLen, maxRows, maxRows)}
}

// onCPU returns a maker of CPU backends.
func onCPU(t testing.TB, threads, grain int) func(*model.Config) model.Backend {
	return func(c *model.Config) model.Backend {
		b := cpu.New(cpu.Sizes{
			Rows: maxRows, Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
			Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: c.SeqLen,
		}, cpu.Options{Threads: threads, Grain: grain})
		t.Cleanup(b.Close)
		return b
	}
}

func onRef(*model.Config) model.Backend { return ref.Backend{} }

func (m *machine) feed(t testing.TB, seq *kv.Seq, tokens []int32, chunk int) [][]float32 {
	t.Helper()
	same := check.Machine{Backend: m.backend, Config: &m.config, Weights: m.weights, State: m.state}
	return same.Feed(t, seq, tokens, chunk)
}

// A trial is a random model of an odd shape.
type trial struct {
	name   string
	config model.Config
	typ    tensor.DType
	group  int
	kv     tensor.DType
}

func trials() []trial {
	config := func(dim, hidden, layers, heads, kvHeads, headDim, vocab, seqLen int) model.Config {
		return model.Config{
			Dim: dim, HiddenDim: hidden, NLayers: layers, NHeads: heads, NKVHeads: kvHeads, HeadDim: headDim,
			VocabSize: vocab, SeqLen: seqLen, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
		}
	}
	list := []trial{
		{"f32", config(30, 44, 2, 3, 1, 10, 37, 80), tensor.F32, 0, tensor.F32},
		{"f32-even", config(64, 96, 2, 4, 2, 16, 64, 80), tensor.F32, 0, tensor.F16},
		{"f16", config(42, 50, 2, 6, 3, 8, 41, 80), tensor.F16, 0, tensor.F16},
		{"bf16", config(42, 50, 2, 2, 2, 22, 41, 80), tensor.BF16, 0, tensor.Q8_0},
		{"q8-2", config(30, 44, 2, 3, 3, 10, 37, 80), tensor.Q8, 2, tensor.F32},
		{"q8-12", config(36, 60, 2, 3, 1, 12, 37, 80), tensor.Q8, 12, tensor.F32},
		{"q8-32", config(96, 160, 2, 6, 2, 16, 50, 80), tensor.Q8, 32, tensor.F16},
		{"q8-64", config(128, 192, 2, 2, 1, 64, 70, 80), tensor.Q8, 64, tensor.Q8_0},
		{"cache-q8_0", config(60, 44, 2, 3, 1, 48, 37, 80), tensor.F32, 0, tensor.Q8_0},
		{"cache-q8_0-short", config(30, 44, 2, 4, 2, 6, 37, 80), tensor.F16, 0, tensor.Q8_0},
	}
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.BF16} {
		list = append(list,
			trial{"llm.int8-" + typ.String(), config(96, 160, 2, 6, 2, 16, 37, 80), typ, 0, tensor.F32},
			trial{"llm.int8-odd-" + typ.String(), config(42, 50, 2, 2, 1, 22, 37, 80), typ, 0, tensor.F16})
	}
	for typ := tensor.Q4_0; typ <= tensor.MXFP4; typ++ {
		c := config(96, 160, 1, 3, 1, 32, 37, 80)
		if typ.BlockLen() == 256 {
			c = config(256, 256, 1, 2, 1, 128, 20, 80)
		}
		list = append(list, trial{typ.String(), c, typ, 0, tensor.F32})
	}
	return list
}

// withOutliers makes w have outliers: some for all tokens, some for some.
func withOutliers(w *model.Weights) *model.Weights {
	for i := range w.Layers {
		l := &w.Layers[i]
		for j := range l.AttnNorm {
			if j%9 == 5 {
				l.AttnNorm[j] *= 20
				l.FFNNorm[j] *= 4
			}
		}
	}
	return w
}

// eachTrial runs f on every trial.
func eachTrial(t *testing.T, f func(t *testing.T, tr trial, w *model.Weights)) {
	for _, tr := range trials() {
		t.Run(tr.name, func(t *testing.T) {
			w, err := load.Synthetic(&tr.config, tr.typ, tr.group, tr.name != "f32", 7)
			if err == nil && strings.HasPrefix(tr.name, "llm.int8") {
				w, err = llmint8.Convert(withOutliers(w), 2)
			}
			if err != nil {
				t.Fatal(err)
			}
			f(t, tr, w)
		})
	}
}

// TestLaws holds the CPU backend against the reference: token by token, and any
// way to cut a prompt, with any number of threads and any grain, give the same bits.
func TestLaws(t *testing.T) { eachTrial(t, holdLaws) }

func holdLaws(t *testing.T, tr trial, w *model.Weights) {
	tokens := check.Tokens(70, tr.config.VocabSize)
	if testing.Short() {
		tokens = tokens[:36] // more than a page of the cache has
	}
	r := newMachine(t, onRef, tr.config, w, tr.kv)
	want := r.feed(t, r.state.Cache.NewSeq(len(tokens)), tokens, 1)
	for _, set := range cpuid.Supported() {
		useISA(t, set)
		for _, way := range ways() {
			m := newMachine(t, onCPU(t, way.threads, way.grain), tr.config, w, tr.kv)
			got := m.feed(t, m.state.Cache.NewSeq(len(tokens)), tokens, way.chunk)
			check.Equal(t, got, want, fmt.Sprintf("%v, %+v", set, way))
		}
	}
	got := r.feed(t, r.state.Cache.NewSeq(len(tokens)), tokens, 29)
	check.Equal(t, got, want, "the reference in chunks of 29")
	useISA(t, cpuid.Best)
	pool := par.New(2)
	defer pool.Close()
	cpu.Repack(w.Matrices(), pool)
	for _, way := range []way{{2, 0, 1}, {1, 0, 2}, {2, 7, 5}} {
		m := newMachine(t, onCPU(t, way.threads, way.grain), tr.config, w, tr.kv)
		got := m.feed(t, m.state.Cache.NewSeq(len(tokens)), tokens, way.chunk)
		check.Equal(t, got, want, fmt.Sprintf("repacked, %+v", way))
	}
}

// TestManyWorkers: far more workers than cores give the same bits.
func TestManyWorkers(t *testing.T) {
	tr := trials()[0]
	w, err := load.Synthetic(&tr.config, tr.typ, tr.group, false, 7)
	if err != nil {
		t.Fatal(err)
	}
	tokens := check.Tokens(24, tr.config.VocabSize)
	r := newMachine(t, onRef, tr.config, w, tr.kv)
	want := r.feed(t, r.state.Cache.NewSeq(len(tokens)), tokens, 1)
	m := newMachine(t, onCPU(t, 64, 1), tr.config, w, tr.kv)
	check.Equal(t, m.feed(t, m.state.Cache.NewSeq(len(tokens)), tokens, 5), want, "64 workers")
}

type way struct{ threads, grain, chunk int }

// ways returns how to hand out work and to cut a prompt.
func ways() []way {
	all := []way{{2, 7, 48}, {7, 1, 1}, {1, 0, 1}, {1, 0, 48}, {2, 0, 1}, {7, 1, 5}, {3, 16, 33}, {2, 1000, 17}}
	if testing.Short() {
		return all[:2]
	}
	return all
}

// useISA makes the kernels use one instruction set until the test ends.
func useISA(t *testing.T, set cpuid.ISA) {
	t.Helper()
	dot := cpuid.Int8Dot && (set == cpuid.AVX512 || set == cpuid.NEON)
	if err := kernel.Use(set, dot); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kernel.Use(cpuid.Best, cpuid.Int8Dot); err != nil {
			t.Fatal(err)
		}
	})
}

// TestMixedBatch runs three sequences in one batch, prompts and single tokens
// mixed, and wants what each gives alone.
func TestMixedBatch(t *testing.T) { eachTrial(t, holdMixedBatch) }

func holdMixedBatch(t *testing.T, tr trial, w *model.Weights) {
	m := newMachine(t, onCPU(t, 2, 0), tr.config, w, tr.kv)
	all := check.Tokens(90, tr.config.VocabSize)
	texts := [][]int32{all[:40], all[3:31], all[20:50]}
	var want, got [3][][]float32
	var seqs [3]*kv.Seq
	for i, text := range texts {
		want[i] = m.feed(t, m.state.Cache.NewSeq(0), text, 1)
		seqs[i] = m.state.Cache.NewSeq(0)
	}
	for step := 0; ; step++ {
		rows, owner := []kv.Row{}, []int{}
		for i, seq := range seqs {
			n := min([]int{1, 5, 11}[(step+i)%3], len(texts[i])-seq.Len())
			for range n {
				if err := seq.Grow(1); err != nil {
					t.Fatal(err)
				}
				pos := seq.Len() - 1
				rows = append(rows, kv.Row{Seq: seq, Token: texts[i][pos], Pos: pos, Logits: true})
				owner = append(owner, i)
			}
		}
		if len(rows) == 0 {
			break
		}
		logits := model.Forward(m.backend, &m.config, m.weights, m.state, rows)
		for r, i := range owner {
			got[i] = append(got[i], slices.Clone(logits.Row(r)))
		}
	}
	for i := range texts {
		check.Equal(t, got[i], want[i], fmt.Sprintf("sequence %d", i))
	}
}

// TestRewind goes back to several places, on and off a page's edge, and replays;
// a fork that shares those pages must not notice.
func TestRewind(t *testing.T) { eachTrial(t, holdRewind) }

func holdRewind(t *testing.T, tr trial, w *model.Weights) {
	m := newMachine(t, onCPU(t, 2, 0), tr.config, w, tr.kv)
	tokens := check.Tokens(70, tr.config.VocabSize)
	other := check.Tokens(75, tr.config.VocabSize)[5:]
	seq := m.state.Cache.NewSeq(len(tokens))
	want := m.feed(t, seq, tokens, 48)
	for _, n := range []int{69, 33, 32, 31, 0} {
		fork := seq.Fork()
		seq.Truncate(n)
		m.feed(t, seq, other[n:], 16)
		seq.Truncate(n)
		check.Equal(t, m.feed(t, seq, tokens[n:], 7), want[n:], fmt.Sprintf("replay from %d", n))
		fork.Truncate(60)
		check.Equal(t, m.feed(t, fork, tokens[60:], 3), want[60:], fmt.Sprintf("fork at %d", n))
		fork.Truncate(0)
	}
	seq.Truncate(0)
	if free := m.state.Cache.FreePages(); free != m.state.Cache.Pages {
		t.Errorf("%d pages free in the end, want %d", free, m.state.Cache.Pages)
	}
}

// TestNoAllocation checks that a warm forward pass allocates nothing.
func TestNoAllocation(t *testing.T) { eachTrial(t, holdNoAllocation) }

func holdNoAllocation(t *testing.T, tr trial, w *model.Weights) {
	m := newMachine(t, onCPU(t, 2, 1), tr.config, w, tr.kv)
	for _, n := range []int{1, 33} {
		seq := m.state.Cache.NewSeq(tr.config.SeqLen)
		rows := make([]kv.Row, n)
		run := func() {
			seq.Truncate(0)
			if err := seq.Grow(n); err != nil {
				t.Fatal(err)
			}
			for i := range rows {
				rows[i] = kv.Row{Seq: seq, Token: 1, Pos: i, Logits: i == n-1}
			}
			model.Forward(m.backend, &m.config, m.weights, m.state, rows)
		}
		if allocs := testing.AllocsPerRun(3, run); allocs != 0 {
			t.Errorf("a batch of %d allocates %v times", n, allocs)
		}
	}
}

// TestStories260K holds the CPU backend against the reference on a trained
// model, and one prompt at once against token by token.
func TestStories260K(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "models", "stories260K.v1.bin"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := llama2c.Parse("stories260K", data)
	if err != nil {
		t.Fatal(err)
	}
	c, w, err := load.Llama2c(f)
	if err != nil {
		t.Fatal(err)
	}
	tokens := check.Tokens(100, c.VocabSize)
	if testing.Short() {
		tokens = tokens[:50]
	}
	r := newMachine(t, onRef, c, w, tensor.F32)
	want := r.feed(t, r.state.Cache.NewSeq(0), tokens, 1)
	for _, set := range cpuid.Supported() {
		useISA(t, set)
		for _, chunk := range []int{1, 7, 48} {
			m := newMachine(t, onCPU(t, 2, 0), c, w, tensor.F32)
			check.Equal(t, m.feed(t, m.state.Cache.NewSeq(0), tokens, chunk), want, fmt.Sprintf("%v, chunks of %d", set, chunk))
		}
	}
}
