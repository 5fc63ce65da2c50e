package quant

import "math"

// How super-blocks are encoded. The scale of a sub-block is a small integer times a
// factor of the super-block, a binary16. First every sub-block finds its best scale
// as if it were free, then the factor is chosen that suits them best, then in turn the
// integers that are best for the factor, each by trying it, and the factor that is best
// for the integers and their codes, as long as the error falls.

const (
	rounds   = 4  // how often, at most, integers and factors are chosen in turn
	subCount = 16 // the most sub-blocks of a super-block
)

// suit returns the binary16 factor of which the integers from lo to hi come nearest
// to scales, under weights, among those that take the largest scale near end.
func suit(scales, weights []float64, lo, hi, end int) float64 {
	var top float64
	for _, s := range scales {
		if math.Abs(s) > math.Abs(top) {
			top = s
		}
	}
	best, bestErr := 0.0, math.Inf(1)
	for percent := 80; percent <= 120; percent++ {
		d := toF16(top / (float64(end*percent) / 100))
		if d == 0 {
			continue
		}
		var err float64
		for j, s := range scales {
			r := s - float64(d*nearest(s, d, lo, hi))
			err += float64(float64(weights[j]*r) * r)
		}
		if err < bestErr {
			best, bestErr = d, err
		}
	}
	return best
}

// nearest returns the integer from lo to hi of which the multiple of d is nearest to s,
// and 0 if d is 0.
func nearest(s, d float64, lo, hi int) float64 {
	if d == 0 {
		return 0
	}
	return min(max(math.Floor(s/d+0.5), float64(lo)), float64(hi))
}

// A centered is a kind of super-block where x[i] = d * s[i/sub] * value of q[i].
type centered struct {
	sub    int // elements of a sub-block
	lo, hi int // the range of s
	book   *codebook
}

// A centeredBlock is what is stored.
type centeredBlock struct {
	d float64 // a binary16
	s [subCount]int
	q [super]uint8
}

func (c *centered) encode(x, importance []float32) *centeredBlock {
	var b buffer
	b.fill(x, importance, meanSquare(x))
	n := super / c.sub
	var parts [subCount]elements
	var scales, weights [subCount]float64
	for j := range n {
		parts[j] = b.part(j*c.sub, (j+1)*c.sub)
		var f fit
		scales[j], f = c.book.search(&parts[j], same)
		weights[j] = f.vv
	}
	out := &centeredBlock{}
	best := math.Inf(1)
	for _, end := range [2]int{c.lo, c.hi} { // factors of either sign
		d, last := suit(scales[:n], weights[:n], c.lo, c.hi, end), math.Inf(1)
		for range rounds {
			d = toF16(d)
			t := c.choose(parts[:n], scales[:n], d)
			if t.err < best {
				best, out.d, out.s = t.err, d, t.s
			}
			if t.err >= last || t.ss == 0 {
				break
			}
			last, d = t.err, t.xs/t.ss
		}
	}
	for j := range n {
		inv := reciprocal(out.d * float64(out.s[j]))
		for i, v := range parts[j].x {
			out.q[j*c.sub+i] = c.book.code(float64(v * inv))
		}
	}
	return out
}

// A centeredChoice is integers for a factor d, and the sums that give the error of
// their codes as a function of the factor: Σ w (x - d·s·v)².
type centeredChoice struct {
	s      [subCount]int
	err    float64
	xs, ss float64
}

// choose returns the best integers for factor d near scales.
func (c *centered) choose(parts []elements, scales []float64, d float64) centeredChoice {
	var t centeredChoice
	for j := range parts {
		e := &parts[j]
		mid := nearest(scales[j], d, c.lo, c.hi)
		best, bestFit := e.sxx, fit{}
		for k := max(mid-1, float64(c.lo)); k <= min(mid+1, float64(c.hi)); k++ {
			scale := float64(d * k)
			if scale == 0 {
				continue
			}
			f := c.book.fit(e, 1/scale)
			if err := f.error(e, scale); err < best {
				best, bestFit, t.s[j] = err, f, int(k)
			}
		}
		s := float64(t.s[j])
		t.err += best
		t.xs += float64(s * bestFit.xv)
		t.ss += float64(float64(s*s) * bestFit.vv)
	}
	return t
}

