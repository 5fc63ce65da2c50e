//go:build !purego

package kernel

import "cria/internal/cpuid"

// One row after the other from w, which is decoded to float32 on the way; n
// may have a tail, which then stands, decoded and padded, in tails.
//
//go:noescape
func dotRowsF32AVX512(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsF16AVX512(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func tile6AVX512(dst *float32, stride int, panel *float32, panelStep, panels int,
	x *float32, xStep, blocks int, lanes *float32, mode int, fetch *byte, lines int)

//go:noescape
func tile2AVX512(dst *float32, stride int, panel *float32, panelStep, panels int,
	x *float32, xStep, blocks int)

//go:noescape
func packF32AVX512(panel, w *float32, n, blocks int)

//go:noescape
func packF16AVX512(panel *float32, w *F16, n, blocks int)

//go:noescape
func packBF16AVX512(panel *float32, w *BF16, n, blocks int)

//go:noescape
func decodeF16AVX512(dst *float32, w *F16, n int)

//go:noescape
func decodeBF16AVX512(dst *float32, w *BF16, n int)

//go:noescape
func encodeF16AVX512(dst *F16, x *float32, n int)

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32) {
	switch isa {
	case cpuid.AVX512:
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []F16:
			dotRowsF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []BF16:
			dotRowsBF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		}
	case cpuid.AVX2:
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []F16:
			dotRowsF16AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		case []BF16:
			dotRowsBF16AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails)
		}
	default:
		dotRowsGeneric(dst, w, x, n, tails)
	}
}

func tile(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int, next []byte) {
	switch isa {
	case cpuid.AVX512:
		tileAVX512(dst, stride, panels, panel, x, xStride, n, vectors, next)
	case cpuid.AVX2:
		tileAVX2(dst, stride, panels, panel, x, xStride, n, vectors)
	default:
		tileGeneric(dst, stride, panels, panel, x, xStride, n, vectors)
	}
}

// stretch is how many blocks of a row are done at once: six vectors of so many,
// 24 KiB, and a panel, 16 KiB, stay in the first-level cache.
const stretch = 64

// ahead is memory to fetch while a tile multiplies, some lines with each panel:
// all at once they would hold up the loads of the tile.
type ahead struct {
	next  []byte
	lines int // with each panel
}

const lineBytes = 64

// newAhead spreads the fetching of next evenly over so many panels.
func newAhead(next []byte, panels int) ahead {
	perPanel := lineBytes * panels
	if perPanel == 0 {
		return ahead{}
	}
	return ahead{next, (len(next) + perPanel - 1) / perPanel}
}

// take returns what to fetch during the next panels.
func (a *ahead) take(panels int) (first *byte, lines int) {
	if len(a.next) == 0 {
		return nil, 0
	}
	first = &a.next[0]
	a.next = a.next[min(len(a.next), panels*a.lines*lineBytes):]
	return first, a.lines
}

// tileAVX512 takes six vectors at a time through all panels.
func tileAVX512(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int, next []byte) {
	blocks, step := (n+Lanes-1)/Lanes, PanelLen(n)
	fetch := newAhead(next, vectors/6*panels*((blocks+stretch-1)/stretch))
	v := 0
	for ; v+6 <= vectors; v += 6 {
		if blocks > stretch {
			tileStretches(dst[v*stride:], stride, panels, panel, x[v*xStride:], xStride, n, &fetch)
			continue
		}
		first, lines := fetch.take(panels)
		tile6AVX512(&dst[v*stride], stride, ptr(panel), step, panels, &x[v*xStride], xStride, blocks, nil, 0, first, lines)
	}
	for ; v+2 <= vectors; v += 2 {
		tile2AVX512(&dst[v*stride], stride, ptr(panel), step, panels, &x[v*xStride], xStride, blocks)
	}
	if v < vectors {
		tile2AVX512(&dst[v*stride], 0, ptr(panel), step, panels, &x[v*xStride], 0, blocks)
	}
}

// tileStretches takes six vectors through all panels stretch by stretch. In
// between, the lanes wait in memory.
func tileStretches(dst []float32, stride, panels int, panel, x []float32, xStride, n int, fetch *ahead) {
	const carried = 4 // panels that go through all stretches together
	var lanes [carried][24][Lanes]float32
	blocks, step := (n+Lanes-1)/Lanes, PanelLen(n)
	for p := 0; p < panels; p += carried {
		for b := 0; b < blocks; b += stretch {
			mode := 0
			if b > 0 {
				mode |= 1 // go on from lanes
			}
			if b+stretch < blocks {
				mode |= 2 // leave lanes for the next stretch
			}
			now := min(carried, panels-p)
			first, lines := fetch.take(now)
			tile6AVX512(&dst[p*PanelRows], stride, &panel[p*step+b*PanelRows*Lanes], step, now,
				&x[b*Lanes], xStride, min(stretch, blocks-b), &lanes[0][0][0], mode, first, lines)
		}
	}
}

// pack packs the full blocks of four rows and returns how many there were.
func pack[W Weight](panel []float32, w []W, n int) int {
	blocks := n / Lanes
	if isa != cpuid.AVX512 || blocks == 0 {
		return 0
	}
	switch w := any(w).(type) {
	case []float32:
		packF32AVX512(ptr(panel), ptr(w), n, blocks)
	case []F16:
		packF16AVX512(ptr(panel), ptr(w), n, blocks)
	case []BF16:
		packBF16AVX512(ptr(panel), ptr(w), n, blocks)
	}
	return blocks
}

func decodeF16(dst []float32, w []F16) {
	switch isa {
	case cpuid.AVX512:
		decodeF16AVX512(ptr(dst), ptr(w), len(dst))
	case cpuid.AVX2:
		n := len(dst) &^ 7
		if n > 0 {
			decodeF16AVX2(ptr(dst), ptr(w), n/8)
		}
		decodeGeneric(dst[n:], w[n:])
	default:
		decodeGeneric(dst, w)
	}
}

func decodeBF16(dst []float32, w []BF16) {
	switch isa {
	case cpuid.AVX512:
		decodeBF16AVX512(ptr(dst), ptr(w), len(dst))
	case cpuid.AVX2:
		n := len(dst) &^ 7
		if n > 0 {
			decodeBF16AVX2(ptr(dst), ptr(w), n/8)
		}
		decodeGeneric(dst[n:], w[n:])
	default:
		decodeGeneric(dst, w)
	}
}

func encodeF16(dst []F16, x []float32) {
	switch isa {
	case cpuid.AVX512:
		encodeF16AVX512(ptr(dst), ptr(x), len(x))
	case cpuid.AVX2:
		n := len(dst) &^ 7
		if n > 0 {
			encodeF16AVX2(ptr(dst), ptr(x), n/8)
		}
		encodeF16Generic(dst[n:], x[n:])
	default:
		encodeF16Generic(dst, x)
	}
}
