//go:build !purego

package kernel

import "cria/internal/cpuid"

// One row after the other from w, which is decoded to float32 on the way; n
// may have a tail, which then stands, decoded and padded, in tails.
//
//go:noescape
func dotRowsF32AVX512(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsF16AVX512(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func tileAVX512(dst *float32, stride int, panel, x *float32, xStride, blocks, vectors int)

//go:noescape
func decodeF16AVX512(dst *float32, w *F16, n int)

//go:noescape
func decodeBF16AVX512(dst *float32, w *BF16, n int)

//go:noescape
func encodeF16AVX512(dst *F16, x *float32, n int)

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32) {
	switch isa {
	case cpuid.AVX512:
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []F16:
			dotRowsF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []BF16:
			dotRowsBF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		}
	default:
		dotRowsGeneric(dst, w, x, n, tails)
	}
}

func tile(dst []float32, stride int, panel, x []float32, xStride, n, vectors int) {
	switch isa {
	case cpuid.AVX512:
		tileAVX512(ptr(dst), stride, ptr(panel), ptr(x), xStride, (n+Lanes-1)/Lanes, vectors)
	default:
		tileGeneric(dst, stride, panel, x, xStride, n, vectors)
	}
}

func decodeF16(dst []float32, w []F16) {
	switch isa {
	case cpuid.AVX512:
		decodeF16AVX512(ptr(dst), ptr(w), len(dst))
	default:
		decodeGeneric(dst, w)
	}
}

func decodeBF16(dst []float32, w []BF16) {
	switch isa {
	case cpuid.AVX512:
		decodeBF16AVX512(ptr(dst), ptr(w), len(dst))
	default:
		decodeGeneric(dst, w)
	}
}

func encodeF16(dst []F16, x []float32) {
	switch isa {
	case cpuid.AVX512:
		encodeF16AVX512(ptr(dst), ptr(x), len(x))
	default:
		encodeF16Generic(dst, x)
	}
}
