package train

import (
	"cria/internal/kernel"
	"cria/internal/tensor"
)

// embed sets x[t] to the row of the table for token t.
func (p *Pass) embed(x tensor.Acts, table []float32) {
	p.eachToken("embed", func(_ *scratch, lo, hi int) {
		for t := lo; t < hi; t++ {
			copy(x.Row(t), table[int(p.tokens[t])*x.N:])
		}
	})
}

// embedBack is the derivative of embed: each row gets the gradients of its tokens.
func (p *Pass) embedBack(dTable []float32, dx tensor.Acts) {
	p.each("embedBack", dx.N, 16, func(_ *scratch, lo, hi int) {
		for t, token := range p.tokens {
			add(dTable[int(token)*dx.N:][lo:hi], dx.Row(t)[lo:hi])
		}
	})
}

// clear sets the vectors of the batch to zero.
func (p *Pass) clear(x tensor.Acts) {
	p.eachToken("clear", func(_ *scratch, lo, hi int) { clear(x.Data[lo*x.Stride : hi*x.Stride]) })
}

// add adds y to x, element by element.
func add(x, y []float32) {
	for i, f := range y[:len(x)] {
		x[i] += f
	}
}

// residual adds x to y, which is what was projected.
func (p *Pass) residual(y, x tensor.Acts) {
	p.eachToken("residual", func(_ *scratch, lo, hi int) {
		for t := lo; t < hi; t++ {
			add(y.Row(t), x.Row(t))
		}
	})
}

// rotate turns the pairs of all heads by the angles of their positions. With
// p.unrope it is its own derivative: the transpose of a rotation is the
// rotation back.
func (p *Pass) rotate(x tensor.Acts, rope *tensor.Rope) {
	p.each("rotate", len(p.seqs), 1, func(_ *scratch, lo, hi int) {
		for _, s := range p.seqs[lo:hi] {
			for pos := range s.n {
				at := pos * rope.Half
				kernel.Rotate(x.Row(s.first+pos), rope.Cos[at:][:rope.Half], rope.Sin[at:][:rope.Half])
			}
		}
	})
}

// swiglu sets act = silu(gate) * up.
func (p *Pass) swiglu(act, gate, up tensor.Acts) {
	p.eachToken("swiglu", func(_ *scratch, lo, hi int) {
		for t := lo; t < hi; t++ {
			copy(act.Row(t), gate.Row(t))
			kernel.SwiGLU(act.Row(t), up.Row(t))
		}
	})
}

// swigluBack is the derivative of act = silu(g) * u, where silu(g) = g·σ and
// σ = 1/(1+e^-g), so that silu'(g) = σ·(1 + g·(1-σ)). dgate comes as dact:
//
//	du = dact·g·σ          dg = dact·u·silu'(g)
func (p *Pass) swigluBack(dgate, dup, gate, up tensor.Acts) {
	p.eachToken("swigluBack", func(s *scratch, lo, hi int) {
		e := s.row[:gate.N]
		for t := lo; t < hi; t++ {
			g, u, dg, du := gate.Row(t), up.Row(t), dgate.Row(t), dup.Row(t)
			for i, f := range g {
				e[i] = -f
			}
			kernel.ExpSum(e, 0)
			for i, d := range dg {
				sigma := 1 / (1 + e[i])
				silu := g[i] * sigma
				du[i] = d * silu
				dg[i] = d * u[i] * (sigma + float32(silu*(1-sigma)))
			}
		}
	})
}
