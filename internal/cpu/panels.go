package cpu

import (
	"cria/internal/kernel"
	"cria/internal/par"
	"cria/internal/tensor"
)

// Repack gives matrices their panels: the rows once more, 16 side by side, in the order in which kernels read them.
// That takes as much memory again and makes products with few vectors faster. Types for which this machine has no such
// kernels stay as they are, and so do the last rows that do not fill a panel. Matrices that share memory share panels.
func Repack(mats []*tensor.Mat, pool *par.Pool) {
	var left []*tensor.Mat
	for _, m := range mats {
		if m.Panels == nil && panelSize(m) > 0 && m.Rows >= kernel.PanelRowsQ8 {
			left = append(left, m)
		}
	}
	all := tensor.Make[byte](int(PanelBytes(left))) // in one piece, for large pages
	done := map[*byte][]byte{}
	for _, m := range left {
		first, size, count := &m.Data[0], panelSize(m), m.Rows/kernel.PanelRowsQ8
		if done[first] == nil {
			panels := all[: count*size : count*size]
			all = all[count*size:]
			pool.Run(par.NewTask("Repack", func(_, lo, hi int) {
				for i := lo; i < hi; i++ {
					interleave(panels[i*size:][:size], m, i*kernel.PanelRowsQ8)
				}
			}), count, 1)
			done[first] = panels
		}
		m.Panels = done[first]
	}
}

// RowsAreSlow reports whether products of single vectors and m take several times as long without panels.
func RowsAreSlow(m *tensor.Mat) bool {
	switch m.Type {
	case tensor.F32, tensor.F16, tensor.BF16:
		return false
	case tensor.Q8, tensor.LLMInt8:
		return kernel.RowsAreSlowQ8()
	}
	return formats[m.Type].RowsAreSlow()
}

// PanelBytes returns how much memory Repack takes.
func PanelBytes(mats []*tensor.Mat) int64 {
	n, seen := int64(0), map[*byte]bool{}
	for _, m := range mats {
		if len(m.Data) > 0 { // there are headers without
			if seen[&m.Data[0]] {
				continue
			}
			seen[&m.Data[0]] = true
		}
		n += int64(m.Rows/kernel.PanelRowsQ8) * int64(panelSize(m))
	}
	return n
}

// panelSize returns the bytes of 16 rows of m side by side, 0 if no kernel wants them.
func panelSize(m *tensor.Mat) int {
	switch m.Type {
	case tensor.F32, tensor.F16, tensor.BF16:
		return kernel.PanelLenFloats(m.Cols) * m.Type.Size()
	case tensor.Q8, tensor.LLMInt8:
		return kernel.PanelSizeQ8(m.Cols, m.Group)
	}
	return formats[m.Type].PanelSize(m.Cols)
}

// hasPanels reports whether m has panels that the kernels in use take.
func hasPanels(m *tensor.Mat) bool { return m.Panels != nil && panelSize(m) > 0 }

// interleave sets panel to 16 rows of m from row r on.
func interleave(panel []byte, m *tensor.Mat, r int) {
	n := m.Cols
	switch m.Type {
	case tensor.F32:
		kernel.InterleaveFloats(tensor.View[float32](panel), m.F32()[r*n:], n)
	case tensor.F16, tensor.BF16: // bits are bits
		kernel.InterleaveFloats(tensor.View[kernel.F16](panel), tensor.View[kernel.F16](m.Data)[r*n:], n)
	case tensor.Q8, tensor.LLMInt8:
		kernel.InterleaveQ8(panel, m.I8()[r*n:], m.Scales[r*(n/m.Group):], n, m.Group)
	default:
		f := formats[m.Type]
		f.Interleave(panel, m.Data[r*f.RowSize(n):], n)
	}
}

// multiplyPanels sets dst[t*stride+i] to the product of row first+i of w, of which there are rows, and vector t. They
// fill panels.
func (b *Backend) multiplyPanels(dst []float32, stride int, w *tensor.Mat, first, rows int) {
	size, some := panelSize(w), rows
	if b.product.vectors > 1 {
		some = kernel.PanelRowsQ8 // which the next vector finds in the cache
	}
	for r := 0; r < rows; r += some {
		panels := w.Panels[(first+r)/kernel.PanelRowsQ8*size:]
		for t := range b.product.vectors {
			b.dotPanels(dst[t*stride+r:][:some], panels, w, t)
		}
	}
}

// dotPanels sets dst to the products of the first rows of panels, which are w's, and vector t.
func (b *Backend) dotPanels(dst []float32, panels []byte, w *tensor.Mat, t int) {
	n, a := w.Cols, &b.product
	switch w.Type {
	case tensor.F32:
		kernel.DotPanelsFloats(dst, tensor.View[float32](panels), a.x.Data[t*a.x.Stride:], n)
	case tensor.F16:
		kernel.DotPanelsFloats(dst, tensor.View[kernel.F16](panels), a.x.Data[t*a.x.Stride:], n)
	case tensor.BF16:
		kernel.DotPanelsFloats(dst, tensor.View[kernel.BF16](panels), a.x.Data[t*a.x.Stride:], n)
	case tensor.Q8, tensor.LLMInt8:
		kernel.DotPanelsQ8(dst, panels, b.vectorQ8(t, n, w.Group), n, w.Group)
	default:
		if f := formats[w.Type]; f.IsSuper() {
			f.DotPanels(dst, panels, b.quantized.super.FromSuper(t, n), b.sumsOf(f, t, n), n)
		} else {
			f.DotPanels(dst, panels, b.vectorQ8(t, n, groupSmall), b.sumsOf(f, t, n), n)
		}
	}
}
