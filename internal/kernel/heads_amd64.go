//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func decodeQ8AVX2(dst *float32, q *int8, scales *F16, n, rows, ahead int)

// What lies ahead bytes from a row is fetched with it.
//
//go:noescape
func dotHeadQ8AVX512(dst *float32, q *int8, scales *F16, x *float32, rows, n, ahead int)

//go:noescape
func addHeadQ8AVX512(dst *float32, q *int8, scales *F16, p *float32, rows, n, ahead int)

func decodeQ8(dst []float32, q []int8, scales []F16, n int, next []int8) {
	switch isa {
	case cpuid.AVX512, cpuid.AVX2:
		decodeQ8AVX2(ptr(dst), ptr(q), ptr(scales), n, len(dst)/n, ahead(q, next, 0, 0))
	default:
		decodeQ8Generic(dst, q, scales, n)
	}
}

// rowsQ8 returns how many rows of a head the kernels that decode on the way do at once; 0: there are none. They
// have room for 128 scales.
func rowsQ8(h *Heads[int8]) int {
	const scales = 128
	switch {
	case isa != cpuid.AVX512 || h.N%smallLen != 0 || h.Rows%8 != 0:
		return 0
	case h.Rows*h.groups() <= scales:
		return h.Rows
	}
	return scales / h.groups() &^ 7
}

// dotHeadQ8 is Heads.Dot for head i. It reports whether there is a kernel. That does eights of rows, of which
// the last may have been asked for in part.
func dotHeadQ8(h *Heads[int8], i int, dst, x []float32, next *Heads[int8], some int) bool {
	rows := rowsQ8(h)
	if rows == 0 {
		return false
	}
	q, scales := h.Head(i, nil), h.scales(i, nil)
	fetch(h.scales(i+some, next))
	ahead := ahead(q, h.Head(i+some, next), 0, 0)
	for r := 0; r < len(dst); {
		if n := min(rows, len(dst)-r) &^ 7; n > 0 {
			dotHeadQ8AVX512(&dst[r], &q[r*h.N], &scales[r*h.groups()], &x[0], n, h.N, ahead)
			r += n
			continue
		}
		var out [8]float32
		dotHeadQ8AVX512(&out[0], &q[r*h.N], &scales[r*h.groups()], &x[0], 8, h.N, ahead)
		r += copy(dst[r:], out[:])
	}
	return true
}

// addHeadQ8 is Heads.Add for head i and the rows from lo on. It reports whether there is a kernel.
func addHeadQ8(h *Heads[int8], i int, dst, p []float32, lo int, next *Heads[int8], some int) bool {
	rows := rowsQ8(h)
	if rows == 0 {
		return false
	}
	q, scales := h.Head(i, nil), h.scales(i, nil)
	fetch(h.scales(i+some, next))
	ahead := ahead(q, h.Head(i+some, next), 0, 0)
	for ; len(p) > 0; lo += rows {
		n := min(rows, len(p))
		addHeadQ8AVX512(&dst[0], &q[lo*h.N], &scales[lo*h.groups()], &p[0], n, h.N, ahead)
		p = p[n:]
	}
	return true
}
