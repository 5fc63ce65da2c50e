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
		unpackQ40NEON(c, s, m, b, n)
	case Q4_1:
		unpackQ41NEON(c, s, m, b, n)
	case Q5_0:
		unpackQ50NEON(c, s, m, b, n)
	case Q5_1:
		unpackQ51NEON(c, s, m, b, n)
	case Q8_0:
		unpackQ80NEON(c, s, m, b, n)
	case IQ4_NL:
		unpackIQ4NLNEON(c, s, m, b, n)
	case MXFP4:
		unpackMXFP4NEON(c, s, m, b, n)
	case IQ4_XS:
		unpackIQ4XSNEON(c, s, m, b, n)
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
		unpackQ2KNEON(c, u, s, m, b, n)
	case Q3_K:
		unpackQ3KNEON(c, u, s, m, b, n)
	case Q4_K:
		unpackQ4KNEON(c, u, s, m, b, n)
	case Q5_K:
		unpackQ5KNEON(c, u, s, m, b, n)
	case Q6_K:
		unpackQ6KNEON(c, u, s, m, b, n)
	}
	return true
}

func sums16(sums []int32, q []int8) {
	if isa == cpuid.Generic || len(q) == 0 {
		sums16Generic(sums, q)
		return
	}
	sums16NEON(ptr(sums), ptr(q), len(q)/subLen)
}

func dotSuper(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	switch {
	case isa == cpuid.NEON && int8Dot && count > 0:
		dotSuperDotNEON(dst, ptr(p.Codes), ptr(p.Sub), ptr(p.Scales), ptr(x.Q), ptr(x.Scales), ptr(x.Sums), count, offset)
	case isa == cpuid.NEON && count > 0:
		dotSuperMulNEON(dst, ptr(p.Codes), ptr(p.Sub), ptr(p.Scales), ptr(x.Q), ptr(x.Scales), ptr(x.Sums), count, offset)
	default:
		dotSuperGeneric(dst, p, x, count, offset)
	}
}

func dotBlocks(Blocks, []float32, []byte, Q8, int) bool { return false }

func dotSuperBlocks(Blocks, []float32, []byte, Q8, []float32, int) bool { return false }

func tileSuper(Blocks, []float32, int, PanelSuper, Q8, int, int) int { return 0 }

// sumPairs has no kernel here, and there is none that wants them.
func sumPairs([]int32, []int8) {}

func packBlocks(Blocks, PanelQ8, []byte, int) bool { return false }

// tilePacked has nothing to do, as no panels are packed.
func tilePacked(Blocks, []float32, int, PanelQ8, Q8, int, int) {}

//go:noescape
func unpackQ40NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ41NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ50NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ51NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ80NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackIQ4NLNEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackMXFP4NEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackIQ4XSNEON(codes *int8, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ2KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ3KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ4KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ5KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func unpackQ6KNEON(codes *int8, sub *int16, scales, mins *float32, w *byte, count int)

//go:noescape
func sums16NEON(sums *int32, q *int8, count int)

// With SDOT.
//
//go:noescape
func dotSuperDotNEON(dst *[PanelRowsSuper]float32, codes *int8, sub *int16, scales *float32,
	q *int8, xs *float32, sums *int32, count, offset int)

// The same without SDOT.
//
//go:noescape
func dotSuperMulNEON(dst *[PanelRowsSuper]float32, codes *int8, sub *int16, scales *float32,
	q *int8, xs *float32, sums *int32, count, offset int)
