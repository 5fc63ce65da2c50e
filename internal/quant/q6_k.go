package quant

// Q6_K: 6 bits around zero; 16 sub-blocks with 8-bit scales.
//
//	+--------------+-------------+------------+---------+
//	| q: 128 bytes | h: 64 bytes | s: 16 x i8 | d (f16) |
//	+--------------+-------------+------------+---------+
//	byte 64a+b of q: bits 0-3 those of q[128a+b], bits 4-7 those of q[128a+64+b]
//	byte 32a+b of h: bits 2c, 2c+1 the bits 4, 5 of q[128a+32c+b]
//
//	x[i] = d * s[i/16] * (q[i] - 32)

var super6K = &centered{
	sub: 16, lo: -128, hi: 127,
	book: newCodebook(gridMany, integers(-32, 31)...),
}

func decodeQ6K(dst []float32, block []byte) {
	qs, hs, ss, d := block[:128], block[128:192], block[192:208], f16At(block, 208)
	for j, s := range ss {
		ds := d * float32(int8(s))
		half, third := j/8, j%8/2
		for i := range 16 {
			b := j%2*16 + i
			q := qs[64*half+third%2*32+b]>>(third/2*4)&15 | hs[32*half+b]>>(third*2)&3<<4
			dst[16*j+i] = ds * float32(int(q)-32)
		}
	}
}

func encodeQ6K(dst []byte, x, importance []float32, _ float64) {
	e := super6K.encode(x, importance)
	clear(dst)
	qs, hs := dst[:128], dst[128:192]
	for i, q := range e.q {
		qs[i/128*64+i%64] |= q & 15 << (i % 128 / 64 * 4)
		hs[i/128*32+i%32] |= q >> 4 << (i % 128 / 32 * 2)
	}
	for j, s := range e.s {
		dst[192+j] = uint8(int8(s))
	}
	putF16(dst, 208, float32(e.d))
}
