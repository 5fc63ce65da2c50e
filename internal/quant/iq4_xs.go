package quant

import "encoding/binary"

// IQ4_XS: the values of IQ4_NL; 8 sub-blocks with 6-bit scales.
//
//	+---------+---------+------------+--------------+
//	| d (f16) | t: u16  | s: 4 bytes | q: 128 bytes |
//	+---------+---------+------------+--------------+
//	byte j of s: bits 0-3 those of s[2j], bits 4-7 those of s[2j+1]
//	bits 2j, 2j+1 of t: bits 4, 5 of s[j]
//	byte 16a+b of q: bits 0-3 q[32a+b], bits 4-7 q[32a+16+b]
//
//	x[i] = d * (s[i/32] - 32) * iq4[q[i]]

var superIQ4XS = &centered{sub: 32, lo: -32, hi: 31, book: iq4Book}

func decodeIQ4XS(dst []float32, block []byte) {
	d, t := f16At(block, 0), binary.LittleEndian.Uint16(block[2:])
	for j := range 8 {
		s := int(block[4+j/2]>>(j%2*4)&15) | int(t>>(2*j)&3<<4)
		ds := d * float32(s-32)
		out := dst[32*j : 32*j+32]
		for i, q := range block[8+16*j : 24+16*j] {
			out[i] = ds * iq4[q&15]
			out[i+16] = ds * iq4[q>>4]
		}
	}
}

func encodeIQ4XS(dst []byte, x, importance []float32, _ float64) {
	e := superIQ4XS.encode(x, importance)
	clear(dst)
	putF16(dst, 0, float32(e.d))
	var t uint16
	for j := range 8 {
		u := uint8(e.s[j] + 32)
		dst[4+j/2] |= u & 15 << (j % 2 * 4)
		t |= uint16(u>>4) << (2 * j)
		putNibbles(dst[8+16*j:], (*[small]uint8)(e.q[32*j:]))
	}
	binary.LittleEndian.PutUint16(dst[2:], t)
}
