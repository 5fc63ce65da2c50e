package tensor

// Lanes is how many partial sums a dot product of floats keeps: lane j takes
// the elements k ≡ j (mod Lanes) in order.
const Lanes = 16

// Pad returns n rounded up to a multiple of Lanes.
func Pad(n int) int { return (n + Lanes - 1) &^ (Lanes - 1) }

// Pitch returns how far apart vectors of n numbers lie. Vectors of a kibibyte's multiple side
// by side begin in a few sets of the first-level cache, which hold eight lines each, so that
// those get another line.
func Pitch(n int) int {
	const kibibyte = 256 // in numbers
	p := Pad(n)
	if p%kibibyte == 0 {
		p += Lanes
	}
	return p
}

// Acts are activations: T vectors of N numbers, each padded with zeros to
// Stride, at least Pad(N), so that a dot product never has a tail on this
// side. Whoever writes a vector leaves the padding alone.
type Acts struct {
	Data   []float32 // [T][Stride]
	N      int
	Stride int
}

// NewActs returns t zero vectors of n numbers.
func NewActs(t, n int) Acts {
	return Acts{Data: Make[float32](t * Pitch(n)), N: n, Stride: Pitch(n)}
}

// Row returns vector t, without its padding.
func (a Acts) Row(t int) []float32 { return a.Data[t*a.Stride:][:a.N] }

// A Product asks for Dst[t] = W · x[t] + Bias for every vector x[t] of a batch.
type Product struct {
	Dst  Acts // [T][W.Rows]
	W    *Mat
	Bias []float32 // [W.Rows], or nil for none
}
