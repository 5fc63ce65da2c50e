package quant

import (
	"math"

	"cria/internal/float"
)

// How a super-block is encoded. Its sub-blocks have scales of their own, each a small
// integer times a common binary16. First every sub-block finds its best real scale;
// then the common factor is chosen that hurts them least; then, alternately, integers
// and codes are chosen for the factor and the factor for them, as long as the error falls.

// rounds is how often integers and factors are chosen in turn.
const rounds = 4

// A centered is a shape of super-blocks where x[i] = d * s[i/sub] * value of q[i].
type centered struct {
	sub    int // elements of a sub-block
	lo, hi int // the range of s
	*codebook
}

// A centeredBlock is what is stored.
type centeredBlock struct {
	d uint16 // binary16
	s [16]int
	q [super]uint8
}

func (c *centered) encode(x, importance []float32) *centeredBlock {
	var b block
	b.fill(x, importance, meanSquare(x))
	n := super / c.sub
	var parts [16]elements
	var scales, curves [16]float64
	for j := range n {
		parts[j] = b.part(j*c.sub, (j+1)*c.sub)
		parts[j].sum()
		var f fit
		scales[j], f = c.search(&parts[j])
		curves[j] = f.vv
	}
	out := &centeredBlock{}
	d := common(scales[:n], curves[:n], c.lo, c.hi)
	best := math.Inf(1)
	for range rounds {
		h := f16Within(d)
		if h&0x7fff == 0 {
			break
		}
		s, total, xs, ss := c.choose(parts[:n], scales[:n], float64(float.F16ToF32(h)))
		if !(total < best) {
			break
		}
		best, out.d, out.s = total, h, s
		if !(ss > 0) {
			break
		}
		d = xs / ss
	}
	d = float64(float.F16ToF32(out.d))
	for j := range n {
		inv := 0.0
		if out.s[j] != 0 && d != 0 {
			inv = 1 / (d * float64(out.s[j]))
		}
		for i, v := range parts[j].x {
			out.q[j*c.sub+i] = c.code(float64(v * inv))
		}
	}
	return out
}

// choose returns the best integers for factor d, the error, and the sums that give
// the best factor for them.
func (c *centered) choose(parts []elements, scales []float64, d float64) (s [16]int, total, xs, ss float64) {
	for j := range parts {
		e := &parts[j]
		mid := math.Floor(scales[j]/d + 0.5)
		best := math.Inf(1)
		var bestFit fit
		for k := mid - 1; k <= mid+1; k++ {
			k := min(max(k, float64(c.lo)), float64(c.hi))
			f, err := fit{}, e.sxx
			if k != 0 {
				f = c.at(e, 1/(d*k))
				err = f.error(e, d*k)
			}
			if err < best {
				best, s[j], bestFit = err, int(k), f
			}
		}
		k := float64(s[j])
		total += best
		xs += float64(k * bestFit.xv)
		ss += float64(float64(k*k) * bestFit.vv)
	}
	return s, total, xs, ss
}

// common returns the factor of which integers from lo to hi times it come nearest to
// the scales, under weights.
func common(scales, weights []float64, lo, hi int) float64 {
	var top float64
	for _, s := range scales {
		if math.Abs(s) > math.Abs(top) {
			top = s
		}
	}
	if top == 0 {
		return 0
	}
	best, bestErr := 0.0, math.Inf(1)
	try := func(d float64) {
		d = float64(float.F16ToF32(f16Within(d)))
		if d == 0 {
			return
		}
		var err float64
		for j, s := range scales {
			k := min(max(math.Floor(s/d+0.5), float64(lo)), float64(hi))
			r := s - float64(d*k)
			err += float64(float64(weights[j]*r) * r)
		}
		if err < bestErr {
			best, bestErr = d, err
		}
	}
	for _, end := range [2]int{lo, hi} {
		for step := -20; step <= 20 && end != 0; step++ {
			try(top / (float64(end) * (1 + float64(step)/100)))
		}
	}
	return best
}

// f16Within returns the bits of d as a finite binary16.
func f16Within(d float64) uint16 {
	return float.F16(float32(min(max(d, -float.F16Max), float.F16Max)))
}
