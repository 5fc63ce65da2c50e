package sample

import "slices"

// A Choice is how a Sampler chooses that needs no more than the TopK most likely tokens, and neither bias nor history:
// others can choose in its place.
type Choice struct {
	TopK                    int
	TopP, MinP, Temperature float32
}

// Choice returns how the Sampler chooses, unless it needs more than that.
func (s *Sampler) Choice() (Choice, bool) {
	can := s.p.Temperature > 0 && s.hasTopK() && len(s.bias) == 0 && s.history.counts == nil
	return Choice{s.p.TopK, s.p.TopP, s.p.MinP, s.p.Temperature}, can
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
