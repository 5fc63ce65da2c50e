//go:build !purego

package kernel

import "math"

//go:noescape
func dotRowsQ8AVX2(dst *float32, w *int8, ws *float32, x *int8, xs *float32, n, group, groups int)

//go:noescape
func absMaxAVX2(x *float32, blocks int) uint32

//go:noescape
func roundAVX2(q *int8, x *float32, blocks int, scale float32) int32

// rowsAVX2 is how many rows dotRowsQ8AVX2 takes.
const rowsAVX2 = 8

// dotAVX2 reports whether dotRowsAVX2 takes such rows.
func dotAVX2(rows, n, group int) bool { return rows >= rowsAVX2 && n > 0 && group%32 == 0 }

// dotRowsAVX2 does eight rows at a time. The last eight may include some once more.
func dotRowsAVX2(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	groups := n / group
	for r := 0; r < len(dst); r += rowsAVX2 {
		r := min(r, len(dst)-rowsAVX2)
		dotRowsQ8AVX2(&dst[r], &w[r*n], &ws[r*groups], ptr(x.Q), ptr(x.Scales), n, group, groups)
	}
}

// tileAVX2Q8 reports whether packRows and tileQ8AVX2 take such groups.
func tileAVX2Q8(n, group int) bool { return n > 0 && group%32 == 0 }

// packRows keeps rows as they are, one after the other: the dot products of a
// vector with 16 of them, which stay in the cache, want no other order.
func packRows(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	copy(p.W, w[:rows*n])
	copy(p.Scales, ws[:rows*(n/group)])
}

func tileQ8AVX2(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	for t := range vectors {
		dotRowsAVX2(dst[t*stride:][:PanelRowsQ8], p.W, p.Scales, x.From(t, n, group), n, group)
	}
}

// quantizeAVX2 is quantize for groups that 8 divides.
func quantizeAVX2(q Q8, x []float32, group int) {
	for g := range len(x) / group {
		xs, qs := x[g*group:][:group], q.Q[g*group:][:group]
		bits := absMaxAVX2(ptr(xs), group/8)
		scale := math.Float32frombits(bits) / 127
		q.Scales[g], q.Sums[g] = scale, 0
		switch {
		case bits >= 0x7f800000:
			q.Scales[g] = float32(math.NaN())
			clear(qs)
		case scale == 0:
			clear(qs)
		default:
			q.Sums[g] = roundAVX2(ptr(qs), ptr(xs), group/8, scale)
		}
	}
}
