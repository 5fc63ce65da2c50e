package cpu

import (
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// productArgs is one matrix product, or several with the same input: their rows
// follow each other as the items of the task.
type productArgs struct {
	ps      []tensor.Product
	x       tensor.Acts // [vectors][Cols]
	vectors int
	add     bool // add to Dst instead of setting it
	one     [1]tensor.Product
}

// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) + p.Bias for each product p. Matrices of
// Q8 in one call have the same group.
func (b *Backend) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	h := b.rmsNorm(x, norm, eps, rows)
	b.run(ps, h, len(rows), false)
}

// ProjectAdd adds p.W · a[t] + p.Bias to p.Dst[t], normalized if norm is not nil.
func (b *Backend) ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	b.product.one[0] = p
	if norm == nil {
		b.run(b.product.one[:], a, len(rows), true)
		return
	}
	if b.after.Data == nil {
		b.after = tensor.NewActs(b.sizes.Rows, p.Dst.N)
	}
	b.product.one[0].Dst = b.after
	b.run(b.product.one[:], a, len(rows), false)
	h := b.rmsNorm(b.after, norm, eps, rows)
	for t := range rows {
		x := p.Dst.Row(t)
		for i, f := range h.Row(t) {
			x[i] += f
		}
	}
}

// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for logits, capped if softcap is not 0.
func (b *Backend) Logits(
	dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, softcap float32, rows []kv.Row,
) {
	h, n := b.acts(x.N), 0
	for t, row := range rows {
		if row.Logits {
			b.norm = normArgs{
				dst: tensor.Acts{Data: h.Data[n*h.Stride:], N: h.N, Stride: h.Stride},
				x:   tensor.Acts{Data: x.Data[t*x.Stride:], N: x.N, Stride: x.Stride}, w: norm, eps: eps,
			}
			b.Pool.Run(b.tasks.norm, 1, 1)
			n++
		}
	}
	b.product.one[0] = tensor.Product{Dst: dst, W: w}
	b.run(b.product.one[:], h, n, false)
	if softcap != 0 {
		for i := range n {
			kernel.Softcap(dst.Row(i), softcap)
		}
	}
}

// run does products of the vectors of x.
func (b *Backend) run(ps []tensor.Product, x tensor.Acts, vectors int, add bool) {
	a := &b.product
	a.ps, a.x, a.vectors, a.add = ps, x, vectors, add
	b.prepare(ps)
	if b.quantized.group > 0 || b.quantized.wantSuper {
		b.Pool.Run(b.tasks.quantize, vectors, 4)
	}
	for _, p := range ps {
		if p.W.Wide != nil {
			b.quantized.outliers.keep(p.W.Wide, vectors)
		}
	}
	rows, bytes := 0, 0
	for _, p := range ps {
		rows += p.W.Rows
		bytes += int(p.W.Bytes())
	}
	if vectors > 0 {
		b.Pool.Run(b.tasks.project, rows, b.grainFor(rows, bytes/rows, vectors))
	}
}

// pieceBytes is how much of a matrix, times vectors, makes a piece worth handing
// out by itself: every piece begins with weights that nothing has fetched ahead.
// piecesMax is how many pieces there are for each worker at the most: with more
// than one, a worker that is held up does not hold up the others for long.
const (
	pieceBytes = 1 << 20
	piecesMax  = 8
)

// grainFor returns how many rows to hand out at once.
func (b *Backend) grainFor(rows, rowBytes, vectors int) int {
	if b.grain > 0 {
		return b.grain
	}
	workers := b.Pool.Workers()
	pieces := workers * max(1, min(piecesMax, rows*rowBytes*vectors/(workers*pieceBytes)))
	grain := (rows + pieces - 1) / pieces
	return (grain + 15) &^ 15 // kernels like whole blocks of rows
}

// vectorQ8 returns quantized vector t, and those after it.
func (b *Backend) vectorQ8(t, n, group int) kernel.Q8 {
	return b.quantized.small.From(t, n, group)
}

// doProject does rows lo to hi-1, counted through all products.
func (b *Backend) doProject(worker, lo, hi int) {
	piece, first := span{lo, hi - lo}, 0
	for _, p := range b.product.ps {
		if from, to := max(lo-first, 0), min(hi-first, p.W.Rows); from < to {
			b.projectRows(worker, p, from, to, first, piece)
		}
		first += p.W.Rows
	}
}

// rowsAfter returns the memory of at most n rows, counted through all products.
func (b *Backend) rowsAfter(row, n int) []byte {
	for _, p := range b.product.ps {
		if row < p.W.Rows {
			bytes := len(p.W.Data) / p.W.Rows
			return p.W.Data[row*bytes : min(row+n, p.W.Rows)*bytes]
		}
		row -= p.W.Rows
	}
	return nil
}

