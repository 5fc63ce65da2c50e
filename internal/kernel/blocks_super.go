package kernel

import "cria/internal/float"

// PanelSuper is 16 rows of super-blocks as codes, one super-block of each row
// after the other. Element i of a row is
// (codes[i]-offset) * sub[i/16] * scale[i/256] + mins[i/MinLen].
type PanelSuper struct {
	Codes  []int8    // [n/256][16][256] of 2 to 6 bits
	Sub    []int16   // [n/256][16][16]
	Scales []float32 // [n/256][16]
	Mins   []float32 // [16][n/MinLen]

	columns []int8  // [n/4][16][4] codes and
	subs    []int32 // [n/16][16] integer scales, or twice 16 bits, lane = row, for several vectors at once
	parts   []int8  // [n/64][2][16][16][4] products of both, in two parts, where there is AMX
}

// PanelRowsSuper is the number of rows in a panel of super-blocks.
const PanelRowsSuper = 16

// NewPanelSuper returns a panel for rows of at most n elements.
func NewPanelSuper(n int) PanelSuper {
	p := PanelSuper{
		Codes: make([]int8, 16*n), Sub: make([]int16, n), Scales: make([]float32, n/16+16), Mins: make([]float32, n),
		columns: make([]int8, 16*n), subs: make([]int32, n),
	}
	if int8Matrix {
		p.parts = make([]int8, 2*16*n)
	}
	return p
}

// UnpackSuper sets p to at most 16 rows of a format with integer scales. Rows
// that are missing become zeros.
func (f Blocks) UnpackSuper(p PanelSuper, w []byte, rows, n int) {
	count, size := n/superLen, f.RowSize(n)
	mins := 0
	if blocks[f].minLen > 0 {
		mins = superLen / blocks[f].minLen
	}
	if rows < PanelRowsSuper {
		clear(p.Codes[:PanelRowsSuper*n])
		clear(p.Sub[:n])
		clear(p.Scales[:count*PanelRowsSuper])
	}
	for r := range rows {
		codes, sub, scales := p.Codes[r*superLen:], p.Sub[r*subLen:], p.Scales[r:]
		m, b := p.Mins[r*count*mins:][:count*mins], w[r*size:][:size]
		if unpackSuper(f, codes, sub, scales, m, b) {
			continue
		}
		for i := range count {
			at := i * PanelRowsSuper
			scales[at] = f.unpackSuper(codes[at*superLen:], sub[at*subLen:], m[i*mins:], b[i*blocks[f].size:])
		}
	}
}

// unpackSuper sets 256 codes, 16 integer scales and the minimums, if the format has
// any, and returns the scale of all.
func (f Blocks) unpackSuper(codes []int8, sub []int16, mins []float32, b []byte) float32 {
	switch f {
	case Q2_K:
		return unpackQ2K(codes, sub, mins, b)
	case Q3_K:
		return unpackQ3K(codes, sub, b)
	case Q4_K:
		return unpackQ4K(codes, sub, mins, b)
	case Q5_K:
		return unpackQ5K(codes, sub, mins, b)
	}
	return unpackQ6K(codes, sub, b)
}

func unpackQ2K(codes []int8, sub []int16, mins []float32, b []byte) float32 {
	d, dmin := f16At(b[80:]), f16At(b[82:])
	for i, s := range b[:16] {
		sub[i] = int16(s & 15)
		mins[i] = -(dmin * float32(s>>4))
	}
	for i := range codes[:superLen] {
		codes[i] = int8(b[16+i/128*32+i%32] >> (i / 32 % 4 * 2) & 3)
	}
	return d
}

func unpackQ3K(codes []int8, sub []int16, b []byte) float32 {
	for i := range sub[:16] {
		low, high := b[96+i%8]>>(i/8*4)&15, b[104+i%4]>>(i/4*2)&3
		sub[i] = int16(low|high<<4) - 32
	}
	for i := range codes[:superLen] {
		low, high := b[32+i/128*32+i%32]>>(i/32%4*2)&3, b[i%32]>>(i/32)&1
		codes[i] = int8(low | high<<2)
	}
	return f16At(b[108:])
}

// sixBits sets sub to 8 scales, each twice, and mins to -dmin times 8 minimums, of 6 bits
// each, in 12 bytes.
func sixBits(sub []int16, mins []float32, b []byte, dmin float32) {
	for i := range 8 {
		var s, m byte
		if i < 4 {
			s, m = b[i]&63, b[i+4]&63
		} else {
			s, m = b[i+4]&15|b[i-4]>>6<<4, b[i+4]>>4|b[i]>>6<<4
		}
		sub[2*i], sub[2*i+1] = int16(s), int16(s)
		mins[i] = -(dmin * float32(m))
	}
}

func unpackQ4K(codes []int8, sub []int16, mins []float32, b []byte) float32 {
	sixBits(sub, mins, b[4:], f16At(b[2:]))
	for i := range codes[:superLen] {
		codes[i] = int8(b[16+i/64*32+i%32] >> (i / 32 % 2 * 4) & 15)
	}
	return f16At(b)
}

