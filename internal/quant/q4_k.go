package quant

// Q4_K: 4 bits above a minimum; 8 sub-blocks with 6-bit scales and minimums.
//
//	+---------+------------+-------------+--------------+
//	| d (f16) | dmin (f16) | s: 12 bytes | q: 128 bytes |
//	+---------+------------+-------------+--------------+
//	byte j < 4 of s: bits 0-5 s[j],   bits 6-7 the bits 4, 5 of s[j+4]
//	byte 4+j of s:   bits 0-5 m[j],   bits 6-7 the bits 4, 5 of m[j+4]
//	byte 8+j of s:   bits 0-3 those of s[j+4], bits 4-7 those of m[j+4]
//	byte 32a+b of q: bits 0-3 q[64a+b], bits 4-7 q[64a+32+b]
//
//	x[i] = d * s[i/32] * q[i] - dmin * m[i/32]

var super4K = &raised{sub: 32, last: 15, most: 63}

func decodeQ4K(dst []float32, block []byte) {
	d, dmin := f16At(block, 0), f16At(block, 2)
	for j := range 8 {
		s, m := sixBits(block[4:16], j)
		ds, dm := d*float32(s), float32(dmin*float32(m))
		out := dst[32*j : 32*j+32]
		for i, q := range block[16+j/2*32 : 48+j/2*32] {
			out[i] = float32(ds*float32(q>>(j%2*4)&15)) - dm
		}
	}
}

func encodeQ4K(dst []byte, x, importance []float32, _ float64) {
	e := super4K.encode(x, importance)
	clear(dst)
	putF16(dst, 0, float32(e.d))
	putF16(dst, 2, float32(e.dmin))
	putSixBits(dst[4:16], &e.s, &e.m)
	for i, q := range e.q {
		dst[16+i/64*32+i%32] |= q & 15 << (i % 64 / 32 * 4)
	}
}

// sixBits returns scale and minimum j of the 12 bytes that hold 8 of both.
func sixBits(b []byte, j int) (s, m uint8) {
	if j < 4 {
		return b[j] & 63, b[4+j] & 63
	}
	return b[4+j]&15 | b[j-4]>>6<<4, b[4+j]>>4 | b[j]>>6<<4
}

// putSixBits writes the first 8 scales and minimums, all below 64, to b.
func putSixBits(b []byte, s, m *[16]uint8) {
	for j := range 4 {
		b[j] = s[j] | s[j+4]>>4<<6
		b[4+j] = m[j] | m[j+4]>>4<<6
		b[8+j] = s[j+4]&15 | m[j+4]<<4
	}
}
