//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func decodeQ8AVX2(dst *float32, q *int8, scales *F16, n, rows, ahead int)

//go:noescape
func dotCacheQ8AVX512(dst *float32, q *int8, scales *F16, x *float32, rows, n, ahead int)

//go:noescape
func addCacheQ8AVX512(dst *float32, q *int8, scales *F16, p *float32, rows, n, ahead int)

func decodeQ8(dst []float32, c CacheQ8, n int, next CacheQ8) {
	switch isa {
	case cpuid.AVX512, cpuid.AVX2:
		decodeQ8AVX2(ptr(dst), ptr(c.Q), ptr(c.Scales), n, len(dst)/n, ahead(c.Q, next.Q, 0, 0))
	default:
		decodeQ8Generic(dst, c, n)
	}
}

// rowsQ8 returns how many rows of n numbers have their scales decoded at once, or 0 if there is no kernel.
func rowsQ8(n int) int {
	if isa != cpuid.AVX512 || n == 0 || n%smallLen != 0 {
		return 0
	}
	return scalesMax / groupsQ8(n) &^ 7
}

// dotCacheQ8 does eights of rows; what there are more at the end are read, and left out.
func dotCacheQ8(dst []float32, c CacheQ8, x []float32, n int, next CacheQ8) bool {
	some, groups := rowsQ8(n), groupsQ8(n)
	if some == 0 || len(c.Q) < (len(dst)+7)&^7*n {
		return false
	}
	fetch(next.Scales)
	ahead := ahead(c.Q, next.Q, 0, 0)
	for len(dst) > 0 {
		rows := min(some, (len(dst)+7)&^7)
		full := min(rows, len(dst)&^7)
		if full > 0 {
			dotCacheQ8AVX512(&dst[0], &c.Q[0], &c.Scales[0], &x[0], full, n, ahead)
		}
		if full < rows {
			var out [8]float32
			dotCacheQ8AVX512(&out[0], &c.Q[full*n], &c.Scales[full*groups], &x[0], 8, n, ahead)
			copy(dst[full:], out[:])
			return true
		}
		dst, c = dst[rows:], c.From(rows, n)
	}
	return true
}

func addCacheQ8(dst []float32, c CacheQ8, p []float32, next CacheQ8) bool {
	n := len(dst)
	some := rowsQ8(n)
	if some == 0 {
		return false
	}
	fetch(next.Scales)
	ahead := ahead(c.Q, next.Q, 0, 0)
	for len(p) > 0 {
		rows := min(some, len(p))
		addCacheQ8AVX512(&dst[0], &c.Q[0], &c.Scales[0], &p[0], rows, n, ahead)
		p, c = p[rows:], c.From(rows, n)
	}
	return true
}
