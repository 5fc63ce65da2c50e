package model

import (
	"math"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// State is the activations of one forward pass, allocated once.
type State struct {
	Cache *kv.Cache

	rope    [2]*tensor.Rope // of layers that see all positions, and of those that are Local
	x       tensor.Acts     // [T][D] the residual stream
	q, a    tensor.Acts     // [T][H*K] queries, and what attention returns
	k, v    tensor.Acts     // [T][G*K]
	w1, w3  tensor.Acts     // [T][F]
	logits  tensor.Acts     // [rows that ask for them][V]
	product [3]tensor.Product
	attn    tensor.Attention
	experts *experts // nil if there are none
}

// NewState returns a state for batches of at most rows tokens of which at most
// nLogits ask for logits, at positions below cache's and seqLen.
func NewState(c *Config, cache *kv.Cache, seqLen, rows, nLogits int) *State {
	s := &State{
		Cache: cache,
		x:     tensor.NewActs(rows, c.Dim),
		q:     tensor.NewActs(rows, c.NHeads*c.HeadDim), a: tensor.NewActs(rows, c.NHeads*c.HeadDim),
		k: tensor.NewActs(rows, c.NKVHeads*c.HeadDim), v: tensor.NewActs(rows, c.NKVHeads*c.HeadDim),
		w1: tensor.NewActs(rows, c.HiddenDim), w3: tensor.NewActs(rows, c.HiddenDim),
		logits: tensor.NewActs(nLogits, c.VocabSize),
	}
	s.rope[0] = c.NewRope(seqLen)
	s.rope[1] = s.rope[0]
	if c.LocalRope != nil {
		s.rope[1] = c.LocalRope.table(c.HeadDim, seqLen)
	}
	if c.NExperts > 0 {
		s.experts = newExperts(c, rows)
	}
	return s
}

// WithLogits returns a state that shares all of s but the logits, of which it has
// its own: those of vocab tokens for rows rows. The two cannot be used at the same time.
func (s *State) WithLogits(vocab, rows int) *State {
	c := *s
	c.logits = tensor.NewActs(rows, vocab)
	return &c
}

// Logits returns the logits [V] of the i-th row that asked for them in the last call of Forward.
func (s *State) Logits(i int) []float32 { return s.logits.Row(i) }

// Forward runs a batch of tokens through the network: a prompt's, one each of
// several sequences, or any mixture; the rows of one sequence in the order of
// their positions. It appends their keys and values to the cache and returns
// the logits [V] of each row that asked for them, valid until the next call.
func Forward(b Backend, c *Config, w *Weights, s *State, rows []kv.Row) tensor.Acts {
	b.Embed(s.x, &w.TokenEmbed, orOne(c.EmbedScale), rows) // x [T][D]

	for l := range w.Layers {
		lw := &w.Layers[l]

		// Attention: x += WO · attend(rope(WQ·h), rope(WK·h), WV·h), h = norm(x).
		qkv, at := s.product[:3], s.attention(c, lw)
		qkv[0] = tensor.Product{Dst: s.q, W: &lw.WQ, Bias: lw.BQ} // q [T][H*K]
		qkv[1] = tensor.Product{Dst: s.k, W: &lw.WK, Bias: lw.BK} // k [T][G*K]
		qkv[2] = tensor.Product{Dst: s.v, W: &lw.WV, Bias: lw.BV} // v [T][G*K]
		b.NormProject(qkv, s.x, lw.AttnNorm, c.NormEps, rows)
		b.RopeStore(s.q, s.k, s.v, at, s.Cache, l, rows)
		b.Attend(s.a, s.q, at, s.Cache, l, rows) // a [T][H*K]
		b.ProjectAdd(tensor.Product{Dst: s.x, W: &lw.WO, Bias: lw.BO}, s.a, lw.AttnPostNorm, c.NormEps, rows)

		if lw.Experts != nil {
			s.mix(b, c, lw, rows)
			continue
		}
		// Feed-forward: x += W2 · (silu(W1·h) * W3·h), h = norm(x).
		gateUp := s.product[:2]
		gateUp[0] = tensor.Product{Dst: s.w1, W: &lw.W1} // w1 [T][F]
		gateUp[1] = tensor.Product{Dst: s.w3, W: &lw.W3} // w3 [T][F]
		b.NormProject(gateUp, s.x, lw.FFNNorm, c.NormEps, rows)
		b.GLU(s.w1, s.w3, c.Activation, rows)
		b.ProjectAdd(tensor.Product{Dst: s.x, W: &lw.W2}, s.w1, lw.FFNPostNorm, c.NormEps, rows)
	}

	b.Logits(s.logits, &w.Output, s.x, w.FinalNorm, c.NormEps, c.FinalSoftcap, rows)
	return s.logits
}

// attention returns how a layer attends, valid until the next call.
func (s *State) attention(c *Config, lw *Layer) *tensor.Attention {
	s.attn = tensor.Attention{
		Rope: s.rope[0], QNorm: lw.QNorm, KNorm: lw.KNorm, NormEps: c.NormEps, Scale: c.AttnScale, Softcap: c.AttnSoftcap,
	}
	if c.AttnScale == 0 {
		s.attn.Scale = float32(1 / math.Sqrt(float64(c.HeadDim)))
	}
	if lw.IsLocal {
		s.attn.Rope, s.attn.Window = s.rope[1], c.Window
	}
	return &s.attn
}

func orOne(x float32) float32 {
	if x == 0 {
		return 1
	}
	return x
}
