// Package ref computes the verbs of the forward pass in the plainest Go. It is
// slow, and it is the definition: every number that cria computes on a CPU has
// the bits that this package gives it.
package ref

import (
	"slices"

	"cria/internal/float"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Backend implements the verbs of package model. It has no state.
type Backend struct{}

// Embed sets x[t] to scale times the row of table that belongs to rows[t].Token.
func (Backend) Embed(x tensor.Acts, table *tensor.Mat, scale float32, rows []kv.Row) {
	for t, row := range rows {
		for i, f := range decodeRow(table, int(row.Token)) {
			x.Row(t)[i] = f * scale
		}
	}
}

// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) + p.Bias for each product p.
func (Backend) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	for t := range rows {
		h := RMSNorm(x.Row(t), norm, eps)
		for _, p := range ps {
			copy(p.Dst.Row(t), product(p, h))
		}
	}
}

// product returns p.W · x + p.Bias.
func product(p tensor.Product, x []float32) []float32 {
	y := MatVec(p.W, x)
	for i, f := range p.Bias {
		y[i] += f
	}
	return y
}

// RopeStore normalizes and turns each head of q and k, and writes k and v to the cache.
func (Backend) RopeStore(
	q, k, v tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row,
) {
	for t, row := range rows {
		for i := 0; i < q.N; i += cache.HeadDim {
			turn(q.Row(t)[i:][:cache.HeadDim], at.QNorm, at, row.Pos)
		}
		for i := 0; i < k.N; i += cache.HeadDim {
			turn(k.Row(t)[i:][:cache.HeadDim], at.KNorm, at, row.Pos)
		}
		store(cache, row, layer, kv.K, k.Row(t))
		store(cache, row, layer, kv.V, v.Row(t))
	}
}

// turn normalizes a head if norm is not nil, and turns its pairs.
func turn(x, norm []float32, at *tensor.Attention, pos int) {
	if norm != nil {
		copy(x, RMSNorm(x, norm, at.NormEps))
	}
	r, y := at.Rope, slices.Clone(x)
	for i := range r.Half {
		c, s := r.Cos[pos*r.Half+i], r.Sin[pos*r.Half+i]
		x0, x1 := y[2*i], y[2*i+1]
		if r.Halves {
			x0, x1 = y[i], y[i+r.Half]
		}
		x[2*i] = float32(x0*c) - float32(x1*s)
		x[2*i+1] = float32(x0*s) + float32(x1*c)
	}
}

// store writes the keys or values of all heads of one row.
func store(c *kv.Cache, row kv.Row, layer int, part kv.Part, x []float32) {
	page, pos := row.Seq.Pages()[row.Pos/kv.PagePos], row.Pos%kv.PagePos
	at := pos * tensor.Pad(c.HeadDim)
	for g := range c.KVHeads {
		head := x[g*c.HeadDim:][:c.HeadDim]
		switch c.Type {
		case tensor.F32:
			copy(c.Block32(page, layer, part, g)[at:], head)
		case tensor.F16:
			for i, f := range head {
				c.Block16(page, layer, part, g)[at+i] = float.F16(f)
			}
		case tensor.Q8_0: // quantized as activations are; then the scale is rounded
			codes, scales := c.Block8(page, layer, part, g)
			for i := 0; i < c.HeadDim; i += kv.GroupLen {
				n := min(kv.GroupLen, c.HeadDim-i)
				q, d := Quantize(head[i:][:n], n)
				copy(codes[at+i:], q)
				scales[pos*c.Groups()+i/kv.GroupLen] = float.F16(d[0])
			}
		}
	}
}

// load returns what store wrote for one head.
func load(c *kv.Cache, seq *kv.Seq, pos, layer int, part kv.Part, g int) []float32 {
	page, at := seq.Pages()[pos/kv.PagePos], pos%kv.PagePos*tensor.Pad(c.HeadDim)
	x := make([]float32, c.HeadDim)
	switch c.Type {
	case tensor.F32:
		copy(x, c.Block32(page, layer, part, g)[at:])
	case tensor.F16:
		for i, h := range c.Block16(page, layer, part, g)[at:][:c.HeadDim] {
			x[i] = float.F16ToF32(h)
		}
	case tensor.Q8_0:
		codes, scales := c.Block8(page, layer, part, g)
		for i, q := range codes[at:][:c.HeadDim] {
			d := scales[pos%kv.PagePos*c.Groups()+i/kv.GroupLen]
			x[i] = float32(q) * float.F16ToF32(d)
		}
	}
	return x
}

// Attend is grouped-query attention (Ainslie et al. 2023): H/G query heads share
// a key/value head. A token sees the positions from at.First on.
func (Backend) Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	heads := q.N / cache.HeadDim
	for t, row := range rows {
		for h := range heads {
			g := h / (heads / cache.KVHeads)
			qh := make([]float32, cache.HeadDim)
			for i, f := range q.Row(t)[h*cache.HeadDim:][:cache.HeadDim] {
				qh[i] = f * at.Scale
			}
			first := at.First(row.Pos)
			p := make([]float32, row.Pos+1-first)
			for i := range p {
				p[i] = Dot(load(cache, row.Seq, first+i, layer, kv.K, g), qh)
			}
			softcap(p, at.Softcap)
			sum := ExpSum(p, Max(p))
			ah := a.Row(t)[h*cache.HeadDim:][:cache.HeadDim]
			clear(ah)
			for i, w := range p {
				for j, f := range load(cache, row.Seq, first+i, layer, kv.V, g) {
					ah[j] = float.FMA(w, f, ah[j])
				}
			}
			for i := range ah {
				ah[i] /= sum
			}
		}
	}
}

// softcap sets each x[i] to c·tanh(x[i]/c), unless c is 0.
func softcap(x []float32, c float32) {
	if c == 0 {
		return
	}
	for i, f := range x {
		x[i] = c * float.Tanh(f/c)
	}
}

// ProjectAdd adds p.W · a[t] + p.Bias to p.Dst[t], normalized if norm is not nil.
func (Backend) ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	for t := range rows {
		y := product(p, a.Row(t))
		if norm != nil {
			y = RMSNorm(y, norm, eps)
		}
		for i, f := range y {
			p.Dst.Row(t)[i] += f
		}
	}
}

// GLU sets gate = act(gate) * up (Shazeer 2020, "GLU Variants Improve Transformer").
func (Backend) GLU(gate, up tensor.Acts, act tensor.Activation, rows []kv.Row) {
	f := float.SiLU
	if act == tensor.GELU {
		f = float.GELU
	}
	for t := range rows {
		for i, u := range up.Row(t) {
			gate.Row(t)[i] = f(gate.Row(t)[i]) * u
		}
	}
}

// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for logits, capped at limit if it is not 0.
func (Backend) Logits(
	dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, limit float32, rows []kv.Row,
) {
	i := 0
	for t, row := range rows {
		if row.Logits {
			copy(dst.Row(i), MatVec(w, RMSNorm(x.Row(t), norm, eps)))
			softcap(dst.Row(i), limit)
			i++
		}
	}
}
