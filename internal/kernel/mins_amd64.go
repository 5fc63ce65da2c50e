//go:build !purego

package kernel

import "cria/internal/cpuid"

func hasColumns() bool { return isa == cpuid.AVX512 }

// columns sets dst[i*16+r] = w[r*n+i] for 16 rows.
func columns(dst, w []float32, n int) { columnsAVX512(ptr(dst), ptr(w), n) }

func addColumns(dst []float32, stride int, w, x []float32, xStride, blocks, vectors int) {
	addColumnsAVX512(ptr(dst), stride, ptr(w), ptr(x), xStride, blocks, vectors/2)
	if last := vectors - 1; vectors%2 > 0 { // twice the same one
		addColumnsAVX512(ptr(dst[last*stride:]), 0, ptr(w), ptr(x[last*xStride:]), 0, blocks, 1)
	}
}

//go:noescape
func columnsAVX512(dst, w *float32, n int)

//go:noescape
func addColumnsAVX512(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)
