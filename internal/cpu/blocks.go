package cpu

import (
	"cria/internal/kernel"
	"cria/internal/tensor"
)

// formats names the types of blocks as kernels do.
var formats = [...]kernel.Blocks{
	tensor.Q4_0: kernel.Q4_0, tensor.Q4_1: kernel.Q4_1, tensor.Q5_0: kernel.Q5_0, tensor.Q5_1: kernel.Q5_1,
	tensor.Q8_0: kernel.Q8_0, tensor.IQ4_NL: kernel.IQ4_NL, tensor.MXFP4: kernel.MXFP4, tensor.IQ4_XS: kernel.IQ4_XS,
	tensor.Q2_K: kernel.Q2_K, tensor.Q3_K: kernel.Q3_K, tensor.Q4_K: kernel.Q4_K, tensor.Q5_K: kernel.Q5_K,
	tensor.Q6_K: kernel.Q6_K,
}

// Elements that share a scale when activations are quantized for blocks.
const (
	groupSmall = 32
	groupSuper = 256
)

// quantized is the vectors of a batch as int8, in the forms that matrices want
// which are multiplied in one go.
type quantized struct {
	group    int         // of small: that of a matrix of Q8, or groupSmall; 0: nobody wants it
	small    kernel.Q8   // [T][n]
	sums     tensor.Acts // [T][n/32] its sums, for minimums
	outliers outliers    // that are not in small, for LLMInt8

	wantSuper, wantSums bool
	super               kernel.Q8      // [T][n] for super-blocks, with sums of every 16
	superSums           [2]tensor.Acts // [T][n/16], [T][n/32] sums of super
}

// prepare notes in which forms the matrices of ps want vectors, and makes room, once.
func (b *Backend) prepare(ps []tensor.Product) {
	q, rows, cols := &b.quantized, b.sizes.Rows, b.sizes.Cols
	q.group, q.wantSuper, q.wantSums, q.outliers.want = 0, false, false, false
	hasBlocks := false
	for _, p := range ps {
		switch {
		case p.W.Type == tensor.Q8:
			q.group = p.W.Group
		case p.W.Type == tensor.LLMInt8:
			q.group = p.W.Group
			q.outliers.prepare(p.W, rows, cols)
		case !p.W.Type.IsBlocks():
		default:
			f := formats[p.W.Type]
			hasBlocks = true
			q.wantSums = q.wantSums || f.MinLen() > 0
			if f.IsSuper() {
				q.wantSuper = true
			} else {
				q.group = groupSmall
			}
		}
	}
	if hasBlocks && b.scratch[0].blocks == nil {
		for i := range b.scratch {
			b.scratch[i].blocks = newBlockScratch(rows, cols)
		}
	}
	if q.wantSuper && q.super.Q == nil {
		n := rows * cols
		sums := make([]int32, 2*(n/16+rows))
		q.super = kernel.Q8{Q: make([]int8, n), Scales: make([]float32, n/groupSuper+rows), Sums: sums}
	}
	if q.wantSums && q.sums.Data == nil {
		q.sums = tensor.NewActs(rows, cols/32)
		q.superSums = [2]tensor.Acts{tensor.NewActs(rows, cols/16), tensor.NewActs(rows, cols/32)}
	}
}

// doQuantize quantizes vectors lo to hi-1.
func (b *Backend) doQuantize(_, lo, hi int) {
	a, q := &b.product, &b.quantized
	n := a.x.N
	for t := lo; t < hi; t++ {
		if q.group > 0 {
			v := b.vectorQ8(t, n, q.group)
			if q.outliers.want {
				q.outliers.quantize(v, a.x.Row(t), t)
			} else {
				kernel.Quantize(v, a.x.Row(t), q.group)
			}
			if q.wantSums && q.group == groupSmall {
				kernel.MinSums(shaped(q.sums, n/32).Row(t), v, 32, groupSmall, groupSmall)
			}
		}
		if q.wantSuper {
			v := q.super.FromSuper(t, n)
			kernel.QuantizeSuper(v, a.x.Row(t))
			if q.wantSums {
				kernel.MinSums(shaped(q.superSums[0], n/16).Row(t), v, 16, groupSuper, 16)
				kernel.MinSums(shaped(q.superSums[1], n/32).Row(t), v, 32, groupSuper, 16)
			}
		}
	}
}

