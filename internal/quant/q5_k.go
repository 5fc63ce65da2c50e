package quant

// Q5_K: 5 bits above a minimum; 8 sub-blocks with 6-bit scales and minimums.
//
//	+---------+------------+-------------+-------------+--------------+
//	| d (f16) | dmin (f16) | s: 12 bytes | h: 32 bytes | q: 128 bytes |
//	+---------+------------+-------------+-------------+--------------+
//	s and bits 0-3 of q as in Q4_K
//	byte b of h: bit a bit 4 of q[32a+b]
//
//	x[i] = d * s[i/32] * q[i] - dmin * m[i/32]

var super5K = &raised{sub: 32, last: 31, most: 63}

func decodeQ5K(dst []float32, block []byte) {
	h, d, dmin := block[16:48], f16At(block, 0), f16At(block, 2)
	for j := range 8 {
		s, m := sixBits(block[4:16], j)
		ds, dm := d*float32(s), float32(dmin*float32(m))
		out := dst[32*j : 32*j+32]
		for i, q := range block[48+j/2*32 : 80+j/2*32] {
			out[i] = float32(ds*float32(q>>(j%2*4)&15|h[i]>>j&1<<4)) - dm
		}
	}
}

func encodeQ5K(dst []byte, x, importance []float32, _ float64) {
	e := super5K.encode(x, importance)
	clear(dst)
	putF16(dst, 0, float32(e.d))
	putF16(dst, 2, float32(e.dmin))
	putSixBits(dst[4:16], &e.s, &e.m)
	for i, q := range e.q {
		dst[16+i%32] |= q >> 4 << (i / 32)
		dst[48+i/64*32+i%32] |= q & 15 << (i % 64 / 32 * 4)
	}
}
