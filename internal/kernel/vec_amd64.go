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
func addRowsF32AVX512(dst, v, p *float32, n, rows int)

//go:noescape
func addRowsF16AVX512(dst *float32, v *F16, p *float32, n, rows int)

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

func addRows[W float32 | F16](dst []float32, v []W, p []float32) {
	switch isa {
	case cpuid.AVX512:
		switch v := any(v).(type) {
		case []float32:
			addRowsF32AVX512(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		case []F16:
			addRowsF16AVX512(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		}
	case cpuid.AVX2:
		switch v := any(v).(type) {
		case []float32:
			addRowsF32AVX2(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		case []F16:
			addRowsF16AVX2(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		}
	default:
		addRowsGeneric(dst, v, p)
	}
}

func rotate(x, cos, sin []float32) {
	switch isa {
	case cpuid.AVX512:
		rotateAVX512(ptr(x), ptr(cos), ptr(sin), len(x), len(cos))
	default:
		rotateGeneric(x, cos, sin)
	}
}
