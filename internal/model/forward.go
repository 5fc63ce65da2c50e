package model

import (
	"cria/internal/kv"
	"cria/internal/tensor"
)

// State is the activations of one forward pass, allocated once.
type State struct {
	Cache *kv.Cache

	rope    *tensor.Rope
	x       tensor.Acts // [T][D] the residual stream
	q, a    tensor.Acts // [T][H*K] queries, and what attention returns
	k, v    tensor.Acts // [T][G*K]
	w1, w3  tensor.Acts // [T][F]
	logits  tensor.Acts // [rows that ask for them][V]
	product [3]tensor.Product
}

// NewState returns a state for batches of at most rows tokens of which at most
// nLogits ask for logits, at positions below cache's and seqLen.
func NewState(c *Config, cache *kv.Cache, seqLen, rows, nLogits int) *State {
	return &State{
		Cache: cache, rope: c.NewRope(seqLen),
		x: tensor.NewActs(rows, c.Dim),
		q: tensor.NewActs(rows, c.NHeads*c.HeadDim), a: tensor.NewActs(rows, c.NHeads*c.HeadDim),
		k: tensor.NewActs(rows, c.NKVHeads*c.HeadDim), v: tensor.NewActs(rows, c.NKVHeads*c.HeadDim),
		w1: tensor.NewActs(rows, c.HiddenDim), w3: tensor.NewActs(rows, c.HiddenDim),
		logits: tensor.NewActs(nLogits, c.VocabSize),
	}
}

// Forward runs a batch of tokens through the network: a prompt's, one each of
// several sequences, or any mixture; the rows of one sequence in the order of
// their positions. It appends their keys and values to the cache and returns
// the logits [V] of each row that asked for them, valid until the next call.
func Forward(b Backend, c *Config, w *Weights, s *State, rows []kv.Row) tensor.Acts {
	b.Embed(s.x, &w.TokenEmbed, rows) // x [T][D]

	for l := range w.Layers {
		lw := &w.Layers[l]

		// Attention: x += WO · attend(rope(WQ·h), rope(WK·h), WV·h), h = norm(x).
		qkv := s.product[:3]
		qkv[0] = tensor.Product{Dst: s.q, W: &lw.WQ} // q [T][H*K]
		qkv[1] = tensor.Product{Dst: s.k, W: &lw.WK} // k [T][G*K]
		qkv[2] = tensor.Product{Dst: s.v, W: &lw.WV} // v [T][G*K]
		b.NormProject(qkv, s.x, lw.AttnNorm, c.NormEps, rows)
		b.RopeStore(s.q, s.k, s.v, s.rope, s.Cache, l, rows)
		b.Attend(s.a, s.q, s.Cache, l, rows) // a [T][H*K]
		b.ProjectAdd(s.x, &lw.WO, s.a, rows)

		// Feed-forward: x += W2 · (silu(W1·h) * W3·h), h = norm(x).
		gateUp := s.product[:2]
		gateUp[0] = tensor.Product{Dst: s.w1, W: &lw.W1} // w1 [T][F]
		gateUp[1] = tensor.Product{Dst: s.w3, W: &lw.W3} // w3 [T][F]
		b.NormProject(gateUp, s.x, lw.FFNNorm, c.NormEps, rows)
		b.SwiGLU(s.w1, s.w3, rows)
		b.ProjectAdd(s.x, &lw.W2, s.w1, rows)
	}

	b.Logits(s.logits, &w.Output, s.x, w.FinalNorm, c.NormEps, rows)
	return s.logits
}
