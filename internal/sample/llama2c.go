package sample

import (
	"fmt"
	"math"
	"time"

	"cria/internal/kernel"
	"cria/internal/token"
)

// A Llama2c chooses tokens as run.c of llama2.c does: the same steps in the same
// order with the same random numbers. Its exp is float.Exp, not that of a C
// library: the last bit of a probability may differ.
type Llama2c struct {
	vocab       int
	temperature float32
	topp        float32
	state       uint64
	kept        []candidate
}

// NewLlama2c returns a sampler like run.c's for -t temperature, -p topp and -s
// seed. Temperature 0 takes the most likely token; topp of 0 or less, or 1 or
// more, keeps all tokens; seed 0 takes the time.
func NewLlama2c(vocab int, temperature, topp float32, seed uint64) (*Llama2c, error) {
	switch {
	case vocab < 1:
		return nil, fmt.Errorf("sample: a vocabulary of %d tokens, want at least 1", vocab)
	case !(temperature >= 0 && temperature <= math.MaxFloat32):
		return nil, fmt.Errorf("sample: temperature is %v, want a number of 0 or more", temperature)
	case topp != topp:
		return nil, fmt.Errorf("sample: topp is %v, want a number", topp)
	}
	if seed == 0 {
		seed = uint64(uint32(time.Now().Unix()))
	}
	s := &Llama2c{vocab: vocab, temperature: temperature, topp: topp, state: seed}
	if temperature > 0 && topp > 0 && topp < 1 {
		s.kept = make([]candidate, 0, vocab)
	}
	return s, nil
}

// Accept does nothing: run.c has no penalties.
func (s *Llama2c) Accept(token.ID) {}

// Sample returns the next token for logits, one for each token of the
// vocabulary, which it overwrites. A logit that is not finite is an error that
// names the first one.
func (s *Llama2c) Sample(logits []float32) (token.ID, error) {
	if err := check(logits, s.vocab); err != nil {
		return 0, err
	}
	if s.temperature == 0 {
		return greedy(logits), nil
	}
	coin := s.float32()
	// Where the quotient overflows run.c has NaN for probabilities: the limit is meant.
	most := kernel.Max(logits) / s.temperature
	if math.IsInf(float64(most), 0) {
		return greedy(logits), nil
	}
	for i := range logits {
		logits[i] /= s.temperature
	}
	softmax(logits, most)
	if s.topp <= 0 || s.topp >= 1 {
		return drawAll(logits, coin), nil
	}
	return s.drawTopP(logits, coin), nil
}

// softmax turns x, with the greatest number most, into probabilities. It sums in order, as run.c does.
func softmax(x []float32, most float32) {
	kernel.ExpSum(x, most)
	var sum float32
	for _, e := range x {
		sum += e
	}
	for i := range x {
		x[i] /= sum
	}
}

func drawAll(probs []float32, coin float32) token.ID {
	var sum float32
	for i, p := range probs {
		if sum += p; coin < sum {
			return token.ID(i)
		}
	}
	return token.ID(len(probs) - 1) // the sum was rounded to less than 1
}

// drawTopP draws among the fewest tokens that together are more likely than
// topp. Equal ones are in the order of their ids; run.c's are too with glibc, whose qsort merges.
func (s *Llama2c) drawTopP(probs []float32, coin float32) token.ID {
	cutoff := (1 - s.topp) / float32(s.vocab-1)
	// The sum below takes at most few steps that each round by half of 2^-24: more than
	// slack above topp it has passed topp.
	const slack = few * 0x1p-24
	s.kept = appendLikely(s.kept[:0], probs, probs, cutoff, float64(s.topp)+slack)
	if len(s.kept) == 0 { // with a tiny topp; run.c then reads out of range
		return greedy(probs)
	}
	var sum float32
	last := len(s.kept) - 1
	for i, c := range s.kept {
		if sum += c.score; sum > s.topp {
			last = i
			break
		}
	}
	r := coin * sum
	sum = 0
	for _, c := range s.kept[:last] {
		if sum += c.score; r < sum {
			return c.id
		}
	}
	return s.kept[last].id
}

// uint32 returns the next number of the generator xorshift64* (Vigna 2016).
func (s *Llama2c) uint32() uint32 {
	s.state ^= s.state >> 12
	s.state ^= s.state << 25
	s.state ^= s.state >> 27
	return uint32(s.state * 0x2545f4914f6cdd1d >> 32)
}

// float32 returns a number from 0 to below 1, of 24 bits.
func (s *Llama2c) float32() float32 { return float32(s.uint32()>>8) / (1 << 24) }
