package train

import (
	"cria/internal/kernel"
	"cria/internal/tensor"
)

// Sizes of the pieces of matrix products: large enough that packing costs
// little, small enough that all cores have some.
const (
	rowsPacked   = 64  // rows of a matrix that are packed together
	vectorsPiece = 256 // vectors that they meet
	outerRows    = 256 // most rows of a piece of a sum of outer products
	outerCols    = 320 // most columns of one
)

// linear sets y[t] = W·x[t] for t < n. W is [y.N][x.N].
func (p *Pass) linear(y tensor.Acts, w []float32, x tensor.Acts, n int) {
	chunks := (n + vectorsPiece - 1) / vectorsPiece
	blocks := (y.N + rowsPacked - 1) / rowsPacked
	p.each("linear", chunks*blocks, 1, func(s *scratch, lo, hi int) {
		for i := lo; i < hi; i++ {
			r, t := i/chunks*rowsPacked, i%chunks*vectorsPiece
			rows, vectors := min(rowsPacked, y.N-r), min(vectorsPiece, n-t)
			kernel.TileRows(y.Data[t*y.Stride+r:], y.Stride, w[r*x.N:], rows,
				x.Data[t*x.Stride:], x.Stride, x.N, vectors, s.panel, nil)
		}
	})
}

// linearBack is the derivative of y = W·x for t < n:
//
//	dx[t] += Wᵀ · dy[t]          dW += Σ_t dy[t] · x[t]ᵀ
func (p *Pass) linearBack(dx tensor.Acts, dw []float32, dy tensor.Acts, w []float32, x tensor.Acts, n int) {
	p.outer(outer{
		c: dx.Data, cStride: dx.Stride, a: dy.Data, aRow: dy.Stride, aCol: 1, b: w, bStride: x.N,
		m: n, n: x.N, depth: dy.N,
	})
	p.outer(outer{
		c: dw, cStride: x.N, a: dy.Data, aRow: 1, aCol: dy.Stride, b: x.Data, bStride: x.Stride,
		m: dy.N, n: x.N, depth: n,
	})
}

// outer is the arguments of kernel.AddOuter.
type outer struct {
	c                    []float32
	cStride              int
	a                    []float32
	aRow, aCol           int
	b                    []float32
	bStride, m, n, depth int
}

// outer adds a sum of outer products, split by rows and columns of the result.
func (p *Pass) outer(o outer) {
	cols := (o.n + outerCols - 1) / outerCols
	width := (o.n + cols - 1) / cols
	rows := (o.m + outerRows - 1) / outerRows
	for cols*rows < 2*p.pool.Workers() && rows < o.m/24 {
		rows *= 2
	}
	height := (o.m + rows - 1) / rows
	p.each("outer", rows*cols, 1, func(s *scratch, lo, hi int) {
		for i := lo; i < hi; i++ {
			r, j := i/cols*height, i%cols*width
			if r >= o.m {
				continue
			}
			kernel.AddOuter(&s.outer, o.c[r*o.cStride+j:], o.cStride, o.a[r*o.aRow:], o.aRow, o.aCol, o.b[j:], o.bStride,
				min(height, o.m-r), min(width, o.n-j), o.depth)
		}
	})
}
