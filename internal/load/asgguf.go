package load

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strings"

	"cria/internal/gguf"
	"cria/internal/model"
	"cria/internal/tensor"
	"cria/internal/token"
)

// AsGGUF returns what a GGUF file of the model holds, with a tokenizer, which may be nil,
// and the model's chat template. Of a model that comes from one it is what that
// holds. It is an error if such files cannot say what the model is.
func (m *Model) AsGGUF(tok *token.Tokenizer) ([]gguf.KV, []Part, error) {
	if m.gguf != nil {
		parts, err := partsIn(m.gguf)
		return m.gguf.KV, parts, err
	}
	parts, err := m.Parts()
	if err != nil {
		return nil, nil, err
	}
	w := &writer{m: m, arch: m.Family}
	w.put("general.architecture", m.Family)
	w.put("general.name", filepath.Base(m.Path))
	w.shape()
	w.attention()
	w.rope()
	w.tokenizer(tok)
	if text, _, err := m.ChatTemplate(); err == nil && text != "" {
		w.put("tokenizer.chat_template", text)
	}
	if w.err == nil {
		w.err = w.check(parts)
	}
	return w.kv, append(w.vectors, parts...), w.err
}

// partsIn returns the tensors of a file as they are.
func partsIn(f *gguf.File) ([]Part, error) {
	var list []Part
	for i := range f.Tensors {
		t := &f.Tensors[i]
		m, err := t.Mat()
		if err != nil {
			return nil, err
		}
		list = append(list, Part{Name: t.Name, Dims: t.Dims, Mats: []*tensor.Mat{&m}})
	}
	return list, nil
}

// A writer collects metadata, and keeps the first error.
type writer struct {
	m       *Model
	arch    string
	kv      []gguf.KV
	vectors []Part // factors of positions
	err     error
}

func (w *writer) put(key string, value any) { w.kv = append(w.kv, gguf.KV{Key: key, Value: value}) }

// own puts a key of the architecture.
func (w *writer) own(key string, value any) {
	switch v := value.(type) {
	case int:
		value = uint32(v)
	case float64:
		value = float32(v)
	}
	w.put(w.arch+"."+key, value)
}

// shape puts the sizes.
func (w *writer) shape() {
	c := &w.m.Config
	w.own("vocab_size", c.VocabSize)
	w.own("context_length", c.SeqLen)
	w.own("embedding_length", c.Dim)
	w.own("block_count", c.NLayers)
	w.own("feed_forward_length", c.HiddenDim)
	if c.NExperts > 0 {
		w.own("expert_count", c.NExperts)
		w.own("expert_used_count", c.NExpertsUsed)
		w.own("expert_feed_forward_length", c.HiddenDim)
	}
}

// attention puts heads, norms, windows and caps.
func (w *writer) attention() {
	c := &w.m.Config
	w.own("attention.head_count", c.NHeads)
	w.own("attention.head_count_kv", c.NKVHeads)
	w.own("attention.key_length", c.HeadDim)
	w.own("attention.value_length", c.HeadDim)
	w.own("attention.layer_norm_rms_epsilon", c.NormEps)
	if c.Window > 0 {
		w.own("attention.sliding_window", c.Window)
	}
	if c.AttnSoftcap != 0 {
		w.own("attn_logit_softcapping", c.AttnSoftcap)
	}
	if c.FinalSoftcap != 0 {
		w.own("final_logit_softcapping", c.FinalSoftcap)
	}
}

// rope puts the position embeddings.
func (w *writer) rope() {
	c := &w.m.Config
	r := &c.Rope
	w.own("rope.freq_base", r.Theta)
	dim := r.Dim
	if dim == 0 {
		dim = c.HeadDim
	}
	w.own("rope.dimension_count", dim)
	if w.m.hf == nil {
		return
	}
	h := &w.m.hf.Rope
	switch h.Type {
	case "linear":
		w.own("rope.scaling.type", "linear")
		w.own("rope.scaling.factor", or(h.Factor, 1))
	case "llama3":
		w.factors("rope_freqs.weight", r.Stretch)
	case "yarn":
		w.own("rope.scaling.type", "yarn")
		w.own("rope.scaling.factor", h.Factor)
		w.own("rope.scaling.original_context_length", or(h.SeqLen, c.SeqLen))
		w.own("rope.scaling.yarn_beta_fast", or(h.BetaFast, 32))
		w.own("rope.scaling.yarn_beta_slow", or(h.BetaSlow, 1))
		if scale := yarnScale(h.Factor, 1); r.Scale != scale {
			w.own("rope.scaling.attn_factor", r.Scale/scale)
		}
	case "longrope":
		w.own("rope.scaling.original_context_length", r.ShortLen)
		w.own("rope.scaling.attn_factor", r.Scale)
		w.factors("rope_factors_long.weight", r.Stretch)
		w.factors("rope_factors_short.weight", r.Short)
	}
}

