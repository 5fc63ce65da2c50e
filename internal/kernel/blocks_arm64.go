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

func unpackSuper(Blocks, []int8, []int16, []float32, []float32, []byte) bool { return false }

func sums16(sums []int32, q []int8) { sums16Generic(sums, q) }

func dotSuper(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	dotSuperGeneric(dst, p, x, count, offset)
}

func dotBlocks(Blocks, []float32, []byte, Q8, int) bool { return false }

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
