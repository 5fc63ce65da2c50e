// Package hf reads the JSON files that lie beside the weights of a Hugging
// Face model: config.json, generation_config.json, tokenizer_config.json. It
// gives what they say as plain structs; what that means for a model is not its business.
package hf

import "strings"

// Limits on what a file may claim, several times what the largest published models have.
const (
	dimMax       = 1 << 17
	hiddenDimMax = 1 << 19
	layersMax    = 1 << 11
	headsMax     = 1 << 13
	expertsMax   = 1 << 14
	vocabMax     = 1 << 22
	seqLenMax    = 1 << 26
	idsMax       = 1 << 10
	wordsMax     = 1 << 12
)

// A Config is what config.json says, under the names that this program uses. What a
// file leaves out is zero or nil, unless a comment says otherwise.
type Config struct {
	Architectures []string // "LlamaForCausalLM"
	ModelType     string   // "llama"; of a model with parts, that of the one for text
	DType         string   // torch_dtype or dtype: "bfloat16"
	Activation    string   // hidden_activation or hidden_act: "silu", "gelu_pytorch_tanh"
	QuantMethod   string   // quantization_config.quant_method; "unknown" if that says none

	Dim       int // hidden_size
	HiddenDim int // intermediate_size
	NLayers   int // num_hidden_layers
	NHeads    int // num_attention_heads
	NKVHeads  int // num_key_value_heads, by default NHeads
	HeadDim   int // head_dim, by default Dim / NHeads
	VocabSize int // vocab_size
	SeqLen    int // max_position_embeddings

	NormEps       float64 // rms_norm_eps, by default 1e-6
	AttentionBias bool    // attention_bias
	MLPBias       bool    // mlp_bias
	TieEmbeddings *bool   // tie_word_embeddings; families differ in the default

	Rope      Rope  // of all layers, or of those without a window
	RopeLocal *Rope // of layers with a window, if it is another
	// PartialRotary is the part of a head that is rotated, by default 1.
	PartialRotary float64

	SlidingWindow        int      // sliding_window
	UseSlidingWindow     *bool    // use_sliding_window
	MaxWindowLayers      int      // max_window_layers
	SlidingWindowPattern int      // sliding_window_pattern
	LayerTypes           []string // layer_types, NLayers of them: "full_attention", "sliding_attention"

	AttnSoftcap        float64 // attn_logit_softcapping
	FinalSoftcap       float64 // final_logit_softcapping
	QueryPreAttnScalar float64 // query_pre_attn_scalar: scores are divided by its root

	NExperts        int   // num_local_experts or num_experts
	NExpertsPerTok  int   // num_experts_per_tok
	ExpertHiddenDim int   // moe_intermediate_size
	NormTopKProb    bool  // norm_topk_prob
	SparseStep      int   // decoder_sparse_step
	DenseLayers     []int // mlp_only_layers

	BOS, EOS, PAD []int // bos_token_id, eos_token_id, pad_token_id
}

// ParseConfig reads config.json. The error is a *FieldError; name is used in it only.
func ParseConfig(name string, data []byte) (*Config, error) {
	top, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	o := top
	if text := top.object("text_config"); text != nil {
		o = text
		o.outer = &object{fields: top.fields, err: top.err}
	}
	o.fillIn()
	c := &Config{
		Architectures: o.strings("architectures", wordsMax),
		ModelType:     o.string("model_type"),
		DType:         first(o.string("torch_dtype"), o.string("dtype")),
		Activation:    first(o.string("hidden_activation"), o.string("hidden_act")),
		QuantMethod:   o.quantMethod(),
		NormEps:       o.positive("rms_norm_eps", 1e-6),
		AttentionBias: o.bool("attention_bias"),
		MLPBias:       o.bool("mlp_bias"),
		TieEmbeddings: o.maybe("tie_word_embeddings"),
		PartialRotary: o.positive("partial_rotary_factor", 1),
		BOS:           o.ids("bos_token_id"),
		EOS:           o.ids("eos_token_id"),
		PAD:           o.ids("pad_token_id"),
	}
	c.readSizes(o)
	c.readAttention(o)
	c.readRope(o)
	c.readExperts(o)
	if err := top.fault(name); err != nil {
		return nil, err
	}
	return c, nil
}

func first(words ...string) string {
	for _, w := range words {
		if w != "" {
			return w
		}
	}
	return ""
}

