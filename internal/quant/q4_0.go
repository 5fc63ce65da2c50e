package quant

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
		putF16(dst, 0, book4.encode(&q, x, importance, rowPower))
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
