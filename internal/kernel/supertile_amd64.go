//go:build !purego

package kernel

import (
	"unsafe"

	"cria/internal/cpuid"
)

// tileSuper is the work of TileSuper on 16 rows and the first vectors. It returns how many these are.
func tileSuper(f Blocks, dst []float32, stride int, p PanelSuper, x Q8, n, vectors int) int {
	switch {
	case isa == cpuid.AVX512 && int8Matrix && vectors >= 16:
		superAMX(f, dst, stride, p, x, n, vectors)
		return vectors
	case isa == cpuid.AVX512 && int8Dot:
		return superVNNI(f, dst, stride, p, x, n, vectors)
	case isa != cpuid.Generic && vectors >= superFew:
		superAVX2(f, dst, stride, p, x, n, vectors)
		return vectors
	}
	return 0
}

// tileVectors is how many vectors tileSuperVNNI takes.
const tileVectors = 8

func superVNNI(f Blocks, dst []float32, stride int, p PanelSuper, x Q8, n, vectors int) int {
	if vectors < tileVectors {
		return 0
	}
	count := n / superLen
	packSuperVNNI(ptr(p.columns[:PanelRowsSuper*n]), ptr(p.subs[:n]), ptr(p.Codes), ptr(p.Sub), count)
	t := 0
	for ; t+tileVectors <= vectors; t += tileVectors {
		_ = dst[(t+tileVectors-1)*stride+PanelRowsSuper-1]
		q, xs, sums := ptr(x.Q[t*n:]), ptr(x.Scales[t*count:]), ptr(x.Sums[2*t*n/subLen:])
		tileSuperVNNI(ptr(dst[t*stride:]), stride, ptr(p.columns), ptr(p.subs), ptr(p.Scales), q, xs, sums,
			n, f.subLen(), f.Offset(), count)
	}
	return t
}

// superAMX does 16 vectors at a time; the last ones include some once more if 16 does not divide them.
func superAMX(f Blocks, dst []float32, stride int, p PanelSuper, x Q8, n, vectors int) {
	count := n / superLen
	packSuperVNNI(ptr(p.columns[:PanelRowsSuper*n]), ptr(p.subs[:n]), ptr(p.Codes), ptr(p.Sub), count)
	packSuperAMX(ptr(p.parts[:2*PanelRowsSuper*n]), ptr(p.columns), ptr(p.subs), f.Offset(), count)
	var buffer [65 * 16]int32 // four times 16 lines, wherever they begin
	for t := 0; t < vectors; t += 16 {
		t = min(t, vectors-16)
		tileSuperAMX(&dst[t*stride], stride, ptr(p.parts), ptr(p.Scales), &x.Q[t*n], &x.Scales[t*count], n, count, &buffer)
	}
}

// superFew is from how many vectors on it is faster to turn codes into columns than to multiply row by row.
const superFew = 4

// stretchSuper is how many super-blocks of a row are done at once: so many of 16 rows, 12 KiB, and of three vectors
// stay in the first-level cache.
const stretchSuper = 3

// superAVX2 adds super-blocks to dst, stretch by stretch, three vectors at a time, then one.
func superAVX2(f Blocks, dst []float32, stride int, p PanelSuper, x Q8, n, vectors int) {
	packSuperAVX2(p, n)
	piece := subLen
	if blocks[f].bits <= 4 {
		piece = f.subLen()
	}
	for t := range vectors {
		clear(dst[t*stride:][:PanelRowsSuper])
	}
	count, offset := n/superLen, f.Offset()
	for i := 0; i < count; i += stretchSuper {
		now, at := min(stretchSuper, count-i), i*superLen
		columns, subs, scales := ptr(p.columns[16*at:]), ptr(p.subs[at:]), ptr(p.Scales[i*PanelRowsSuper:])
		for t, step := 0, 0; t < vectors; t += step {
			to, q := ptr(dst[t*stride:]), ptr(x.Q[t*n+at:])
			xs, pairs := ptr(x.Scales[t*count+i:]), ptr(x.Sums[(2*t+1)*n/subLen+at/subLen:])
			if step = 3; vectors-t >= step {
				tileSuperx3AVX2(to, stride, columns, subs, scales, q, xs, pairs, n, piece, offset, now)
			} else {
				step = 1
				tileSuperx1AVX2(to, stride, columns, subs, scales, q, xs, pairs, n, piece, offset, now)
			}
		}
	}
}

// packSuperAVX2 sets columns and, twice 16 bits, integer scales.
func packSuperAVX2(p PanelSuper, n int) {
	for r := 0; r < PanelRowsSuper; r += halfRows {
		for i := 0; i < n; i += superLen {
			codes, sub := p.Codes[PanelRowsSuper*i+superLen*r:], p.Sub[i+subLen*r:]
			turnAVX2(unsafe.Pointer(&p.columns[PanelRowsSuper*i+4*r]), unsafe.Pointer(ptr(codes)), superLen, superLen/16)
			turnTwiceAVX2(&p.subs[i+r], ptr(sub), 2*subLen, subLen/8)
		}
	}
}

// sumPairs is for superAVX2 alone.
func sumPairs(pairs []int32, q []int8) {
	if len(q) > 0 && (isa == cpuid.AVX2 || isa == cpuid.AVX512 && !int8Dot) {
		sumPairsAVX2(ptr(pairs), ptr(q), len(q)/subLen)
	}
}

//go:noescape
func packSuperVNNI(columns *int8, subs *int32, codes *int8, sub *int16, count int)

// x, xScales and xSums are the parts of a Q8, as for tileQ8x12VNNI.
//
//go:noescape
func tileSuperVNNI(dst *float32, stride int, columns *int8, subs *int32, scales *float32,
	x *int8, xScales *float32, xSums *int32, n, subLen, offset, count int)

//go:noescape
func packSuperAMX(parts, columns *int8, subs *int32, offset, count int)

//go:noescape
func tileSuperAMX(dst *float32, stride int, parts *int8, scales *float32, x *int8, xScales *float32,
	n, count int, buffer *[65 * 16]int32)

//go:noescape
func tileSuperx3AVX2(dst *float32, stride int, columns *int8, subs *int32, scales *float32,
	x *int8, xScales *float32, pairs *int32, n, piece, offset, count int)

//go:noescape
func tileSuperx1AVX2(dst *float32, stride int, columns *int8, subs *int32, scales *float32,
	x *int8, xScales *float32, pairs *int32, n, piece, offset, count int)

//go:noescape
func turnTwiceAVX2(to *int32, from *int16, step, blocks int)

//go:noescape
func sumPairsAVX2(pairs *int32, q *int8, count int)
