package sample_test

import (
	"testing"

	"cria/internal/sample"
	"cria/internal/token"
)

// TestNumber: numbers that others use are those that the sampler would have used.
func TestNumber(t *testing.T) {
	p := with(func(p *sample.Params) { p.TopK, p.Seed = 3, 9 })
	a, b := newSampler(t, p, 9), newSampler(t, p, 9)
	logits := spread(9)
	for i := range 20 {
		if i%3 == 0 {
			if x, y := a.Number(1), a.Number(0); x == y || y != b.Number(0) || x < 0 || x >= 1 {
				t.Fatalf("numbers %v and %v, and %v", y, x, b.Number(0))
			}
			a.Use()
			b.Use()
			continue
		}
		if i%3 == 1 {
			a.Number(1) // ahead, and forgotten
		}
		if x, y := next(t, a, logits), next(t, b, logits); x != y {
			t.Fatalf("token %d, and %d of who looked ahead", y, x)
		}
	}
}

// TestChoice: who needs all logits, or what was chosen before, has no choice that others could make.
func TestChoice(t *testing.T) {
	top := func(p *sample.Params) { p.TopK, p.TopP, p.MinP, p.Temperature, p.RepeatLastN = 3, 0.5, 0.25, 2, 64 }
	for _, c := range []struct {
		what   string
		change func(p *sample.Params)
		want   bool
	}{
		{"top-k", func(*sample.Params) {}, true},
		{"no top-k", func(p *sample.Params) { p.TopK = 0 }, false},
		{"top-k of all", func(p *sample.Params) { p.TopK = 9 }, false},
		{"greedy", func(p *sample.Params) { p.Temperature = 0 }, false},
		{"a bias", func(p *sample.Params) { p.Bias = map[token.ID]float32{1: 1} }, false},
		{"a penalty", func(p *sample.Params) { p.RepeatPenalty = 1.5 }, false},
		{"a penalty of no tokens", func(p *sample.Params) { p.RepeatPenalty, p.RepeatLastN = 1.5, 0 }, true},
	} {
		p := with(top)
		c.change(&p)
		got, can := newSampler(t, p, 9).Choice()
		if can != c.want || can && got != (sample.Choice{TopK: 3, TopP: 0.5, MinP: 0.25, Temperature: 2}) {
			t.Errorf("%s: %+v, %v", c.what, got, can)
		}
	}
}
