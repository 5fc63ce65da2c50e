package quant

import "encoding/binary"

// Q5_0: 5 bits around zero.
//
//	+---------+----------+-------------------------------+
//	| d (f16) | h: u32   | q: 16 bytes                   |
//	+---------+----------+-------------------------------+
//	byte j of q: bits 0-3 those of q[j], bits 4-7 those of q[j+16]
//	bit i of h: bit 4 of q[i]
//
//	x[i] = (q[i] - 16) * d

func decodeQ5_0(dst []float32, block []byte) {
	d, h := f16At(block, 0), binary.LittleEndian.Uint32(block[2:])
	for j, q := range block[6:22] {
		dst[j] = float32(int(uint32(q&15)|h>>j&1<<4)-16) * d
		dst[j+16] = float32(int(uint32(q>>4)|h>>(j+16)&1<<4)-16) * d
	}
}

func encodeQ5_0(dst []byte, x, importance []float32, rowPower float64) {
	var q [small]uint8
	if importance != nil {
		putF16(dst, 0, book5.encode(&q, x, importance, rowPower))
	} else {
		d := extreme(x) / -16
		id := inverse(d)
		putF16(dst, 0, d)
		for i, v := range x {
			q[i] = min(31, uint8(truncate(float32(v*id)+16.5)))
		}
	}
	putFifths(dst[2:], &q)
	putNibbles(dst[6:], &q)
}
