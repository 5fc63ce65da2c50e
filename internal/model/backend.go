package model

import (
	"cria/internal/kv"
	"cria/internal/tensor"
)

// A Backend computes the verbs of the forward pass. Package ref defines each of
// them; another backend on the CPU returns the same bits. A batch is one Row
// for every token; a verb works on the first len(rows) vectors of its Acts.
type Backend interface {
	// Embed sets x[t] to the row of table that belongs to rows[t].Token.
	Embed(x tensor.Acts, table *tensor.Mat, rows []kv.Row)

	// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) for each product p.
	NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row)

	// RopeStore turns the pairs of each head of q[t] and k[t] by the angles of
	// position rows[t].Pos, and writes k[t] and v[t] to the cache.
	RopeStore(q, k, v tensor.Acts, rope *tensor.Rope, cache *kv.Cache, layer int, rows []kv.Row)

	// Attend sets each head of a[t] to the mean of the values at positions 0 to
	// rows[t].Pos of the row's sequence, weighted by softmax(q·k / sqrt(HeadDim)).
	Attend(a, q tensor.Acts, cache *kv.Cache, layer int, rows []kv.Row)

	// ProjectAdd adds w · a[t] to x[t].
	ProjectAdd(x tensor.Acts, w *tensor.Mat, a tensor.Acts, rows []kv.Row)

	// SwiGLU sets gate[t] = silu(gate[t]) * up[t], element by element.
	SwiGLU(gate, up tensor.Acts, rows []kv.Row)

	// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for logits.
	Logits(dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps float32, rows []kv.Row)
}
