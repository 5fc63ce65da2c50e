package quant

import "math"

// Which errors matter. A search minimizes Σ w (x - decoded x)², with w as Encode says.

// elements is what one search works on, numbers and their weights, and sums of them.
type elements struct {
	x, w, wx     []float64 // wx is w x
	sw, swx, sxx float64   // Σ w, Σ w x, Σ w x²
}

// A buffer holds the elements of a block. All arithmetic of searches is float64: no
// sum of products of float32s overflows, or vanishes.
type buffer struct{ x, w, wx [super]float64 }

// fill takes x with weights: sqrt(power+x²) times the importance or, without one,
// 1.5 power + x².
func (b *buffer) fill(x, importance []float32, power float64) {
	var least float64
	for _, v := range importance {
		least = max(least, 1e-6*finite(v))
	}
	for i, v := range x {
		f := finite(v)
		w := float64(1.5*power) + float64(f*f)
		if least > 0 {
			w = max(least, finite(importance[i])) * math.Sqrt(power+float64(f*f))
		}
		b.x[i], b.w[i], b.wx[i] = f, w, float64(w*f)
	}
}

// part returns elements i to j, with their sums.
func (b *buffer) part(i, j int) elements {
	e := elements{x: b.x[i:j:j], w: b.w[i:j:j], wx: b.wx[i:j:j]}
	for i, x := range e.x {
		e.sw += e.w[i]
		e.swx += e.wx[i]
		e.sxx += float64(e.wx[i] * x)
	}
	return e
}

// meanSquare returns the mean square of x.
func meanSquare(x []float32) float64 {
	var sum float64
	for _, v := range x {
		f := finite(v)
		sum += float64(f * f)
	}
	return sum / float64(len(x))
}

// finite returns x, 0 for NaN, and the largest float32 for an infinity.
func finite(x float32) float64 {
	switch v := float64(x); {
	case v != v:
		return 0
	case v > math.MaxFloat32:
		return math.MaxFloat32
	case v < -math.MaxFloat32:
		return -math.MaxFloat32
	default:
		return v
	}
}
