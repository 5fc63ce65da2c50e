//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func decodeQ8NEON(dst *float32, q *int8, scales *F16, n, rows int)

func decodeQ8(dst []float32, c CacheQ8, n int, _ CacheQ8) {
	switch isa {
	case cpuid.NEON:
		decodeQ8NEON(ptr(dst), ptr(c.Q), ptr(c.Scales), n, len(dst)/n)
	default:
		decodeQ8Generic(dst, c, n)
	}
}

// There are no kernels yet that go without numbers in between.
func dotCacheQ8(_ []float32, _ CacheQ8, _ []float32, _ int, _ CacheQ8) bool { return false }
func addCacheQ8(_ []float32, _ CacheQ8, _ []float32, _ CacheQ8) bool        { return false }
