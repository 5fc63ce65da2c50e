package quant

// Q8_0: 8 bits around zero.
//
//	+---------+-------------------------------------------------+
//	| d (f16) | q: 32 x i8                                      |
//	+---------+-------------------------------------------------+
//
//	x[i] = q[i] * d

func decodeQ8_0(dst []float32, block []byte) {
	d := f16At(block, 0)
	for i, q := range block[2:34] {
		dst[i] = float32(int8(q)) * d
	}
}

func encodeQ8_0(dst []byte, x, _ []float32, _ float64) {
	top := extreme(x)
	d := max(top, -top) / 127
	id := inverse(d)
	putF16(dst, 0, d)
	for i, v := range x {
		dst[2+i] = uint8(round(v * id))
	}
}
