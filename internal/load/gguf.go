package load

import (
	"fmt"
	"slices"

	"cria/internal/gguf"
	"cria/internal/model"
)

// Limits on what a GGUF file may claim, several times what the largest published models have.
const (
	dimMax     = 1 << 17
	hiddenMax  = 1 << 19
	headsMax   = 1 << 12
	headDimMax = 1 << 13
	layersMax  = 1 << 11
	expertsMax = 1 << 10
	seqLenMax  = 1 << 26
	vocabMax   = 1 << 22
)

// GGUF returns the model in a file of llama.cpp. Its weights are views of the
// file. If only the header was read, they have no data, and factors of positions are not known.
func GGUF(f *gguf.File) (model.Config, *model.Weights, error) {
	k := &keys{f: f, arch: "general"}
	fam, err := familyNamed(k.string("architecture", ""))
	if err != nil || k.err != nil {
		return model.Config{}, nil, first(k.err, err)
	}
	k.arch = fam.name
	tensors := haves{}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		mat, err := t.Mat()
		tensors[t.Name] = &have{mat: mat, err: err}
	}
	c := k.config(fam, tensors)
	if k.err != nil {
		return c, nil, k.err
	}
	if err := k.rope(fam, &c, tensors); err != nil {
		return c, nil, err
	}
	if err := c.Check(); err != nil {
		return c, nil, err
	}
	w, err := fam.weights(&c, tensors)
	return c, w, err
}

func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// weights binds the tensors of a GGUF file.
func (f *family) weights(c *model.Config, tensors haves) (*model.Weights, error) {
	w := &model.Weights{}
	isTied := tensors["output.weight"] == nil
	if err := tensors.bind(f.ends(c, w, isTied), 0); err != nil {
		return nil, err
	}
	if isTied {
		w.Output = w.TokenEmbed
	}
	for i := range c.NLayers {
		w.Layers = append(w.Layers, model.Layer{IsLocal: f.isLocal(c, i)})
		prefix := fmt.Sprintf("blk.%d.", i)
		wants := splitExperts(f.inLayer(c, &w.Layers[i]), prefix, tensors)
		for j := range wants {
			wants[j].name = prefix + wants[j].name
		}
		if err := tensors.bind(wants, 0); err != nil {
			return nil, err
		}
	}
	return w, tensors.unused(f.name, func(string) bool { return false })
}

// isLocal reports whether a layer has a window.
func (f *family) isLocal(c *model.Config, layer int) bool {
	return c.Window > 0 && (f.period == 0 || (layer+1)%f.period != 0)
}

// splitExperts wants each expert's matrices on their own, as files of early
// mixtures have them, if the layer's are there so.
func splitExperts(wants []want, prefix string, tensors haves) []want {
	if tensors[prefix+"ffn_gate.0.weight"] == nil {
		return wants
	}
	var list []want
	for _, w := range wants {
		base, ok := map[string]string{
			"ffn_gate_exps.weight": "ffn_gate", "ffn_down_exps.weight": "ffn_down", "ffn_up_exps.weight": "ffn_up",
		}[w.name]
		if !ok {
			list = append(list, w)
			continue
		}
		for i, p := range w.parts {
			list = append(list, want{name: fmt.Sprintf("%s.%d.weight", base, i), rows: p.rows, cols: w.cols, mat: p.mat})
		}
	}
	return list
}

// keys reads the metadata of one architecture, and keeps the first error.
type keys struct {
	f    *gguf.File
	arch string
	err  error
}

func (k *keys) fail(key, format string, args ...any) {
	if k.err == nil {
		k.err = fmt.Errorf("load: %s.%s %s", k.arch, key, fmt.Sprintf(format, args...))
	}
}

func (k *keys) keep(err error) {
	if k.err == nil {
		k.err = err
	}
}

func (k *keys) string(key, fallback string) string {
	s, ok, err := k.f.String(k.arch + "." + key)
	k.keep(err)
	if !ok || err != nil {
		return fallback
	}
	return s
}

func (k *keys) float(key string, fallback float64) float64 {
	x, ok, err := k.f.Float(k.arch + "." + key)
	k.keep(err)
	if !ok || err != nil {
		return fallback
	}
	return x
}

// int returns a number from lo to hi; fallback, which may be out of these
// bounds, if there is none. Of an array, which has one for each layer, all must be the same.
func (k *keys) int(key string, fallback, lo, hi int) int {
	var n uint64
	switch k.f.Value(k.arch + "." + key).(type) {
	case nil:
		if fallback < lo {
			k.fail(key, "is not there")
		}
		return fallback
	case []uint32, []int32, []uint64, []int64:
		list, _, err := k.f.Ints(k.arch + "." + key)
		k.keep(err)
		if err == nil && (len(list) == 0 || slices.Min(list) != slices.Max(list) || list[0] < 0) {
			k.fail(key, "is not the same for all layers, which is not supported: %d", list)
		}
		if k.err != nil {
			return fallback
		}
		n = uint64(list[0])
	default:
		var err error
		n, _, err = k.f.Uint(k.arch + "." + key)
		k.keep(err)
		if err != nil {
			return fallback
		}
	}
	if n > uint64(hi) || int(n) < lo {
		k.fail(key, "is %d, want %d to %d", n, lo, hi)
		return fallback
	}
	return int(n)
}

