package ref

import (
	"encoding/binary"
	"math"

	"cria/internal/float"
	"cria/internal/tensor"
)

// A block is what a block of quantized weights holds, super-blocks cut into pieces of 32 or 16
// elements: element i is d * scales[i/piece] * q[i] + mins[i/piece].
// Package quant draws the layouts.
type block struct {
	d      float32
	q      []int
	scales []int     // nil: all are 1
	floats []float32 // scales that are no integers, for IQ4_XS: d * scale
	mins   []float32 // nil: none
}

// rowBlocks returns the blocks of row r of m.
func rowBlocks(m *tensor.Mat, r int) []block {
	size := m.Type.RowSize(m.Cols)
	row := m.Data[r*size:][:size]
	var list []block
	for ; len(row) > 0; row = row[m.Type.Size():] {
		list = append(list, readBlock(m.Type, row[:m.Type.Size()]))
	}
	return list
}

func readBlock(t tensor.DType, b []byte) block {
	half := func(at int) float32 { return float.F16ToF32(binary.LittleEndian.Uint16(b[at:])) }
	switch t {
	case tensor.Q4_0:
		return block{d: half(0), q: code(32, func(i int) int { return nibble(b[2:], i) - 8 })}
	case tensor.Q4_1:
		return block{d: half(0), mins: []float32{half(2)}, q: code(32, func(i int) int { return nibble(b[4:], i) })}
	case tensor.Q5_0:
		return block{d: half(0), q: code(32, func(i int) int { return nibble(b[6:], i) + 16*bit(b[2:], i) - 16 })}
	case tensor.Q5_1:
		return block{d: half(0), mins: []float32{half(2)},
			q: code(32, func(i int) int { return nibble(b[8:], i) + 16*bit(b[4:], i) })}
	case tensor.Q8_0:
		return block{d: half(0), q: code(32, func(i int) int { return int(int8(b[2+i])) })}
	case tensor.IQ4_NL:
		return block{d: half(0), q: code(32, func(i int) int { return iq4[nibble(b[2:], i)] })}
	case tensor.MXFP4:
		d := float32(math.Ldexp(1, int(b[0])-128))
		return block{d: d, q: code(32, func(i int) int { return mxfp4[nibble(b[1:], i)] })}
	case tensor.IQ4_XS:
		x := block{q: code(256, func(i int) int { return iq4[nibble(b[8+i/32*16:], i%32)] })}
		for i := range 8 {
			s := int(b[4+i/2])>>(i%2*4)&15 + 16*(int(binary.LittleEndian.Uint16(b[2:]))>>(2*i)&3) - 32
			x.floats = append(x.floats, half(0)*float32(s))
		}
		return x
	}
	return readSuper(t, b, half)
}

// readSuper reads formats that have integer scales.
func readSuper(t tensor.DType, b []byte, half func(at int) float32) block {
	var x block
	switch t {
	case tensor.Q2_K:
		x.d = half(80)
		x.q = code(256, func(i int) int { return int(b[16+i/128*32+i%32]) >> (i / 32 % 4 * 2) & 3 })
		for _, s := range b[:16] {
			x.scales = append(x.scales, int(s)&15)
			x.mins = append(x.mins, -(half(82) * float32(s>>4)))
		}
	case tensor.Q3_K:
		x.d = half(108)
		x.q = code(256, func(i int) int {
			return int(b[32+i/128*32+i%32])>>(i/32%4*2)&3 + 4*(int(b[i%32])>>(i/32)&1) - 4
		})
		x.scales = code(16, func(i int) int {
			return int(b[96+i%8])>>(i/8*4)&15 + 16*(int(b[104+i%4])>>(i/4*2)&3) - 32
		})
	case tensor.Q4_K, tensor.Q5_K:
		x.d = half(0)
		at := 16
		if t == tensor.Q5_K {
			at = 48
		}
		x.q = code(256, func(i int) int { return int(b[at+i/64*32+i%32]) >> (i / 32 % 2 * 4) & 15 })
		if t == tensor.Q5_K {
			for i := range x.q {
				x.q[i] += 16 * (int(b[16+i%32]) >> (i / 32) & 1)
			}
		}
		for i := range 8 {
			s, m := int(b[4+i])&63, int(b[8+i%4])&63
			if i >= 4 {
				s, m = int(b[8+i])&15+16*(int(b[i])>>6), int(b[8+i])>>4+16*(int(b[4+i])>>6)
			}
			x.scales = append(x.scales, s)
			x.mins = append(x.mins, -(half(2) * float32(m)))
		}
	case tensor.Q6_K:
		x.d = half(208)
		x.q = code(256, func(i int) int {
			low, high := b[i/128*64+i%64], b[128+i/128*32+i%32]
			return int(low)>>(i/64%2*4)&15 + 16*(int(high)>>(i/32%4*2)&3) - 32
		})
		x.scales = code(16, func(i int) int { return int(int8(b[192+i])) })
	}
	return x
}

// code returns f(0) to f(n-1).
func code(n int, f func(i int) int) []int {
	q := make([]int, n)
	for i := range q {
		q[i] = f(i)
	}
	return q
}

// nibble returns the lower half of byte i, or the upper half of byte i-16.
func nibble(b []byte, i int) int { return int(b[i%16]) >> (i / 16 * 4) & 15 }

// bit returns bit i of b.
func bit(b []byte, i int) int { return int(b[i/8]) >> (i % 8) & 1 }

// What the four bits of IQ4_NL and IQ4_XS stand for, and twice what those of MXFP4 do.
var (
	iq4   = [16]int{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}
	mxfp4 = [16]int{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}
)

// decode returns the elements of a block.
func (x *block) decode() []float32 {
	y := make([]float32, len(x.q))
	for i, q := range x.q {
		d := x.d
		switch {
		case x.floats != nil:
			d = x.floats[i/32]
		case x.scales != nil:
			d *= float32(x.scales[i/(len(x.q)/len(x.scales))])
		}
		y[i] = float32(d * float32(q))
		if x.mins != nil {
			y[i] += x.mins[i/(len(x.q)/len(x.mins))]
		}
	}
	return y
}

// matVecBlocks returns m · x for blocks. x is quantized, in groups of 32, and of 256 for
// super-blocks with integer scales. Groups have exact integer sums, and one fused step
// each, in order; the minimums' part is a Dot by itself, with the sums of x.
func matVecBlocks(m *tensor.Mat, x []float32) []float32 {
	y := make([]float32, m.Rows)
	for r := range y {
		var mins, sums []float32
		blocks := rowBlocks(m, r)
		group := 32
		if blocks[0].scales != nil {
			group = 256
		}
		q, scales := Quantize(x, group)
		for i, b := range blocks {
			at := i * len(b.q)
			for k := 0; k < len(b.q); k += group {
				d, s := b.d, int32(0)
				if b.floats != nil {
					d = b.floats[k/32]
				}
				for j := k; j < k+group; j++ {
					term := int32(b.q[j]) * int32(q[at+j])
					if b.scales != nil {
						term *= int32(b.scales[j/(len(b.q)/len(b.scales))])
					}
					s += term
				}
				y[r] = float.FMA(float32(s), d*scales[(at+k)/group], y[r])
			}
			for k, minimum := range b.mins {
				n, s := len(b.q)/len(b.mins), int32(0)
				for _, f := range q[at+k*n:][:n] {
					s += int32(f)
				}
				mins, sums = append(mins, minimum), append(sums, scales[at/group]*float32(s))
			}
		}
		if mins != nil {
			y[r] += Dot(mins, sums)
		}
	}
	return y
}
