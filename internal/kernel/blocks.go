package kernel

import (
	"encoding/binary"
	"math"

	"cria/internal/float"
)

// A Blocks is a format of quantized blocks, those of GGUF files; package quant draws
// their layouts. Rows of blocks become rows of codes, int8, whose products are
// those of Q8: with a scale for every 32 codes (DotRowsQ8), or with integer
// scales for every 16 and one more for every 256 (DotRowsSuper).
type Blocks uint8

// The formats.
const (
	Q4_0 Blocks = iota
	Q4_1
	Q5_0
	Q5_1
	Q8_0
	IQ4_NL
	MXFP4
	IQ4_XS
	Q2_K
	Q3_K
	Q4_K
	Q5_K
	Q6_K
	nBlocks
)

// Sizes of blocks, in elements.
const (
	smallLen = 32  // of a block, or of what has a float scale in codes
	superLen = 256 // of a super-block
	subLen   = 16  // of what has an integer scale in a super-block
)

// blocks holds, for each format, the elements and bytes of a block, the elements
// that share a minimum, or 0, and what is subtracted from codes of super-blocks,
// so that these are not negative, and the bits of these.
var blocks = [nBlocks]struct{ len, size, minLen, offset, bits int }{
	Q4_0: {32, 18, 0, 0, 0}, Q4_1: {32, 20, 32, 0, 0}, Q5_0: {32, 22, 0, 0, 0}, Q5_1: {32, 24, 32, 0, 0},
	Q8_0: {32, 34, 0, 0, 0}, IQ4_NL: {32, 18, 0, 0, 0}, MXFP4: {32, 17, 0, 0, 0}, IQ4_XS: {256, 136, 0, 0, 0},
	Q2_K: {256, 84, 16, 0, 2}, Q3_K: {256, 110, 0, 4, 3}, Q4_K: {256, 144, 32, 0, 4}, Q5_K: {256, 176, 32, 0, 5},
	Q6_K: {256, 210, 0, 32, 6},
}

// IsSuper reports whether codes have integer scales, as DotRowsSuper wants.
func (f Blocks) IsSuper() bool { return f >= Q2_K }

// MinLen returns how many elements share a minimum, 0 if there are none.
func (f Blocks) MinLen() int { return blocks[f].minLen }

// Offset returns what is to be subtracted from each code of a super-block.
func (f Blocks) Offset() int { return blocks[f].offset }

// RowSize returns the bytes of n elements, a multiple of the block's.
func (f Blocks) RowSize(n int) int { return n / blocks[f].len * blocks[f].size }

// Unpack sets codes, [rows][n], scales, [rows][n/32], and mins, [rows][n/32], to
// what blocks of a format without integer scales hold: element i is
// codes[i]*scales[i/32] + mins[i/32]. Formats without minimums leave mins alone.
func (f Blocks) Unpack(codes []int8, scales, mins []float32, w []byte, rows, n int) {
	size := f.RowSize(n)
	for r := range rows {
		q, d, b := codes[r*n:][:n], scales[r*(n/smallLen):][:n/smallLen], w[r*size:][:size]
		var m []float32
		if blocks[f].minLen > 0 {
			m = mins[r*(n/smallLen):][:n/smallLen]
		}
		if !unpack(f, q, d, m, b) {
			f.unpackGeneric(q, d, m, b)
		}
	}
}

// DotRows sets dst[r] to the dot product of row r of w, [len(dst)][n], and x, quantized in
// groups of 32: what Unpack and DotRowsQ8 give, without codes in between. It reports
// whether there is a kernel for that; there is none for minimums.
func (f Blocks) DotRows(dst []float32, w []byte, x Q8, n int) bool { return dotBlocks(f, dst, w, x, n) }

// Pack sets p to 16 rows of w, [16][n], as Tile wants them, without codes in between. It reports whether there is a
// kernel for that; there is none for minimums.
func (f Blocks) Pack(p PanelQ8, w []byte, n int) bool { return packBlocks(f, p, w, n) }

// Tile sets dst[t*stride+r], r < 16, to the dot product of row r of a panel that Pack has set and vector t of x,
// quantized in groups of 32. Results are those of DotRows.
func (f Blocks) Tile(dst []float32, stride int, p PanelQ8, x Q8, n, vectors int) {
	tilePacked(f, dst, stride, p, x, n, vectors)
}

