//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func decodeQ8AVX2(dst *float32, q *int8, scales *F16, n, rows int)

func decodeQ8(dst []float32, q []int8, scales []F16, n int) {
	switch isa {
	case cpuid.AVX512, cpuid.AVX2:
		decodeQ8AVX2(ptr(dst), ptr(q), ptr(scales), n, len(dst)/n)
	default:
		decodeQ8Generic(dst, q, scales, n)
	}
}
