package quant

import (
	"math"

	"cria/internal/float"
)

// How scales are found. A code stands for a value: an integer, or an entry of a
// table. Elements x with weights w get the codes nearest to x/d, and the error of a
// scale is Σ w (x - d·v)². It has a minimum for every choice of codes, at
// d = Σ w x v / Σ w v², and the choices worth a look come from a grid of scales around
// the one that fits the largest element. Formats with a minimum do the same with
// x ≈ d·v - m and two unknowns. All sums are float64 in the order of the elements,
// with products rounded apart, so that every machine finds the same bytes.

// elements is what one search works on: numbers and their weights.
type elements struct {
	x, w, wx []float64
	sw, sx   float64 // Σ w, Σ w x
	sxx      float64 // Σ w x²
}

func (e *elements) sum() {
	e.sw, e.sx, e.sxx = 0, 0, 0
	for i, x := range e.x {
		e.sw += e.w[i]
		e.sx += e.wx[i]
		e.sxx += float64(e.wx[i] * x)
	}
}

// A block is a buffer for elements.
type block struct{ x, w, wx [super]float64 }

// fill sets the elements of x and returns them. Weights are those of Encode, with
// power for σ²; without importance, all are sqrt(σ²+x²).
func (b *block) fill(x, importance []float32, power float64) elements {
	weights := func(importance []float32) (sum float64) {
		for i, v := range x {
			f, w := finite(v), 1.0
			if importance != nil {
				w = max(0, finite(importance[i]))
			}
			w *= math.Sqrt(power + float64(f*f))
			b.x[i], b.w[i], b.wx[i] = f, w, float64(w*f)
			sum += w
		}
		return sum
	}
	if weights(importance) == 0 {
		weights(nil)
	}
	e := b.part(0, len(x))
	e.sum()
	return e
}

// part returns elements i to j.
func (b *block) part(i, j int) elements {
	return elements{x: b.x[i:j:j], w: b.w[i:j:j], wx: b.wx[i:j:j]}
}

// A codebook is the values of codes 0, 1, ... in ascending order, all integers.
type codebook struct {
	values  []float64
	lo      float64
	nearest []uint8 // the code nearest to lo+i/2 and, as ties lie on halves, to all up to the next
	grid    []float64
}

func newCodebook(grid []float64, values ...float64) *codebook {
	c := &codebook{values: values, lo: values[0], grid: grid}
	code := 0
	for t := values[0]; t <= values[len(values)-1]; t += 0.5 {
		for code+1 < len(values) && values[code+1]-t <= t-values[code] {
			code++
		}
		c.nearest = append(c.nearest, uint8(code))
	}
	return c
}

// code returns the code of the value nearest to v, and 0 for NaN.
func (c *codebook) code(v float64) uint8 {
	t := 2 * (v - c.lo)
	if !(t > 0) {
		return 0
	}
	if last := len(c.nearest) - 1; t < float64(last) {
		return c.nearest[int(t)]
	}
	return uint8(len(c.values) - 1)
}

// A fit is the sums that make the error a function of the scale, for codes v.
type fit struct{ xv, vv float64 }

// at returns the fit of the codes nearest to x*inv.
func (c *codebook) at(e *elements, inv float64) fit {
	var f fit
	for i, x := range e.x {
		v := c.values[c.code(float64(x*inv))]
		f.xv += float64(e.wx[i] * v)
		f.vv += float64(float64(e.w[i]*v) * v)
	}
	return f
}

// error returns Σ w (x - d·v)².
func (f fit) error(e *elements, d float64) float64 {
	return e.sxx - float64(2*d*f.xv) + float64(float64(d*d)*f.vv)
}

// scale returns the best scale of the codes, and how much it takes off Σ w x².
func (f fit) scale() (d, gain float64) {
	if !(f.vv > 0) {
		return 0, 0
	}
	d = f.xv / f.vv
	return d, float64(d * f.xv)
}

// search returns the best scale for e and its fit.
func (c *codebook) search(e *elements) (float64, fit) {
	var top float64
	for _, x := range e.x {
		if math.Abs(x) > math.Abs(top) {
			top = x
		}
	}
	if top == 0 {
		return 0, fit{}
	}
	var best fit
	var scale, gain float64
	try := func(inv float64) bool {
		f := c.at(e, inv)
		d, g := f.scale()
		if g > float64(gain*(1+1e-12)) { // rounding must not choose between equals
			scale, gain, best = d, g, f
			return true
		}
		return false
	}
	ends := [2]float64{c.lo, c.values[len(c.values)-1]}
	for _, end := range ends {
		for _, g := range c.grid {
			try(float64(end*g) / top)
		}
	}
	for range polish {
		if scale == 0 || !try(1/scale) {
			break
		}
	}
	return scale, best
}

// polish is how often codes are chosen anew for the scale that fits them.
const polish = 4

// integers returns lo, lo+1, ... hi.
func integers(lo, hi int) []float64 {
	var v []float64
	for i := lo; i <= hi; i++ {
		v = append(v, float64(i))
	}
	return v
}

// spread returns the numbers from lo to hi, n of them.
func spread(lo, hi float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = lo + float64((hi-lo)*float64(i))/float64(n-1)
	}
	return v
}

// Grids of scales, as multiples of the one that takes the largest element to an end.
var (
	gridCoarse = spread(0.8, 1.3, 12)
	gridFine   = spread(0.97, 1.03, 8)
)

var (
	int4 = newCodebook(gridCoarse, integers(-8, 7)...)
	int5 = newCodebook(gridFine, integers(-16, 15)...)
)

// encode sets q to the best codes for a block of 32 with a scale of its own, and
// returns the scale, which is a binary16.
func (c *codebook) encode(q *[small]uint8, x, importance []float32, power float64) float32 {
	var b block
	e := b.fill(x, importance, power)
	scale, _ := c.search(&e)
	d := float.F16ToF32(f16Within(scale))
	inv := 0.0
	if d != 0 {
		inv = 1 / float64(d)
	}
	for i, v := range e.x {
		q[i] = c.code(float64(v * inv))
	}
	return d
}
