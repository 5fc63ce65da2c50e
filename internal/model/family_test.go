package model_test

import (
	"math/rand/v2"
	"testing"

	"cria/internal/check"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// families are trials of what the relatives of Llama have beside it, each with
// the changes to synthetic weights that it needs.
var families = []struct {
	name string
	set  func(c *model.Config)
	add  func(d *drawer, c *model.Config, l *model.Layer, i int)
}{
	{"halves", func(c *model.Config) { c.Rope.Halves = true }, nil},
	{"partial-stretched", func(c *model.Config) {
		c.Rope = model.Rope{
			Theta: 500000, Dim: 6, Halves: true, Stretch: []float64{1, 2, 8},
			Short: []float64{1, 1, 2}, ShortLen: 79, Scale: 1.19,
		}
	}, nil},
	{"window", func(c *model.Config) { c.Window = 9 },
		func(_ *drawer, _ *model.Config, l *model.Layer, _ int) { l.IsLocal = true }},
	{"window-of-pages", func(c *model.Config) { c.Window, c.LocalRope = 33, &model.Rope{Theta: 77} },
		func(_ *drawer, _ *model.Config, l *model.Layer, i int) { l.IsLocal = i%2 == 0 }},
	{"biases", func(*model.Config) {}, func(d *drawer, c *model.Config, l *model.Layer, _ int) {
		attn, kv := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
		l.BQ, l.BK, l.BV, l.BO = d.vector(attn, 0), d.vector(kv, 0), d.vector(kv, 0), d.vector(c.Dim, 0)
	}},
	{"head-norms", func(c *model.Config) { c.Rope.Halves = true },
		func(d *drawer, c *model.Config, l *model.Layer, _ int) {
			l.QNorm, l.KNorm = d.vector(c.HeadDim, 1), d.vector(c.HeadDim, 1)
		}},
	{"caps-and-post-norms", func(c *model.Config) {
		c.Activation, c.EmbedScale, c.AttnScale, c.AttnSoftcap, c.FinalSoftcap = tensor.GELU, 5.5, 0.3, 2.5, 1.5
	}, func(d *drawer, c *model.Config, l *model.Layer, _ int) {
		l.AttnPostNorm, l.FFNPostNorm = d.vector(c.Dim, 1), d.vector(c.Dim, 1)
	}},
	{"experts", func(c *model.Config) { c.NExperts, c.NExpertsUsed, c.NormExperts = 5, 2, true }, nil},
	{"experts-not-normed", func(c *model.Config) { c.NExperts, c.NExpertsUsed = 4, 3 }, nil},
}

// A drawer draws weights.
type drawer struct{ rng *rand.Rand }

// vector returns n numbers about a mean.
func (d *drawer) vector(n int, mean float32) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = mean + 0.4*(d.rng.Float32()-0.5)
	}
	return x
}

// eachFamily runs f on every family.
func eachFamily(t *testing.T, f func(t *testing.T, tr trial, w *model.Weights)) {
	for _, fam := range families {
		t.Run(fam.name, func(t *testing.T) {
			tr := trials()[0]
			tr.config.NLayers = 3
			fam.set(&tr.config)
			w, err := load.Synthetic(&tr.config, tr.typ, tr.group, true, 7)
			if err != nil {
				t.Fatal(err)
			}
			for i := range w.Layers {
				if fam.add != nil {
					fam.add(&drawer{rand.New(rand.NewPCG(3, uint64(i)))}, &tr.config, &w.Layers[i], i)
				}
			}
			f(t, tr, w)
		})
	}
}

// TestFamilies holds the laws for what the relatives of Llama have beside it.
func TestFamilies(t *testing.T) {
	t.Run("laws", func(t *testing.T) { eachFamily(t, holdLaws) })
	t.Run("mixed batch", func(t *testing.T) { eachFamily(t, holdMixedBatch) })
	t.Run("rewind", func(t *testing.T) { eachFamily(t, holdRewind) })
	t.Run("no allocation", func(t *testing.T) { eachFamily(t, holdNoAllocation) })
}

// TestFamiliesDiffer checks that every family computes something of its own.
func TestFamiliesDiffer(t *testing.T) {
	seen := map[float32]string{}
	eachFamily(t, func(t *testing.T, tr trial, w *model.Weights) {
		m := newMachine(t, onRef, tr.config, w, tr.kv)
		logits := m.feed(t, m.state.Cache.NewSeq(0), check.Tokens(40, tr.config.VocabSize), 48)
		z := logits[39][5]
		if other, ok := seen[z]; ok {
			t.Errorf("the same logits as %s", other)
		}
		seen[z] = t.Name()
	})
}
