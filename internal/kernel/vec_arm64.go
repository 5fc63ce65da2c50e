//go:build !purego

package kernel

import "cria/internal/cpuid"

// n is a multiple of 16 in all of these.
//
//go:noescape
func maxNEON(x *float32, n int) float32

// Replaces x as ExpSum does and adds it to lane.
//
//go:noescape
func expSumNEON(x *float32, n int, max float32, lane *[Lanes]float32)

//go:noescape
func swiGLUNEON(gate, up *float32, n int)

//go:noescape
func scaleNEON(dst, x, norm *float32, n int, s float32)

//go:noescape
func addRowsF32NEON(dst, v, p *float32, n, rows int)

//go:noescape
func addRowsF16NEON(dst *float32, v *F16, p *float32, n, rows int)

func divide(dst, x []float32, d float32) { divideGeneric(dst, x, d) }

func maxOf(x []float32) float32 {
	switch isa {
	case cpuid.NEON:
		n := len(x) &^ (Lanes - 1)
		return max(maxNEON(ptr(x), n), maxGeneric(x[n:]))
	default:
		return maxGeneric(x)
	}
}

func expSum(x []float32, max float32) float32 {
	switch isa {
	case cpuid.NEON:
		var lane, block, unused [Lanes]float32
		n := len(x) &^ (Lanes - 1)
		expSumNEON(ptr(x), n, max, &lane)
		if n < len(x) {
			copy(block[:], x[n:])
			expSumNEON(&block[0], Lanes, max, &unused)
			for i := range copy(x[n:], block[:]) {
				lane[i] += block[i]
			}
		}
		return fold(&lane)
	default:
		return expSumGeneric(x, max)
	}
}

func swiGLU(gate, up []float32) {
	switch isa {
	case cpuid.NEON:
		n := len(up) &^ (Lanes - 1)
		swiGLUNEON(ptr(gate), ptr(up), n)
		if n < len(up) {
			var gates, ups [Lanes]float32
			copy(gates[:], gate[n:])
			copy(ups[:], up[n:])
			swiGLUNEON(&gates[0], &ups[0], Lanes)
			copy(gate[n:], gates[:])
		}
	default:
		swiGLUGeneric(gate, up)
	}
}

func scale(dst, x, norm []float32, s float32) {
	switch isa {
	case cpuid.NEON:
		n := len(x) &^ (Lanes - 1)
		scaleNEON(ptr(dst), ptr(x), ptr(norm), n, s)
		scaleGeneric(dst[n:], x[n:], norm[n:], s)
	default:
		scaleGeneric(dst, x, norm, s)
	}
}

func addRows[W float32 | F16](dst []float32, v []W, p []float32, _ []W) {
	switch isa {
	case cpuid.NEON:
		switch v := any(v).(type) {
		case []float32:
			addRowsF32NEON(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		case []F16:
			addRowsF16NEON(ptr(dst), ptr(v), ptr(p), len(dst), len(p))
		}
	default:
		addRowsGeneric(dst, v, p)
	}
}

func rotate(x, cos, sin []float32) { rotateGeneric(x, cos, sin) }

func addRowsMany[W float32 | F16](_ []float32, _ int, _ []W, _ []float32, _, _, _ int, _ []W) int {
	return 0
}

// addTile has no kernel here.
func addTile(_ []float32, _ int, _ []float32, _, _, _ int) int { return 0 }
