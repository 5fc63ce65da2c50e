package train

import (
	"fmt"
	"math"
	"math/rand/v2"

	"cria/internal/float"
	"cria/internal/model"
	"cria/internal/tensor"
)

// A Model is parameters that can be taught: one slab of float32, and names for
// its parts. Shape comments use the letters of package model, with T tokens in
// all sequences of a batch and S in the longest.
type Model struct {
	Config  model.Config
	Shared  bool     // the classifier is the embedding
	Tensors []Tensor // in the order of the slab
	Params  []float32

	view view // of Params
}

// A Tensor is a part of the slab.
type Tensor struct {
	Name       string // as in llama2.c checkpoints
	Rows, Cols int
	Norm       bool // the weights of a norm, which do not decay
	at         int
}

// Of returns the tensor's part of a slab: parameters, gradients or moments.
func (t *Tensor) Of(slab []float32) []float32 { return slab[t.at:][:t.Rows*t.Cols] }

// A view has the parts of a slab under the names that formulas use.
type view struct {
	embed     []float32 // [V][D]
	layers    []layerView
	finalNorm []float32 // [D]
	output    []float32 // [V][D]; embed again if shared
}

type layerView struct {
	attnNorm       []float32 // [D]
	wq, wk, wv, wo []float32 // [H*K][D], [G*K][D], [G*K][D], [D][H*K]
	ffnNorm        []float32 // [D]
	w1, w2, w3     []float32 // [F][D], [D][F], [F][D]
}

// A part is a tensor and where a view keeps it.
type part struct {
	Tensor
	dst *[]float32
}

// parts lists a model's tensors. It is the only place in this package that states their shapes.
func parts(c *model.Config, shared bool, v *view) []part {
	v.layers = make([]layerView, c.NLayers)
	attn, kv, dim, hidden := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim, c.Dim, c.HiddenDim
	mat := func(name string, rows, cols int, dst *[]float32) part {
		return part{Tensor{Name: name, Rows: rows, Cols: cols}, dst}
	}
	norm := func(name string, dst *[]float32) part {
		return part{Tensor{Name: name, Rows: 1, Cols: dim, Norm: true}, dst}
	}
	list := []part{mat("tok_embeddings.weight", c.VocabSize, dim, &v.embed)}
	for l := range v.layers {
		lv, at := &v.layers[l], fmt.Sprintf("layers.%d.", l)
		list = append(list,
			norm(at+"attention_norm.weight", &lv.attnNorm),
			mat(at+"attention.wq.weight", attn, dim, &lv.wq),
			mat(at+"attention.wk.weight", kv, dim, &lv.wk),
			mat(at+"attention.wv.weight", kv, dim, &lv.wv),
			mat(at+"attention.wo.weight", dim, attn, &lv.wo),
			norm(at+"ffn_norm.weight", &lv.ffnNorm),
			mat(at+"feed_forward.w1.weight", hidden, dim, &lv.w1),
			mat(at+"feed_forward.w2.weight", dim, hidden, &lv.w2),
			mat(at+"feed_forward.w3.weight", hidden, dim, &lv.w3))
	}
	list = append(list, norm("norm.weight", &v.finalNorm))
	if !shared {
		list = append(list, mat("output.weight", c.VocabSize, dim, &v.output))
	}
	return list
}

// slabLen returns how long a slab is: every tensor begins at a multiple of 16.
func slabLen(c *model.Config, shared bool) int {
	n := 0
	for _, p := range parts(c, shared, &view{}) {
		n += tensor.Pad(p.Rows * p.Cols)
	}
	return n
}

// newView returns the parts of a slab, and their list.
func newView(c *model.Config, shared bool, slab []float32) (view, []Tensor) {
	var v view
	var tensors []Tensor
	at := 0
	for _, p := range parts(c, shared, &v) {
		p.at = at
		*p.dst = p.Of(slab)
		tensors = append(tensors, p.Tensor)
		at += tensor.Pad(p.Rows * p.Cols)
	}
	if shared {
		v.output = v.embed
	}
	return v, tensors
}

// NewModel returns a model whose parameters are all zero.
func NewModel(c model.Config, shared bool) (*Model, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	m := &Model{Config: c, Shared: shared, Params: tensor.Make[float32](slabLen(&c, shared))}
	m.view, m.Tensors = newView(&c, shared, m.Params)
	return m, nil
}

