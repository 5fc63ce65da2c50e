package kernel

import (
	"encoding/binary"
	"math"
)

// A panel is 16 rows of a matrix side by side, as columns of four bytes, so that kernels read one stream where rows
// are 16, and need not turn them. Of blocks it is [blocks][size of a block / 4][16][4 bytes], the two bytes of a
// scale being half a column; of MXFP4 scales are bfloat16, and codes of Q3_K are as planesQ3K has them. Of int8 in
// groups it is [groups], each of 16 scales, float32, and [group/4][16][4] codes. Codes of Q8_0 and int8 are + 128 where
// kernels take unsigned ones.

// RowsAreSlow reports whether f has panels, and its rows take several times as long: their kernels unpack blocks to
// memory and fold lanes.
func (f Blocks) RowsAreSlow() bool {
	switch f {
	case Q4_0, Q5_0, Q8_0, IQ4_NL, Q4_K, Q5_K, Q6_K: // VNNI has others
		return hasPanels() && !flipPanels()
	}
	return f.PanelSize(superLen) > 0
}

// RowsAreSlowQ8 is RowsAreSlow for int8 with scales of groups.
func RowsAreSlowQ8() bool { return hasPanels() && !flipPanels() }

// PanelSize returns the bytes of a panel of rows of n elements, 0 if no kernel wants such panels.
func (f Blocks) PanelSize(n int) int {
	switch f {
	case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, IQ4_NL, IQ4_XS, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K:
		if hasPanels() {
			return PanelRowsQ8 * f.RowSize(n)
		}
	case MXFP4: // with scales of two bytes
		if hasPanels() {
			return PanelRowsQ8 * n / smallLen * 18
		}
	}
	return 0
}

// Interleave sets panel to 16 rows of w, [16][n].
func (f Blocks) Interleave(panel, w []byte, n int) {
	size, scale, flip := blocks[f].size, f.panelScale(), uint32(0)
	if f == Q8_0 && flipPanels() {
		flip = 0x80808080
	}
	columns := f.panelColumns()
	var planes [110]byte
	for r := range PanelRowsQ8 {
		row, to := w[r*f.RowSize(n):][:f.RowSize(n)], panel
		for ; len(row) > 0; row = row[size:] {
			if scale >= 0 {
				d := binary.LittleEndian.Uint16(row[scale:])
				if f == MXFP4 { // as bfloat16
					d = uint16(math.Float32bits(e8m0Half(row[0])) >> 16)
				}
				binary.LittleEndian.PutUint16(to[2*r:], d)
				to = to[2*PanelRowsQ8:]
			}
			block := row
			if f == Q3_K {
				planesQ3K(&planes, row)
				block = planes[:]
			}
			for _, at := range columns {
				binary.LittleEndian.PutUint32(to[4*r:], binary.LittleEndian.Uint32(block[at:])^flip)
				to = to[4*PanelRowsQ8:]
			}
		}
	}
}

// planesQ3K sets p to a super-block of Q3_K with three bits of a code in one piece, but for two codes of eight: three
// bytes have two codes each, and their upper two bits are two codes more, whose third bits are in the third byte.
func planesQ3K(p *[110]byte, w []byte) {
	const twos, ones = 0x0303030303030303, 0x0101010101010101
	le := binary.LittleEndian
	for i := 0; i < 32; i += 8 { // eight bytes at once
		h, low := le.Uint64(w[i:]), [2]uint64{le.Uint64(w[32+i:]), le.Uint64(w[64+i:])}
		var c [8]uint64
		for j := range c {
			c[j] = low[j/4]>>(j%4*2)&twos | h>>j&ones<<2
		}
		le.PutUint64(p[i:], c[0]|c[1]<<3|c[6]&twos<<6)
		le.PutUint64(p[32+i:], c[2]|c[3]<<3|c[7]&twos<<6)
		le.PutUint64(p[64+i:], c[4]|c[5]<<3|c[6]>>2&ones<<6|c[7]>>2&ones<<7)
	}
	copy(p[96:], w[96:110])
}

