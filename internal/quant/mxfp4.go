package quant

import (
	"math"

	"cria/internal/float"
)

// MXFP4: 4-bit floats (E2M1) under a power of two (E8M0), after the Open Compute
// Project's "Microscaling Formats" specification 1.0.
//
//	+--------+-------------------------------+
//	| e (u8) | q: 16 bytes, as in Q4_0       |
//	+--------+-------------------------------+
//
//	x[i] = e2m1[q[i]] * 2^(e-128)
//
// with doubled values in e2m1. Unlike the specification's, e = 255 is no NaN.

// e2m1 holds twice the values of the 16 codes. The negative zero decodes as zero.
var e2m1 = [16]float32{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12}

func decodeMXFP4(dst []float32, block []byte) {
	d := halfPower(block[0])
	for j, q := range block[1:17] {
		dst[j] = e2m1[q&15] * d
		dst[j+16] = e2m1[q>>4] * d
	}
}

// halfPower returns 2^(e-128).
func halfPower(e uint8) float32 {
	if e < 2 { // subnormal
		return math.Float32frombits(0x200000 << e)
	}
	return math.Float32frombits(uint32(e-1) << 23)
}

func encodeMXFP4(dst []byte, x, _ []float32, _ float64) {
	top := extreme(x)
	e := mxExponent(max(top, -top))
	dst[0] = e
	inv := 1 / float64(halfPower(e)) // a power of two, so that products are exact
	var q [small]uint8
	for i, v := range x {
		q[i] = e2m1Nearest(float64(v) * inv)
	}
	putNibbles(dst[1:], &q)
}

// mxExponent returns the exponent byte for a block whose largest magnitude is top:
// floor(log2(top)) + 125, where the logarithm is rounded to float32, so that a number
// just below a power of two may count as that power. Below 2^-125 the byte wraps
// around, as the reference's does, and all codes are 0; it is 0 for 0 and infinity.
func mxExponent(top float32) uint8 {
	if top == 0 || top > math.MaxFloat32 {
		return 0
	}
	bits := math.Float32bits(top)
	log := int(bits>>23) - 127
	isNearNext := bits&0x7fffff >= 0x7fff00
	if isNearNext || log == -127 { // or subnormal
		log = int(math.Floor(float64(float32(float.Log(float64(top)) / math.Ln2))))
	}
	return uint8(log - 2 + 127)
}

// e2m1Code holds the code of the value nearest to i/2, and to all above (i-1)/2: of two
// the one nearer zero.
var e2m1Code = [22]uint8{0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7}

// e2m1Nearest returns the code of the value nearest to x, and 0 for what is not finite.
func e2m1Nearest(x float64) uint8 {
	t := math.Ceil(2 * math.Abs(x))
	if !(t <= math.MaxFloat64) {
		return 0
	}
	code := e2m1Code[int(min(t, float64(len(e2m1Code)-1)))]
	if x < 0 && code > 0 {
		code |= 8
	}
	return code
}
