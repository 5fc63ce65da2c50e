package quant

// IQ4_NL: 4 bits that stand for unevenly spaced values.
//
//	+---------+-------------------------------+
//	| d (f16) | q: 16 bytes, as in Q4_0       |
//	+---------+-------------------------------+
//
//	x[i] = d * iq4[q[i]]

// iq4 holds the values of the 16 codes, denser near zero.
var iq4 = [16]float32{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}

var iq4Book = newCodebook(gridFew,
	-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)

func decodeIQ4NL(dst []float32, block []byte) {
	d := f16At(block, 0)
	for j, q := range block[2:18] {
		dst[j] = d * iq4[q&15]
		dst[j+16] = d * iq4[q>>4]
	}
}

func encodeIQ4NL(dst []byte, x, importance []float32, rowPower float64) {
	var q [small]uint8
	if importance == nil {
		rowPower = meanSquare(x)
	}
	putF16(dst, 0, iq4Book.encode(&q, x, importance, rowPower))
	putNibbles(dst[2:], &q)
}
