package quant

import "encoding/binary"

// Q5_1: 5 bits above a minimum.
//
//	+---------+---------+----------+-------------------------------+
//	| d (f16) | m (f16) | h: u32   | q: 16 bytes                   |
//	+---------+---------+----------+-------------------------------+
//	h and q as in Q5_0
//
//	x[i] = q[i] * d + m

func decodeQ5_1(dst []float32, block []byte) {
	d, m, h := f16At(block, 0), f16At(block, 2), binary.LittleEndian.Uint32(block[4:])
	for j, q := range block[8:24] {
		dst[j] = float32(float32(uint32(q&15)|h>>j&1<<4)*d) + m
		dst[j+16] = float32(float32(uint32(q>>4)|h>>(j+16)&1<<4)*d) + m
	}
}

func encodeQ5_1(dst []byte, x, importance []float32, rowPower float64) {
	var q [small]uint8
	if importance != nil {
		d, m := encodeLine(&q, 31, x, importance, rowPower)
		putF16(dst, 0, d)
		putF16(dst, 2, m)
	} else {
		lo, hi := bounds(x)
		d := (hi - lo) / 31
		id := inverse(d)
		putF16(dst, 0, d)
		putF16(dst, 2, lo)
		for i, v := range x {
			q[i] = uint8(truncate(float32((v-lo)*id) + 0.5))
		}
	}
	putFifths(dst[4:], &q)
	putNibbles(dst[8:], &q)
}
