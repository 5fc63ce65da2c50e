package sample_test

import (
	"math"
	"slices"
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

// TestChoice: who needs all logits, or a history without end, or forbids tokens, has no choice that others could make.
func TestChoice(t *testing.T) {
	top := func(p *sample.Params) { p.TopK, p.TopP, p.MinP, p.Temperature, p.RepeatLastN = 3, 0.5, 0.25, 2, 64 }
	inf := float32(math.Inf(-1))
	for _, c := range []struct {
		what   string
		change func(p *sample.Params)
		want   bool
	}{
		{"top-k", func(*sample.Params) {}, true},
		{"no top-k", func(p *sample.Params) { p.TopK = 0 }, false},
		{"top-k of all", func(p *sample.Params) { p.TopK = 9 }, false},
		{"greedy", func(p *sample.Params) { p.Temperature = 0 }, true},
		{"greedy of all", func(p *sample.Params) { p.Temperature, p.TopK = 0, 0 }, true},
		{"a bias", func(p *sample.Params) { p.Bias = map[token.ID]float32{1: 1} }, true},
		{"a token that is forbidden", func(p *sample.Params) { p.Bias = map[token.ID]float32{1: inf} }, false},
		{"a penalty", func(p *sample.Params) { p.RepeatPenalty = 1.5 }, true},
		{"a penalty of all tokens", func(p *sample.Params) { p.RepeatPenalty, p.RepeatLastN = 1.5, -1 }, false},
		{"a penalty of no tokens", func(p *sample.Params) { p.RepeatPenalty, p.RepeatLastN = 1.5, 0 }, true},
	} {
		p := with(top)
		c.change(&p)
		want := sample.Choice{TopK: 3, TopP: 0.5, MinP: 0.25, Temperature: p.Temperature, Repeat: p.RepeatPenalty}
		if p.Temperature == 0 {
			want.TopK = 0
		}
		if p.RepeatPenalty != 1 && p.RepeatLastN != 0 {
			want.HasHistory, want.MarksMax = true, p.RepeatLastN
		}
		want.MarksMax += len(p.Bias)
		got, can := newSampler(t, p, 9).Choice()
		if can != c.want || can && got != want {
			t.Errorf("%s: %+v, %v, want %+v", c.what, got, can, want)
		}
	}
}

// TestMarks: a token has one mark of its bias and its count, and what the next token will make the history forget is
// not counted for the one after.
func TestMarks(t *testing.T) {
	p := with(func(p *sample.Params) {
		p.RepeatPenalty, p.RepeatLastN, p.Bias = 1.5, 4, map[token.ID]float32{3: 0.5, 8: -1}
	})
	s := newSampler(t, p, 9)
	for n, want := range [][2][]sample.Mark{
		{{{3, 0, 0.5}, {8, 0, -1}}, {{3, 0, 0.5}, {8, 0, -1}}},
		{{{3, 1, 0.5}, {8, 0, -1}}, {{3, 1, 0.5}, {8, 0, -1}}},
		{{{3, 1, 0.5}, {5, 1, 0}, {8, 0, -1}}, {{3, 1, 0.5}, {5, 1, 0}, {8, 0, -1}}},
		{{{3, 1, 0.5}, {5, 2, 0}, {8, 0, -1}}, {{3, 1, 0.5}, {5, 2, 0}, {8, 0, -1}}},
		{{{3, 2, 0.5}, {5, 2, 0}, {8, 0, -1}}, {{3, 1, 0.5}, {5, 2, 0}, {8, 0, -1}}},
		{{{3, 1, 0.5}, {5, 2, 0}, {8, 1, -1}}, {{3, 1, 0.5}, {5, 1, 0}, {8, 1, -1}}},
	} {
		if n > 0 {
			s.Accept([]token.ID{3, 5, 5, 3, 8}[n-1])
		}
		for i, afterNext := range []bool{false, true} {
			got := s.Marks(nil, afterNext)
			slices.SortFunc(got, func(a, b sample.Mark) int { return int(a.ID - b.ID) })
			if !slices.Equal(got, want[i]) {
				t.Errorf("after %d tokens, %v: %v, want %v", n, afterNext, got, want[i])
			}
		}
	}
	if got := newSampler(t, with(func(*sample.Params) {}), 9).Marks(nil, true); got != nil {
		t.Errorf("marks %v of no penalty", got)
	}
}
