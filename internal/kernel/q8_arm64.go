//go:build !purego

package kernel

import "cria/internal/cpuid"

func dotRowsQ8(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	switch {
	case isa == cpuid.NEON && n > 0 && group%16 == 0 && len(dst) >= 4:
		rows, groups := len(dst), n/group
		dotRowsQ8NEON(dst[:rows&^3], w, ws, x, group, groups)
		if r := rows - 4; rows%4 != 0 { // the last four rows, some of them once more
			dotRowsQ8NEON(dst[r:], w[r*n:], ws[r*groups:], x, group, groups)
		}
	default:
		dotRowsQ8Generic(dst, w, ws, x, n, group)
	}
}

func dotRowsQ8NEON(dst []float32, w []int8, ws []float32, x Q8, group, groups int) {
	if int8Dot {
		dotRowsQ8DotNEON(ptr(dst), ptr(w), ptr(ws), ptr(x.Q), ptr(x.Scales), group, groups, len(dst))
	} else {
		dotRowsQ8MulNEON(ptr(dst), ptr(w), ptr(ws), ptr(x.Q), ptr(x.Scales), group, groups, len(dst))
	}
}

// packQ8 packs pairs of rows for SMMLA, words of four numbers for SDOT; else it leaves the rows as they are.
func packQ8(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	if isa != cpuid.NEON || n == 0 || group%16 != 0 || int8Dot && !int8Matrix && rows < PanelRowsQ8 {
		packQ8Generic(p, w, ws, rows, n, group)
		return
	}
	switch {
	case int8Matrix:
		for r := 0; r < rows; r += 2 { // the last row, if it has no partner, twice
			packQ8MatrixNEON(&p.W[16*r], &w[r*n], min(1, rows-1-r)*n, n)
		}
	case int8Dot:
		for r := 0; r < PanelRowsQ8; r += 4 {
			packQ8NEON(&p.W[4*r], &w[r*n], n)
		}
	default:
		copy(p.W, w[:rows*n])
	}
	for g := range n / group {
		for r := range rows {
			p.Scales[g*PanelRowsQ8+r] = ws[r*(n/group)+g]
		}
	}
}

func tileQ8(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	switch {
	case isa == cpuid.NEON && n > 0 && group%16 == 0:
		tileQ8NEON(dst, stride, p, x, n, group, vectors)
	default:
		tileQ8Generic(dst, stride, p, x, n, group, vectors)
	}
}

// tileQ8NEON takes four vectors at a time, at the end some of them once more.
func tileQ8NEON(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	groups := n / group
	step, xStep, xsStep, next := stride, Pitch(n), groups, 4
	if vectors < 4 { // one by one, as four times the same vector
		step, xStep, xsStep, next = 0, 0, 0, 1
	}
	for t := 0; t < vectors; t += next {
		t := min(t, vectors-next)
		v := x.From(t, n, group)
		switch {
		case int8Matrix:
			for r := 0; r < PanelRowsQ8; r += 8 {
				tileQ8MatrixNEON(&dst[t*stride+r], step, &p.W[16*r], &p.Scales[r],
					ptr(v.Q), ptr(v.Scales), xStep, xsStep, group, groups)
			}
		case int8Dot:
			for r := 0; r < PanelRowsQ8; r += 8 {
				tileQ8DotNEON(&dst[t*stride+r], step, &p.W[4*r], &p.Scales[r],
					ptr(v.Q), ptr(v.Scales), xStep, xsStep, group, groups)
			}
		default:
			for r := 0; r < PanelRowsQ8; r += 4 {
				tileQ8MulNEON(&dst[t*stride+r], step, &p.W[r*n], &p.Scales[r],
					ptr(v.Q), ptr(v.Scales), xStep, xsStep, group, groups)
			}
		}
	}
}

func quantize(q Q8, x []float32, group int) {
	switch {
	case isa == cpuid.NEON && len(x) > 0 && group%16 == 0:
		quantizeNEON(ptr(q.Q), ptr(q.Scales), ptr(q.Sums), ptr(x), group, len(x)/group)
	default:
		quantizeGeneric(q, x, group)
	}
}

// Four rows at a time with SDOT; rows is a multiple of 4, group of 16.
//
//go:noescape
func dotRowsQ8DotNEON(dst *float32, w *int8, ws *float32,
	x *int8, xs *float32, group, groups, rows int)

// The same without SDOT. No x is -128, which Quantize never makes.
//
//go:noescape
func dotRowsQ8MulNEON(dst *float32, w *int8, ws *float32,
	x *int8, xs *float32, group, groups, rows int)

//go:noescape
func quantizeNEON(q *int8, scales *float32, sums *int32, x *float32, group, groups int)

//go:noescape
func packQ8NEON(dst, w *int8, n int)

//go:noescape
func packQ8MatrixNEON(dst, w *int8, step, n int)

// Eight rows and four vectors with SMMLA.
//
//go:noescape
func tileQ8MatrixNEON(dst *float32, stride int, w *int8, ws *float32,
	x *int8, xs *float32, xStep, xsStep, group, groups int)

// The same with SDOT.
//
//go:noescape
func tileQ8DotNEON(dst *float32, stride int, w *int8, ws *float32,
	x *int8, xs *float32, xStep, xsStep, group, groups int)

// Four rows, which follow each other, and four vectors without SDOT.
//
//go:noescape
func tileQ8MulNEON(dst *float32, stride int, w *int8, ws *float32,
	x *int8, xs *float32, xStep, xsStep, group, groups int)
