package cria

import (
	"cria/internal/gpu"
	"cria/internal/sample"
	"cria/internal/token"
)

// A chooser lets a device choose tokens in a sampler's place, where it can: the most likely, or one of the k most
// likely, with the sampler's random numbers, biases and penalties, so that the text is the same.
type chooser struct {
	can        bool
	choice     gpu.Choice
	hasHistory bool
	sampler    *sample.Sampler
	marks      []sample.Mark
}

func newChooser(s *sample.Sampler) chooser {
	c, ok := s.Choice()
	if !ok || c.TopK > gpu.TopMax || c.MarksMax >= gpu.MarksMax {
		return chooser{}
	}
	choice := gpu.Choice{TopK: c.TopK, TopP: c.TopP, MinP: c.MinP, Temperature: c.Temperature}
	choice.Marks.Repeat, choice.Marks.Presence, choice.Marks.Frequency = c.Repeat, c.Presence, c.Frequency
	return chooser{true, choice, c.HasHistory, s, nil}
}

// next returns the choice of the i-th token from now on: 0, or 1 for the one after a token, which is gpu.Follows if
// nobody knows it yet. It is good until next is called again.
func (c *chooser) next(i int, after int32) gpu.Choice {
	if c.choice.TopK > 0 {
		c.choice.Number = c.sampler.Number(i)
	}
	m := &c.choice.Marks
	c.marks, m.List = c.sampler.Marks(c.marks[:0], i == 1), m.List[:0]
	known := i == 1 && after != gpu.Follows && c.hasHistory
	for _, mark := range c.marks {
		if known && mark.ID == token.ID(after) {
			mark.Count, known = mark.Count+1, false
		}
		m.List = append(m.List, gpu.Mark{ID: int32(mark.ID), Count: mark.Count, Bias: mark.Bias})
	}
	if known {
		m.List = append(m.List, gpu.Mark{ID: after, Count: 1})
	}
	m.Follows = i == 1 && after == gpu.Follows && c.hasHistory
	return c.choice
}

// use says that the first of them is a token of the text.
func (c *chooser) use() {
	if c.choice.TopK > 0 {
		c.sampler.Use()
	}
}
