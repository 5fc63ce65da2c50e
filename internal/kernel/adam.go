package kernel

import "math"

// AdamW is the numbers of a step of the optimizer; see package train. Rate and
// Inverse have the corrections for the first steps in them.
type AdamW struct {
	Scale                      float32 // of gradients
	Beta1, Keep1, Beta2, Keep2 float32 // Keep is 1 - Beta
	Inverse                    float32 // of 1 - Beta2ⁿ
	Epsilon                    float32
	Rate                       float32
	Decay                      float32 // what remains of a weight
}

// Update takes a step: with f = Scale*g,
//
//	m = Beta1*m + Keep1*f          v = Beta2*v + Keep2*f*f
//	w = Decay*w - Rate*m / (sqrt(Inverse*v) + Epsilon)
//
// where every operation is rounded by itself. All slices have the same length.
func (a *AdamW) Update(w, g, m, v []float32) {
	done := adamW(a, w, g, m, v)
	a.updateGeneric(w[done:], g[done:], m[done:], v[done:])
}

func (a *AdamW) updateGeneric(w, g, m, v []float32) {
	g, m, v = g[:len(w)], m[:len(w)], v[:len(w)]
	for i, f := range g {
		f *= a.Scale
		m[i] = float32(a.Beta1*m[i]) + float32(a.Keep1*f)
		v[i] = float32(a.Beta2*v[i]) + float32(float32(a.Keep2*f)*f)
		root := float32(math.Sqrt(float64(float32(v[i] * a.Inverse))))
		w[i] = float32(w[i]*a.Decay) - float32(a.Rate*m[i])/(root+a.Epsilon)
	}
}
