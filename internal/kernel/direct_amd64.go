//go:build !purego

package kernel

import "cria/internal/cpuid"

func dotBlocks(f Blocks, dst []float32, w []byte, x Q8, n int) bool {
	if isa != cpuid.AVX512 || !int8Dot || n == 0 || len(dst) < PanelRowsQ8 {
		return false
	}
	var dot func(dst *float32, w *byte, x Q8, size, count, blocks int)
	switch f {
	case Q4_0:
		dot = dotQ40VNNI
	case Q5_0:
		dot = dotQ50VNNI
	case Q8_0:
		dot = dotQ80VNNI
	case IQ4_NL:
		dot = dotIQ4NLVNNI
	default:
		return false
	}
	size, count := f.RowSize(n), n/smallLen
	panels(len(dst), func(r, blocks int) { dot(ptr(dst[r:]), ptr(w[r*size:]), x, size, count, blocks) })
	return true
}

// panels calls f with a row and how many times 16 there are from it on, until all rows are done:
// if 16 does not divide them, the last 16 are done by themselves, some of them once more.
func panels(rows int, f func(r, blocks int)) {
	f(0, rows/PanelRowsQ8)
	if rows%PanelRowsQ8 != 0 {
		f(rows-PanelRowsQ8, 1)
	}
}

func dotSuperBlocks(f Blocks, dst []float32, w []byte, x Q8, sums []float32, n int) bool {
	if isa != cpuid.AVX512 || !int8Dot || n == 0 || len(dst) < PanelRowsSuper || f != Q4_K && f != Q5_K && f != Q6_K {
		return false
	}
	size, count := f.RowSize(n), n/superLen
	panels(len(dst), func(r, blocks int) {
		switch f {
		case Q4_K:
			dotQ4KVNNI(ptr(dst[r:]), ptr(w[r*size:]), x, ptr(sums), size, count, blocks)
		case Q5_K:
			dotQ5KVNNI(ptr(dst[r:]), ptr(w[r*size:]), x, ptr(sums), size, count, blocks)
		default:
			dotQ6KVNNI(ptr(dst[r:]), ptr(w[r*size:]), x, size, count, blocks)
		}
	})
	return true
}

// tileVectors is how many vectors tileSuperVNNI takes.
const tileVectors = 8

// tileSuper is the work of TileSuper on 16 rows and the first vectors. It returns how many these are.
func tileSuper(dst []float32, stride int, p PanelSuper, x Q8, n, offset, sub, vectors int) int {
	if isa != cpuid.AVX512 || !int8Dot || vectors < tileVectors {
		return 0
	}
	count := n / superLen
	packSuperVNNI(ptr(p.columns[:PanelRowsSuper*n]), ptr(p.subs[:n]), ptr(p.Codes), ptr(p.Sub), count)
	t := 0
	for ; t+tileVectors <= vectors; t += tileVectors {
		_ = dst[(t+tileVectors-1)*stride+PanelRowsSuper-1]
		tileSuperVNNI(ptr(dst[t*stride:]), stride, ptr(p.columns), ptr(p.subs), ptr(p.Scales),
			ptr(x.Q[t*n:]), ptr(x.Scales[t*count:]), ptr(x.Sums[t*n/16:]), n, sub, offset, count)
	}
	return t
}

func packBlocks(f Blocks, p PanelQ8, w []byte, n int) bool {
	if isa != cpuid.AVX512 || !int8Dot || n == 0 {
		return false
	}
	codes, scales, size, count := ptr(p.W[:n*PanelRowsQ8]), ptr(p.Scales), f.RowSize(n), n/smallLen
	switch f {
	case Q4_0:
		packQ40VNNI(codes, scales, ptr(w), size, count)
	case Q5_0:
		packQ50VNNI(codes, scales, ptr(w), size, count)
	case Q8_0:
		packQ80VNNI(codes, scales, ptr(w), size, count)
	case IQ4_NL:
		packIQ4NLVNNI(codes, scales, ptr(w), size, count)
	default:
		return false
	}
	return true
}

//go:noescape
func dotQ40VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func dotQ50VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func dotQ80VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func dotIQ4NLVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func packQ40VNNI(codes *int8, scales *float32, w *byte, size, count int)

//go:noescape
func packQ50VNNI(codes *int8, scales *float32, w *byte, size, count int)

//go:noescape
func packQ80VNNI(codes *int8, scales *float32, w *byte, size, count int)

//go:noescape
func packIQ4NLVNNI(codes *int8, scales *float32, w *byte, size, count int)

//go:noescape
func dotQ4KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func dotQ5KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func dotQ6KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func packSuperVNNI(columns *int8, subs *int32, codes *int8, sub *int16, count int)

// x, xScales and xSums are the parts of a Q8, as for tileQ8x12VNNI.
//
//go:noescape
func tileSuperVNNI(dst *float32, stride int, columns *int8, subs *int32, scales *float32,
	x *int8, xScales *float32, xSums *int32, n, subLen, offset, count int)