// defaults has what the files of a family leave out, because it is what the
// family's first model has (transformers, Gemma3TextConfig).
var defaults = map[string]string{
	"gemma3_text": `{"vocab_size": 262208, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256,
		"hidden_activation": "gelu_pytorch_tanh", "max_position_embeddings": 131072, "rope_theta": 1000000,
		"rope_local_base_freq": 10000, "query_pre_attn_scalar": 256, "sliding_window": 4096,
		"sliding_window_pattern": 6, "tie_word_embeddings": true}`,
}

// fillIn makes the defaults of o's family what is looked at last.
func (o *object) fillIn() {
	text, ok := defaults[o.string("model_type")]
	if !ok {
		return
	}
	family, err := parse("", []byte(text))
	if err != nil {
		panic("hf: defaults: " + err.Error())
	}
	family.err = o.err
	last := o
	for last.outer != nil {
		last = last.outer
	}
	last.outer = family
}

// quantMethod returns what the weights were quantized with, if they were.
func (o *object) quantMethod() string {
	q := o.object("quantization_config")
	if q == nil {
		return ""
	}
	return first(q.string("quant_method"), "unknown")
}

// readSizes reads the sizes that every model has.
func (c *Config) readSizes(o *object) {
	c.Dim = o.required("hidden_size", dimMax)
	c.HiddenDim = o.required("intermediate_size", hiddenDimMax)
	c.NLayers = o.required("num_hidden_layers", layersMax)
	c.NHeads = o.required("num_attention_heads", headsMax)
	c.VocabSize = o.required("vocab_size", vocabMax)
	c.SeqLen = o.required("max_position_embeddings", seqLenMax)
	c.NKVHeads = o.int("num_key_value_heads", c.NHeads, 1, headsMax)
	c.HeadDim = o.int("head_dim", 0, 1, dimMax)
	if *o.err != nil {
		return
	}
	if c.NHeads%c.NKVHeads != 0 {
		o.fail("num_key_value_heads", "%d does not divide num_attention_heads %d", c.NKVHeads, c.NHeads)
	}
	if c.HeadDim == 0 {
		c.HeadDim = c.Dim / c.NHeads
		if c.HeadDim == 0 || c.Dim%c.NHeads != 0 {
			o.fail("num_attention_heads", "%d does not divide hidden_size %d, and there is no head_dim", c.NHeads, c.Dim)
		}
	}
}

// readAttention reads what layers attend to, and how.
func (c *Config) readAttention(o *object) {
	c.SlidingWindow = o.int("sliding_window", 0, 0, seqLenMax)
	c.UseSlidingWindow = o.maybe("use_sliding_window")
	c.MaxWindowLayers = o.int("max_window_layers", 0, 0, layersMax)
	c.SlidingWindowPattern = o.int("sliding_window_pattern", 0, 1, layersMax)
	if raw, _ := o.get("_sliding_window_pattern"); raw != nil {
		c.SlidingWindowPattern = o.int("_sliding_window_pattern", 0, 1, layersMax)
	}
	c.LayerTypes = o.strings("layer_types", layersMax)
	if n := len(c.LayerTypes); n > 0 && n != c.NLayers {
		o.fail("layer_types", "has %d entries for %d layers", n, c.NLayers)
	}
	c.AttnSoftcap = o.positive("attn_logit_softcapping", 0)
	c.FinalSoftcap = o.positive("final_logit_softcapping", 0)
	c.QueryPreAttnScalar = o.positive("query_pre_attn_scalar", 0)
}

// readExperts reads what a mixture of experts says.
func (c *Config) readExperts(o *object) {
	c.NExperts = max(o.int("num_local_experts", 0, 0, expertsMax), o.int("num_experts", 0, 0, expertsMax))
	c.NExpertsPerTok = o.int("num_experts_per_tok", 0, 0, expertsMax)
	c.ExpertHiddenDim = o.int("moe_intermediate_size", 0, 1, hiddenDimMax)
	c.NormTopKProb = o.bool("norm_topk_prob")
	c.SparseStep = o.int("decoder_sparse_step", 0, 0, layersMax)
	c.DenseLayers = o.ids("mlp_only_layers")
	if c.NExperts > 0 && (c.NExpertsPerTok < 1 || c.NExpertsPerTok > c.NExperts) {
		o.fail("num_experts_per_tok", "is %d, want 1 to %d, the number of experts", c.NExpertsPerTok, c.NExperts)
	}
}

// Family returns the architecture in a form for people: "llama (LlamaForCausalLM)".
func (c *Config) Family() string {
	if len(c.Architectures) == 0 {
		return c.ModelType
	}
	return c.ModelType + " (" + strings.Join(c.Architectures, ", ") + ")"
}
