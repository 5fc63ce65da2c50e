package train

import (
	"math"

	"cria/internal/kernel"
	"cria/internal/tensor"
)

// norm sets h[t] = w * x[t] * s[t] with s[t] = 1/sqrt(mean(x[t]²) + eps).
func (p *Pass) norm(h, x tensor.Acts, w []float32) {
	p.eachToken("norm", func(_ *scratch, lo, hi int) {
		for t := lo; t < hi; t++ {
			kernel.RMSNorm(h.Row(t), x.Data[t*x.Stride:][:x.Stride], w, p.m.Config.NormEps)
		}
	})
}

// normBack is the derivative of h = w * x * s. As ds/dx_i = -s³·x_i/D:
//
//	dx_i += s·w_i·dh_i - s³·x_i/D · Σ_j w_j·dh_j·x_j
//	dw_i += Σ_t s[t]·x_i[t]·dh_i[t]
func (p *Pass) normBack(dx tensor.Acts, dw []float32, dh tensor.Acts, w []float32, x tensor.Acts) {
	n := x.N
	p.eachToken("normBack", func(scratch *scratch, lo, hi int) {
		var sum [2]float32
		wdh := scratch.row[:tensor.Pad(n)]
		clear(wdh[n:])
		for t := lo; t < hi; t++ {
			xt := x.Data[t*x.Stride:][:x.Stride]
			dst, d := dx.Row(t), dh.Row(t)
			for i, f := range d {
				wdh[i] = w[i] * f
			}
			kernel.DotRows(sum[:1], xt, xt, n)
			kernel.DotRows(sum[1:], wdh, xt, n)
			s := 1 / float32(math.Sqrt(float64(sum[0]/float32(n)+p.m.Config.NormEps)))
			k := s * s * s * sum[1] / float32(n)
			for i, f := range wdh[:n] {
				dst[i] += float32(s*f) - float32(k*xt[i])
			}
			p.inverse[t] = s
		}
	})
	// The sum over tokens goes in order: work is split by columns.
	p.each("normBack", n, 16, func(_ *scratch, lo, hi int) {
		dw := dw[lo:hi]
		for t := range p.tokens {
			s, xt, d := p.inverse[t], x.Row(t)[lo:hi], dh.Row(t)[lo:hi]
			for i := range dw {
				dw[i] += float32(float32(s*xt[i]) * d[i])
			}
		}
	})
}
