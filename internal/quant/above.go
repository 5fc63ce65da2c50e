package quant

import (
	"math"

	"cria/internal/float"
)

// Searches for formats with a minimum: x ≈ d·v - m, v from 0 to last.

// A line is the sums that make the error a function of d and m, for codes v.
type line struct{ v, vv, xv float64 }

// codeAbove returns the code for x = v in units of the scale.
func codeAbove(v, last float64) float64 {
	v += 0.5
	if !(v > 0) {
		return 0
	}
	if v > last {
		return last
	}
	return float64(int(v))
}

// lineAt returns the line of the codes nearest to (x+m)*inv.
func lineAt(e *elements, last, m, inv float64) line {
	var l line
	for i, x := range e.x {
		v := codeAbove(float64((x+m)*inv), last)
		wv := float64(e.w[i] * v)
		l.v += wv
		l.vv += float64(wv * v)
		l.xv += float64(e.wx[i] * v)
	}
	return l
}

// error returns Σ w (x - d·v + m)².
func (l line) error(e *elements, d, m float64) float64 {
	return e.sxx + float64(float64(d*d)*l.vv) + float64(float64(m*m)*e.sw) -
		float64(2*d*l.xv) + float64(2*m*e.sx) - float64(float64(2*d*m)*l.v)
}

// solve returns the best d and m for the codes; m is at least mMin.
func (l line) solve(e *elements, mMin float64) (d, m float64) {
	det := float64(e.sw*l.vv) - float64(l.v*l.v)
	if !(det > float64(1e-12*float64(e.sw*l.vv))) {
		if l.vv > 0 && mMin == 0 { // all codes are the same
			return l.xv / l.vv, 0
		}
		return 0, 0
	}
	d = (float64(e.sw*l.xv) - float64(e.sx*l.v)) / det
	m = (float64(l.v*l.xv) - float64(l.vv*e.sx)) / det
	if m < mMin {
		m = mMin
		d = (l.xv + float64(m*l.v)) / l.vv
	}
	return d, m
}

// searchAbove returns the best d >= 0 and m >= mMin for e, and their line.
func searchAbove(e *elements, last, mMin float64) (d, m float64, best line) {
	lo, hi := e.x[0], e.x[0]
	for _, x := range e.x {
		lo, hi = min(lo, x), max(hi, x)
	}
	lo = min(lo, -mMin)
	d, m = 0, max(mMin, -e.sx/e.sw)
	if e.sw == 0 || hi <= lo {
		return 0, max(mMin, -lo), best
	}
	err := line{}.error(e, 0, m)
	try := func(off, inv float64) bool {
		l := lineAt(e, last, off, inv)
		d1, m1 := l.solve(e, mMin)
		if d1 > 0 {
			if e1 := l.error(e, d1, m1); e1 < err-float64(1e-12*e.sxx) { // rounding must not choose
				d, m, best, err = d1, m1, l, e1
				return true
			}
		}
		return false
	}
	for _, g := range aboveGrid {
		try(-lo, (last+g)/(hi-lo))
	}
	for range polish {
		if d == 0 || !try(m, 1/d) {
			break
		}
	}
	return d, m, best
}

var aboveGrid = spread(-1, 1, 20)

// encodeAbove sets q to the best codes of up to last for a block of 32 with a scale
// and a minimum of its own, and returns these as x = q*d + m, both binary16.
func encodeAbove(q *[small]uint8, last float64, x, importance []float32, power float64) (d, m float32) {
	var b block
	e := b.fill(x, importance, power)
	scale, off, _ := searchAbove(&e, last, math.Inf(-1))
	d, m = float.F16ToF32(f16Within(scale)), float.F16ToF32(f16Within(-off))
	inv := 0.0
	if d != 0 {
		inv = 1 / float64(d)
	}
	for i, v := range e.x {
		q[i] = uint8(codeAbove(float64((v-float64(m))*inv), last))
	}
	return d, m
}

// A raised is a shape of super-blocks where x[i] = d * s[i/sub] * q[i] - dmin * m[i/sub].
type raised struct {
	sub  int     // elements of a sub-block
	last float64 // code
	most float64 // s and m
}

// A raisedBlock is what is stored.
type raisedBlock struct {
	d, dmin uint16 // binary16
	s, m    [16]uint8
	q       [super]uint8
}

