package ref_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// TestForward holds the reference against float64 arithmetic.
func TestForward(t *testing.T) {
	for _, heads := range [][2]int{{3, 3}, {6, 2}, {4, 1}} {
		c := config(heads[0], heads[1])
		w, err := load.Synthetic(&c, tensor.F32, 0, false, 3)
		if err != nil {
			t.Fatal(err)
		}
		// Logits have variance near 1. Three layers of seven products of up to 50
		// terms round about 3·7·50/16 times a lane, in sequence: 66 · 2^-24 · 8 for what
		// the norms may amplify.
		holdForward(t, c, w, 66*8*0x1p-24)
	}
}

func config(heads, kvHeads int) model.Config {
	return model.Config{
		Dim: 8 * heads, HiddenDim: 50, NLayers: 3, NHeads: heads, NKVHeads: kvHeads, HeadDim: 8,
		VocabSize: 33, SeqLen: 70, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
}

func holdForward(t *testing.T, c model.Config, w *model.Weights, tolerance float64) {
	t.Helper()
	cache, err := kv.New(c.KVShape(c.SeqLen, tensor.F32))
	if err != nil {
		t.Fatal(err)
	}
	state, seq := model.NewState(&c, cache, c.SeqLen, 1, 1), cache.NewSeq(c.SeqLen)
	p := newPlain(c, w)
	for pos := range c.SeqLen {
		if err := seq.Grow(1); err != nil {
			t.Fatal(err)
		}
		token := (pos*pos + 5) % c.VocabSize
		rows := []kv.Row{{Seq: seq, Token: int32(token), Pos: pos, Logits: true}}
		got := model.Forward(ref.Backend{}, &c, w, state, rows).Row(0)
		want := p.forward(token, pos)
		for i := range want {
			if !(math.Abs(float64(got[i])-want[i]) <= tolerance) {
				t.Fatalf("position %d: logit %d = %v, want %v ± %v", pos, i, got[i], want[i], tolerance)
			}
		}
	}
}

// TestFamilies holds what the relatives of Llama have beside it against float64 arithmetic.
func TestFamilies(t *testing.T) {
	none := func(*model.Config, *model.Layer, int, func(int, float32) []float32) {}
	for _, f := range []struct {
		name string
		set  func(c *model.Config)
		add  func(c *model.Config, l *model.Layer, i int, vector func(n int, mean float32) []float32)
	}{
		{"halves", func(c *model.Config) { c.Rope.Halves = true }, none},
		{"partial and stretched", func(c *model.Config) {
			c.Rope = model.Rope{Theta: 5e5, Dim: 6, Halves: true, Stretch: []float64{1, 2, 8}, Scale: 1.19}
		}, none},
		{"short", func(c *model.Config) {
			c.Rope = model.Rope{Theta: 1e4, Stretch: []float64{2, 2, 4, 8}, Short: []float64{1, 1, 1, 2}, ShortLen: 70}
		}, none},
		{"windows", func(c *model.Config) { c.Window, c.LocalRope = 9, &model.Rope{Theta: 77} },
			func(_ *model.Config, l *model.Layer, i int, _ func(int, float32) []float32) { l.IsLocal = i%2 == 0 }},
		{"biases", func(*model.Config) {},
			func(c *model.Config, l *model.Layer, _ int, vector func(int, float32) []float32) {
				l.BQ, l.BO = vector(l.WQ.Rows, 0), vector(c.Dim, 0)
				l.BK, l.BV = vector(l.WK.Rows, 0), vector(l.WV.Rows, 0)
			}},
		{"norms of heads", func(*model.Config) {},
			func(c *model.Config, l *model.Layer, _ int, vector func(int, float32) []float32) {
				l.QNorm, l.KNorm = vector(c.HeadDim, 1), vector(c.HeadDim, 1)
			}},
		{"caps and norms", func(c *model.Config) {
			c.Activation, c.EmbedScale, c.AttnScale, c.AttnSoftcap, c.FinalSoftcap = tensor.GELU, 5.5, 0.3, 2.5, 1.5
		}, func(c *model.Config, l *model.Layer, _ int, vector func(int, float32) []float32) {
			l.AttnPostNorm, l.FFNPostNorm = vector(c.Dim, 1), vector(c.Dim, 1)
		}},
		{"experts", func(c *model.Config) { c.NExperts, c.NExpertsUsed, c.NormExperts = 5, 2, true }, nil},
		{"experts of all", func(c *model.Config) { c.NExperts, c.NExpertsUsed = 4, 3 }, nil},
	} {
		t.Run(f.name, func(t *testing.T) {
			c := config(6, 2)
			f.set(&c)
			w, err := load.Synthetic(&c, tensor.F32, 0, false, 3)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(3, 4))
			for i := range w.Layers {
				if f.add == nil {
					continue
				}
				f.add(&c, &w.Layers[i], i, func(n int, mean float32) []float32 {
					x := make([]float32, n)
					for i := range x {
						x[i] = mean + 0.4*(rng.Float32()-0.5)
					}
					return x
				})
			}
			// As in TestForward, twice: each part rounds once more, and scales of more than 1 amplify.
			holdForward(t, c, w, 2*66*8*0x1p-24)
		})
	}
}
