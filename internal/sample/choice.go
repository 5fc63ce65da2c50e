package sample

import (
	"math"
	"slices"

	"cria/internal/token"
)

// A Choice is how a Sampler chooses that needs no more than the TopK most likely tokens, or, if that is 0, the most
// likely one, after some logits were changed: others can choose in its place.
type Choice struct {
	TopK                        int
	TopP, MinP, Temperature     float32
	Repeat, Presence, Frequency float32
	HasHistory                  bool // whether these three are for what Marks counts
	MarksMax                    int  // how many Marks there are at most
}

// Choice returns how the Sampler chooses, unless it needs more than that: all tokens without top-k, all of a history
// without end, or to forbid tokens.
func (s *Sampler) Choice() (Choice, bool) {
	p, h := &s.p, &s.history
	c := Choice{
		TopK: p.TopK, TopP: p.TopP, MinP: p.MinP, Temperature: p.Temperature, HasHistory: h.counts != nil,
		Repeat: h.repeat, Presence: h.presence, Frequency: h.frequency, MarksMax: len(s.bias) + len(h.recent),
	}
	can := s.hasTopK()
	if p.Temperature == 0 {
		c.TopK, can = 0, true
	}
	endless := c.HasHistory && len(h.recent) == 0
	forbids := func(b bias) bool { return math.IsInf(float64(b.add), -1) }
	return c, can && !endless && !slices.ContainsFunc(s.bias, forbids)
}

// A Mark is what changes a token's logit before one is chosen.
type Mark struct {
	ID    token.ID
	Count int32 // how often it was there lately
	Bias  float32
}

// Marks appends those of all tokens that have any, in any order; no two are of the same token. They are for the token
// after the next one if that is not known yet: what it will make the history forget is not counted.
func (s *Sampler) Marks(to []Mark, afterNext bool) []Mark {
	h := &s.history
	forgotten := token.ID(-1)
	if afterNext && h.length > 0 && h.length == len(h.recent) {
		forgotten = h.recent[h.next]
	}
	count := func(id token.ID) int32 {
		switch {
		case h.counts == nil:
			return 0
		case id == forgotten:
			return h.counts[id] - 1
		}
		return h.counts[id]
	}
	first := len(to)
	for _, b := range s.bias {
		to = append(to, Mark{b.id, count(b.id), b.add})
	}
	biased := to[first:]
	for _, id := range h.seen {
		if !slices.ContainsFunc(biased, func(m Mark) bool { return m.ID == id }) {
			to = append(to, Mark{id, count(id), 0})
		}
	}
	return to
}

// Number returns the i-th of the random numbers, from 0 to below 1, that are not used yet. Each token takes one.
func (s *Sampler) Number(i int) float64 {
	for len(s.numbers) <= i {
		s.numbers = append(s.numbers, float64(s.random.Uint64()>>11)*0x1p-53)
	}
	return s.numbers[i]
}

// Use says that Number(0) has chosen a token.
func (s *Sampler) Use() { s.numbers = slices.Delete(s.numbers, 0, 1) }
