package train

import (
	"math"

	"cria/internal/float"
	"cria/internal/kernel"
	"cria/internal/par"
	"cria/internal/tensor"
)

// AdamW is the optimizer of Loshchilov and Hutter 2019, "Decoupled Weight Decay
// Regularization": with gradient g at step n, counted from 1,
//
//	m = β1·m + (1-β1)·g          v = β2·v + (1-β2)·g²
//	w = w - rate·( m/(1-β1ⁿ) / (sqrt(v/(1-β2ⁿ)) + ε) + decay·w )
//
// where norms do not decay.
type AdamW struct {
	Beta1, Beta2, Epsilon, Decay float64
	M, V                         []float32 // slabs of the moments

	pieces []piece
	sums   []float64
}

// A piece is a part of a slab that one worker updates.
type piece struct {
	lo, hi int
	decays bool
}

const pieceLen = 1 << 14

// NewAdamW returns an optimizer with the usual constants: β1 0.9, β2 0.95, ε 1e-8, decay 0.1.
func NewAdamW(m *Model) *AdamW {
	o := &AdamW{
		Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, Decay: 0.1,
		M: tensor.Make[float32](len(m.Params)), V: tensor.Make[float32](len(m.Params)),
	}
	for _, t := range m.Tensors {
		for lo := 0; lo < t.Rows*t.Cols; lo += pieceLen {
			o.pieces = append(o.pieces, piece{t.at + lo, t.at + min(lo+pieceLen, t.Rows*t.Cols), !t.Norm})
		}
	}
	o.sums = make([]float64, len(o.pieces))
	return o
}

// Norm returns the Euclidean norm of a slab of gradients.
func (o *AdamW) Norm(pool *par.Pool, grads []float32) float64 {
	pool.Run(par.NewTask("norm", func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			sum := 0.0
			for _, g := range grads[o.pieces[i].lo:o.pieces[i].hi] {
				sum += float64(float64(g) * float64(g))
			}
			o.sums[i] = sum
		}
	}), len(o.pieces), 1)
	sum := 0.0
	for _, s := range o.sums {
		sum += s
	}
	return math.Sqrt(sum)
}

// Step takes step n, counted from 1, with gradients scaled by factor.
func (o *AdamW) Step(pool *par.Pool, params, grads []float32, n int, rate float64, factor float32) {
	a := kernel.AdamW{
		Beta1: float32(o.Beta1), Beta2: float32(o.Beta2), Keep1: float32(1 - o.Beta1), Keep2: float32(1 - o.Beta2),
		Scale: factor, Epsilon: float32(o.Epsilon),
		Rate:    float32(rate / (1 - float.Pow(o.Beta1, float64(n)))),
		Inverse: float32(1 / (1 - float.Pow(o.Beta2, float64(n)))),
	}
	decay := float32(1 - float64(rate*o.Decay))
	pool.Run(par.NewTask("adamw", func(_, lo, hi int) {
		for _, p := range o.pieces[lo:hi] {
			a := a
			a.Decay = 1
			if p.decays {
				a.Decay = decay
			}
			a.Update(params[p.lo:p.hi], grads[p.lo:p.hi], o.M[p.lo:p.hi], o.V[p.lo:p.hi])
		}
	}), len(o.pieces), 1)
}