// projectRows does rows lo to hi-1 of one product, whose row 0 is number first
// among all of the piece: a batch in blocks of rows, which are packed once for
// all vectors, while the rows of the next block are fetched.
func (b *Backend) projectRows(worker int, p tensor.Product, lo, hi, first int, piece span) {
	a, w, s := &b.product, p.W, &b.scratch[worker]
	whole := hi &^ (kernel.PanelRowsQ8 - 1)
	panels := hasPanels(w) && a.vectors <= directMax && lo%kernel.PanelRowsQ8 == 0 && lo < whole
	if panels && whole < hi {
		b.projectRows(worker, p, whole, hi, first, piece)
		hi = whole
	}
	step := b.rowsAtOnce(w, s, panels)
	for r := lo; r < hi; r += step {
		rows := min(step, hi-r)
		dst, stride := p.Dst.Data[r:], p.Dst.Stride
		if a.add {
			dst, stride = s.out, step
		}
		if panels {
			b.multiplyPanels(dst, stride, w, r, rows)
		} else {
			after := first + r + rows
			if after >= piece.first+piece.n { // the next piece, if workers take turns
				after = piece.first + piece.n*b.Pool.Workers()
			}
			b.multiplyRows(s, dst, stride, w, r, rows, b.rowsAfter(after, step))
		}
		if w.Wide != nil {
			b.addOutliers(dst, stride, w.Wide, r, rows)
		}
		if p.Bias != nil {
			for t := range a.vectors {
				add(dst[t*stride:][:rows], p.Bias[r:])
			}
		}
		if a.add {
			kernel.AddTile(p.Dst.Data[r:], p.Dst.Stride, dst, stride, rows, a.vectors)
		}
	}
}

// rowsAtOnce returns how many rows of w are multiplied by all vectors before the next ones.
func (b *Backend) rowsAtOnce(w *tensor.Mat, s *scratch, panels bool) int {
	switch {
	case panels:
		return len(s.out) / b.product.vectors &^ (kernel.PanelRowsQ8 - 1)
	case w.Type.IsBlocks():
		return kernel.PanelRowsSuper
	case b.product.vectors == 1:
		return len(s.out)
	case w.Type == tensor.Q8, w.Type == tensor.LLMInt8:
		return kernel.PanelRowsQ8
	}
	return rowsPacked(w.Cols)
}

// multiplyRows sets dst[t*stride+i] to the product of row r+i of w, of which there are rows, and vector t.
func (b *Backend) multiplyRows(s *scratch, dst []float32, stride int, w *tensor.Mat, r, rows int, next []byte) {
	a := &b.product
	switch w.Type {
	case tensor.F32:
		multiply(s, dst, stride, w.F32()[r*w.Cols:], rows, a, next)
	case tensor.F16:
		multiply(s, dst, stride, tensor.View[kernel.F16](w.Data)[r*w.Cols:], rows, a, next)
	case tensor.BF16:
		multiply(s, dst, stride, tensor.View[kernel.BF16](w.Data)[r*w.Cols:], rows, a, next)
	case tensor.Q8, tensor.LLMInt8:
		group := w.Group
		b.multiplyCodes(s, dst, stride, w.I8()[r*w.Cols:], w.Scales[r*(w.Cols/group):], rows, w.Cols, group)
	default:
		b.multiplyBlocks(s, dst, stride, w, r, rows)
	}
}

// add adds y to x, which may be shorter.
func add(x, y []float32) {
	for i, f := range y[:len(x)] {
		x[i] += f
	}
}

// directFloatsMax is up to how many vectors it is faster to multiply rows of floats by, one vector after the
// other, than to pack them.
const directFloatsMax = 4

// multiply sets dst[t*stride+r] to the product of row r of w and vector t.
func multiply[W kernel.Weight](s *scratch, dst []float32, stride int, w []W, rows int, a *productArgs, next []byte) {
	n := a.x.N
	if a.vectors <= directFloatsMax {
		some := rows
		if a.vectors > 1 {
			some = 16 // which the next vector finds in the cache
		}
		for r := 0; r < rows; r += some {
			for t := range a.vectors {
				out, x := dst[t*stride:][:rows], a.x.Data[t*a.x.Stride:][:a.x.Stride]
				kernel.DotRows(out[r:min(r+some, rows)], w[r*n:], x, n)
			}
		}
		return
	}
	kernel.TileRows(dst, stride, w, rows, a.x.Data, a.x.Stride, n, a.vectors, s.panel, next)
}

// multiplyCodes is multiply for rows of int8, [rows][n], with scales [rows][n/group], and the quantized vectors.
func (b *Backend) multiplyCodes(s *scratch, dst []float32, stride int, w []int8, scales []float32, rows, n, group int) {
	vectors := b.product.vectors
	w, scales = w[:rows*n], scales[:rows*(n/group)]
	if vectors > 1 && group%4 == 0 {
		kernel.PackQ8(s.panelQ8, w, scales, rows, n, group)
		kernel.TileQ8(dst, stride, rows, s.panelQ8, b.quantized.small, n, group, vectors)
		return
	}
	for t := range vectors {
		kernel.DotRowsQ8(dst[t*stride:][:rows], w, scales, b.vectorQ8(t, n, group), n, group)
	}
}
