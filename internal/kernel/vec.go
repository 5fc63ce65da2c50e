package kernel

import (
	"math"

	"cria/internal/float"
)

// Max returns the largest of x, -Inf if x is empty; NaN is passed over.
func Max(x []float32) float32 { return maxOf(x) }

func maxGeneric(x []float32) float32 {
	m := float32(math.Inf(-1))
	for _, f := range x {
		if f > m {
			m = f
		}
	}
	return m
}

// Finite reports whether no element of x is infinite or NaN: those times zero
// are NaN, and stay NaN in a sum.
func Finite(x []float32) bool {
	var sum [1]float32
	for len(x) > 0 {
		n := min(len(x), len(zeros))
		DotRows(sum[:], x[:n], zeros[:], n)
		if sum[0] != 0 {
			return false
		}
		x = x[n:]
	}
	return true
}

var zeros [1024]float32

// ExpSum replaces each x[i] by float.Exp(x[i] - max) and returns their sum, in
// 16 lanes folded as a dot product's.
func ExpSum(x []float32, max float32) float32 { return expSum(x, max) }

func expSumGeneric(x []float32, max float32) float32 {
	var lane [Lanes]float32
	for i, f := range x {
		x[i] = float.Exp(f - max)
		lane[i%Lanes] += x[i]
	}
	return fold(&lane)
}

// SwiGLU sets gate[i] = float.SiLU(gate[i]) * up[i]. Both have the same length.
func SwiGLU(gate, up []float32) { swiGLU(gate, up) }

func swiGLUGeneric(gate, up []float32) {
	for i, f := range up {
		gate[i] = float32(float.SiLU(gate[i])) * f
	}
}

// GeGLU sets gate[i] = float.GELU(gate[i]) * up[i]. Both have the same length.
func GeGLU(gate, up []float32) {
	var e [256]float32
	for len(gate) > 0 {
		n := min(len(gate), len(e))
		for i, f := range gate[:n] {
			e[i] = float.GELUExponent(f)
		}
		expSum(e[:n], 0)
		for i, f := range e[:n] {
			gate[i] = float32(gate[i]/(1+f)) * up[i]
		}
		gate, up = gate[n:], up[n:]
	}
}

// Softcap sets each x[i] to c·tanh(x[i]/c).
func Softcap(x []float32, c float32) {
	var e [256]float32
	for len(x) > 0 {
		n := min(len(x), len(e))
		for i, f := range x[:n] {
			e[i] = 2 * (f / c)
		}
		expSum(e[:n], 0)
		for i, f := range e[:n] {
			x[i] = c * float32(1-2/(1+f))
		}
		x = x[n:]
	}
}

// RMSNorm sets dst[i] = norm[i] * (s*x[i]) with s = 1/sqrt(mean(x²) + eps). All
// have the same length n; x is padded.
func RMSNorm(dst, x, norm []float32, eps float32) {
	n := len(norm)
	var ss [1]float32
	DotRows(ss[:], x[:n], x, n)
	s := 1 / float32(math.Sqrt(float64(ss[0]/float32(n)+eps)))
	scale(dst[:n], x[:n], norm, s)
}

// Scale sets dst[i] = s * x[i].
func Scale(dst, x []float32, s float32) {
	for len(x) > 0 {
		n := min(len(x), len(unit))
		scale(dst[:n], x[:n], unit[:n], s)
		dst, x = dst[n:], x[n:]
	}
}

var unit = func() (x [256]float32) {
	for i := range x {
		x[i] = 1
	}
	return x
}()

// Divide sets dst[i] = x[i] / d.
func Divide(dst, x []float32, d float32) { divide(dst[:len(x)], x, d) }

func divideGeneric(dst, x []float32, d float32) {
	for i, f := range x {
		dst[i] = f / d
	}
}

func scaleGeneric(dst, x, norm []float32, s float32) {
	for i, f := range x {
		dst[i] = norm[i] * float32(s*f)
	}
}

// AddRows adds p[j] times row j of v, [len(p)][stride], to dst, row by row in
// order, fused. len(dst) = stride is a multiple of 16.
func AddRows[W float32 | F16](dst []float32, v []W, p []float32) {
	if len(p) > 0 {
		addRows(dst, v, p, nil)
	}
}

// AddTile adds src[t*srcStride+i] to dst[t*stride+i], i < n, for each of some vectors.
func AddTile(dst []float32, stride int, src []float32, srcStride, n, vectors int) {
	for t := addTile(dst, stride, src, srcStride, n, vectors); t < vectors; t++ {
		x, y := dst[t*stride:][:n], src[t*srcStride:][:n]
		for i, f := range y {
			x[i] += f
		}
	}
}

// AddRowsEach is AddRows for several vectors: to dst[t*stride:], of stride
// numbers, it adds rows of v weighted by p[t*pStride:][:rows]. Meanwhile next is
// fetched, rows that are wanted soon.
func AddRowsEach[W float32 | F16](
	dst []float32, stride int, v []W, p []float32, pStride, rows, vectors int, next []W,
) {
	if rows == 0 {
		return
	}
	for t := addRowsMany(dst, stride, v, p, pStride, rows, vectors, next); t < vectors; t++ {
		if t > 0 {
			next = nil
		}
		addRows(dst[t*stride:][:stride], v, p[t*pStride:][:rows], next)
	}
}

func addRowsGeneric[W float32 | F16](dst []float32, v []W, p []float32) {
	var block [Lanes]float32
	for j, w := range p {
		for i := 0; i < len(dst); i += Lanes {
			switch v := any(v).(type) {
			case []float32:
				decodeGeneric(block[:], v[j*len(dst)+i:])
			case []F16:
				decodeGeneric(block[:], v[j*len(dst)+i:])
			}
			for k, f := range block {
				dst[i+k] = float.FMA(w, f, dst[i+k])
			}
		}
	}
}

// Rotate turns the pairs (x[2i], x[2i+1]) of each head of x by the angles whose
// cosine and sine are cos[i] and sin[i]; a head has 2*len(cos) elements.
func Rotate(x, cos, sin []float32) { rotate(x, cos, sin) }

func rotateGeneric(x, cos, sin []float32) {
	sin = sin[:len(cos)]
	for ; len(x) > 0; x = x[2*len(cos):] {
		for i, c := range cos {
			s, x0, x1 := sin[i], x[2*i], x[2*i+1]
			x[2*i] = float32(x0*c) - float32(x1*s)
			x[2*i+1] = float32(x0*s) + float32(x1*c)
		}
	}
}
