//go:build !purego

package kernel

import (
	"unsafe"

	"cria/internal/cpuid"
)

// addColumns is Mins.Add for 16 rows side by side in panel, lane = row. It reports whether there is a kernel for that.
func addColumns(dst []float32, stride int, panel, w, x []float32, xStride, n, vectors int) bool {
	if isa == cpuid.Generic || n == 0 {
		return false
	}
	blocks, last := (n+Lanes-1)/Lanes, vectors-1
	clear(panel[n*minRows : blocks*Lanes*minRows])
	_, _, _ = w[minRows*n-1], dst[last*stride+minRows-1], x[last*xStride+blocks*Lanes-1]
	pairs, odd := vectors/2, vectors%2 > 0 // of an odd one, twice the same
	to, from := ptr(dst[last*stride:]), ptr(x[last*xStride:])
	if isa == cpuid.AVX512 {
		columnsAVX512(ptr(panel), ptr(w), n)
		addColumnsAVX512(ptr(dst), stride, ptr(panel), ptr(x), xStride, blocks, pairs)
		if odd {
			addColumnsAVX512(to, 0, ptr(panel), from, 0, blocks, 1)
		}
		return true
	}
	columnsAVX2(panel, w, n)
	addColumnsAVX2(ptr(dst), stride, ptr(panel), ptr(x), xStride, blocks, pairs)
	if odd {
		addColumnsAVX2(to, 0, ptr(panel), from, 0, blocks, 1)
	}
	return true
}

// columnsAVX2 sets dst[i*16+r] to w[r*n+i] for 16 rows.
func columnsAVX2(dst, w []float32, n int) {
	for r := 0; r < minRows && n >= 4; r += halfRows {
		turnAVX2(unsafe.Pointer(&dst[r]), unsafe.Pointer(&w[r*n]), 4*n, n/4)
	}
	for i := n &^ 3; i < n; i++ {
		for r := range minRows {
			dst[i*minRows+r] = w[r*n+i]
		}
	}
}

//go:noescape
func columnsAVX512(dst, w *float32, n int)

//go:noescape
func addColumnsAVX512(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)

//go:noescape
func addColumnsAVX2(dst *float32, stride int, w, x *float32, xStride, blocks, pairs int)