func (r *raised) encode(x, importance []float32) *raisedBlock {
	var b block
	b.fill(x, importance, meanSquare(x))
	n := super / r.sub
	var parts [16]elements
	var scales, mins, scaleCurves, minCurves [16]float64
	for j := range n {
		parts[j] = b.part(j*r.sub, (j+1)*r.sub)
		e := &parts[j]
		e.sum()
		var l line
		scales[j], mins[j], l = searchAbove(e, r.last, 0)
		minCurves[j] = e.sw
		scaleCurves[j] = l.vv
		if mins[j] > 0 { // which gives way to the scale
			scaleCurves[j] -= float64(l.v*l.v) / e.sw
		}
	}
	out := &raisedBlock{}
	d := common(scales[:n], scaleCurves[:n], 0, int(r.most))
	dmin := common(mins[:n], minCurves[:n], 0, int(r.most))
	best := math.Inf(1)
	for range rounds {
		h, hmin := f16Within(d), f16Within(dmin)
		t := r.choose(parts[:n], scales[:n], mins[:n], float64(float.F16ToF32(h)), float64(float.F16ToF32(hmin)))
		if !(t.total < best) {
			break
		}
		best, out.d, out.dmin, out.s, out.m = t.total, h, hmin, t.s, t.m
		d, dmin = t.factors(d, dmin)
	}
	d, dmin = float64(float.F16ToF32(out.d)), float64(float.F16ToF32(out.dmin))
	for j := range n {
		s, m := d*float64(out.s[j]), float64(dmin*float64(out.m[j]))
		inv := 0.0
		if s != 0 {
			inv = 1 / s
		}
		for i, v := range parts[j].x {
			out.q[j*r.sub+i] = uint8(codeAbove(float64((v+m)*inv), r.last))
		}
	}
	return out
}

// A choice is integers for a pair of factors, with the sums that make the error a
// function of the factors: Σ of w (x - d·a + dmin·b)².
type choice struct {
	s, m               [16]uint8
	total              float64
	aa, ab, bb, xa, xb float64
}

// factors returns the best pair.
func (c *choice) factors(d, dmin float64) (float64, float64) {
	det := float64(c.aa*c.bb) - float64(c.ab*c.ab)
	switch {
	case det > float64(1e-9*float64(c.aa*c.bb)):
		d1 := (float64(c.xa*c.bb) - float64(c.xb*c.ab)) / det
		m1 := (float64(c.xa*c.ab) - float64(c.xb*c.aa)) / det
		if d1 > 0 && m1 >= 0 {
			return d1, m1
		}
	case c.aa > 0 && c.bb == 0:
		return c.xa / c.aa, dmin
	}
	return d, dmin
}

// choose returns the best integers for factors d and dmin.
func (r *raised) choose(parts []elements, scales, mins []float64, d, dmin float64) choice {
	var c choice
	nearest := func(v, unit float64) float64 {
		if unit == 0 {
			return 0
		}
		return min(max(math.Floor(v/unit+0.5), 0), r.most)
	}
	for j := range parts {
		e := &parts[j]
		mid := nearest(scales[j], d)
		best := math.Inf(1)
		var bestLine line
		for k := max(mid-1, 0); k <= min(mid+1, r.most); k++ {
			off := mins[j]
			seen := math.Inf(-1)
			for range 3 {
				m := nearest(off, dmin)
				if m == seen {
					break
				}
				seen = m
				var l line
				if d*k > 0 {
					l = lineAt(e, r.last, float64(m*dmin), 1/(d*k))
				}
				if err := l.error(e, d*k, float64(m*dmin)); err < best {
					best, bestLine = err, l
					c.s[j], c.m[j] = uint8(k), uint8(m)
				}
				if e.sw > 0 {
					off = (float64(d*k*l.v) - e.sx) / e.sw
				}
			}
		}
		s, m := float64(c.s[j]), float64(c.m[j])
		c.total += best
		c.aa += float64(float64(s*s) * bestLine.vv)
		c.ab += float64(float64(s*m) * bestLine.v)
		c.bb += float64(float64(m*m) * e.sw)
		c.xa += float64(s * bestLine.xv)
		c.xb += float64(m * e.sx)
	}
	return c
}
