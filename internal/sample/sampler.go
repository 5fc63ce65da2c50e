package sample

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"cria/internal/kernel"
	"cria/internal/token"
)

// A Sampler chooses tokens by Params. It serves one text at a time.
type Sampler struct {
	p       Params
	vocab   int
	bias    []bias
	history history
	random  *rand.PCG
	numbers []float64   // drawn, but not used yet
	kept    []candidate // what top-k, top-p and min-p leave
	weights []float32   // of the candidates, in proportion to their probabilities
}

// A candidate is a token with its logit or probability.
type candidate struct {
	score float32
	id    token.ID
}

type bias struct {
	id  token.ID
	add float32
}

// New returns a Sampler for a vocabulary of vocab tokens.
func New(p Params, vocab int) (*Sampler, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if vocab < 1 {
		return nil, fmt.Errorf("sample: a vocabulary of %d tokens, want at least 1", vocab)
	}
	s := &Sampler{p: p, vocab: vocab, random: rand.NewPCG(p.Seed, 0)}
	if err := s.setBias(p.Bias); err != nil {
		return nil, err
	}
	s.p.Bias = nil // the caller's, who may change it
	s.history = newHistory(&p, vocab)
	if p.Temperature > 0 {
		n := vocab
		if s.hasTopK() {
			n = p.TopK
		}
		s.kept, s.weights = make([]candidate, 0, n), make([]float32, n)
	}
	return s, nil
}

func (s *Sampler) setBias(biases map[token.ID]float32) error {
	forbidden := 0
	for id, add := range biases {
		if int(id) >= s.vocab {
			return fmt.Errorf("sample: Bias is for token %d, want less than %d, the size of the vocabulary", id, s.vocab)
		}
		if math.IsInf(float64(add), -1) {
			forbidden++
		}
		s.bias = append(s.bias, bias{id, add})
	}
	if forbidden == s.vocab {
		return errors.New("sample: Bias forbids every token")
	}
	return nil
}

// Accept tells the Sampler the next token of the text, of the prompt or
// chosen, for the penalties. id must be in the vocabulary.
func (s *Sampler) Accept(id token.ID) { s.history.add(id) }

// Sample returns the next token for logits, one for each token of the
// vocabulary, which it overwrites. A logit that is not finite is an error that
// names the first one.
//
// The order is llama.cpp's: bias, penalties, top-k, top-p, min-p, temperature,
// draw. So top-p and min-p see the model's own distribution, without the
// temperature, and top-p only what top-k leaves. Of equal logits the lowest id
// counts as the most likely. At temperature 0 the most likely token is taken
// after bias and penalties.
func (s *Sampler) Sample(logits []float32) (token.ID, error) {
	if err := check(logits, s.vocab); err != nil {
		return 0, err
	}
	for _, b := range s.bias {
		logits[b.id] = add(logits[b.id], b.add)
	}
	s.history.penalize(logits)
	if s.p.Temperature == 0 {
		return greedy(logits), nil
	}
	most := kernel.Max(logits)
	switch {
	case s.hasTopK():
		s.keepTopK(logits, most)
	case s.p.TopP < 1 || s.p.MinP > 0:
		s.keepLikely(logits, most)
	default:
		for i, x := range logits {
			s.weights[i] = (x - most) / s.p.Temperature
		}
		return token.ID(s.draw(s.weights)), nil
	}
	w := s.weights[:len(s.kept)]
	for i, c := range s.kept {
		w[i] = (c.score - most) / s.p.Temperature
	}
	return s.kept[s.draw(w)].id, nil
}

// draw returns index i with a probability in proportion to exp(x[i]), which
// replaces x[i]. Every x[i] is at most 0, and at least one is 0.
func (s *Sampler) draw(x []float32) int {
	total := float64(kernel.ExpSum(x, 0))
	r := s.Number(0) * total // from 0 to below total
	s.Use()
	sum := 0.0
	for i, w := range x {
		if sum += float64(w); sum > r {
			return i
		}
	}
	// The total was rounded up, and r lies in the difference: it goes to the most likely.
	return slices.Index(x, 1)
}

// add returns x + d, kept finite unless d is -Inf: infinities have no difference.
func add(x, d float32) float32 {
	if d < -math.MaxFloat32 {
		return d
	}
	return finite(x + d)
}

func finite(x float32) float32 { return max(-math.MaxFloat32, min(x, math.MaxFloat32)) }

// greedy returns the first of the highest logits.
func greedy(logits []float32) token.ID {
	// The block of the highest is found first: a search for a number is slower than a maximum.
	const block = 1024
	best, at := kernel.Max(logits[:min(block, len(logits))]), 0
	for i := block; i < len(logits); i += block {
		if m := kernel.Max(logits[i:min(i+block, len(logits))]); m > best {
			best, at = m, i
		}
	}
	return token.ID(at + slices.Index(logits[at:], best))
}

// check returns an error unless there are n logits, all finite.
func check(logits []float32, n int) error {
	if len(logits) != n {
		return fmt.Errorf("sample: %d logits for a vocabulary of %d", len(logits), n)
	}
	if kernel.Finite(logits) {
		return nil
	}
	i := slices.IndexFunc(logits, func(x float32) bool { return x-x != 0 })
	return fmt.Errorf("sample: logit %d is %v: the model or its input is broken", i, logits[i])
}
