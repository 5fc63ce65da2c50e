package cria

import (
	"cria/internal/gpu"
	"cria/internal/sample"
)

// A chooser lets a device choose tokens in a sampler's place, where it can: the most likely, or one of the k most
// likely, with the sampler's random numbers, so that the text is the same.
type chooser struct {
	can     bool
	choice  gpu.Choice
	sampler *sample.Sampler // that draws; nil for the most likely token
}

func newChooser(s *sample.Sampler, p *sample.Params) chooser {
	if c, ok := s.Choice(); ok && c.TopK <= gpu.TopMax {
		return chooser{true, gpu.Choice{TopK: c.TopK, TopP: c.TopP, MinP: c.MinP, Temperature: c.Temperature}, s}
	}
	greedy := p.Temperature == 0 && len(p.Bias) == 0 &&
		p.RepeatPenalty == 1 && p.PresencePenalty == 0 && p.FrequencyPenalty == 0
	return chooser{can: greedy}
}

// next returns the choice of the i-th token from now on.
func (c *chooser) next(i int) gpu.Choice {
	choice := c.choice
	if c.sampler != nil {
		choice.Number = c.sampler.Number(i)
	}
	return choice
}

// use says that the first of them is a token of the text.
func (c *chooser) use() {
	if c.sampler != nil {
		c.sampler.Use()
	}
}
