package model

import (
	"slices"

	"cria/internal/float"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// experts is what a mixture of experts needs beside the State.
type experts struct {
	router tensor.Acts // [T][NExperts] scores, then weights
	used   []int       // [T][NExpertsUsed] in ascending order
	in     tensor.Acts // [T][D] what all experts see
	x, y   tensor.Acts // [T][D] the rows of it that use an expert, and what it gives them
	at     []int       // [T] which rows these are
	rows   []kv.Row    // [T] the same

	mixture tensor.Mixture
}

func newExperts(c *Config, rows int) *experts {
	return &experts{
		router: tensor.NewActs(rows, c.NExperts), used: make([]int, rows*c.NExpertsUsed),
		in: tensor.NewActs(rows, c.Dim), x: tensor.NewActs(rows, c.Dim), y: tensor.NewActs(rows, c.Dim),
		at: make([]int, 0, rows), rows: make([]kv.Row, 0, rows),
	}
}

// mix is the feed-forward network of a mixture of experts (Shazeer et al. 2017):
// x += Σ weight·expert(norm(x)) over the experts with the highest scores for a
// token, in the order of their numbers. Tokens that use the same expert go
// through it together.
func (s *State) mix(b Backend, c *Config, lw *Layer, rows []kv.Row) {
	e := s.experts
	if mixer, ok := b.(Mixer); ok {
		e.mixture = tensor.Mixture{
			Router: &lw.Router, Experts: lw.Experts, Scores: e.router, Norm: lw.FFNNorm, NormEps: c.NormEps,
			Act: c.Activation, Used: c.NExpertsUsed, IsNormed: c.NormExperts,
		}
		if mixer.Mix(s.x, &e.mixture, rows) {
			return
		}
	}
	s.product[0] = tensor.Product{Dst: e.router, W: &lw.Router}
	b.NormProject(s.product[:1], s.x, lw.FFNNorm, c.NormEps, rows)
	for t := range rows {
		choose(e.router.Row(t), e.used[t*c.NExpertsUsed:][:c.NExpertsUsed], c.NormExperts)
	}
	copy(e.in.Data, s.x.Data[:len(rows)*s.x.Stride])
	for i := range lw.Experts {
		e.gather(c, i, rows)
		if len(e.rows) == 0 {
			continue
		}
		gateUp, w := s.product[:2], &lw.Experts[i]
		gateUp[0] = tensor.Product{Dst: s.w1, W: &w.W1}
		gateUp[1] = tensor.Product{Dst: s.w3, W: &w.W3}
		b.NormProject(gateUp, e.x, lw.FFNNorm, c.NormEps, e.rows)
		b.GLU(s.w1, s.w3, c.Activation, e.rows)
		b.ProjectAdd(tensor.Product{Dst: e.y, W: &w.W2}, s.w1, nil, 0, e.rows)
		for n, t := range e.at {
			x, weight := s.x.Row(t), e.router.Row(t)[i]
			for j, f := range e.y.Row(n) {
				x[j] += float32(weight * f)
			}
		}
	}
}

// choose sets used to the numbers of the highest scores, of equals the first, and
// scores to their softmax, over those used alone if isNormed.
func choose(scores []float32, used []int, isNormed bool) {
	used = used[:0:len(used)]
	for range cap(used) {
		best := -1
		for i, f := range scores {
			if !slices.Contains(used, i) && (best < 0 || f > scores[best]) {
				best = i
			}
		}
		used = append(used, best)
	}
	top, all, part := scores[used[0]], float32(0), float32(0)
	slices.Sort(used)
	for i, f := range scores {
		scores[i] = float.Exp(f - top)
		all += scores[i]
		if slices.Contains(used, i) {
			part += scores[i]
		}
	}
	if isNormed {
		all = part
	}
	for i := range scores {
		scores[i] /= all
	}
}

// gather collects the rows that use an expert.
func (e *experts) gather(c *Config, expert int, rows []kv.Row) {
	e.at, e.rows = e.at[:0], e.rows[:0]
	for t, row := range rows {
		if slices.Contains(e.used[t*c.NExpertsUsed:][:c.NExpertsUsed], expert) {
			copy(e.x.Row(len(e.at)), e.in.Row(t))
			clear(e.y.Row(len(e.at)))
			e.at, e.rows = append(e.at, t), append(e.rows, row)
		}
	}
}
