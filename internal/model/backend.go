package model

import (
	"cria/internal/kv"
	"cria/internal/tensor"
)

// A Backend computes the verbs of the forward pass. Package ref defines each of
// them; another backend on the CPU returns the same bits. A batch is one Row
// for every token; a verb works on the first len(rows) vectors of its Acts.
type Backend interface {
	// Embed sets x[t] to scale times the row of table that belongs to rows[t].Token.
	Embed(x tensor.Acts, table *tensor.Mat, scale float32, rows []kv.Row)

	// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) + p.Bias for each product p.
	NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row)

	// RopeStore normalizes each head of q[t] and k[t] if at asks for it, turns
	// its pairs by the angles of position rows[t].Pos, and writes k[t] and v[t]
	// to the cache.
	RopeStore(q, k, v tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row)

	// Attend sets each head of a[t] to the mean of the values at the positions of
	// the row's sequence that it sees, weighted by the softmax of the scores
	// at.Scale·q·k.
	Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row)

	// ProjectAdd adds p.W · a[t] + p.Bias to p.Dst[t]; if norm is not nil, it adds
	// the rmsnorm of that.
	ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row)

	// GLU sets gate[t] = act(gate[t]) * up[t], element by element.
	GLU(gate, up tensor.Acts, act tensor.Activation, rows []kv.Row)

	// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for
	// logits, and each element z to softcap·tanh(z/softcap) if softcap is not 0.
	Logits(dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, softcap float32, rows []kv.Row)
}

// A Mixer is a Backend that may compute mixtures of experts by itself: one whose activations are elsewhere, so that
// nobody here can see who uses which expert.
type Mixer interface {
	// Mix adds to x[t] Σ weight·expert(rmsnorm(x[t])) over the experts that t uses, as the verbs
	// would that it stands for, or it does nothing and returns false.
	Mix(x tensor.Acts, m *tensor.Mixture, rows []kv.Row) bool
}
