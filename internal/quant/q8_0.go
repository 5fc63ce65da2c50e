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
	if top < 0 {
		top = -top
	}
	d := top / 127
	id := inverse(d)
	putF16(dst, 0, d)
	for i, v := range x {
		dst[2+i] = uint8(round(v * id))
	}
}

// round returns x rounded half away from zero, and 0 if that is no int32.
func round(x float32) int32 {
	// Below 2^23 the sum in float64 is exact; beyond it x has no fraction.
	half := 0.5
	if x < 0 {
		half = -0.5
	}
	if y := float64(x) + half; y > -1<<31 && y < 1<<31 {
		return int32(y)
	}
	return 0
}
