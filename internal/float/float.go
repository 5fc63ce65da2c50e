// Package float is arithmetic on single numbers with one result everywhere: no
// processor, compiler or vector width may round differently. The vector code
// in package kernel returns the same bits.
//
// The Go compiler may fuse x*y + z into one rounding on some processors. An
// explicit conversion, float32(x*y) + z, forbids it.
package float

import "math"

// FMA returns a*b + c rounded once (IEEE 754 fusedMultiplyAdd of binary32).
func FMA(a, b, c float32) float32 {
	p := float64(a) * float64(b) // exact: 24 + 24 bits fit 53
	s := p + float64(c)
	// Rounding s again, to 24 bits, goes wrong only where s is exactly halfway between
	// two float32 and was not exact itself, or where the result is subnormal.
	if math.Float64bits(s)&(1<<29-1) != 1<<28 && (s >= 0x1p-126 || s <= -0x1p-126) {
		return float32(s)
	}
	return float32(roundToOdd(p, float64(c), s))
}

// roundToOdd returns p + c, of which s is the rounded value, with an odd last
// bit wherever it is not exact. Rounding that once more gives the result of a
// single rounding (Boldo and Melquiond, "Emulation of FMA and correctly rounded
// sums: proved algorithms using rounding to odd", 2008).
func roundToOdd(p, c, s float64) float64 {
	// Knuth's two-sum: s + e is exactly p + c.
	t := s - p
	e := (p - (s - t)) + (c - t)
	bits := math.Float64bits(s)
	if e == 0 || e != e || bits&1 == 1 {
		return s
	}
	if (e > 0) == (s > 0) {
		return math.Float64frombits(bits + 1)
	}
	return math.Float64frombits(bits - 1)
}

// Constants of Exp. The polynomial interpolates (exp(r)-1-r)/r² on |r| ≤ 0.3466
// at the Chebyshev points; its error there is below 0.2 of a half unit in the last place.
const (
	ExpMin = -87.33654 // below it Exp is 0: the result would be subnormal
	ExpMax = 89        // above 88.376 Exp is +Inf
	Log2E  = 1.44269504088896341
	Ln2Hi  = 0.693359375 // 9 bits: a multiple n*Ln2Hi with |n| ≤ 128 is exact
	Ln2Lo  = -2.12194440054690583e-4
	ExpC0  = 0.5
	ExpC1  = 0.16666576
	ExpC2  = 0.041666556
	ExpC3  = 0.008363178
	ExpC4  = 0.0013926182
	// Adding ExpRound to a small number rounds it to an integer, half to even,
	// which then stands in the lowest bits.
	ExpRound = 0x1.8p23
)

// Exp returns e**x with an error below 1.1 units in the last place. It is 0
// below ExpMin and +Inf above 88.376; Exp(NaN) is NaN.
func Exp(x float32) float32 {
	if x < ExpMin {
		return 0
	}
	if x > ExpMax {
		x = ExpMax
	}
	t := FMA(x, Log2E, ExpRound)
	n := t - ExpRound
	r := FMA(n, -Ln2Hi, x)
	r = FMA(n, -Ln2Lo, r)
	q := FMA(ExpC4, r, ExpC3)
	q = FMA(q, r, ExpC2)
	q = FMA(q, r, ExpC1)
	q = FMA(q, r, ExpC0)
	y := FMA(q, r*r, r) + 1
	return y * math.Float32frombits(math.Float32bits(t)<<23+127<<23)
}

// Tanh returns tanh(x) with an error below 2e-7.
func Tanh(x float32) float32 { return 1 - 2/(1+Exp(2*x)) }

// GELU returns x/2·(1 + tanh(u)) with u = √(2/π)·(x + 0.044715x³), which
// approximates x·Φ(x) (Hendrycks and Gimpel 2016): x / (1 + e**-2u).
func GELU(x float32) float32 { return x / (1 + Exp(GELUExponent(x))) }

// GELUExponent returns -2u of GELU.
func GELUExponent(x float32) float32 {
	t := float32(float32(x*x)*0.044715) + 1
	return float32(x*-1.5957691216057308) * t
}

// SiLU returns x / (1 + e**-x) (Hendrycks and Gimpel 2016; Elfwing et al. 2017).
func SiLU(x float32) float32 { return x / (1 + Exp(-x)) }