// Init sets the parameters to where training begins: norms 1, matrices normal
// with deviation 0.02, divided by sqrt(2*NLayers) for those that add to the
// residual stream (Radford et al. 2019, "Language Models are Unsupervised
// Multitask Learners"). The same seed gives the same bits everywhere.
func (m *Model) Init(seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 0x696e6974)) // "init"
	residual := 0.02 / math.Sqrt(float64(2*m.Config.NLayers))
	v := &m.view
	normal(rng, v.embed, 0.02)
	for l := range v.layers {
		lv := &v.layers[l]
		fill(lv.attnNorm, 1)
		fill(lv.ffnNorm, 1)
		for _, w := range [][]float32{lv.wq, lv.wk, lv.wv, lv.w1, lv.w3} {
			normal(rng, w, 0.02)
		}
		normal(rng, lv.wo, residual)
		normal(rng, lv.w2, residual)
	}
	fill(v.finalNorm, 1)
	if !m.Shared {
		normal(rng, v.output, 0.02)
	}
}

func fill(x []float32, f float32) {
	for i := range x {
		x[i] = f
	}
}

// normal fills x with normal deviates (Box and Muller 1958).
func normal(rng *rand.Rand, x []float32, deviation float64) {
	for i := range x {
		r := math.Sqrt(float64(-2 * float.Log(1-rng.Float64())))
		_, cos := float.SinCos(float64(2 * math.Pi * rng.Float64()))
		x[i] = float32(float64(deviation * float64(r*cos)))
	}
}

// SetWeights copies the parameters of a model that was loaded, whatever their types.
func (m *Model) SetWeights(w *model.Weights) error {
	if len(w.Layers) != len(m.view.layers) {
		return fmt.Errorf("train: the model has %d layers, want %d", len(w.Layers), len(m.view.layers))
	}
	decode(m.view.embed, &w.TokenEmbed)
	for l := range w.Layers {
		lv, lw := &m.view.layers[l], &w.Layers[l]
		copy(lv.attnNorm, lw.AttnNorm)
		copy(lv.ffnNorm, lw.FFNNorm)
		for _, p := range []struct {
			dst []float32
			mat *tensor.Mat
		}{{lv.wq, &lw.WQ}, {lv.wk, &lw.WK}, {lv.wv, &lw.WV}, {lv.wo, &lw.WO},
			{lv.w1, &lw.W1}, {lv.w2, &lw.W2}, {lv.w3, &lw.W3}} {
			decode(p.dst, p.mat)
		}
	}
	copy(m.view.finalNorm, w.FinalNorm)
	if !m.Shared {
		decode(m.view.output, &w.Output)
	}
	return nil
}

// decode sets dst to the numbers of a matrix of the same size.
func decode(dst []float32, w *tensor.Mat) {
	switch w.Type {
	case tensor.F32:
		copy(dst, w.F32())
	case tensor.F16:
		for i, h := range w.U16() {
			dst[i] = float.F16ToF32(h)
		}
	case tensor.BF16:
		for i, h := range w.U16() {
			dst[i] = float.BF16ToF32(h)
		}
	case tensor.Q8:
		for i, q := range w.I8() {
			dst[i] = float32(q) * w.Scales[i/w.Group]
		}
	}
}

// Weights returns the parameters as the heart runs them. They are views: what
// is learned later shows.
func (m *Model) Weights() *model.Weights {
	c, v := &m.Config, &m.view
	attn, kv := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	mat := func(rows, cols int, x []float32) tensor.Mat {
		return tensor.Mat{Type: tensor.F32, Rows: rows, Cols: cols, Data: tensor.Bytes(x)}
	}
	w := &model.Weights{
		TokenEmbed: mat(c.VocabSize, c.Dim, v.embed), FinalNorm: v.finalNorm,
		Output: mat(c.VocabSize, c.Dim, v.output), Layers: make([]model.Layer, c.NLayers),
	}
	for l := range w.Layers {
		lv := &v.layers[l]
		w.Layers[l] = model.Layer{
			AttnNorm: lv.attnNorm, WQ: mat(attn, c.Dim, lv.wq), WK: mat(kv, c.Dim, lv.wk), WV: mat(kv, c.Dim, lv.wv),
			WO: mat(c.Dim, attn, lv.wo), FFNNorm: lv.ffnNorm,
			W1: mat(c.HiddenDim, c.Dim, lv.w1), W2: mat(c.Dim, c.HiddenDim, lv.w2), W3: mat(c.HiddenDim, c.Dim, lv.w3),
		}
	}
	return w
}
