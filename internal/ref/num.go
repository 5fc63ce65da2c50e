package ref

import (
	"math"
	"slices"

	"cria/internal/float"
	"cria/internal/tensor"
)

// Dot returns the sum of x[i]*y[i]: lane j of 16 takes the elements i ≡ j
// (mod 16) in order, fused; a last block that is short is padded with zeros.
func Dot(x, y []float32) float32 {
	var lane [16]float32
	for i := range x {
		lane[i%16] = float.FMA(x[i], y[i], lane[i%16])
	}
	for i := len(x); i%16 != 0; i++ {
		lane[i%16] = float.FMA(0, 0, lane[i%16])
	}
	return fold(lane)
}

// fold adds lanes j and j+8, then j and j+4, +2, +1.
func fold(lane [16]float32) float32 {
	for half := 8; half > 0; half /= 2 {
		for j := range half {
			lane[j] += lane[j+half]
		}
	}
	return lane[0]
}

// decodeRow returns row r of m as float32, exactly where the type is a float.
func decodeRow(m *tensor.Mat, r int) []float32 {
	if m.Type.IsBlocks() {
		var x []float32
		for _, b := range rowBlocks(m, r) {
			x = append(x, b.decode()...)
		}
		return x
	}
	x := make([]float32, m.Cols)
	for i := range x {
		k := r*m.Cols + i
		switch m.Type {
		case tensor.F32:
			x[i] = m.F32()[k]
		case tensor.F16:
			x[i] = float.F16ToF32(m.U16()[k])
		case tensor.BF16:
			x[i] = float.BF16ToF32(m.U16()[k])
		case tensor.Q8:
			x[i] = float32(m.I8()[k]) * m.Scales[k/m.Group]
		}
	}
	return x
}

// MatVec returns m · x. For Q8, LLMInt8 and for blocks the activations are quantized first.
func MatVec(m *tensor.Mat, x []float32) []float32 {
	switch {
	case m.Type.IsBlocks():
		return matVecBlocks(m, x)
	case m.Type == tensor.LLMInt8:
		return matVecLLMInt8(m, x)
	}
	y := make([]float32, m.Rows)
	if m.Type != tensor.Q8 {
		for r := range y {
			y[r] = Dot(decodeRow(m, r), x)
		}
		return y
	}
	q, scales := Quantize(x, m.Group)
	for r := range y {
		w, ws := m.I8()[r*m.Cols:], m.Scales[r*m.Cols/m.Group:]
		for g := range scales {
			sum := int32(0)
			for i := g * m.Group; i < (g+1)*m.Group; i++ {
				sum += int32(w[i]) * int32(q[i])
			}
			y[r] = float.FMA(float32(sum), ws[g]*scales[g], y[r])
		}
	}
	return y
}

// matVecLLMInt8 returns m · x as LLM.int8() does (Dettmers et al. 2022): x without its outliers
// is quantized as one group, which gives the product of Q8, to which outliers times floats
// are added in order, fused. The paper's outliers are those of a batch; here they are
// those of each token, so that no token changes what another one gets.
func matVecLLMInt8(m *tensor.Mat, x []float32) []float32 {
	rest, cols := slices.Clone(x), []int{}
	for i, f := range x {
		if !(f > -tensor.Outlier && f < tensor.Outlier) { // what is no number counts
			rest[i], cols = 0, append(cols, i)
		}
	}
	q8 := *m
	q8.Type = tensor.Q8
	y := MatVec(&q8, rest)
	for r := range y {
		w := decodeRow(m.Wide, r)
		for _, i := range cols {
			y[r] = float.FMA(x[i], w[i], y[r])
		}
	}
	return y
}

// Quantize returns x as int8 with one scale per group: scale = max|x| / 127,
// q = x / scale rounded half to even. A group of zeros has scale 0. A group
// with an infinity or a NaN has a scale that is no number and so spoils the result.
func Quantize(x []float32, group int) (q []int8, scales []float32) {
	q, scales = make([]int8, len(x)), make([]float32, len(x)/group)
	for g := range scales {
		xs := x[g*group:][:group]
		bits := uint32(0) // of max|x|; as unsigned numbers NaN > infinity > any number
		for _, f := range xs {
			bits = max(bits, math.Float32bits(f)&0x7fffffff)
		}
		if bits >= 0x7f800000 {
			scales[g] = float32(math.NaN())
			continue
		}
		scales[g] = math.Float32frombits(bits) / 127
		if scales[g] == 0 {
			continue
		}
		for i, f := range xs {
			r := math.RoundToEven(float64(f / scales[g]))
			q[g*group+i] = int8(max(-127, min(127, r)))
		}
	}
	return q, scales
}

// RMSNorm returns norm[i] * (x[i] / sqrt(mean(x²) + eps)) (Zhang and Sennrich 2019).
func RMSNorm(x, norm []float32, eps float32) []float32 {
	s := 1 / float32(math.Sqrt(float64(Dot(x, x)/float32(len(x))+eps)))
	h := make([]float32, len(x))
	for i, f := range x {
		h[i] = norm[i] * float32(s*f)
	}
	return h
}

// Max returns the largest of x, -Inf if there is none; NaN is passed over.
func Max(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, f := range x {
		if f > m {
			m = f
		}
	}
	return m
}

// ExpSum replaces each x[i] by exp(x[i] - max) and returns their sum, taken in lanes as in Dot.
func ExpSum(x []float32, max float32) float32 {
	var lane [16]float32
	for i, f := range x {
		x[i] = float.Exp(f - max)
		lane[i%16] += x[i]
	}
	return fold(lane)
}
