package load

import (
	"fmt"

	"cria/internal/model"
	"cria/internal/tensor"
)

// A family is what sets the relatives of Llama apart, beside what their files say.
type family struct {
	name      string   // general.architecture of GGUF files
	isHalves  bool     // rotary pairs in GGUF files are (i, i+n/2); those of Hugging Face always are
	biases    presence // of q, k and v
	noWindow  bool     // Qwen: files may speak of windows that are not used
	headNorms bool
	postNorms bool
	isFused   bool // q, k and v are one matrix, and so are gate and up
	experts   presence
	isGemma   bool // scaled embedding, GELU, norms that are stored minus one by Hugging Face
	period    int  // every so many layers the last sees all positions, if there is a window; 0: none does
	caps      [2]float64
	localBase float64 // rotary base of layers with a window, if it is another
	window    int     // if a file does not say it
	tied      bool    // whether the classifier is the embedding, if config.json does not say it
}

// presence says whether a family has a part.
type presence uint8

const (
	never presence = iota
	maybe
	always // of biases, of q, k and v
	all    // of biases, of the output as well
)

// families are the architectures that this program knows, by their names in GGUF files.
var families = []*family{
	{name: "llama", biases: maybe, experts: maybe},
	{name: "qwen2", isHalves: true, noWindow: true, biases: always},
	{name: "qwen3", isHalves: true, noWindow: true, biases: maybe, headNorms: true},
	{name: "qwen3moe", isHalves: true, noWindow: true, biases: maybe, headNorms: true, experts: always},
	{name: "phi3", isHalves: true, isFused: true},
	{name: "gemma2", isHalves: true, postNorms: true, isGemma: true, period: 2, caps: [2]float64{50, 30}, window: 4096,
		tied: true},
	{name: "gemma3", isHalves: true, headNorms: true, postNorms: true, isGemma: true, period: 6, localBase: 10000,
		tied: true},
}

// familyNamed returns the family of a GGUF architecture.
func familyNamed(name string) (*family, error) {
	var names string
	for _, f := range families {
		if f.name == name {
			return f, nil
		}
		names += " " + f.name
	}
	return nil, fmt.Errorf("load: architecture %q is not supported (cria knows%s)", name, names)
}

// set sets what all models of a family have.
func (f *family) set(c *model.Config) {
	if f.isGemma {
		c.Activation = tensor.GELU
		c.EmbedScale = sqrt32(c.Dim)
	}
}

// ends lists the tensors that are not of a layer, under their names in GGUF
// files. Those of the layers are in inLayer. Both together are the documentation of the
// weights' shapes, and the check.
func (f *family) ends(c *model.Config, w *model.Weights, isTied bool) []want {
	list := []want{
		{name: "token_embd.weight", rows: c.VocabSize, cols: c.Dim, mat: &w.TokenEmbed},
		{name: "output_norm.weight", rows: 1, cols: c.Dim, vec: &w.FinalNorm},
	}
	if !isTied {
		list = append(list, want{name: "output.weight", rows: c.VocabSize, cols: c.Dim, mat: &w.Output})
	}
	return list
}

// inLayer lists the tensors of a layer.
func (f *family) inLayer(c *model.Config, l *model.Layer) []want {
	hk, gk := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	list := []want{
		{name: "attn_norm.weight", rows: 1, cols: c.Dim, vec: &l.AttnNorm},
		{name: "attn_output.weight", rows: c.Dim, cols: hk, mat: &l.WO},
		{name: "ffn_norm.weight", rows: 1, cols: c.Dim, vec: &l.FFNNorm},
	}
	if f.isFused {
		list = append(list, want{name: "attn_qkv.weight", rows: hk + 2*gk, cols: c.Dim,
			parts: []part{{hk, &l.WQ}, {gk, &l.WK}, {gk, &l.WV}}})
	} else {
		list = append(list,
			want{name: "attn_q.weight", rows: hk, cols: c.Dim, mat: &l.WQ},
			want{name: "attn_k.weight", rows: gk, cols: c.Dim, mat: &l.WK},
			want{name: "attn_v.weight", rows: gk, cols: c.Dim, mat: &l.WV})
	}
	if f.biases != never {
		list = append(list,
			want{name: "attn_q.bias", rows: 1, cols: hk, vec: &l.BQ, isOptional: f.biases == maybe},
			want{name: "attn_k.bias", rows: 1, cols: gk, vec: &l.BK, isOptional: f.biases == maybe},
			want{name: "attn_v.bias", rows: 1, cols: gk, vec: &l.BV, isOptional: f.biases == maybe},
			want{name: "attn_output.bias", rows: 1, cols: c.Dim, vec: &l.BO, isOptional: f.biases != all})
	}
	if f.headNorms {
		list = append(list,
			want{name: "attn_q_norm.weight", rows: 1, cols: c.HeadDim, vec: &l.QNorm},
			want{name: "attn_k_norm.weight", rows: 1, cols: c.HeadDim, vec: &l.KNorm})
	}
	if f.postNorms {
		list = append(list,
			want{name: "post_attention_norm.weight", rows: 1, cols: c.Dim, vec: &l.AttnPostNorm},
			want{name: "post_ffw_norm.weight", rows: 1, cols: c.Dim, vec: &l.FFNPostNorm})
	}
	return append(list, f.feedForward(c, l)...)
}

// feedForward lists the tensors of a layer's feed-forward network.
func (f *family) feedForward(c *model.Config, l *model.Layer) []want {
	switch {
	case c.NExperts > 0:
		return experts(c, l)
	case f.isFused:
		return []want{
			{name: "ffn_up.weight", rows: 2 * c.HiddenDim, cols: c.Dim,
				parts: []part{{c.HiddenDim, &l.W1}, {c.HiddenDim, &l.W3}}},
			{name: "ffn_down.weight", rows: c.Dim, cols: c.HiddenDim, mat: &l.W2},
		}
	default:
		return []want{
			{name: "ffn_gate.weight", rows: c.HiddenDim, cols: c.Dim, mat: &l.W1},
			{name: "ffn_down.weight", rows: c.Dim, cols: c.HiddenDim, mat: &l.W2},
			{name: "ffn_up.weight", rows: c.HiddenDim, cols: c.Dim, mat: &l.W3},
		}
	}
}

// experts lists the tensors of a mixture of experts: all experts' in one, or
// each expert's on its own, of which bind finds those that are there.
func experts(c *model.Config, l *model.Layer) []want {
	if len(l.Experts) != c.NExperts {
		l.Experts = make([]model.Expert, c.NExperts)
	}
	n := c.NExperts
	gate := want{name: "ffn_gate_exps.weight", rows: n * c.HiddenDim, cols: c.Dim, isExperts: true}
	down := want{name: "ffn_down_exps.weight", rows: n * c.Dim, cols: c.HiddenDim, isExperts: true}
	up := want{name: "ffn_up_exps.weight", rows: n * c.HiddenDim, cols: c.Dim, isExperts: true}
	for i := range l.Experts {
		e := &l.Experts[i]
		gate.parts = append(gate.parts, part{c.HiddenDim, &e.W1})
		down.parts = append(down.parts, part{c.Dim, &e.W2})
		up.parts = append(up.parts, part{c.HiddenDim, &e.W3})
	}
	return []want{{name: "ffn_gate_inp.weight", rows: n, cols: c.Dim, mat: &l.Router}, gate, down, up}
}