// A raised is a kind of super-block where x[i] = d * s[i/sub] * q[i] - dmin * m[i/sub].
type raised struct {
	sub  int     // elements of a sub-block
	last float64 // the largest q
	most int     // the largest s and m
}

// A raisedBlock is what is stored.
type raisedBlock struct {
	d, dmin float64 // binary16s
	s, m    [subCount]uint8
	q       [super]uint8
}

func (r *raised) encode(x, importance []float32) *raisedBlock {
	var b buffer
	b.fill(x, importance, meanSquare(x))
	n := super / r.sub
	var parts [subCount]elements
	var scales, mins, weights, minWeights [subCount]float64
	for j := range n {
		parts[j] = b.part(j*r.sub, (j+1)*r.sub)
		e := &parts[j]
		var l line
		scales[j], mins[j], l = searchLine(e, r.last, 0, same)
		weights[j], minWeights[j] = l.vv, e.sw
		if mins[j] > 0 { // which follows the scale
			weights[j] -= float64(l.v*l.v) / e.sw
		}
	}
	out := &raisedBlock{}
	d := suit(scales[:n], weights[:n], 0, r.most, r.most)
	dmin := suit(mins[:n], minWeights[:n], 0, r.most, r.most)
	best := math.Inf(1)
	for range rounds {
		d, dmin = toF16(d), toF16(dmin)
		t := r.choose(parts[:n], scales[:n], mins[:n], d, dmin)
		if t.err >= best {
			break
		}
		best, out.d, out.dmin, out.s, out.m = t.err, d, dmin, t.s, t.m
		d, dmin = t.factors(d, dmin)
	}
	for j := range n {
		inv, m := reciprocal(out.d*float64(out.s[j])), float64(out.dmin*float64(out.m[j]))
		for i, v := range parts[j].x {
			out.q[j*r.sub+i] = uint8(codeUpTo(r.last, float64((v+m)*inv)))
		}
	}
	return out
}

// A raisedChoice is integers for factors d and dmin, and the sums that give the error
// of their codes as a function of the factors: Σ w (x - d·a + dmin·b)², with a = s·v
// and b = m.
type raisedChoice struct {
	s, m               [subCount]uint8
	err                float64
	aa, ab, bb, xa, xb float64
}

// choose returns the best integers for factors d and dmin near scales and mins.
func (r *raised) choose(parts []elements, scales, mins []float64, d, dmin float64) raisedChoice {
	var t raisedChoice
	for j := range parts {
		e := &parts[j]
		mid := nearest(scales[j], d, 0, r.most)
		best, bestLine := math.Inf(1), line{}
		for k := max(mid-1, 0); k <= min(mid+1, float64(r.most)); k++ {
			scale, off, last := float64(d*k), mins[j], -1.0
			for range 3 { // the minimum follows the codes, and they it
				m := nearest(off, dmin, 0, r.most)
				if m == last || e.sw == 0 {
					break
				}
				last = m
				l := fitLine(e, r.last, float64(m*dmin), reciprocal(scale))
				if err := l.error(e, scale, float64(m*dmin)); err < best {
					best, bestLine, t.s[j], t.m[j] = err, l, uint8(k), uint8(m)
				}
				off = (float64(scale*l.v) - e.swx) / e.sw
			}
		}
		if e.sw == 0 {
			continue
		}
		s, m := float64(t.s[j]), float64(t.m[j])
		t.err += best
		t.aa += float64(float64(s*s) * bestLine.vv)
		t.ab += float64(float64(s*m) * bestLine.v)
		t.bb += float64(float64(m*m) * e.sw)
		t.xa += float64(s * bestLine.xv)
		t.xb += float64(m * e.swx)
	}
	return t
}

// factors returns the best factors for the choice, or those given if it leaves them open.
func (t *raisedChoice) factors(d, dmin float64) (float64, float64) {
	det := float64(t.aa*t.bb) - float64(t.ab*t.ab)
	switch {
	case t.aa > 0 && t.bb == 0:
		return t.xa / t.aa, dmin
	case det > float64(1e-9*float64(t.aa*t.bb)):
		d1 := (float64(t.xa*t.bb) - float64(t.xb*t.ab)) / det
		dmin1 := (float64(t.xa*t.ab) - float64(t.xb*t.aa)) / det
		if d1 > 0 && dmin1 >= 0 {
			return d1, dmin1
		}
	}
	return d, dmin
}
