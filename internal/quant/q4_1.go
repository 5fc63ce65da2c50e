package quant

// Q4_1: 4 bits above a minimum.
//
//	+---------+---------+-------------------------------+
//	| d (f16) | m (f16) | q: 16 bytes, as in Q4_0       |
//	+---------+---------+-------------------------------+
//
//	x[i] = q[i] * d + m

func decodeQ4_1(dst []float32, block []byte) {
	d, m := f16At(block, 0), f16At(block, 2)
	for j, q := range block[4:20] {
		dst[j] = float32(float32(q&15)*d) + m
		dst[j+16] = float32(float32(q>>4)*d) + m
	}
}

func encodeQ4_1(dst []byte, x, importance []float32, rowPower float64) {
	var q [small]uint8
	if importance != nil {
		d, m := encodeLine(&q, 15, x, importance, rowPower)
		putF16(dst, 0, d)
		putF16(dst, 2, m)
	} else {
		lo, hi := bounds(x)
		d := (hi - lo) / 15
		id := inverse(d)
		putF16(dst, 0, d)
		putF16(dst, 2, lo)
		for i, v := range x {
			q[i] = min(15, uint8(truncate(float32((v-lo)*id)+0.5)))
		}
	}
	putNibbles(dst[4:], &q)
}
