package quant

// Q3_K: 3 bits around zero; 16 sub-blocks with 6-bit scales.
//
//	+------------+-------------+-------------+---------+
//	| h: 32 bytes| q: 64 bytes | s: 12 bytes | d (f16) |
//	+------------+-------------+-------------+---------+
//	byte 32a+b of q: bits 2c, 2c+1 the low bits of q[128a+32c+b]
//	byte b of h: bit a bit 2 of q[32a+b]
//	byte j < 8 of s: bits 0-3 those of s[j], bits 4-7 those of s[j+8]
//	byte 8+j of s: bits 2c, 2c+1 the bits 4, 5 of s[4c+j]
//
//	x[i] = d * (s[i/16] - 32) * (q[i] - 4)

var super3K = &centered{sub: 16, lo: -32, hi: 31, book: newCodebook(gridFew, integers(-4, 3)...)}

func decodeQ3K(dst []float32, block []byte) {
	h, qs, ss, d := block[:32], block[32:96], block[96:108], f16At(block, 108)
	for j := range 16 {
		s := ss[j%8]>>(j/8*4)&15 | ss[8+j%4]>>(j/4*2)&3<<4
		ds := d * float32(int(s)-32)
		half, shift, low := j/8*32, j%8/2*2, j%2*16
		for i := range 16 {
			b := low + i
			q := int(qs[half+b]>>shift&3 | h[b]>>(j/2)&1<<2)
			dst[16*j+i] = ds * float32(q-4)
		}
	}
}

func encodeQ3K(dst []byte, x, importance []float32, _ float64) {
	e := super3K.encode(x, importance)
	clear(dst)
	h, qs, ss := dst[:32], dst[32:96], dst[96:108]
	for i, q := range e.q {
		qs[i/128*32+i%32] |= q & 3 << (i % 128 / 32 * 2)
		h[i%32] |= q >> 2 << (i / 32)
	}
	for j, s := range e.s {
		u := uint8(s + 32)
		ss[j%8] |= u & 15 << (j / 8 * 4)
		ss[8+j%4] |= u >> 4 << (j / 4 * 2)
	}
	putF16(dst, 108, float32(e.d))
}
