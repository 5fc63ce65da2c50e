package float

import "math"

// F16Max is the largest finite number of binary16. From 65520 on, rounding gives infinity.
const F16Max = 65504

// F16 returns the bits of x as IEEE 754 binary16, rounded half to even.
// Numbers beyond its range become infinite; NaN stays NaN, quiet.
func F16(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits>>16) & 0x8000
	abs := bits & 0x7fffffff
	switch {
	case abs > 0x7f800000: // NaN: keep the upper payload bits, as processors do
		return sign | 0x7e00 | uint16(abs>>13)&0x3ff
	case abs >= 0x477ff000: // 65520 and above
		return sign | 0x7c00
	case abs >= 0x38800000: // normal: drop 13 bits, exponent bias 127 to 15
		return sign | uint16((abs+0xfff+abs>>13&1-0x38000000)>>13)
	}
	// Subnormal: adding 0.5 puts the last bit of binary16, 2^-24, at the last bit of the sum.
	return sign | uint16(math.Float32bits(math.Float32frombits(abs)+0.5)-0x3f000000)
}

// F16ToF32 returns the number whose binary16 bits are h, exactly. NaN becomes quiet.
func F16ToF32(h uint16) float32 {
	sign, abs := uint32(h&0x8000)<<16, uint32(h&0x7fff)
	switch {
	case abs > 0x7c00:
		return math.Float32frombits(sign | 0x7fc00000 | abs<<13)
	case abs == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	case abs >= 0x400:
		return math.Float32frombits(sign | (abs<<13 + 0x38000000))
	}
	return math.Float32frombits(sign | math.Float32bits(float32(abs)*0x1p-24))
}

// BF16 returns the upper half of x, rounded half to even. NaN stays NaN, quiet.
func BF16(x float32) uint16 {
	bits := math.Float32bits(x)
	if bits&0x7fffffff > 0x7f800000 {
		return uint16(bits>>16) | 0x40
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

// BF16ToF32 returns the number whose bfloat16 bits are h, exactly.
func BF16ToF32(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
