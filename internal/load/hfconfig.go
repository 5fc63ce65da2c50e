package load

import (
	"fmt"
	"math"
	"slices"

	"cria/internal/float"
	"cria/internal/hf"
	"cria/internal/model"
	"cria/internal/tensor"
)

// fromHF sets m from its config.json and the tensors of its files.
func (m *Model) fromHF(a *architecture, tensors haves) error {
	c := m.hf
	if err := a.check(c); err != nil {
		return err
	}
	fam := *a.fam // this model's own
	switch {
	case fam.biases == maybe && c.AttentionBias:
		fam.biases = all
	case fam.biases == maybe:
		fam.biases = never
	}
	own := *a
	own.fam = &fam
	config := model.Config{
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers,
		NHeads: c.NHeads, NKVHeads: c.NKVHeads, HeadDim: c.HeadDim,
		VocabSize: c.VocabSize, SeqLen: c.SeqLen, NormEps: float32(c.NormEps),
		AttnSoftcap: float32(c.AttnSoftcap), FinalSoftcap: float32(c.FinalSoftcap),
	}
	if c.QueryPreAttnScalar > 0 {
		config.AttnScale = float32(1 / math.Sqrt(c.QueryPreAttnScalar))
	}
	if fam.experts != never && c.NExperts > 0 {
		config.NExperts, config.NExpertsUsed = c.NExperts, c.NExpertsPerTok
		config.NormExperts = fam.experts == maybe || c.NormTopKProb // Mixtral always does
		if c.ExpertHiddenDim > 0 {
			config.HiddenDim = c.ExpertHiddenDim
		}
	}
	fam.set(&config)
	isLocal, err := a.windows(c, &config)
	if err == nil {
		err = hfRope(c, &fam, &config)
	}
	if err == nil {
		err = config.Check()
	}
	if err != nil {
		return err
	}
	m.Config, m.IsTied = config, fam.tied
	if c.TieEmbeddings != nil {
		m.IsTied = *c.TieEmbeddings
	}
	m.Weights, err = own.weights(&config, isLocal, m.IsTied, tensors)
	return err
}

// activations has the functions of feed-forward networks by their names in config.json.
var activations = map[string]tensor.Activation{
	"silu": tensor.SiLU, "swish": tensor.SiLU, "gelu_pytorch_tanh": tensor.GELU, "gelu_new": tensor.GELU,
}

// check refuses what a config.json may ask for that is not computed here.
func (a *architecture) check(c *hf.Config) error {
	want := tensor.SiLU
	if a.fam.isGemma {
		want = tensor.GELU
	}
	act, ok := activations[c.Activation]
	hasExperts := a.fam.experts == always || a.names["ffn_gate_inp"] != ""
	switch {
	case c.Activation != "" && (!ok || act != want):
		return fmt.Errorf("load: config.json: hidden_act %q is not supported for %s", c.Activation, a.name)
	case c.QuantMethod != "":
		return fmt.Errorf("load: config.json: weights quantized by %q are not supported", c.QuantMethod)
	case c.MLPBias:
		return fmt.Errorf("load: config.json: mlp_bias is not supported")
	case hasExperts != (c.NExperts > 0):
		return fmt.Errorf("load: config.json: %d experts are not what %s has", c.NExperts, a.name)
	case c.NExperts > expertsMax:
		return fmt.Errorf("load: config.json: %d experts exceed the limit of %d", c.NExperts, expertsMax)
	case hasExperts && (len(c.DenseLayers) > 0 || c.SparseStep > 1):
		return fmt.Errorf("load: config.json: mlp_only_layers and decoder_sparse_step are not supported")
	}
	return nil
}

// windows returns which layers have a window, and sets the window's size.
func (a *architecture) windows(c *hf.Config, config *model.Config) ([]bool, error) {
	isLocal := make([]bool, c.NLayers)
	isQwen := c.UseSlidingWindow != nil || a.fam.noWindow
	if a.name == "LlamaForCausalLM" || isQwen && (c.UseSlidingWindow == nil || !*c.UseSlidingWindow) {
		return isLocal, nil // what they say of windows is not used
	}
	config.Window = c.SlidingWindow
	period := a.fam.period
	if c.SlidingWindowPattern > 0 && period > 0 {
		period = c.SlidingWindowPattern
	}
	for i := range isLocal {
		switch {
		case c.SlidingWindow == 0:
		case c.LayerTypes != nil:
			switch kind := c.LayerTypes[i]; kind {
			case "sliding_attention":
				isLocal[i] = true
			case "full_attention":
			default:
				return nil, fmt.Errorf("load: config.json: layer_types[%d] %q is not supported", i, kind)
			}
		case isQwen:
			isLocal[i] = i >= c.MaxWindowLayers
		default:
			isLocal[i] = period == 0 || (i+1)%period != 0
		}
	}
	if !slices.Contains(isLocal, true) {
		config.Window = 0
	}
	return isLocal, nil
}

// hfRope sets the position embeddings.
func hfRope(c *hf.Config, fam *family, config *model.Config) error {
	var err error
	config.Rope, err = ropeOf(&c.Rope, c)
	if err != nil || c.RopeLocal == nil || fam.period == 0 {
		return err
	}
	local, err := ropeOf(c.RopeLocal, c)
	config.LocalRope = &local
	return err
}

func ropeOf(h *hf.Rope, c *hf.Config) (model.Rope, error) {
	r := model.Rope{Theta: h.Theta, Halves: true}
	if c.PartialRotary != 1 {
		r.Dim = int(float64(c.HeadDim) * c.PartialRotary)
	}
	s := scaling{
		kind: h.Type, factor: h.Factor, seqLen: or(h.SeqLen, c.SeqLen),
		low: or(h.LowFreqFactor, 1), high: or(h.HighFreqFactor, 4), fast: or(h.BetaFast, 32), slow: or(h.BetaSlow, 1),
		long: h.LongFactor, short: h.ShortFactor,
	}
	switch s.kind {
	case "dynamic": // changes nothing at positions below max_position_embeddings, and there are no others
		s.kind = "none"
	case "yarn":
		s.scale = yarnScale(h.Factor, 1)
		if h.MScale != 0 && h.MScaleAllDim != 0 {
			s.scale = yarnScale(h.Factor, h.MScale) / yarnScale(h.Factor, h.MScaleAllDim)
		}
	case "longrope":
		s.scale = 1
		if factor := or(h.Factor, float64(c.SeqLen)/float64(s.seqLen)); s.seqLen != c.SeqLen || h.Factor > 0 {
			s.scale = longScale(factor, s.seqLen)
		}
	}
	s.scale = or(h.AttentionFactor, s.scale)
	return r, s.apply(&r, c.HeadDim)
}

// longScale is by how much LongRoPE makes cosines and sines larger (Ding et al. 2024).
func longScale(factor float64, seqLen int) float64 {
	if factor <= 1 || seqLen <= 1 {
		return 1
	}
	return math.Sqrt(1 + float.Log(factor)/float.Log(float64(seqLen)))
}

// or returns x, or y if x is zero.
func or[T int | float64](x, y T) T {
	if x == 0 {
		return y
	}
	return x
}
