package llama2c

import (
	"math"

	"cria/internal/float"
	"cria/internal/tensor"
)

// decodeRow sets dst, of m.Cols numbers, to row r of m.
func decodeRow(dst []float32, m *tensor.Mat, r int) {
	lo, hi := r*m.Cols, (r+1)*m.Cols
	switch m.Type {
	case tensor.F32:
		copy(dst, m.F32()[lo:hi])
	case tensor.F16:
		for i, h := range m.U16()[lo:hi] {
			dst[i] = float.F16ToF32(h)
		}
	case tensor.BF16:
		for i, h := range m.U16()[lo:hi] {
			dst[i] = float.BF16ToF32(h)
		}
	case tensor.Q8:
		scales := m.Scales[lo/m.Group:]
		for i, q := range m.I8()[lo:hi] {
			dst[i] = float32(q) * scales[i/m.Group]
		}
	}
}

// encodeRow sets row r of m to src, and counts in rng the numbers that m's
// type cannot hold and those that are not finite.
func encodeRow(m *tensor.Mat, r int, src []float32, saturate bool, rng *Range) {
	lo, hi := r*m.Cols, (r+1)*m.Cols
	switch m.Type {
	case tensor.F32:
		copy(m.F32()[lo:hi], src)
		for _, x := range src {
			rng.countNonFinite(x)
		}
	case tensor.F16:
		encode16(m.U16()[lo:hi], src, float.F16, 0x7c00, saturate, rng)
	case tensor.BF16:
		encode16(m.U16()[lo:hi], src, float.BF16, 0x7f80, saturate, rng)
	case tensor.Q8:
		g := m.Group
		for at := 0; at < len(src); at += g {
			m.Scales[(lo+at)/g] = quantize(m.I8()[lo+at:][:g], src[at:][:g], rng)
		}
	}
}

// encode16 rounds src to a type of 16 bits whose infinity is inf. The number
// before infinity is the largest finite one.
func encode16(dst []uint16, src []float32, round func(float32) uint16, inf uint16,
	saturate bool, rng *Range) {
	for i, x := range src {
		h := round(x)
		if h&inf == inf && !rng.countNonFinite(x) {
			rng.Overflow++
			rng.Largest = max(rng.Largest, float32(math.Abs(float64(x))))
			if saturate {
				h--
			}
		}
		dst[i] = h
	}
}

// quantize sets q to x / scale, rounded half to even, and returns the scale,
// max|x| / 127. If that is zero, or x has numbers that are not finite, so is
// every q: a RangeError follows in the latter case.
func quantize(q []int8, x []float32, rng *Range) (scale float32) {
	var largest float32
	finite := true
	for _, v := range x {
		if rng.countNonFinite(v) {
			finite = false
		}
		largest = max(largest, float32(math.Abs(float64(v))))
	}
	scale = largest / 127
	if !finite || scale == 0 {
		clear(q)
		return 0
	}
	for i, v := range x {
		n := math.RoundToEven(float64(v / scale))
		q[i] = int8(max(-127, min(127, n))) // a subnormal scale is coarse: n may be larger
	}
	return scale
}

// countNonFinite counts x if it is an infinity or NaN, and says so.
func (r *Range) countNonFinite(x float32) bool {
	switch {
	case x != x:
		r.NaN++
	case math.IsInf(float64(x), 0):
		r.Inf++
	default:
		return false
	}
	return true
}
