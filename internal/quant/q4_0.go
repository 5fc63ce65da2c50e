package quant

import (
	"encoding/binary"

	"cria/internal/float"
)

// Q4_0: 4 bits around zero.
//
//	+---------+-------------------------------+
//	| d (f16) | q: 16 bytes                   |
//	+---------+-------------------------------+
//	byte j of q: bits 0-3 q[j], bits 4-7 q[j+16]
//
//	x[i] = (q[i] - 8) * d

func decodeQ4_0(dst []float32, block []byte) {
	d := f16At(block, 0)
	for j, q := range block[2:18] {
		dst[j] = float32(int(q&15)-8) * d
		dst[j+16] = float32(int(q>>4)-8) * d
	}
}

func encodeQ4_0(dst []byte, x, importance []float32, rowPower float64) {
	var q [small]uint8
	if importance != nil {
		putF16(dst, 0, int4.encode(&q, x, importance, rowPower))
	} else {
		d := extreme(x) / -8
		id := inverse(d)
		putF16(dst, 0, d)
		for i, v := range x {
			q[i] = min(15, uint8(truncate(float32(v*id)+8.5)))
		}
	}
	putNibbles(dst[2:], &q)
}

// extreme returns the first number of largest magnitude, without its NaNs.
func extreme(x []float32) float32 {
	var top, top2 float32
	for _, v := range x {
		a := v
		if v < 0 {
			a = -v
		}
		if top2 < a {
			top, top2 = v, a
		}
	}
	return top
}

// inverse returns 1/d, and 0 for 0.
func inverse(d float32) float32 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

// truncate returns x without its fraction, and 0 if that is no int32.
func truncate(x float32) int32 {
	if x > -1<<31 && x < 1<<31 {
		return int32(x)
	}
	return 0
}

// putNibbles writes the low four bits of q: byte j holds q[j] and q[j+16].
func putNibbles(dst []byte, q *[small]uint8) {
	_ = dst[15]
	for j := range 16 {
		dst[j] = q[j]&15 | q[j+16]<<4
	}
}

// f16At returns the binary16 at block[i:].
func f16At(block []byte, i int) float32 {
	return float.F16ToF32(binary.LittleEndian.Uint16(block[i:]))
}

// putF16 writes x at block[i:] as a binary16, rounded half to even.
func putF16(block []byte, i int, x float32) {
	binary.LittleEndian.PutUint16(block[i:], float.F16(x))
}

// putBits writes the 16 bits of h at block[i:].
func putBits(block []byte, i int, h uint16) { binary.LittleEndian.PutUint16(block[i:], h) }
