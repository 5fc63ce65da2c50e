package train

import (
	"math"

	"cria/internal/model"
)

// oracle computes the loss in float64, as plainly as can be.
type oracle struct {
	c *model.Config
	w []float64 // a slab
	v []Tensor
	i int // of the tensor that next takes
}

// next returns the next tensor of the slab, [rows][cols].
func (o *oracle) next() [][]float64 {
	t := &o.v[o.i]
	o.i++
	m := make([][]float64, t.Rows)
	for r := range m {
		m[r] = o.w[t.at+r*t.Cols:][:t.Cols]
	}
	return m
}

// loss returns the sum of the cross-entropies of all sequences.
func (o *oracle) loss(shared bool, in, want [][]int32) float64 {
	sum := 0.0
	for i := range in {
		sum += o.sequence(shared, in[i], want[i])
	}
	return sum
}

func (o *oracle) sequence(shared bool, in, want []int32) float64 {
	o.i = 0
	embed := o.next()
	x := make([][]float64, len(in))
	for t, token := range in {
		x[t] = append([]float64(nil), embed[token]...)
	}
	for range o.c.NLayers {
		o.layer(x)
	}
	norm, output := o.next()[0], embed
	if !shared {
		output = o.next()
	}
	sum := 0.0
	for t := range x {
		if want[t] < 0 {
			continue
		}
		logits, total := mul(output, o.rms(x[t], norm)), 0.0
		for _, l := range logits {
			total += math.Exp(l)
		}
		sum += math.Log(total) - logits[want[t]]
	}
	return sum
}

func (o *oracle) layer(x [][]float64) {
	attnNorm, wq, wk, wv, wo := o.next()[0], o.next(), o.next(), o.next(), o.next()
	ffnNorm, w1, w2, w3 := o.next()[0], o.next(), o.next(), o.next()
	var q, k, v [][]float64
	for t := range x {
		h := o.rms(x[t], attnNorm)
		q, k, v = append(q, o.rope(mul(wq, h), t)), append(k, o.rope(mul(wk, h), t)), append(v, mul(wv, h))
	}
	for t := range x {
		addTo(x[t], mul(wo, o.attend(q[t], k[:t+1], v)))
		h := o.rms(x[t], ffnNorm)
		gate, up := mul(w1, h), mul(w3, h)
		for i, g := range gate {
			gate[i] = g / (1 + math.Exp(-g)) * up[i]
		}
		addTo(x[t], mul(w2, gate))
	}
}

func (o *oracle) attend(q []float64, k, v [][]float64) []float64 {
	dim := o.c.HeadDim
	a := make([]float64, len(q))
	for h := range o.c.NHeads {
		g := h / (o.c.NHeads / o.c.NKVHeads)
		p, sum := make([]float64, len(k)), 0.0
		for j := range k {
			for i := range dim {
				p[j] += q[h*dim+i] * k[j][g*dim+i]
			}
			p[j] = math.Exp(p[j] / math.Sqrt(float64(dim)))
			sum += p[j]
		}
		for j := range k {
			for i := range dim {
				a[h*dim+i] += p[j] / sum * v[j][g*dim+i]
			}
		}
	}
	return a
}

func (o *oracle) rms(x, w []float64) []float64 {
	sum, h := 0.0, make([]float64, len(x))
	for _, f := range x {
		sum += f * f
	}
	for i, f := range x {
		h[i] = w[i] * f / math.Sqrt(sum/float64(len(x))+float64(o.c.NormEps))
	}
	return h
}

func (o *oracle) rope(x []float64, pos int) []float64 {
	for i := 0; i < len(x); i += 2 {
		angle := float64(pos) * math.Pow(o.c.Rope.Theta, -float64(i%o.c.HeadDim)/float64(o.c.HeadDim))
		sin, cos := math.Sincos(angle)
		x[i], x[i+1] = x[i]*cos-x[i+1]*sin, x[i]*sin+x[i+1]*cos
	}
	return x
}

func mul(w [][]float64, x []float64) []float64 {
	y := make([]float64, len(w))
	for r := range w {
		for i, f := range x {
			y[r] += w[r][i] * f
		}
	}
	return y
}

func addTo(x, y []float64) {
	for i, f := range y {
		x[i] += f
	}
}
