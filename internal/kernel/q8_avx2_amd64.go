//go:build !purego

package kernel

import (
	"math"
	"unsafe"
)

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

// tileAVX2Q8 reports whether packAVX2 and tileQ8AVX2 take such groups: sums of 255*127 fit 32 bits.
func tileAVX2Q8(n, group int) bool { return n > 0 && group%16 == 0 && group <= 1<<16 }

// halfRows is how many rows of a panel stand in one register.
const halfRows = PanelRowsQ8 / 2

// packAVX2 sets p.W to [2][n/4][2][8][4]: of 8 rows, column by column, the low four bits of four codes + 128, then the
// high ones.
func packAVX2(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	groups := n / group
	turned := 0 // groups whose scales are turned with vectors
	if rows < PanelRowsQ8 {
		splitQ8(p.W, w, rows, n)
	} else {
		turned = groups &^ 3
		for r := 0; r < rows; r += halfRows {
			packQ8AVX2(ptr(p.W[2*r*n:]), ptr(w[r*n:]), n, n/16)
			if turned > 0 {
				turnAVX2(unsafe.Pointer(ptr(p.Scales[r:])), unsafe.Pointer(ptr(ws[r*groups:])), 4*groups, turned/4)
			}
		}
	}
	for g := turned; g < groups; g++ {
		for r := range rows {
			p.Scales[g*PanelRowsQ8+r] = ws[r*groups+g]
		}
	}
}

// splitQ8 is the codes of packAVX2 for any number of rows.
func splitQ8(panel, w []int8, rows, n int) {
	for r := range rows {
		half := panel[r/halfRows*2*halfRows*n:]
		for i, f := range w[r*n:][:n] {
			u, at := uint8(f)^0x80, i/4*64+r%halfRows*4+i%4
			half[at], half[at+32] = int8(u&15), int8(u>>4)
		}
	}
}

// stretchQ8 is how many codes of a row are done at once: so many of 8 rows, 12 KiB, and of six vectors stay in the
// first-level cache.
const stretchQ8 = 768

// tileQ8AVX2 adds groups to dst, stretch by stretch, six vectors at a time, then one.
func tileQ8AVX2(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	groups, some, piece := n/group, max(1, stretchQ8/group), 32-group%32
	for t := range vectors {
		clear(dst[t*stride:][:PanelRowsQ8])
	}
	for g := 0; g < groups; g += some {
		now := min(some, groups-g)
		for r := 0; r < PanelRowsQ8; r += halfRows {
			w, ws := ptr(p.W[2*r*n+2*halfRows*g*group:]), ptr(p.Scales[g*PanelRowsQ8+r:])
			for t, step := 0, 0; t < vectors; t += step {
				to, q := ptr(dst[t*stride+r:]), ptr(x.Q[t*Pitch(n)+g*group:])
				xs, sums := ptr(x.Scales[t*groups+g:]), ptr(x.Sums[t*groups+g:])
				if step = 6; vectors-t >= step {
					tileQ8x6AVX2(to, stride, w, ws, q, xs, sums, Pitch(n), groups, group, now, piece)
				} else {
					step = 1
					tileQ8x1AVX2(to, stride, w, ws, q, xs, sums, Pitch(n), groups, group, now, piece)
				}
			}
		}
	}
}

// x, xScales and xSums are the parts of a Q8, as for tileQ8x12VNNI.
//
//go:noescape
func tileQ8x6AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, group, groups, piece int)

//go:noescape
func tileQ8x1AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, group, groups, piece int)

//go:noescape
func packQ8AVX2(to, from *int8, step, blocks int)

//go:noescape
func turnAVX2(to, from unsafe.Pointer, step, blocks int)

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
