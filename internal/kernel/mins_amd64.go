//go:build !purego

package kernel

import "cria/internal/cpuid"

// addColumns is Mins.Add for 16 rows side by side in panel, lane = row. It reports whether there is a kernel for that.
func addColumns(dst []float32, stride int, panel, w, x []float32, xStride, n, vectors int) bool {
	if isa != cpuid.AVX512 || n == 0 {
		return false
	}
	blocks, last := (n+Lanes-1)/Lanes, vectors-1
	clear(panel[n*minRows : blocks*Lanes*minRows])
	columnsAVX512(ptr(panel), ptr(w[:minRows*n]), n)
	_, _ = dst[last*stride+minRows-1], x[last*xStride+blocks*Lanes-1]
	addColumnsAVX512(ptr(dst), stride, ptr(panel), ptr(x), xStride, blocks, vectors/2)
	if vectors%2 > 0 { // twice the same one
		addColumnsAVX512(ptr(dst[last*stride:]), 0, ptr(panel), ptr(x[last*xStride:]), 0, blocks, 1)
	}
	return true
}

//go:noescape
func columnsAVX512(dst, w *float32, n int)

//go:noescape
func addColumnsAVX512(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)
