//go:build !purego

package kernel

import "cria/internal/cpuid"

// Four rows at a time from w, which is decoded to float32 on the way; n may
// have a tail, which then stands, decoded and padded, in tails.
//
//go:noescape
func dotRowsF32NEON(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsF16NEON(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsBF16NEON(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32)

// Four lanes, of all rows of a panel and tileVectors vectors: so the registers
// hold the most sums, and each number that is loaded enters the most products.
//
//go:noescape
func tileLanesNEON(acc *[tileVectors][PanelRows][4]float32, panel, x *float32, xStride, blocks int)

//go:noescape
func tileFoldNEON(dst *float32, stride int, acc *[4][tileVectors][PanelRows][4]float32)

// All lanes of a panel and one vector at a time.
//
//go:noescape
func tileOneNEON(dst *float32, stride int, panel, x *float32, xStride, blocks, vectors int)

//go:noescape
func packF32NEON(panel, w *float32, n, blocks int)

//go:noescape
func packF16NEON(panel *float32, w *F16, n, blocks int)

//go:noescape
func packBF16NEON(panel *float32, w *BF16, n, blocks int)

//go:noescape
func decodeF16NEON(dst *float32, w *F16, n int)

//go:noescape
func decodeBF16NEON(dst *float32, w *BF16, n int)

//go:noescape
func encodeF16NEON(dst *F16, x *float32, n int)

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32, _ []W) {
	switch isa {
	case cpuid.NEON:
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32NEON(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []F16:
			dotRowsF16NEON(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []BF16:
			dotRowsBF16NEON(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		}
	default:
		dotRowsGeneric(dst, w, x, n, tails)
	}
}

func tile(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	switch isa {
	case cpuid.NEON:
		tileNEON(dst, stride, panels, panel, x, xStride, n, vectors)
	default:
		tileGeneric(dst, stride, panels, panel, x, xStride, n, vectors)
	}
}

const (
	tileVectors = 6
	// tileBlocks of a panel and of six vectors, 20 KiB, stay in the first-level
	// cache while each quarter of the lanes passes over them.
	tileBlocks = 32
)

// tileNEON takes six vectors at a time through all panels, the rest one by one.
func tileNEON(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	blocks, full := (n+Lanes-1)/Lanes, vectors-vectors%tileVectors
	for p := range panels {
		dst, panel := dst[p*PanelRows:], panel[p*PanelLen(n):][:PanelLen(n)]
		for t := 0; t < full; t += tileVectors {
			var acc [4][tileVectors][PanelRows][4]float32
			for i := 0; i < blocks; i += tileBlocks {
				for q := range acc {
					tileLanesNEON(&acc[q], &panel[i*PanelRows*Lanes+4*q], &x[t*xStride+i*Lanes+4*q],
						xStride, min(tileBlocks, blocks-i))
				}
			}
			tileFoldNEON(&dst[t*stride], stride, &acc)
		}
		if full < vectors {
			tileOneNEON(&dst[full*stride], stride, &panel[0],
				&x[full*xStride], xStride, blocks, vectors-full)
		}
	}
}

// pack packs the full blocks of four rows and returns how many there were.
func pack[W Weight](panel []float32, w []W, n int) int {
	blocks := n / Lanes
	if isa != cpuid.NEON || blocks == 0 {
		return 0
	}
	switch w := any(w).(type) {
	case []float32:
		packF32NEON(ptr(panel), ptr(w), n, blocks)
	case []F16:
		packF16NEON(ptr(panel), ptr(w), n, blocks)
	case []BF16:
		packBF16NEON(ptr(panel), ptr(w), n, blocks)
	}
	return blocks
}

func decodeF16(dst []float32, w []F16) {
	switch isa {
	case cpuid.NEON:
		decodeF16NEON(ptr(dst), ptr(w), len(dst))
	default:
		decodeGeneric(dst, w)
	}
}

func decodeBF16(dst []float32, w []BF16) {
	switch isa {
	case cpuid.NEON:
		decodeBF16NEON(ptr(dst), ptr(w), len(dst))
	default:
		decodeGeneric(dst, w)
	}
}

func encodeF16(dst []F16, x []float32) {
	switch isa {
	case cpuid.NEON:
		encodeF16NEON(ptr(dst), ptr(x), len(x))
	default:
		encodeF16Generic(dst, x)
	}
}

func tileRows[W Weight](_ []float32, _, _ int, _ []W, _ []float32, _, _, _ int, _ []byte) bool {
	return false
}
