//go:build !purego

package kernel

import "cria/internal/cpuid"

// unpack is the work of Unpack on one row. It reports whether there is a kernel for it.
func unpack(f Blocks, codes []int8, scales, mins []float32, w []byte) bool {
	if isa == cpuid.Generic || len(scales) == 0 {
		return false
	}
	c, s, m, b, n := ptr(codes), ptr(scales), ptr(mins), ptr(w), len(w)/blocks[f].size
	switch f {
	case Q4_0:
		unpackQ40AVX2(c, s, m, b, n)
	case Q4_1:
		unpackQ41AVX2(c, s, m, b, n)
	case Q5_0:
		unpackQ50AVX2(c, s, m, b, n)
	case Q5_1:
		unpackQ51AVX2(c, s, m, b, n)
	case Q8_0:
		unpackQ80AVX2(c, s, m, b, n)
	case IQ4_NL:
		unpackIQ4NLAVX2(c, s, m, b, n)
	case MXFP4:
		unpackMXFP4AVX2(c, s, m, b, n)
	case IQ4_XS:
		unpackIQ4XSAVX2(c, s, m, b, n)
	}
	return true
}

// unpackSuper is the work of UnpackSuper on one row, from the row's first codes,
// scales and minimums on. It reports whether there is a kernel for it.
func unpackSuper(f Blocks, codes []int8, sub []int16, scales, mins []float32, w []byte) bool {
	if isa == cpuid.Generic || len(w) == 0 {
		return false
	}
	c, u, s, m, b, n := ptr(codes), ptr(sub), ptr(scales), ptr(mins), ptr(w), len(w)/blocks[f].size
	switch f {
	case Q2_K:
		unpackQ2KAVX2(c, u, s, m, b, n)
	case Q3_K:
		unpackQ3KAVX2(c, u, s, m, b, n)
	case Q4_K:
		unpackQ4KAVX2(c, u, s, m, b, n)
	case Q5_K:
		unpackQ5KAVX2(c, u, s, m, b, n)
	case Q6_K:
		unpackQ6KAVX2(c, u, s, m, b, n)
	}
	return true
}

func sums16(sums []int32, q []int8) {
	if isa == cpuid.Generic || len(q) == 0 {
		sums16Generic(sums, q)
		return
	}
	sums16AVX2(ptr(sums), ptr(q), len(q)/subLen)
}

func dotSuper(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	switch {
	case isa == cpuid.AVX512 && int8Dot && count > 0:
		dotSuperVNNI(dst, ptr(p.Codes), ptr(p.Sub), ptr(p.Scales), ptr(x.Q), ptr(x.Scales), ptr(x.Sums), count, offset)
	case isa != cpuid.Generic && count > 0:
		dotSuperAVX2(dst, ptr(p.Codes), ptr(p.Sub), ptr(p.Scales), ptr(x.Q), ptr(x.Scales), ptr(x.Sums), count, offset)
	default:
		dotSuperGeneric(dst, p, x, count, offset)
	}
}

//go:noescape
func unpackQ40AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ41AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ50AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ51AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ80AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackIQ4NLAVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackMXFP4AVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackIQ4XSAVX2(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ2KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ3KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ4KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ5KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ6KAVX2(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func sums16AVX2(sums *int32, q *int8, count int)

//go:noescape
func dotSuperVNNI(dst *[PanelRowsSuper]float32, codes *int8, sub *int16, scales *float32,
	q *int8, xs *float32, sums *int32, count, offset int)

//go:noescape
func dotSuperAVX2(dst *[PanelRowsSuper]float32, codes *int8, sub *int16, scales *float32,
	q *int8, xs *float32, sums *int32, count, offset int)
