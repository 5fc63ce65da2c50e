package quant

import "math"

// The steps of the encoders that follow the reference to the byte.

// extreme returns the first number of largest magnitude. NaNs are passed over.
func extreme(x []float32) float32 {
	var top, topAbs float32
	for _, v := range x {
		if a := max(v, -v); topAbs < a {
			top, topAbs = v, a
		}
	}
	return top
}

// inverse returns 1/d, and 0 for 0.
func inverse(d float32) float32 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

// truncate returns x without its fraction, and 0 if that is no int32.
func truncate(x float32) int32 {
	if x > -1<<31 && x < 1<<31 {
		return int32(x)
	}
	return 0
}

// bounds returns the smallest and the largest number. NaNs are passed over.
func bounds(x []float32) (lo, hi float32) {
	lo, hi = math.MaxFloat32, -math.MaxFloat32
	for _, v := range x {
		if v < lo {
			lo = v
		}
		if v > hi {
			hi = v
		}
	}
	return lo, hi
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