// config reads all but the position embeddings.
func (k *keys) config(fam *family, tensors haves) model.Config {
	c := model.Config{
		Dim:          k.int("embedding_length", 0, 1, dimMax),
		NLayers:      k.int("block_count", 0, 1, layersMax),
		NHeads:       k.int("attention.head_count", 0, 1, headsMax),
		SeqLen:       k.int("context_length", 0, 1, seqLenMax),
		NExperts:     k.int("expert_count", 0, 0, expertsMax),
		NExpertsUsed: k.int("expert_used_count", 0, 0, expertsMax),
		NormEps:      float32(k.float("attention.layer_norm_rms_epsilon", 0)),
	}
	if k.err != nil {
		return c
	}
	if !(c.NormEps > 0) {
		k.fail("attention.layer_norm_rms_epsilon", "is %g or not there, want a number above 0", c.NormEps)
	}
	c.NKVHeads = k.int("attention.head_count_kv", c.NHeads, 1, headsMax)
	c.HeadDim = k.int("attention.key_length", c.Dim/c.NHeads, 1, headDimMax)
	if n := k.int("attention.value_length", c.HeadDim, 1, headDimMax); n != c.HeadDim {
		k.fail("attention.value_length", "is %d, but keys have %d numbers: not supported", n, c.HeadDim)
	}
	c.HiddenDim = k.hidden(fam, &c)
	c.VocabSize = k.vocab(tensors)
	k.attention(fam, &c)
	fam.set(&c)
	return c
}

// hidden returns the width of feed-forward networks.
func (k *keys) hidden(fam *family, c *model.Config) int {
	switch {
	case c.NExperts == 0 && fam.experts == always:
		k.fail("expert_count", "is not there")
	case c.NExperts > 0 && fam.experts == never:
		k.fail("expert_count", "is %d, but %s has no experts", c.NExperts, fam.name)
	case c.NExperts > 0:
		c.NormExperts = true
		if n := k.int("expert_feed_forward_length", 0, 0, hiddenMax); n > 0 {
			return n
		}
	}
	return k.int("feed_forward_length", 0, 1, hiddenMax)
}

// vocab returns the size of the vocabulary, which has three places.
func (k *keys) vocab(tensors haves) int {
	fallback := 0
	if tokens, ok, err := k.f.Strings("tokenizer.ggml.tokens"); ok && err == nil {
		fallback = len(tokens)
	} else if t := tensors["token_embd.weight"]; t != nil {
		fallback = t.mat.Rows
	}
	return k.int("vocab_size", fallback, 1, vocabMax)
}

// attention reads windows, caps and scales.
func (k *keys) attention(fam *family, c *model.Config) {
	if !fam.noWindow {
		c.Window = k.int("attention.sliding_window", fam.window, 0, seqLenMax)
	}
	if fam.period > 0 {
		fam.check(k)
	}
	if fam.postNorms {
		c.FinalSoftcap = float32(k.float("final_logit_softcapping", fam.caps[1]))
	}
	if fam.caps[0] > 0 {
		c.AttnSoftcap = float32(k.float("attn_logit_softcapping", fam.caps[0]))
	}
	// These files do not say what scores are divided by. Of the models that
	// there are, only those of 27 billion parameters, of 46 and 62 layers, do not
	// take the width of a head (gemma_pytorch, config.py).
	if fam.isGemma && (fam.name == "gemma2" && c.NLayers == 46 || fam.name == "gemma3" && c.NLayers == 62) {
		c.AttnScale = 1 / sqrt32(c.Dim/c.NHeads)
	}
}

// check refuses a pattern of windows that is not the family's.
func (f *family) check(k *keys) {
	if n := k.int("attention.sliding_window_pattern", f.period, 1, layersMax); n != f.period {
		k.fail("attention.sliding_window_pattern", "is %d, want %d", n, f.period)
	}
}

// rope reads the position embeddings.
func (k *keys) rope(fam *family, c *model.Config, tensors haves) error {
	c.Rope = model.Rope{Theta: k.float("rope.freq_base", 10000), Halves: fam.isHalves}
	if n := k.int("rope.dimension_count", c.HeadDim, 1, headDimMax); n != c.HeadDim {
		c.Rope.Dim = n
	}
	if fam.localBase > 0 {
		c.LocalRope = &model.Rope{Theta: k.float("rope.freq_base_swa", fam.localBase), Dim: c.Rope.Dim, Halves: fam.isHalves}
	}
	s := scaling{
		kind:   k.string("rope.scaling.type", "linear"),
		factor: k.float("rope.scaling.factor", k.float("rope.scale_linear", 0)),
		seqLen: k.int("rope.scaling.original_context_length", c.SeqLen, 1, seqLenMax),
		fast:   k.float("rope.scaling.yarn_beta_fast", 32),
		slow:   k.float("rope.scaling.yarn_beta_slow", 1),
		scale:  k.float("rope.scaling.attn_factor", 1),
	}
	if k.err != nil {
		return k.err
	}
	switch s.kind {
	case "yarn":
		s.scale *= yarnScale(s.factor, 1) / yarnScale(s.factor, k.float("rope.scaling.yarn_log_multiplier", 0))
	case "none", "linear", "longrope":
	default:
		k.fail("rope.scaling.type", "is %q, want none, linear, yarn or longrope", s.kind)
	}
	var err error
	if s.divisor, err = tensors.factors("rope_freqs.weight"); err != nil {
		return err
	}
	if s.long, err = tensors.factors("rope_factors_long.weight"); err != nil {
		return err
	}
	if s.short, err = tensors.factors("rope_factors_short.weight"); err != nil {
		return err
	}
	if s.long != nil || s.short != nil {
		s.kind = "longrope" // old files do not say so
	}
	return first(k.err, s.apply(&c.Rope, c.HeadDim))
}