func unpackQ5K(codes []int8, sub []int16, mins []float32, b []byte) float32 {
	sixBits(sub, mins, b[4:], f16At(b[2:]))
	for i := range codes[:superLen] {
		codes[i] = int8(b[48+i/64*32+i%32]>>(i/32%2*4)&15 | b[16+i%32]>>(i/32)&1<<4)
	}
	return f16At(b)
}

func unpackQ6K(codes []int8, sub []int16, b []byte) float32 {
	for i := range sub[:16] {
		sub[i] = int16(int8(b[192+i]))
	}
	for i := range codes[:superLen] {
		half, at := i/128, i%128
		low, high := b[64*half+at%64]>>(at/64*4)&15, b[128+32*half+at%32]>>(at/32*2)&3
		codes[i] = int8(low | high<<4)
	}
	return f16At(b[208:])
}

// QuantizeSuper is Quantize in groups of 256, with the sum of every 16, [2][n/16]: what sumPairsGeneric gives follows,
// for kernels that want it.
func QuantizeSuper(q Q8, x []float32) {
	quantize(q, x, superLen) // its sums are replaced
	sums16(q.Sums, q.Q[:len(x)])
	sumPairs(q.Sums[len(x)/subLen:], q.Q[:len(x)])
}

// sumPairsGeneric sets pairs to minus two sums, 16 bits each, of every 16 numbers: first that of numbers 0 and 1 of
// each four, then that of numbers 2 and 3.
func sumPairsGeneric(pairs []int32, q []int8) {
	for i := range len(q) / subLen {
		var s [2]int16
		for j, f := range q[i*subLen:][:subLen] {
			s[j/2%2] -= int16(f)
		}
		pairs[i] = int32(uint16(s[0])) | int32(s[1])<<16
	}
}

func sums16Generic(sums []int32, q []int8) {
	for i := range len(q) / subLen {
		s := int32(0)
		for _, f := range q[i*subLen:][:subLen] {
			s += int32(f)
		}
		sums[i] = s
	}
}

// MinSums sets s to the sum of each n elements of a quantized vector, times their
// scale: group elements have a scale, sumLen a sum.
func MinSums(s []float32, x Q8, n, group, sumLen int) {
	for i := range s {
		sum := int32(0)
		for _, f := range x.Sums[i*n/sumLen:][:n/sumLen] {
			sum += f
		}
		s[i] = x.Scales[i*n/group] * float32(sum)
	}
}

// DotSuper sets dst[r], r < 16, to the dot product of row r of a panel and
// x, quantized by QuantizeSuper, without minimums: super-blocks in order, each with an exact sum s of
// sub*(codes-offset)*x and one fused step fma(float32(s), scale*xs, sum).
func DotSuper(dst []float32, p PanelSuper, x Q8, n, offset int) {
	dotSuper((*[PanelRowsSuper]float32)(dst), p, x, n/superLen, offset)
}

// DotRowsSuper sets dst[r] to the dot product of row r of w, [len(dst)][n], and x, quantized by
// QuantizeSuper, with minimums: what UnpackSuper, DotSuper and, for minimums and sums,
// which are the MinSums of x, DotRows give, without codes in between. It reports whether there is a kernel for that.
func (f Blocks) DotRowsSuper(dst []float32, w []byte, x Q8, sums []float32, n int) bool {
	return dotSuperBlocks(f, dst, w, x, sums, n)
}

func dotSuperGeneric(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	for r := range dst {
		sum := float32(0)
		for i := range count {
			at, s := i*PanelRowsSuper+r, int32(0)
			for j := range superLen / subLen {
				k := j * subLen
				t := dotInt8(p.Codes[at*superLen+k:][:subLen], x.Q[i*superLen+k:][:subLen])
				s += int32(p.Sub[at*subLen+j]) * (t - int32(offset)*x.Sums[i*subLen+j])
			}
			sum = float.FMA(float32(s), p.Scales[at]*x.Scales[i], sum)
		}
		dst[r] = sum
	}
}

// FromSuper returns the vectors of n elements, quantized by QuantizeSuper, from t on.
func (x Q8) FromSuper(t, n int) Q8 {
	return Q8{x.Q[t*n:], x.Scales[t*(n/superLen):], x.Sums[2*t*(n/subLen):]}
}

// TileSuper sets dst[t*stride+r], r < rows ≤ 16, to the result of DotSuper for vector t of x,
// whose vectors follow each other, and a panel that UnpackSuper has set.
func (f Blocks) TileSuper(dst []float32, stride, rows int, p PanelSuper, x Q8, n, vectors int) {
	done := 0
	if rows == PanelRowsSuper && n > 0 {
		done = tileSuper(f, dst, stride, p, x, n, vectors)
	}
	var out [PanelRowsSuper]float32
	for t := done; t < vectors; t++ {
		dotSuper(&out, p, x.FromSuper(t, n), n/superLen, f.Offset())
		copy(dst[t*stride:][:rows], out[:])
	}
}

// subLen returns how many codes of a super-block share an integer scale: 32 where UnpackSuper gives each scale twice.
func (f Blocks) subLen() int { return max(subLen, blocks[f].minLen) }
