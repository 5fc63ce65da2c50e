package float

import "math"

// The functions of this file serve tables that are computed once. They are
// slow, accurate to a few units in the last place of float64, and, unlike
// those of package math, round the same way on every processor.

// Pow returns x**y for x > 0.
func Pow(x, y float64) float64 { return exp64(float64(y * Log(x))) }

// exp64 returns e**x by reduction to |r| ≤ ln(2)/2 and Taylor's series.
func exp64(x float64) float64 {
	const (
		ln2Hi = 0x1.62e42feep-01 // 32 bits of ln 2: a product with n < 2^20 is exact
		ln2Lo = 0x1.a39ef35793c76p-33
	)
	n := math.RoundToEven(float64(x * (1 / math.Ln2)))
	r := x - float64(n*ln2Hi)
	r -= float64(n * ln2Lo)
	y := 1.0
	for k := 17; k >= 1; k-- {
		y = 1 + float64(y*r)/float64(k)
	}
	return math.Ldexp(y, int(n))
}

// Log returns the natural logarithm of x > 0 by the series of atanh.
func Log(x float64) float64 {
	frac, exp := math.Frexp(x)
	if frac < math.Sqrt2/2 {
		frac, exp = frac*2, exp-1
	}
	z := (frac - 1) / (frac + 1) // |z| ≤ 0.172
	zz := float64(z * z)
	sum := 0.0
	for k := 41; k >= 1; k -= 2 {
		sum = float64(sum*zz) + 1/float64(k)
	}
	return float64(2*float64(z*sum)) + float64(float64(exp)*math.Ln2)
}

// SinCos returns the sine and cosine of x, |x| < 2^30, by reduction to
// |r| ≤ π/4 (Cody and Waite) and Taylor's series.
func SinCos(x float64) (sin, cos float64) {
	const (
		pi2Hi  = 0x1.921fb544p+00 // 33 bits of π/2: a product with n < 2^20 is exact
		pi2Mid = 0x1.0b4611a6p-34 // the next 33
		pi2Lo  = 0x1.3198a2e037073p-69
	)
	n := math.RoundToEven(float64(x * (2 / math.Pi)))
	r := x - float64(n*pi2Hi)
	r -= float64(n * pi2Mid)
	r -= float64(n * pi2Lo)
	rr := float64(r * r)
	s, c := 1.0, 1.0
	for k := 20; k >= 2; k -= 2 {
		c = 1 - float64(c*rr)/float64(k*(k-1))
		s = 1 - float64(s*rr)/float64(k*(k+1))
	}
	s = float64(s * r)
	switch int64(n) & 3 {
	case 0:
		return s, c
	case 1:
		return c, -s
	case 2:
		return -s, -c
	default:
		return -c, s
	}
}
