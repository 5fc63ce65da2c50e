//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func decodeQ8NEON(dst *float32, q *int8, scales *F16, n, rows int)

func decodeQ8(dst []float32, q []int8, scales []F16, n int, _ []int8) {
	switch isa {
	case cpuid.NEON:
		decodeQ8NEON(ptr(dst), ptr(q), ptr(scales), n, len(dst)/n)
	default:
		decodeQ8Generic(dst, q, scales, n)
	}
}

// There are no kernels here that decode heads on the way.
func dotHeadQ8(*Heads[int8], int, []float32, []float32, *Heads[int8], int) bool      { return false }
func addHeadQ8(*Heads[int8], int, []float32, []float32, int, *Heads[int8], int) bool { return false }
