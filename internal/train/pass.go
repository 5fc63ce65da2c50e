package train

import (
	"cria/internal/kernel"
	"cria/internal/par"
	"cria/internal/tensor"
)

// A Pass computes losses and gradients. It holds what the backward pass needs
// of the forward pass: every layer's activations.
type Pass struct {
	m    *Model
	pool *par.Pool

	// Grads is the slab of gradients. Backward adds to it.
	Grads []float32
	grads view

	rope, unrope *tensor.Rope // rotations by a position's angles, and back

	// The batch in hand: sequences one after the other.
	seqs   []sequence
	tokens []int32 // [T]
	want   []int32 // [T] the token to predict; below 0: none
	losses []float64

	layers []layerActs
	x      tensor.Acts // [T][D] the residual stream after the last layer
	h      tensor.Acts // [T][D] the same, normalized
	logits tensor.Acts // [lossChunk][V]

	// Gradients of activations, shared by all layers.
	dx, dh     tensor.Acts // [T][D]
	da, dq     tensor.Acts // [T][H*K]
	dk, dv     tensor.Acts // [T][G*K]
	dgate, dup tensor.Acts // [T][F]
	inverse    []float32   // [T] 1/rms of the norm in hand

	scratch []scratch // of each worker
}

// layerActs is what the backward pass needs of one layer.
type layerActs struct {
	x, h     tensor.Acts // [T][D] input of the layer, and normalized
	q, a     tensor.Acts // [T][H*K] rotated queries, and what attention returns
	k, v     tensor.Acts // [T][G*K] rotated keys, and values
	p        []float32   // attention: for each sequence and head [S][Pad(S)]
	x2, h2   tensor.Acts // [T][D] input of the feed-forward part, and normalized
	gate, up tensor.Acts // [T][F]
	act      tensor.Acts // [T][F] silu(gate) * up
}

// A sequence is a part of a batch that attends to itself only.
type sequence struct {
	first, n int // tokens first to first+n-1
	p        int // where its part of layerActs.p begins
}

// scratch is what one worker needs for itself.
type scratch struct {
	outer kernel.OuterScratch
	panel []float32 // rowsPacked rows of a matrix, packed
	row   []float32 // [max(D, F)]
	head  headScratch
}

// Sizes is the largest batch that a Pass will see.
type Sizes struct {
	Batch int // sequences
	Seq   int // tokens of each
}

// NewPass returns a pass over batches of a model.
func NewPass(m *Model, s Sizes, pool *par.Pool) *Pass {
	c, tokens := &m.Config, s.Batch*s.Seq
	attn, kv := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	acts := func(n int) tensor.Acts { return tensor.NewActs(tokens, n) }
	p := &Pass{
		m: m, pool: pool, Grads: tensor.Make[float32](len(m.Params)),
		losses: make([]float64, tokens), x: acts(c.Dim), h: acts(c.Dim),
		logits: tensor.NewActs(min(lossChunk, tokens), c.VocabSize),
		dx:     acts(c.Dim), dh: acts(c.Dim), da: acts(attn), dq: acts(attn), dk: acts(kv), dv: acts(kv),
		dgate: acts(c.HiddenDim), dup: acts(c.HiddenDim), inverse: make([]float32, tokens),
		layers: make([]layerActs, c.NLayers), scratch: make([]scratch, pool.Workers()),
	}
	p.grads, _ = newView(c, m.Shared, p.Grads)
	p.rope = c.NewRope(s.Seq)
	p.unrope = &tensor.Rope{Cos: p.rope.Cos, Sin: make([]float32, len(p.rope.Sin)), Half: p.rope.Half}
	for i, f := range p.rope.Sin {
		p.unrope.Sin[i] = -f
	}
	for l := range p.layers {
		p.layers[l] = layerActs{
			x: acts(c.Dim), h: acts(c.Dim), q: acts(attn), a: acts(attn), k: acts(kv), v: acts(kv),
			p:  tensor.Make[float32](c.NHeads * tokens * tensor.Pad(s.Seq)),
			x2: acts(c.Dim), h2: acts(c.Dim), gate: acts(c.HiddenDim), up: acts(c.HiddenDim), act: acts(c.HiddenDim),
		}
	}
	for i := range p.scratch {
		p.scratch[i] = scratch{
			panel: make([]float32, kernel.PanelLen(max(c.Dim, c.HiddenDim, attn))*(rowsPacked/kernel.PanelRows)),
			row:   make([]float32, tensor.Pad(max(c.Dim, c.HiddenDim))),
			head:  newHeadScratch(c, s.Seq),
		}
	}
	return p
}

// ClearGrads sets all gradients to zero.
func (p *Pass) ClearGrads() {
	p.each("clear", len(p.Grads), pieceLen, func(_ *scratch, lo, hi int) { clear(p.Grads[lo:hi]) })
}

// setBatch takes a batch: in[i] are the tokens of sequence i and want[i] those
// that should follow each. Ends of which nothing is wanted are left out.
func (p *Pass) setBatch(in, want [][]int32) {
	p.seqs, p.tokens, p.want = p.seqs[:0], p.tokens[:0], p.want[:0]
	at := 0
	for i := range in {
		n := len(want[i])
		for n > 0 && want[i][n-1] < 0 {
			n--
		}
		p.seqs = append(p.seqs, sequence{len(p.tokens), n, at})
		p.tokens = append(p.tokens, in[i][:n]...)
		p.want = append(p.want, want[i][:n]...)
		at += p.m.Config.NHeads * n * tensor.Pad(n)
	}
}

// each calls f on pieces of 0 to n-1, grain at a time, on all cores.
func (p *Pass) each(name string, n, grain int, f func(s *scratch, lo, hi int)) {
	p.pool.Run(par.NewTask(name, func(w, lo, hi int) { f(&p.scratch[w], lo, hi) }), n, grain)
}

// eachToken calls f on pieces of the batch's tokens.
func (p *Pass) eachToken(name string, f func(s *scratch, lo, hi int)) {
	p.each(name, len(p.tokens), 32, f)
}
