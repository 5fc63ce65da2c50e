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

func packBlocks(f Blocks, p PanelQ8, w []byte, n int) bool {
	if isa != cpuid.AVX512 || !int8Dot || n == 0 {
		return packBlocksAVX2(f, p, w, n)
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

// tilePacked is the work of Tile.
func tilePacked(f Blocks, dst []float32, stride int, p PanelQ8, x Q8, n, vectors int) {
	if f == Q4_0 && (isa == cpuid.AVX2 || isa == cpuid.AVX512 && !int8Dot) {
		tileQ40AVX2(dst, stride, p, x, n, vectors)
		return
	}
	tileQ8(dst, stride, p, x, n, smallLen, vectors)
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
