package load

import (
	"fmt"

	"cria/internal/llama2c"
	"cria/internal/model"
	"cria/internal/tensor"
)

// A want is a tensor that a file must hold: a matrix for which mat is where it
// goes, or a vector for which vec is.
type want struct {
	name       string
	rows, cols int
	mat        *tensor.Mat
	vec        *[]float32
}

// wants lists every tensor of a llama2.c checkpoint under its name there. It is
// the documentation of the weights' shapes, and the check.
func wants(c *model.Config, w *model.Weights, shared bool) []want {
	hk, gk := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	list := []want{
		{"tok_embeddings.weight", c.VocabSize, c.Dim, &w.TokenEmbed, nil},
		{"norm.weight", 1, c.Dim, nil, &w.FinalNorm},
	}
	if !shared {
		list = append(list, want{"output.weight", c.VocabSize, c.Dim, &w.Output, nil})
	}
	for l := range w.Layers {
		lw, layer := &w.Layers[l], fmt.Sprintf("layers.%d.", l)
		list = append(list,
			want{layer + "attention_norm.weight", 1, c.Dim, nil, &lw.AttnNorm},
			want{layer + "attention.wq.weight", hk, c.Dim, &lw.WQ, nil},
			want{layer + "attention.wk.weight", gk, c.Dim, &lw.WK, nil},
			want{layer + "attention.wv.weight", gk, c.Dim, &lw.WV, nil},
			want{layer + "attention.wo.weight", c.Dim, hk, &lw.WO, nil},
			want{layer + "ffn_norm.weight", 1, c.Dim, nil, &lw.FFNNorm},
			want{layer + "feed_forward.w1.weight", c.HiddenDim, c.Dim, &lw.W1, nil},
			want{layer + "feed_forward.w2.weight", c.Dim, c.HiddenDim, &lw.W2, nil},
			want{layer + "feed_forward.w3.weight", c.HiddenDim, c.Dim, &lw.W3, nil},
		)
	}
	return list
}

// Llama2cConfig returns the configuration of a checkpoint with header h. The
// base of the rotary embedding and the norm's epsilon are fixed in run.c.
func Llama2cConfig(h *llama2c.Header) model.Config {
	return model.Config{
		Dim: h.Dim, HiddenDim: h.HiddenDim, NLayers: h.NLayers,
		NHeads: h.NHeads, NKVHeads: h.NKVHeads, HeadDim: h.Dim / h.NHeads,
		VocabSize: h.VocabSize, SeqLen: h.SeqLen, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
}

// Llama2c returns the model in a checkpoint. Its weights are views of the file.
func Llama2c(f *llama2c.File) (model.Config, *model.Weights, error) {
	c := Llama2cConfig(&f.Header)
	if err := c.Check(); err != nil {
		return c, nil, err
	}
	w := &model.Weights{Layers: make([]model.Layer, c.NLayers)}
	tensors := make(map[string]tensor.Mat, len(f.Tensors))
	for _, t := range f.Tensors {
		tensors[t.Name] = t.Mat
	}
	for _, want := range wants(&c, w, f.SharedClassifier) {
		m, ok := tensors[want.name]
		if !ok {
			return c, nil, fmt.Errorf("load: tensor %s is missing", want.name)
		}
		if m.Rows != want.rows || m.Cols != want.cols {
			return c, nil, fmt.Errorf("load: tensor %s is [%d][%d], want [%d][%d]",
				want.name, m.Rows, m.Cols, want.rows, want.cols)
		}
		if want.vec != nil {
			*want.vec = m.F32()
		} else {
			*want.mat = m
		}
	}
	if f.SharedClassifier {
		w.Output = w.TokenEmbed
	}
	return c, w, nil
}