func (f Blocks) unpackGeneric(codes []int8, scales, mins []float32, w []byte) {
	if f == IQ4_XS {
		for i := range len(codes) / superLen {
			unpackIQ4XS(codes[i*superLen:][:superLen], scales[i*8:][:8], w[i*136:][:136])
		}
		return
	}
	size := blocks[f].size
	for i := range scales {
		d, m := f.unpackSmall(codes[i*smallLen:][:smallLen], w[i*size:][:size])
		scales[i] = d
		if mins != nil {
			mins[i] = m
		}
	}
}

// unpackSmall sets 32 codes and returns their scale and minimum.
func (f Blocks) unpackSmall(codes []int8, b []byte) (scale, minimum float32) {
	switch f {
	case Q4_0:
		nibbles(codes, b[2:], 8)
	case Q4_1:
		nibbles(codes, b[4:], 0)
		minimum = f16At(b[2:])
	case Q5_0:
		nibbles(codes, b[6:], 16)
		fifths(codes, binary.LittleEndian.Uint32(b[2:]))
	case Q5_1:
		nibbles(codes, b[8:], 0)
		fifths(codes, binary.LittleEndian.Uint32(b[4:]))
		minimum = f16At(b[2:])
	case Q8_0:
		for i, q := range b[2:34] {
			codes[i] = int8(q)
		}
	case IQ4_NL:
		lookUp(codes, b[2:], &valuesIQ4)
	case MXFP4: // the scale is halved because the values are doubled
		lookUp(codes, b[1:], &valuesMXFP4)
		return e8m0Half(b[0]), 0
	}
	return f16At(b), minimum
}

// f16At returns the binary16 at the beginning of b.
func f16At(b []byte) float32 { return float.F16ToF32(binary.LittleEndian.Uint16(b)) }

// nibbles sets codes to the lower halves of 16 bytes and then the upper ones, less offset.
func nibbles(codes []int8, qs []byte, offset int8) {
	_, _ = codes[31], qs[15]
	for i := range 16 {
		codes[i] = int8(qs[i]&15) - offset
		codes[i+16] = int8(qs[i]>>4) - offset
	}
}

// fifths adds the 32 bits of h to codes, as bit 4.
func fifths(codes []int8, h uint32) {
	for i := range codes[:32] {
		codes[i] += int8(h>>i&1) << 4
	}
}

// The numbers that four bits stand for: those of IQ4_NL and IQ4_XS, and twice those of MXFP4.
var (
	valuesIQ4   = [16]int8{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}
	valuesMXFP4 = [16]int8{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}
)

// lookUp sets codes to the values of the lower halves of 16 bytes, and then of the upper ones.
func lookUp(codes []int8, qs []byte, values *[16]int8) {
	_, _ = codes[31], qs[15]
	for i := range 16 {
		codes[i], codes[i+16] = values[qs[i]&15], values[qs[i]>>4]
	}
}

// e8m0Half returns 2^(e-128).
func e8m0Half(e byte) float32 {
	if e < 2 {
		return math.Float32frombits(0x00200000 << e)
	}
	return math.Float32frombits(uint32(e-1) << 23)
}

func unpackIQ4XS(codes []int8, scales []float32, b []byte) {
	d, high := f16At(b), binary.LittleEndian.Uint16(b[2:])
	for i := range scales {
		s := b[4+i/2]>>(i%2*4)&15 | byte(high>>(2*i)&3)<<4
		scales[i] = d * float32(int(s)-32)
		lookUp(codes[i*smallLen:], b[8+16*i:], &valuesIQ4)
	}
}

// Decode sets dst to the numbers of a row of blocks: scale * code, rounded, and then the minimum.
func (f Blocks) Decode(dst []float32, w []byte) {
	var codes [superLen]int8
	var scales, mins [superLen / subLen]float32
	var sub [subLen]int16
	kind, piece := &blocks[f], smallLen
	for ; len(dst) > 0; dst, w = dst[kind.len:], w[kind.size:] {
		if f.IsSuper() {
			d := f.unpackSuper(codes[:], sub[:], mins[:], w)
			piece = subLen
			for i, s := range sub {
				scales[i] = d * float32(s)
			}
		} else {
			f.unpackGeneric(codes[:kind.len], scales[:kind.len/smallLen], mins[:kind.len/smallLen], w[:kind.size])
		}
		for i, q := range codes[:kind.len] {
			dst[i] = float32(scales[i/piece] * float32(int(q)-kind.offset))
			if kind.minLen > 0 {
				dst[i] += mins[i/kind.minLen]
			}
		}
	}
}
