// Package ref computes the verbs of the forward pass in the plainest Go. It is
// slow, and it is the definition: every number that cria computes on a CPU has
// the bits that this package gives it.
package ref

import (
	"math"

	"cria/internal/float"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Backend implements the verbs of package model. It has no state.
type Backend struct{}

// Embed sets x[t] to the row of table that belongs to rows[t].Token.
func (Backend) Embed(x tensor.Acts, table *tensor.Mat, rows []kv.Row) {
	for t, row := range rows {
		copy(x.Row(t), decodeRow(table, int(row.Token)))
	}
}

// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) for each product p.
func (Backend) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	for t := range rows {
		h := RMSNorm(x.Row(t), norm, eps)
		for _, p := range ps {
			copy(p.Dst.Row(t), MatVec(p.W, h))
		}
	}
}

// RopeStore turns the pairs (2i, 2i+1) of each head of q and k, and writes k and v to the cache.
func (Backend) RopeStore(q, k, v tensor.Acts, rope *tensor.Rope, cache *kv.Cache, layer int, rows []kv.Row) {
	for t, row := range rows {
		cos, sin := rope.Cos[row.Pos*rope.Half:], rope.Sin[row.Pos*rope.Half:]
		for _, x := range [][]float32{q.Row(t), k.Row(t)} {
			for i := 0; i < len(x); i += 2 {
				c, s := cos[i/2%rope.Half], sin[i/2%rope.Half]
				x0, x1 := x[i], x[i+1]
				x[i] = float32(x0*c) - float32(x1*s)
				x[i+1] = float32(x0*s) + float32(x1*c)
			}
		}
		store(cache, row, layer, kv.K, k.Row(t))
		store(cache, row, layer, kv.V, v.Row(t))
	}
}

// store writes the keys or values of all heads of one row.
func store(c *kv.Cache, row kv.Row, layer int, part kv.Part, x []float32) {
	page, at := row.Seq.Pages()[row.Pos/kv.PagePos], row.Pos%kv.PagePos*tensor.Pad(c.HeadDim)
	for g := range c.KVHeads {
		for i, f := range x[g*c.HeadDim:][:c.HeadDim] {
			if c.Type == tensor.F16 {
				c.Block16(page, layer, part, g)[at+i] = float.F16(f)
			} else {
				c.Block32(page, layer, part, g)[at+i] = f
			}
		}
	}
}

// load returns what store wrote for one head.
func load(c *kv.Cache, seq *kv.Seq, pos, layer int, part kv.Part, g int) []float32 {
	page, at := seq.Pages()[pos/kv.PagePos], pos%kv.PagePos*tensor.Pad(c.HeadDim)
	if c.Type == tensor.F32 {
		return c.Block32(page, layer, part, g)[at:][:c.HeadDim]
	}
	x := make([]float32, c.HeadDim)
	for i, h := range c.Block16(page, layer, part, g)[at:][:c.HeadDim] {
		x[i] = float.F16ToF32(h)
	}
	return x
}

// Attend is grouped-query attention (Ainslie et al. 2023): H/G query heads share a key/value head.
func (Backend) Attend(a, q tensor.Acts, cache *kv.Cache, layer int, rows []kv.Row) {
	scale := float32(1 / math.Sqrt(float64(cache.HeadDim)))
	heads := q.N / cache.HeadDim
	for t, row := range rows {
		for h := range heads {
			g := h / (heads / cache.KVHeads)
			qh := make([]float32, cache.HeadDim)
			for i, f := range q.Row(t)[h*cache.HeadDim:][:cache.HeadDim] {
				qh[i] = f * scale
			}
			p := make([]float32, row.Pos+1)
			for pos := range p {
				p[pos] = Dot(load(cache, row.Seq, pos, layer, kv.K, g), qh)
			}
			sum := ExpSum(p, Max(p))
			ah := a.Row(t)[h*cache.HeadDim:][:cache.HeadDim]
			clear(ah)
			for pos, w := range p {
				for i, f := range load(cache, row.Seq, pos, layer, kv.V, g) {
					ah[i] = float.FMA(w, f, ah[i])
				}
			}
			for i := range ah {
				ah[i] /= sum
			}
		}
	}
}

// ProjectAdd adds w · a[t] to x[t].
func (Backend) ProjectAdd(x tensor.Acts, w *tensor.Mat, a tensor.Acts, rows []kv.Row) {
	for t := range rows {
		for r, f := range MatVec(w, a.Row(t)) {
			x.Row(t)[r] += f
		}
	}
}

// SwiGLU sets gate = silu(gate) * up (Shazeer 2020, "GLU Variants Improve Transformer").
func (Backend) SwiGLU(gate, up tensor.Acts, rows []kv.Row) {
	for t := range rows {
		for i, f := range up.Row(t) {
			gate.Row(t)[i] = float.SiLU(gate.Row(t)[i]) * f
		}
	}
}

// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for logits.
func (Backend) Logits(dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	i := 0
	for t, row := range rows {
		if row.Logits {
			copy(dst.Row(i), MatVec(w, RMSNorm(x.Row(t), norm, eps)))
			i++
		}
	}
}
