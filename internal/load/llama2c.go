package load

import (
	"fmt"

	"cria/internal/llama2c"
	"cria/internal/model"
	"cria/internal/tensor"
)

// llama2cWants lists every tensor of a llama2.c checkpoint under its name there. It is
// the documentation of the weights' shapes, and the check.
func llama2cWants(c *model.Config, w *model.Weights, shared bool) []want {
	hk, gk := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	list := []want{
		{name: "tok_embeddings.weight", rows: c.VocabSize, cols: c.Dim, mat: &w.TokenEmbed},
		{name: "norm.weight", rows: 1, cols: c.Dim, vec: &w.FinalNorm},
	}
	if !shared {
		list = append(list, want{name: "output.weight", rows: c.VocabSize, cols: c.Dim, mat: &w.Output})
	}
	for l := range w.Layers {
		lw, layer := &w.Layers[l], fmt.Sprintf("layers.%d.", l)
		list = append(list,
			want{name: layer + "attention_norm.weight", rows: 1, cols: c.Dim, vec: &lw.AttnNorm},
			want{name: layer + "attention.wq.weight", rows: hk, cols: c.Dim, mat: &lw.WQ},
			want{name: layer + "attention.wk.weight", rows: gk, cols: c.Dim, mat: &lw.WK},
			want{name: layer + "attention.wv.weight", rows: gk, cols: c.Dim, mat: &lw.WV},
			want{name: layer + "attention.wo.weight", rows: c.Dim, cols: hk, mat: &lw.WO},
			want{name: layer + "ffn_norm.weight", rows: 1, cols: c.Dim, vec: &lw.FFNNorm},
			want{name: layer + "feed_forward.w1.weight", rows: c.HiddenDim, cols: c.Dim, mat: &lw.W1},
			want{name: layer + "feed_forward.w2.weight", rows: c.Dim, cols: c.HiddenDim, mat: &lw.W2},
			want{name: layer + "feed_forward.w3.weight", rows: c.HiddenDim, cols: c.Dim, mat: &lw.W3},
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
	tensors := haves{}
	for _, t := range f.Tensors {
		tensors[t.Name] = &have{mat: t.Mat}
	}
	if err := tensors.bind(llama2cWants(&c, w, f.SharedClassifier), 0); err != nil {
		return c, nil, err
	}
	if f.SharedClassifier {
		w.Output = w.TokenEmbed
	}
	return c, w, nil
}

// Llama2cShape returns the model that a file with header h would hold, without data.
func Llama2cShape(h *llama2c.Header) (*Model, error) {
	m, f := &Model{}, &llama2c.File{Header: *h}
	var err error
	if f.Tensors, err = h.Outline(); err != nil {
		return nil, err
	}
	if m.Bytes, err = h.FileSize(); err != nil {
		return nil, err
	}
	return m, m.fromLlama2c(f)
}

func (m *Model) fromLlama2c(f *llama2c.File) (err error) {
	m.Format, m.Version, m.Family, m.IsTied = "llama2.c", f.Version, "llama", f.SharedClassifier
	for _, t := range f.Tensors {
		n := int64(t.Mat.Rows) * int64(t.Mat.Cols)
		bytes := n * int64(t.Mat.Type.Size())
		if t.Mat.Type == tensor.Q8 {
			bytes += n / int64(t.Mat.Group) * 4
		}
		m.Tensors = append(m.Tensors,
			Tensor{t.Name, t.Mat.Type.String(), []int{t.Mat.Rows, t.Mat.Cols}, t.Offset, bytes})
	}
	m.Config, m.Weights, err = Llama2c(f)
	return err
}
