//go:build !purego

package kernel

import "cria/internal/cpuid"

// Eight rows at a time from w, which is decoded to float32 on the way; n
// may have a tail, which then stands, decoded and padded, in tails. What lies
// ahead bytes from rows is fetched with them.
//
//go:noescape
func dotRowsF32AVX512(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func dotRowsF16AVX512(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func dotRowsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func tile6F32AVX512(dst *float32, stride int, w *float32, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func tile2F32AVX512(dst *float32, stride int, w *float32, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func tile6F16AVX512(dst *float32, stride int, w *F16, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func tile2F16AVX512(dst *float32, stride int, w *F16, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func tile6BF16AVX512(dst *float32, stride int, w *BF16, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func tile2BF16AVX512(dst *float32, stride int, w *BF16, wStep, blockStep, quadStep, quads int,
	x *float32, xStep, blocks int, fetch *byte, lines int)

//go:noescape
func decodeF16AVX512(dst *float32, w *F16, n int)

//go:noescape
func decodeBF16AVX512(dst *float32, w *BF16, n int)

//go:noescape
func encodeF16AVX512(dst *F16, x *float32, n int)

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32, next []W) {
	switch isa {
	case cpuid.AVX512:
		ahead := ahead(w, next, 8*n, 8192)
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		case []F16:
			dotRowsF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		case []BF16:
			dotRowsBF16AVX512(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		}
	case cpuid.AVX2:
		ahead := ahead(w, next, 4*n, 4096)
		switch w := any(w).(type) {
		case []float32:
			dotRowsF32AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		case []F16:
			dotRowsF16AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		case []BF16:
			dotRowsBF16AVX2(ptr(dst), ptr(w), ptr(x), len(dst), n, tails, ahead)
		}
	default:
		dotRowsGeneric(dst, w, x, n, tails)
	}
}

func tile(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	switch isa {
	case cpuid.AVX512:
		m := quads[float32]{panel, Lanes, PanelRows * Lanes, PanelLen(n), panels}
		tileAVX512(dst, stride, m, x, xStride, n, vectors, nil)
	case cpuid.AVX2:
		tileAVX2(dst, stride, panels, panel, x, xStride, n, vectors)
	default:
		tileGeneric(dst, stride, panels, panel, x, xStride, n, vectors)
	}
}

// tileRows is Tile for rows where they lie, fours of them, of whole blocks. It reports whether it did it.
func tileRows[W Weight](
	dst []float32, stride, rows int, w []W, x []float32, xStride, n, vectors int, next []byte,
) bool {
	if isa != cpuid.AVX512 {
		return false
	}
	tileAVX512(dst, stride, quads[W]{w, n, Lanes, PanelRows * n, rows / PanelRows}, x, xStride, n, vectors, next)
	return true
}

// quads is fours of rows, and how many numbers lie from one row, one block of 16 numbers and one four to the next.
type quads[W Weight] struct {
	w                []W
	row, block, quad int
	n                int
}

// tileAVX512 takes six vectors at a time through all rows, and then two.
func tileAVX512[W Weight](dst []float32, stride int, m quads[W], x []float32, xStride, n, vectors int, next []byte) {
	blocks, lines := (n+Lanes-1)/Lanes, 0
	if tiles := (vectors/6 + (vectors%6+1)/2) * m.n; tiles > 0 {
		// Some with each four: all at once would hold up the tile's loads.
		lines = (len(next) + lineBytes*tiles - 1) / (lineBytes * tiles)
	}
	for v := 0; v < vectors; {
		if len(next) == 0 {
			lines = 0
		}
		some := 2
		switch out, in := &dst[v*stride], &x[v*xStride]; {
		case v+6 <= vectors:
			some = 6
			tile6(out, stride, m, in, xStride, blocks, ptr(next), lines)
		case v+2 <= vectors:
			tile2(out, stride, m, in, xStride, blocks, ptr(next), lines)
		default:
			tile2(out, 0, m, in, 0, blocks, ptr(next), lines)
		}
		next = next[min(len(next), m.n*lines*lineBytes):]
		v += some
	}
}

const lineBytes = 64

func tile6[W Weight](dst *float32, stride int, m quads[W], x *float32, xStep, blocks int, fetch *byte, lines int) {
	switch w := any(ptr(m.w)).(type) {
	case *float32:
		tile6F32AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	case *F16:
		tile6F16AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	case *BF16:
		tile6BF16AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	}
}

func tile2[W Weight](dst *float32, stride int, m quads[W], x *float32, xStep, blocks int, fetch *byte, lines int) {
	switch w := any(ptr(m.w)).(type) {
	case *float32:
		tile2F32AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	case *F16:
		tile2F16AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	case *BF16:
		tile2BF16AVX512(dst, stride, w, m.row, m.block, m.quad, m.n, x, xStep, blocks, fetch, lines)
	}
}

// pack leaves all to Go: rows are packed only if they do not consist of whole blocks.
func pack[W Weight]([]float32, []W, int) int { return 0 }

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