// factors puts a vector of factors of positions.
func (w *writer) factors(name string, list []float64) {
	p := Part{Name: name, Dims: []int{len(list)}}
	for _, x := range list {
		p.Vec = append(p.Vec, float32(x))
	}
	w.vectors = append(w.vectors, p)
}

// tokenizer puts the vocabulary.
func (w *writer) tokenizer(tok *token.Tokenizer) {
	if tok == nil {
		w.put("tokenizer.ggml.model", "no_vocab")
		return
	}
	g, err := tok.ToGGUF(w.m.Config.VocabSize)
	if err != nil {
		w.err = err
		return
	}
	key := func(name string) string { return "tokenizer.ggml." + name }
	w.put(key("model"), g.Model)
	w.put(key("pre"), g.Pre)
	w.put(key("tokens"), g.Tokens)
	if g.Scores != nil {
		w.put(key("scores"), g.Scores)
	}
	w.put(key("token_type"), g.Types)
	if g.Merges != nil {
		w.put(key("merges"), g.Merges)
	}
	for _, x := range []struct {
		name string
		id   *uint32
	}{{"bos", g.BOS}, {"eos", g.EOS}, {"eot", g.EOT}, {"eom", g.EOM}, {"unknown", g.UNK}} {
		if x.id != nil {
			w.put(key(x.name+"_token_id"), *x.id)
		}
	}
	w.put(key("add_bos_token"), *g.AddBOS)
	w.put(key("add_eos_token"), *g.AddEOS)
	if g.AddSpacePrefix != nil {
		w.put(key("add_space_prefix"), *g.AddSpacePrefix)
	}
}

// check reads what was put as a model again, and wants it to be the same.
func (w *writer) check(parts []Part) error {
	var list []gguf.Tensor
	for _, p := range slices.Concat(w.vectors, parts) {
		list = append(list, gguf.Tensor{Name: p.Name, Dims: p.Dims, Data: tensor.Bytes(p.Vec)}) // as if all were f32
	}
	c, weights, err := GGUF(gguf.New(w.m.Path, w.kv, list))
	if err != nil {
		return fmt.Errorf("load: %s as a GGUF file: %w", w.m.Path, err)
	}
	bad := differences(&c, &w.m.Config)
	for i := range weights.Layers {
		if weights.Layers[i].IsLocal != w.m.Weights.Layers[i].IsLocal {
			bad = append(bad, fmt.Sprintf("the window of layer %d", i))
		}
	}
	if len(bad) > 0 {
		return fmt.Errorf("load: GGUF files of %s cannot say what %s asks for: %s", w.arch, w.m.Path, strings.Join(bad, ", "))
	}
	return nil
}

// differences names what two models do not have in common, but for the order of
// rotary pairs. Files have numbers in float32.
func differences(a, b *model.Config) []string {
	var bad []string
	report := func(what string, isSame bool) {
		if !isSame {
			bad = append(bad, what)
		}
	}
	x, y := *a, *b
	report("rotary embedding", sameRope(&x.Rope, &y.Rope, x.HeadDim))
	report("rotary embedding of layers with a window", (x.LocalRope == nil) == (y.LocalRope == nil) &&
		(x.LocalRope == nil || sameRope(x.LocalRope, y.LocalRope, x.HeadDim)))
	x.Rope, y.Rope, x.LocalRope, y.LocalRope = model.Rope{}, model.Rope{}, nil, nil
	scale := func(c *model.Config) float64 {
		if c.AttnScale == 0 {
			return 1 / math.Sqrt(float64(c.HeadDim))
		}
		return float64(c.AttnScale)
	}
	report("scale of attention", near(scale(&x), scale(&y)))
	x.AttnScale, y.AttnScale = 0, 0
	report("normalized weights of experts", x.NormExperts == y.NormExperts)
	x.NormExperts, y.NormExperts = false, false
	report("window", x.Window == y.Window)
	x.Window, y.Window = 0, 0
	ropeless := func(c model.Config) string { return fmt.Sprintf("%+v", c) }
	report("sizes and norms", ropeless(x) == ropeless(y))
	return bad
}

func sameRope(a, b *model.Rope, headDim int) bool {
	return near(a.Theta, b.Theta) && near(or(a.Scale, 1), or(b.Scale, 1)) && or(a.Dim, headDim) == or(b.Dim, headDim) &&
		nearAll(a.Stretch, b.Stretch) && nearAll(a.Short, b.Short) && (a.Short == nil || a.ShortLen == b.ShortLen)
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-6*math.Abs(a) }

func nearAll(a, b []float64) bool { return slices.EqualFunc(a, b, near) }
