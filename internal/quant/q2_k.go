package quant

// Q2_K: 2 bits above a minimum; 16 sub-blocks with 4-bit scales and minimums.
//
//	+-------------+-------------+---------+------------+
//	| s: 16 bytes | q: 64 bytes | d (f16) | dmin (f16) |
//	+-------------+-------------+---------+------------+
//	byte j of s: bits 0-3 s[j], bits 4-7 m[j]
//	byte 32a+b of q: bits 2c, 2c+1 q[128a+32c+b]
//
//	x[i] = d * s[i/16] * q[i] - dmin * m[i/16]

var super2K = &raised{sub: 16, last: 3, most: 15}

func decodeQ2K(dst []float32, block []byte) {
	qs, d, dmin := block[16:80], f16At(block, 80), f16At(block, 82)
	for j, s := range block[:16] {
		ds, dm := d*float32(s&15), float32(dmin*float32(s>>4))
		from, shift := j/8*32+j%2*16, j%8/2*2
		out := dst[16*j : 16*j+16]
		for i, q := range qs[from : from+16] {
			out[i] = float32(ds*float32(q>>shift&3)) - dm
		}
	}
}

func encodeQ2K(dst []byte, x, importance []float32, _ float64) {
	e := super2K.encode(x, importance)
	clear(dst)
	for j := range 16 {
		dst[j] = e.s[j] | e.m[j]<<4
	}
	for i, q := range e.q {
		dst[16+i/128*32+i%32] |= q << (i % 128 / 32 * 2)
	}
	putF16(dst, 80, float32(e.d))
	putF16(dst, 82, float32(e.dmin))
}
