//go:build !purego

package kernel

import "unsafe"

// dotVNNI reports whether dotRowsVNNI takes such rows.
func dotVNNI(rows, n, group int) bool {
	return rows >= PanelRowsQ8 && n > 0 && (group == 32 || group%64 == 0)
}

func dotRowsVNNI(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	blocksVNNI(dst, w, ws, x, n, group, len(dst)/PanelRowsQ8)
	if len(dst)%PanelRowsQ8 != 0 { // the last 16 rows, some of them once more
		r := len(dst) - PanelRowsQ8
		blocksVNNI(dst[r:], w[r*n:], ws[r*(n/group):], x, n, group, 1)
	}
}

// packRows keeps rows as they are, one after the other: the dot products of a
// vector with 16 of them, which stay in the cache, want no other order.
func packRows(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	copy(p.W, w[:rows*n])
	copy(p.Scales, ws[:rows*(n/group)])
}

// blocksVNNI does blocks of 16 rows.
func blocksVNNI(dst []float32, w []int8, ws []float32, x Q8, n, group, blocks int) {
	if group == 32 { // no function value, through which dst would escape
		dotRowsG32VNNI(ptr(dst), ptr(w), ptr(ws), x, n, group, n/group, blocks)
	} else {
		dotRowsG64VNNI(ptr(dst), ptr(w), ptr(ws), x, n, group, n/group, blocks)
	}
}

// tileVNNI reports whether packVNNI and tileQ8VNNI take such groups.
func tileVNNI(n, group int) bool { return n > 0 && group%16 == 0 && group <= 256 }

// packVNNI is packQ8 with w^0x80 in p.W.
func packVNNI(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	if rows < PanelRowsQ8 {
		packQ8Generic(p, w, ws, rows, n, group)
		for i := range p.W[:n*PanelRowsQ8] {
			p.W[i] ^= -128
		}
		return
	}
	transposeAVX512(unsafe.Pointer(ptr(p.W)), unsafe.Pointer(ptr(w)), n, n/16, 0x80808080)
	groups := n / group
	if groups >= 4 {
		transposeAVX512(unsafe.Pointer(ptr(p.Scales)), unsafe.Pointer(ptr(ws)), 4*groups, groups/4, 0)
	}
	for g := groups &^ 3; g < groups; g++ {
		for r := range PanelRowsQ8 {
			p.Scales[g*PanelRowsQ8+r] = ws[r*groups+g]
		}
	}
}

// tileAMX reports whether tileQ8AMX takes such groups, and so many vectors.
func tileAMX(n, group, vectors int) bool {
	return int8Matrix && vectors >= 16 && tileVNNI(n, group) && (group == smallLen || group%64 == 0)
}

// tileQ8AMX does 16 vectors at a time, at least so many, of a panel that packVNNI has made; the last ones include some
// once more if 16 does not divide them.
func tileQ8AMX(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	panel, groups := p.W[n*PanelRowsQ8:], n/group
	flipAVX512(ptr(panel), ptr(p.W), n*PanelRowsQ8/64)
	var buffer [33 * 16]int32 // twice 16 lines, wherever they begin
	for t := 0; t < vectors; t += PanelRowsQ8 {
		t = min(t, vectors-PanelRowsQ8)
		tileQ8x16AMX(&dst[t*stride], stride, ptr(panel), ptr(p.Scales), &x.Q[t*Pitch(n)], &x.Scales[t*groups],
			Pitch(n), groups, group, groups, &buffer)
	}
}

// tileQ8VNNI does 12 vectors at a time, then 4. The last ones may include some once more.
func tileQ8VNNI(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	groups, step, xStep, gStep, few := n/group, stride, Pitch(n), n/group, 4
	if vectors < 4 { // four times the same vector
		step, xStep, gStep, few = 0, 0, 0, 1
	}
	for t, some := 0, 0; t < vectors; t += some {
		if some = few; vectors >= 12 && vectors-t > 8 {
			some = 12
		}
		t = min(t, vectors-some)
		to, w, ws := ptr(dst[t*stride:]), ptr(p.W), ptr(p.Scales)
		q, xs, sums := ptr(x.Q[t*Pitch(n):]), ptr(x.Scales[t*groups:]), ptr(x.Sums[t*groups:])
		if some == 12 {
			tileQ8x12VNNI(to, step, w, ws, q, xs, sums, xStep, gStep, group, groups)
		} else {
			tileQ8x4VNNI(to, step, w, ws, q, xs, sums, xStep, gStep, group, groups)
		}
	}
}

//go:noescape
func dotRowsG64VNNI(dst *float32, w *int8, ws *float32, x Q8, n, group, groups, blocks int)

//go:noescape
func dotRowsG32VNNI(dst *float32, w *int8, ws *float32, x Q8, n, group, groups, blocks int)

//go:noescape
func transposeAVX512(dst, src unsafe.Pointer, step, blocks int, flip uint32)

// x, xScales and xSums are the parts of a Q8: put together only to be passed on, it would be copied by loads that wait
// for its parts to reach the cache, behind all results before.
//
//go:noescape
func tileQ8x12VNNI(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, group, groups int)

//go:noescape
func flipAVX512(dst, src *int8, lines int)

//go:noescape
func tileQ8x16AMX(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32,
	xStep, gStep, group, groups int, buffer *[33 * 16]int32)

//go:noescape
func tileQ8x4VNNI(dst *float32, stride int, w *int8, ws *float32, x *int8, xScales *float32, xSums *int32,
	xStep, gStep, group, groups int)

//go:noescape
func quantizeAVX512(q Q8, x *float32, group, groups int)
