package train

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// oddShapes have sizes that are no multiples of anything that kernels like.
var oddShapes = []struct {
	config model.Config
	shared bool
}{
	{model.Config{Dim: 12, HiddenDim: 20, NLayers: 2, NHeads: 3,
		NKVHeads: 3, HeadDim: 4, VocabSize: 19, SeqLen: 16}, true},
	{model.Config{Dim: 36, HiddenDim: 35, NLayers: 1, NHeads: 6,
		NKVHeads: 2, HeadDim: 6, VocabSize: 33, SeqLen: 16}, false},
	{model.Config{Dim: 8, HiddenDim: 5, NLayers: 3, NHeads: 4,
		NKVHeads: 1, HeadDim: 2, VocabSize: 7, SeqLen: 16}, true},
	{model.Config{Dim: 34, HiddenDim: 17, NLayers: 1, NHeads: 1,
		NKVHeads: 1, HeadDim: 34, VocabSize: 70, SeqLen: 100}, false},
}

// newTaught returns a model with parameters far from where training begins, so
// that every gradient is of a size that can be seen.
func newTaught(t *testing.T, c model.Config, shared bool, seed uint64) *Model {
	t.Helper()
	c.Rope.Theta, c.NormEps = 10000, 1e-5
	m, err := NewModel(c, shared)
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, part := range m.Tensors {
		x := part.Of(m.Params)
		if part.Norm {
			for i := range x {
				x[i] = 1 + 0.3*rng.Float32()
			}
			continue
		}
		normal(rng, x, 0.8/math.Sqrt(float64(part.Cols)))
	}
	return m
}

// randomBatch returns sequences of different lengths, some without a target.
func randomBatch(rng *rand.Rand, vocab, batch, seq int) (in, want [][]int32) {
	for i := range batch {
		n := 1 + rng.IntN(seq)
		if i == 0 {
			n = seq
		}
		a, b := make([]int32, seq), make([]int32, seq)
		for j := range a {
			a[j], b[j] = rng.Int32N(int32(vocab)), rng.Int32N(int32(vocab))
			if j >= n || j == n/2 && n > 1 {
				b[j] = -1
			}
		}
		in, want = append(in, a), append(want, b)
	}
	return in, want
}

func newPool(t *testing.T, threads int) *par.Pool {
	pool := par.New(threads)
	t.Cleanup(pool.Close)
	return pool
}

func TestGradients(t *testing.T) {
	for i, shape := range oddShapes {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			m := newTaught(t, shape.config, shape.shared, uint64(i))
			rng := rand.New(rand.NewPCG(uint64(i), 2))
			seq := min(shape.config.SeqLen, 70) // more than one block of queries where there is room
			in, want := randomBatch(rng, shape.config.VocabSize, 3, seq)
			p := NewPass(m, Sizes{3, seq}, newPool(t, 3))
			const scale = 0.5
			sum := p.LossBack(in, want, scale)

			o := &oracle{c: &m.Config, w: make([]float64, len(m.Params)), v: m.Tensors}
			for i, f := range m.Params {
				o.w[i] = float64(f)
			}
			if exact := o.loss(m.Shared, in, want); math.Abs(sum-exact) > 1e-5*exact {
				t.Errorf("loss %v, in float64 %v", sum, exact)
			}
			for _, part := range m.Tensors {
				checkGradient(t, m, o, &part, part.Of(p.Grads), in, want, scale, rng)
			}
		})
	}
}

// checkGradient compares some elements of a tensor's gradient with central differences.
func checkGradient(t *testing.T, m *Model, o *oracle, part *Tensor, got []float32, in, want [][]int32, scale float64,
	rng *rand.Rand) {
	t.Helper()
	largest := 0.0
	for _, f := range got {
		largest = max(largest, math.Abs(float64(f)))
	}
	if largest == 0 {
		t.Errorf("%s: the gradient is zero", part.Name)
	}
	elements := 25
	if testing.Short() {
		elements = 8
	}
	for range elements {
		i := rng.IntN(len(got))
		w, h := &o.w[part.at+i], 1e-5
		was := *w
		*w = was + h
		up := o.loss(m.Shared, in, want)
		*w = was - h
		down := o.loss(m.Shared, in, want)
		*w = was
		exact := scale * (up - down) / (2 * h)
		if math.Abs(float64(got[i])-exact) > 1e-4*largest+1e-6 {
			t.Errorf("%s[%d]: gradient %v, by differences %v", part.Name, i, got[i], exact)
		}
	}
}

// TestForwardIsReference: the training forward has the bits of the reference.
func TestForwardIsReference(t *testing.T) {
	for i, shape := range oddShapes {
		m := newTaught(t, shape.config, shape.shared, uint64(i))
		rng := rand.New(rand.NewPCG(uint64(i), 3))
		in, want := randomBatch(rng, shape.config.VocabSize, 2, shape.config.SeqLen)
		p := NewPass(m, Sizes{2, shape.config.SeqLen}, newPool(t, 2))
		p.setBatch(in, want)
		p.forward()
		for j, seq := range p.seqs {
			cache, err := kv.New(m.Config.KVShape(m.Config.SeqLen, tensor.F32))
			if err != nil {
				t.Fatal(err)
			}
			s := model.NewState(&m.Config, cache, m.Config.SeqLen, seq.n, seq.n)
			var rows []kv.Row
			kvSeq := cache.NewSeq(seq.n)
			for pos, token := range in[j][:seq.n] {
				rows = append(rows, kv.Row{Token: token, Seq: kvSeq, Pos: pos, Logits: true})
			}
			if err := kvSeq.Grow(seq.n); err != nil {
				t.Fatal(err)
			}
			logits := model.Forward(ref.Backend{}, &m.Config, m.Weights(), s, rows)
			got := tensor.NewActs(seq.n, m.Config.VocabSize)
			p.linear(got, m.view.output, from(p.h, seq.first), seq.n)
			for pos := range seq.n {
				if !slices.Equal(got.Row(pos), logits.Row(pos)) {
					t.Fatalf("shape %d, sequence %d, position %d: logits differ from the reference", i, j, pos)
				}
			}
		}
	}
}

// TestThreadsGiveSameBits: the number of threads does not show.
func TestThreadsGiveSameBits(t *testing.T) {
	shape := oddShapes[1]
	rng := rand.New(rand.NewPCG(5, 5))
	in, want := randomBatch(rng, shape.config.VocabSize, 5, shape.config.SeqLen)
	var first []float32
	for _, threads := range []int{1, 2, 7} {
		m := newTaught(t, shape.config, shape.shared, 9)
		pool := newPool(t, threads)
		p, o := NewPass(m, Sizes{5, shape.config.SeqLen}, pool), NewAdamW(m)
		for step := 1; step <= 3; step++ {
			clear(p.Grads)
			p.LossBack(in, want, 0.1)
			o.Step(pool, m.Params, p.Grads, step, 1e-2, float32(1/max(1, o.Norm(pool, p.Grads))))
		}
		if first == nil {
			first = m.Params
		} else if !slices.Equal(first, m.Params) {
			t.Errorf("%d threads give other bits than 1", threads)
		}
	}
}