// shaped returns the memory of a as vectors of n numbers. The padding is zero if all
// vectors are written with this n.
func shaped(a tensor.Acts, n int) tensor.Acts {
	return tensor.Acts{Data: a.Data, N: n, Stride: tensor.Pad(n)}
}

// blockScratch is what one worker needs for rows of blocks, 16 of them.
type blockScratch struct {
	super  kernel.PanelSuper
	codes  []int8    // [16][Cols]
	scales []float32 // [16][Cols/32]
	mins   []float32 // [16][Cols/16], at most
	add    kernel.Mins
}

func newBlockScratch(rows, cols int) *blockScratch {
	return &blockScratch{
		super: kernel.NewPanelSuper(cols), codes: make([]int8, 16*cols), scales: make([]float32, cols/2),
		mins: make([]float32, cols), add: kernel.NewMins(cols/16, rows),
	}
}

// multiplyBlocks sets dst[t*stride+r] for rows first to first+rows-1, at most 16, of a
// matrix of blocks and all vectors: the products of codes, and those of the minimums added to them.
func (b *Backend) multiplyBlocks(s *scratch, dst []float32, stride int, w *tensor.Mat, first, rows int) {
	f, q, n, vectors, k := formats[w.Type], &b.quantized, w.Cols, b.product.vectors, s.blocks
	data, sums, mins := w.Data[first*f.RowSize(n):], q.sums, k.mins
	if vectors <= directMax && b.multiplyDirect(f, dst, stride, data, rows, n) {
		return
	}
	if rows == kernel.PanelRowsQ8 && vectors > 1 && f.Pack(s.panelQ8, data, n) {
		f.Tile(dst, stride, s.panelQ8, q.small, n, vectors)
		return
	}
	if f.IsSuper() {
		f.UnpackSuper(k.super, data, rows, n)
		f.TileSuper(dst, stride, rows, k.super, q.super, n, vectors)
		sums, mins = q.superSums[f.MinLen()/32], k.super.Mins
	} else {
		f.Unpack(k.codes, k.scales, k.mins, data, rows, n)
		b.multiplyCodes(s, dst, stride, k.codes, k.scales, rows, n, groupSmall)
	}
	if f.MinLen() > 0 {
		m := n / f.MinLen()
		k.add.Add(dst, stride, mins[:rows*m], rows, sums.Data, tensor.Pad(m), m, vectors)
	}
}

// directMax is up to how many vectors it is faster to multiply blocks where they lie by,
// one vector after the other, than to pack them.
const directMax = 3

// multiplyDirect is multiplyBlocks without unpacking, if there are kernels for that.
func (b *Backend) multiplyDirect(f kernel.Blocks, dst []float32, stride int, w []byte, rows, n int) bool {
	for t := range b.product.vectors {
		out, done := dst[t*stride:][:rows], false
		if f.IsSuper() {
			done = f.DotRowsSuper(out, w, b.quantized.super.FromSuper(t, n), b.sumsOf(f, t, n), n)
		} else {
			done = f.DotRows(out, w, b.vectorQ8(t, n, groupSmall), n)
		}
		if !done {
			return false
		}
	}
	return true
}

// sumsOf returns the sums of vector t that f's minimums are multiplied by, nil if it has none.
func (b *Backend) sumsOf(f kernel.Blocks, t, n int) []float32 {
	if f.MinLen() == 0 {
		return nil
	}
	sums := b.quantized.sums
	if f.IsSuper() {
		sums = b.quantized.superSums[f.MinLen()/32]
	}
	return shaped(sums, n/f.MinLen()).Row(t)
}