// panelScale returns where in a block the scale is that comes first in a panel, -1 if there it is a part of a column.
func (f Blocks) panelScale() int {
	switch f {
	case Q4_1, Q5_1, IQ4_XS, Q2_K, Q4_K, Q5_K:
		return -1
	case Q3_K:
		return 108
	case Q6_K:
		return 208
	}
	return 0
}

// panelColumns returns where in a block the columns of a panel are, in the order of their use: integer scales come
// first, and what has upper bits of codes before the codes that these belong to.
func (f Blocks) panelColumns() (at []int) {
	four := func(from, to int) {
		for ; from < to; from += 4 {
			at = append(at, from)
		}
	}
	switch f {
	case Q2_K:
		four(80, 84)
		four(0, 80)
	case Q3_K:
		four(96, 108)
		for i := 0; i < 32; i += 16 {
			four(i, i+16)
			four(32+i, 48+i)
			four(64+i, 80+i)
		}
	case Q6_K:
		four(192, 208)
		for i := range 4 {
			low := i/2*64 + i%2*16
			four(128+16*i, 144+16*i)
			four(low, low+16)
			four(low+32, low+48)
		}
	default:
		four(blocks[f].size%4, blocks[f].size) // behind a scale of two bytes, or one
	}
	return at
}

// DotPanels sets dst[r] to the dot product of row r of panels and x, 16 rows for each panel; sums, padded, are what
// minimums are multiplied by, if f has any. Results are those of the rows.
func (f Blocks) DotPanels(dst []float32, panels []byte, x Q8, sums []float32, n int) {
	dotPanels(f, dst, panels, x, sums, n)
}

// PanelSizeQ8 is PanelSize for rows of int8 with scales of groups.
func PanelSizeQ8(n, group int) int {
	if !hasPanels() || group%smallLen != 0 {
		return 0
	}
	return PanelRowsQ8 * (n + 4*(n/group))
}

// InterleaveQ8 sets panel to 16 rows of w, [16][n], with scales ws, [16][n/group].
func InterleaveQ8(panel []byte, w []int8, ws []float32, n, group int) {
	flip := byte(0)
	if flipPanels() {
		flip = 0x80
	}
	for r := range PanelRowsQ8 {
		for g := range n / group {
			to := panel[PanelRowsQ8*g*(group+4):]
			binary.LittleEndian.PutUint32(to[4*r:], math.Float32bits(ws[r*(n/group)+g]))
			to = to[4*PanelRowsQ8:]
			for i, q := range w[r*n+g*group:][:group] {
				to[i/4*4*PanelRowsQ8+4*r+i%4] = byte(q) ^ flip
			}
		}
	}
}

// DotPanelsQ8 sets dst[r] to the dot product of row r of panels and x. Results are those of DotRowsQ8.
func DotPanelsQ8(dst []float32, panels []byte, x Q8, n, group int) {
	dotPanelsQ8(dst, panels, x, n, group)
}

// PanelLenFloats returns the numbers in a panel of floats, [2][blocks][8][16]: two times eight rows, of which blocks of
// 16 numbers alternate; the last block is filled up with zeros. 0: no kernel wants such panels.
func PanelLenFloats(n int) int {
	if !hasFloatPanels() {
		return 0
	}
	return PanelRowsQ8 * ((n + Lanes - 1) &^ (Lanes - 1))
}

// InterleaveFloats sets panel, which is all zeros, to 16 rows of w, [16][n].
func InterleaveFloats[W Weight](panel, w []W, n int) {
	for r := range PanelRowsQ8 {
		to := panel[r/8*(len(panel)/2)+r%8*Lanes:]
		for i := 0; i < n; i += Lanes {
			copy(to[8*i:][:Lanes], w[r*n+i:r*n+min(i+Lanes, n)])
		}
	}
}

// DotPanelsFloats sets dst[r] to the dot product of row r of panels and x, which is padded. Results are those of
// DotRows.
func DotPanelsFloats[W Weight](dst []float32, panels []W, x []float32, n int) {
	dotPanelsFloats(dst, panels, x, n)
}
