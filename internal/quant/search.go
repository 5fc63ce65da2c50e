package quant

import (
	"math"

	"cria/internal/float"
)

// How scales are found. A code stands for a value v, an integer, and x for d·v or, in
// formats with a minimum, d·v - m. For given codes the error is a parabola in d (and m),
// so its least value and the place of it follow from a few sums over the elements. For
// a given scale the best codes are the nearest. A search looks at the codes of a grid of
// scales around those that fit the largest elements, then at the codes that are
// nearest for the best scale, as long as the error falls.
//
// Sums are float64, in the order of the elements, with every product rounded before it
// is added, so that all machines find the same scales.

// polish is how often, at most, codes are chosen anew for their best scale.
const polish = 4

// equal is how far, relative to Σ w x², errors may differ by rounding alone. The first
// of equal choices is taken.
const equal = 1e-12

// A codebook is the values of codes 0, 1, ... in ascending order, all integers.
type codebook struct {
	values  []float64
	nearest []uint8   // for i/2 above the first value; ties go up, so it holds until (i+1)/2
	grid    []float64 // where searches put the largest element, in units of the last value
}

// Grids for few and for many values. Those that are too wide for the outermost value
// to be used would only enlarge scales.
var (
	gridFew  = spread(0.88, 1.4, 14)
	gridMany = spread(0.9, 1.03, 12)
)

var (
	book4 = newCodebook(gridFew, integers(-8, 7)...)
	book5 = newCodebook(gridMany, integers(-16, 15)...)
)

func newCodebook(grid []float64, values ...float64) *codebook {
	c := &codebook{values: values, grid: grid}
	code := 0
	for t := values[0]; t <= values[len(values)-1]; t += 0.5 {
		for code+1 < len(values) && values[code+1]-t <= t-values[code] {
			code++
		}
		c.nearest = append(c.nearest, uint8(code))
	}
	return c
}

// integers returns lo, lo+1, ... hi.
func integers(lo, hi int) []float64 {
	return spread(float64(lo), float64(hi), hi-lo+1)
}

// spread returns n numbers from lo to hi in equal steps.
func spread(lo, hi float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = lo + float64((hi-lo)*float64(i))/float64(n-1)
	}
	return v
}

// code returns the code of the value nearest to v.
func (c *codebook) code(v float64) uint8 {
	t := 2 * (v - c.values[0])
	switch last := len(c.nearest) - 1; {
	case !(t > 0):
		return 0
	case t < float64(last):
		return c.nearest[int(t)]
	default:
		return c.nearest[last]
	}
}

// A fit is the sums that give the error of codes as a function of the scale.
type fit struct{ xv, vv float64 } // Σ w x v, Σ w v²

// fit returns the fit of the codes nearest to x*inv.
func (c *codebook) fit(e *elements, inv float64) fit {
	var f fit
	w, wx := e.w[:len(e.x)], e.wx[:len(e.x)]
	for i, x := range e.x {
		v := c.values[c.code(float64(x*inv))]
		f.xv += float64(wx[i] * v)
		f.vv += float64(float64(w[i]*v) * v)
	}
	return f
}

// error returns Σ w (x - d·v)².
func (f fit) error(e *elements, d float64) float64 {
	return e.sxx - float64(2*d*f.xv) + float64(float64(d*d)*f.vv)
}

// search returns the best scale for e, of those that round gives, and its fit. The scale
// is 0 if nothing is better.
func (c *codebook) search(e *elements, round func(float64) float64) (d float64, best fit) {
	var top float64
	for _, x := range e.x {
		if math.Abs(x) > math.Abs(top) {
			top = x
		}
	}
	if top == 0 {
		return 0, fit{}
	}
	err := e.sxx
	try := func(inv float64) bool {
		f := c.fit(e, inv)
		if !(f.vv > 0) {
			return false
		}
		d1 := round(f.xv / f.vv)
		err1 := f.error(e, d1)
		if err1 < err-float64(equal*e.sxx) {
			d, best, err = d1, f, err1
			return true
		}
		return false
	}
	for _, end := range [2]float64{c.values[0], c.values[len(c.values)-1]} {
		for _, g := range c.grid {
			try(float64(end*g) / top)
		}
	}
	for range polish {
		if d == 0 || !try(1/d) {
			break
		}
	}
	return d, best
}

// encode sets q to the codes of a block of 32 with its best scale, which it returns, a
// binary16.
func (c *codebook) encode(q *[small]uint8, x, importance []float32, power float64) float32 {
	var b buffer
	b.fill(x, importance, power)
	e := b.part(0, small)
	d, _ := c.search(&e, toF16)
	inv := reciprocal(d)
	for i, x := range e.x {
		q[i] = c.code(float64(x * inv))
	}
	return float32(d)
}

