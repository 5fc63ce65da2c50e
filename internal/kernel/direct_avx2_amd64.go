//go:build !purego

package kernel

import "cria/internal/cpuid"

// packBlocksAVX2 is packBlocks without VNNI: Q4_0 as [n/4][16][4] codes + 8, others as packAVX2 packs codes.
func packBlocksAVX2(f Blocks, p PanelQ8, w []byte, n int) bool {
	if isa == cpuid.Generic || n == 0 || f != Q4_0 && f != Q8_0 && f != IQ4_NL {
		return false
	}
	_ = p.W[:2*n*PanelRowsQ8]
	size, count := f.RowSize(n), n/smallLen
	for r := 0; r < PanelRowsQ8; r += halfRows {
		half, scales, rows := &p.W[2*r*n], &p.Scales[r], &w[r*size]
		switch f {
		case Q4_0:
			packQ40AVX2(&p.W[4*r], scales, rows, size, count)
		case Q8_0:
			packQ80AVX2(half, scales, rows, size, count)
		case IQ4_NL:
			packIQ4NLAVX2(half, scales, rows, size, count)
		}
	}
	return true
}

// tileQ40AVX2 is tileQ8AVX2 for codes + 8 of four bits, 16 rows at a time.
func tileQ40AVX2(dst []float32, stride int, p PanelQ8, x Q8, n, vectors int) {
	const some = stretchQ8 / smallLen
	for t := range vectors {
		clear(dst[t*stride:][:PanelRowsQ8])
	}
	groups := n / smallLen
	for g := 0; g < groups; g += some {
		now := min(some, groups-g)
		w, ws := ptr(p.W[g*smallLen*PanelRowsQ8:]), ptr(p.Scales[g*PanelRowsQ8:])
		for t, step := 0, 0; t < vectors; t += step {
			to, q := ptr(dst[t*stride:]), ptr(x.Q[t*Pitch(n)+g*smallLen:])
			xs, sums := ptr(x.Scales[t*groups+g:]), ptr(x.Sums[t*groups+g:])
			if step = 6; vectors-t >= step {
				tileQ40x6AVX2(to, stride, w, ws, q, xs, sums, Pitch(n), groups, now)
			} else {
				step = 1
				tileQ40x1AVX2(to, stride, w, ws, q, xs, sums, Pitch(n), groups, now)
			}
		}
	}
}

//go:noescape
func packQ40AVX2(to *int8, scales *float32, w *byte, step, blocks int)

//go:noescape
func packQ80AVX2(to *int8, scales *float32, w *byte, step, blocks int)

//go:noescape
func packIQ4NLAVX2(to *int8, scales *float32, w *byte, step, blocks int)

// x, xScales and xSums are the parts of a Q8, as for tileQ8x12VNNI.
//
//go:noescape
func tileQ40x6AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, count int)

//go:noescape
func tileQ40x1AVX2(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, count int)
