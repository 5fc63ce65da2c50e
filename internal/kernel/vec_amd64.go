//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func maxAVX512(x *float32, n int) float32

//go:noescape
func expSumAVX512(x *float32, n int, max float32) float32

//go:noescape
func swiGLUAVX512(gate, up *float32, n int)

//go:noescape
func scaleAVX512(dst, x, norm *float32, n int, s float32)

//go:noescape
func divideAVX512(dst, x *float32, n int, d float32)

// What lies ahead bytes from a row is fetched with it.
//
//go:noescape
func addRowsF32AVX512(dst, v, p *float32, n, rows, ahead int)

//go:noescape
func addRowsF16AVX512(dst *float32, v *F16, p *float32, n, rows, ahead int)

// Four vectors of stride numbers each.
//
//go:noescape
func addRows4F32AVX512(dst *float32, stride int, v, p *float32, pStride, rows, ahead int)

//go:noescape
func addRows4F16AVX512(dst *float32, stride int, v *F16, p *float32, pStride, rows, ahead int)

//go:noescape
func rotateAVX512(x, cos, sin *float32, n, pairs int)

func maxOf(x []float32) float32 {
	switch isa {
	case cpuid.AVX512:
		return maxAVX512(ptr(x), len(x))
	case cpuid.AVX2:
		return maxOfAVX2(x)
	default:
		return maxGeneric(x)
	}
}

func expSum(x []float32, max float32) float32 {
	switch isa {
	case cpuid.AVX512:
		return expSumAVX512(ptr(x), len(x), max)
	case cpuid.AVX2:
		return expSumTails(x, max)
	default:
		return expSumGeneric(x, max)
	}
}

func swiGLU(gate, up []float32) {
	switch isa {
	case cpuid.AVX512:
		swiGLUAVX512(ptr(gate), ptr(up), len(up))
	case cpuid.AVX2:
		swiGLUTails(gate, up)
	default:
		swiGLUGeneric(gate, up)
	}
}

func scale(dst, x, norm []float32, s float32) {
	switch isa {
	case cpuid.AVX512:
		scaleAVX512(ptr(dst), ptr(x), ptr(norm), len(x), s)
	case cpuid.AVX2:
		scaleTails(dst, x, norm, s)
	default:
		scaleGeneric(dst, x, norm, s)
	}
}

func divide(dst, x []float32, d float32) {
	switch isa {
	case cpuid.AVX512:
		divideAVX512(ptr(dst), ptr(x), len(x), d)
	case cpuid.AVX2:
		divideTails(dst, x, d)
	default:
		divideGeneric(dst, x, d)
	}
}

func addRows[W float32 | F16](dst []float32, v []W, p []float32, next []W) {
	switch isa {
	case cpuid.AVX512:
		ahead := ahead(v, next, 0, 0)
		switch v := any(v).(type) {
		case []float32:
			addRowsF32AVX512(ptr(dst), ptr(v), ptr(p), len(dst), len(p), ahead)
		case []F16:
			addRowsF16AVX512(ptr(dst), ptr(v), ptr(p), len(dst), len(p), ahead)
		}
	case cpuid.AVX2:
		ahead := ahead(v, next, 0, 0)
		switch v := any(v).(type) {
		case []float32:
			addRowsF32AVX2(ptr(dst), ptr(v), ptr(p), len(dst), len(p), ahead)
		case []F16:
			addRowsF16AVX2(ptr(dst), ptr(v), ptr(p), len(dst), len(p), ahead)
		}
	default:
		addRowsGeneric(dst, v, p)
	}
}

// addRowsMany does what it can of AddRowsEach four vectors at a time, so that a
// row is read once for all of them, and returns how many vectors are done.
func addRowsMany[W float32 | F16](
	dst []float32, stride int, v []W, p []float32, pStride, rows, vectors int, next []W,
) int {
	if isa != cpuid.AVX512 {
		return 0
	}
	t := 0
	for ; t+4 <= vectors; t += 4 {
		ahead := ahead(v, next, 0, 0)
		switch v := any(v).(type) {
		case []float32:
			addRows4F32AVX512(&dst[t*stride], stride, ptr(v), &p[t*pStride], pStride, rows, ahead)
		case []F16:
			addRows4F16AVX512(&dst[t*stride], stride, ptr(v), &p[t*pStride], pStride, rows, ahead)
		}
		next = nil
	}
	return t
}

func rotate(x, cos, sin []float32) {
	switch isa {
	case cpuid.AVX512:
		rotateAVX512(ptr(x), ptr(cos), ptr(sin), len(x), len(cos))
	default:
		rotateGeneric(x, cos, sin)
	}
}

// addTile is the work of AddTile. It returns how many vectors it did.
func addTile(dst []float32, stride int, src []float32, srcStride, n, vectors int) int {
	if isa != cpuid.AVX512 || n == 0 || n%16 != 0 || vectors == 0 {
		return 0
	}
	addTileAVX512(ptr(dst), stride, ptr(src), srcStride, n, vectors)
	return vectors
}

//go:noescape
func addTileAVX512(dst *float32, stride int, src *float32, srcStride, n, vectors int)