// reciprocal returns 1/d, and 0 for 0.
func reciprocal(d float64) float64 {
	if d == 0 {
		return 0
	}
	return 1 / d
}

// toF16 returns the finite binary16 nearest to d.
func toF16(d float64) float64 {
	d = min(max(d, -float.F16Max), float.F16Max)
	return float64(float.F16ToF32(float.F16(float32(d))))
}

// same returns d.
func same(d float64) float64 { return d }

// A line is the sums that give the error of codes 0 to last as a function of d and m.
type line struct{ v, vv, xv float64 } // Σ w v, Σ w v², Σ w x v

// gridEnds is where a search puts the smallest element above code 0, and the largest
// below the last.
var gridEnds = spread(-0.6, 0.9, 6)

// codeUpTo returns the nearest integer to v from 0 to last.
func codeUpTo(last, v float64) int {
	v += 0.5
	switch {
	case !(v > 0):
		return 0
	case v > last:
		return int(last)
	}
	return int(v)
}

// fitLine returns the line of the codes nearest to (x+m)*inv.
func fitLine(e *elements, last, m, inv float64) line {
	var l line
	w, wx := e.w[:len(e.x)], e.wx[:len(e.x)]
	for i, x := range e.x {
		v := float64(codeUpTo(last, float64((x+m)*inv)))
		wv := float64(w[i] * v)
		l.v += wv
		l.vv += float64(wv * v)
		l.xv += float64(wx[i] * v)
	}
	return l
}

// error returns Σ w (x - d·v + m)².
func (l line) error(e *elements, d, m float64) float64 {
	return e.sxx + float64(float64(d*d)*l.vv) + float64(float64(m*m)*e.sw) -
		float64(2*d*l.xv) + float64(2*m*e.swx) - float64(float64(2*d*m)*l.v)
}

// solve returns the best d and m >= least for the codes, and whether there are any.
func (l line) solve(e *elements, least float64) (d, m float64, ok bool) {
	det := float64(e.sw*l.vv) - float64(l.v*l.v)
	if det > float64(equal*float64(e.sw*l.vv)) { // else all codes are the same
		d = (float64(e.sw*l.xv) - float64(e.swx*l.v)) / det
		m = (float64(l.v*l.xv) - float64(l.vv*e.swx)) / det
		if m >= least {
			return d, m, d > 0
		}
	}
	if !(l.vv > 0) || math.IsInf(least, -1) {
		return 0, 0, false
	}
	d = (l.xv + float64(least*l.v)) / l.vv
	return d, least, d > 0
}

// searchLine returns the best d >= 0 and m >= least for e, of those that round gives,
// and their line.
func searchLine(
	e *elements, last, least float64, round func(float64) float64,
) (d, m float64, best line) {
	lo, hi := -least, e.x[0]
	for _, x := range e.x {
		lo, hi = min(lo, x), max(hi, x)
	}
	if hi <= lo || e.sw == 0 {
		return 0, round(-lo), line{}
	}
	m = round(max(least, -e.swx/e.sw))
	err := best.error(e, 0, m)
	try := func(off, inv float64) bool {
		l := fitLine(e, last, off, inv)
		d1, m1, ok := l.solve(e, least)
		if !ok {
			return false
		}
		d1, m1 = round(d1), round(m1)
		err1 := l.error(e, d1, m1)
		if err1 < err-float64(equal*e.sxx) {
			d, m, best, err = d1, m1, l, err1
			return true
		}
		return false
	}
	for _, a := range gridEnds {
		for _, b := range gridEnds {
			inv := (last - b - a) / (hi - lo)
			try(a/inv-lo, inv)
		}
	}
	for range polish {
		if d == 0 || !try(m, 1/d) {
			break
		}
	}
	return d, m, best
}

// encodeLine sets q to the codes up to last of a block of 32 with its best scale and
// minimum, and returns d and m of x = d*q + m, both binary16.
func encodeLine(
	q *[small]uint8, last float64, x, importance []float32, power float64,
) (d, m float32) {
	var b buffer
	b.fill(x, importance, power)
	e := b.part(0, small)
	scale, off, _ := searchLine(&e, last, math.Inf(-1), toF16)
	inv := reciprocal(scale)
	for i, x := range e.x {
		q[i] = uint8(codeUpTo(last, float64((x+off)*inv)))
	}
	return float32(scale), float32(-off)
}
