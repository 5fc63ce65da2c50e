package hf

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cria/internal/fixture"
)

// sizes are the fields that every config.json must have.
const sizes = `"hidden_size":64,"intermediate_size":128,"num_hidden_layers":2,"num_attention_heads":4,` +
	`"vocab_size":256,"max_position_embeddings":512`

// base is the Config of sizes alone.
func base() *Config {
	return &Config{Dim: 64, HiddenDim: 128, NLayers: 2, NHeads: 4, NKVHeads: 4, HeadDim: 16, VocabSize: 256, SeqLen: 512,
		NormEps: 1e-6, PartialRotary: 1, Rope: Rope{Theta: 10000, Type: "default"}}
}

func ptr[T any](v T) *T { return &v }

func TestParseConfig(t *testing.T) {
	for _, c := range []struct {
		name, text string // what follows sizes
		want       func(c *Config)
	}{
		{"sizes alone", ``, func(*Config) {}},
		{"nulls", `,"head_dim":null,"rope_scaling":null,"sliding_window":null,"eos_token_id":null,"layer_types":null`,
			func(*Config) {}},
		{"llama 3.1", `,"architectures":["LlamaForCausalLM"],"model_type":"llama","bos_token_id":128000,
			"eos_token_id":[128001,128008],"hidden_act":"silu","num_key_value_heads":2,
			"rms_norm_eps":1e-05,"rope_theta":500000.0,
			"torch_dtype":"bfloat16","tie_word_embeddings":false,"attention_bias":false,"mlp_bias":false,
			"rope_scaling":{"factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,
			"original_max_position_embeddings":8192,"rope_type":"llama3"}`, func(c *Config) {
			c.Architectures, c.ModelType, c.Activation, c.DType = []string{"LlamaForCausalLM"}, "llama", "silu", "bfloat16"
			c.BOS, c.EOS, c.NKVHeads, c.NormEps, c.TieEmbeddings = []int{128000}, []int{128001, 128008}, 2, 1e-5, ptr(false)
			c.Rope = Rope{Theta: 500000, Type: "llama3", Factor: 8, SeqLen: 8192, LowFreqFactor: 1, HighFreqFactor: 4}
		}},
		{"qwen2", `,"model_type":"qwen2","sliding_window":32,"use_sliding_window":false,"max_window_layers":1,
			"rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":32768,"beta_fast":32,"beta_slow":1}`,
			func(c *Config) {
				c.ModelType, c.SlidingWindow, c.UseSlidingWindow, c.MaxWindowLayers = "qwen2", 32, ptr(false), 1
				c.Rope = Rope{Theta: 10000, Type: "yarn", Factor: 4, SeqLen: 32768, BetaFast: 32, BetaSlow: 1}
			}},
		{"gemma 2", `,"model_type":"gemma2","attn_logit_softcapping":50.0,"final_logit_softcapping":30,"head_dim":32,
			"hidden_act":"gelu","hidden_activation":"gelu_pytorch_tanh","query_pre_attn_scalar":256,"sliding_window":4096`,
			func(c *Config) {
				c.ModelType, c.AttnSoftcap, c.FinalSoftcap, c.HeadDim = "gemma2", 50, 30, 32
				c.Activation, c.QueryPreAttnScalar, c.SlidingWindow = "gelu_pytorch_tanh", 256, 4096
			}},
		{"gemma 3, new form", `,"model_type":"x","_sliding_window_pattern":6,
			"layer_types":["sliding_attention","full_attention"],"dtype":"bfloat16",
			"rope_parameters":{"full_attention":{"rope_type":"linear","factor":8,"rope_theta":1000000,
			"partial_rotary_factor":0.5},
			"sliding_attention":{"rope_type":"default","rope_theta":10000}}`, func(c *Config) {
			c.ModelType, c.SlidingWindowPattern, c.DType, c.PartialRotary = "x", 6, "bfloat16", 0.5
			c.LayerTypes = []string{"sliding_attention", "full_attention"}
			c.Rope = Rope{Theta: 1e6, Type: "linear", Factor: 8}
			c.RopeLocal = &Rope{Theta: 1e4, Type: "default"}
		}},
		{"qwen 3, new form", `,"rope_theta":5,"rope_parameters":{"rope_theta":1000000,"rope_type":"default"}`,
			func(c *Config) { c.Rope.Theta = 1e6 }},
		{"phi 3", `,"model_type":"phi3","original_max_position_embeddings":4096,"partial_rotary_factor":0.75,
			"rope_scaling":{"type":"su","short_factor":[1,1.5],"long_factor":[2,3]}`, func(c *Config) {
			c.ModelType, c.PartialRotary = "phi3", 0.75
			c.Rope = Rope{Theta: 1e4, Type: "longrope", SeqLen: 4096, ShortFactor: []float64{1, 1.5},
				LongFactor: []float64{2, 3}}
		}},
		{"mixtral", `,"num_local_experts":8,"num_experts_per_tok":2`,
			func(c *Config) { c.NExperts, c.NExpertsPerTok = 8, 2 }},
		{"qwen 3 moe", `,"num_experts":128,"num_experts_per_tok":8,"moe_intermediate_size":768,"norm_topk_prob":true,
			"decoder_sparse_step":1,"mlp_only_layers":[]`, func(c *Config) {
			c.NExperts, c.NExpertsPerTok, c.ExpertHiddenDim, c.NormTopKProb, c.SparseStep = 128, 8, 768, true, 1
		}},
		{"quantized", `,"quantization_config":{"quant_method":"fp8"}`, func(c *Config) { c.QuantMethod = "fp8" }},
		{"quantized somehow", `,"quantization_config":{"bits":4}`, func(c *Config) { c.QuantMethod = "unknown" }},
		{"integral float", `,"head_dim":16.0`, func(*Config) {}},
	} {
		got, err := ParseConfig("config.json", []byte("{"+sizes+c.text+"}"))
		want := base()
		c.want(want)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, differs from what is wanted: %s", c.name, err, diff)
		}
	}
}

// Of a model with parts, the one for text counts; what that leaves out is its family's.
func TestTextConfig(t *testing.T) {
	got, err := ParseConfig("config.json", []byte(`{"model_type":"gemma3",
		"architectures":["Gemma3ForConditionalGeneration"],"eos_token_id":[1,106],"torch_dtype":"bfloat16",
		"vision_config":{"hidden_size":1152},"text_config":{
		"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,
		"rope_scaling":{"factor":8.0,"rope_type":"linear"},"sliding_window":1024}}`))
	want := &Config{Architectures: []string{"Gemma3ForConditionalGeneration"}, ModelType: "gemma3_text",
		DType: "bfloat16", Activation: "gelu_pytorch_tanh", Dim: 2560, HiddenDim: 10240, NLayers: 34,
		NHeads: 8, NKVHeads: 4, HeadDim: 256,
		VocabSize: 262208, SeqLen: 131072, NormEps: 1e-6, TieEmbeddings: ptr(true), PartialRotary: 1,
		Rope: Rope{Theta: 1e6, Type: "linear", Factor: 8}, RopeLocal: &Rope{Theta: 1e4, Type: "default"},
		SlidingWindow: 1024, SlidingWindowPattern: 6, QueryPreAttnScalar: 256, EOS: []int{1, 106}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, differs from what is wanted: %s", err, diff)
	}
	if got.Family() != "gemma3_text (Gemma3ForConditionalGeneration)" {
		t.Errorf("family %q", got.Family())
	}
}

func TestConfigErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{``, "hf: x: unexpected end of JSON input"},
		{`null`, "is null"},
		{`[]`, "cannot unmarshal array"},
		{`{}`, "x: hidden_size: is not there, want an integer from 1 to 131072"},
		{strings.Repeat(`{"a":`, 20000), "depth"},
		{`{"hidden_size":"64"}`, `hidden_size: is "64", want an integer from 1 to`},
		{`{"hidden_size":-1}`, "hidden_size: is -1"},
		{`{"hidden_size":1e3000}`, "hidden_size: is 1e3000"},
		{`{"hidden_size":64.5}`, "hidden_size: is 64.5"},
		{`{"hidden_size":18446744073709551680}`, "hidden_size: is 1844"},
		{`{"rms_norm_eps":NaN}`, "invalid character"},
		{`{"text_config":7}`, "text_config: is 7, want an object"},
		{`{"text_config":{"hidden_size":0}}`, "text_config.hidden_size: is 0"},
		{`{"text_config":{},"hidden_size":0}`, "x: hidden_size: is 0"},
		{`{"num_hidden_layers":4000000000,` + sizes[17:] + `}`, "hidden_size: is not there"},
		{`{` + sizes + `,"num_key_value_heads":3}`, "num_key_value_heads: 3 does not divide num_attention_heads 4"},
		{`{` + sizes + `,"num_key_value_heads":0}`, "num_key_value_heads: is 0"},
		{`{` + strings.Replace(sizes, `heads":4`, `heads":5`, 1) + `}`, "5 does not divide hidden_size 64"},
		{`{` + sizes + `,"architectures":"x"}`, "architectures: is \"x\", want a list of strings"},
		{`{` + sizes + `,"model_type":3}`, "model_type: is 3, want a string"},
		{`{` + sizes + `,"rms_norm_eps":0}`, "rms_norm_eps: is 0, want a number above 0"},
		{`{` + sizes + `,"rope_theta":1e999}`, "rope_theta: is 1e999, want a number"},
		{`{` + sizes + `,"rope_scaling":8}`, "rope_scaling: is 8, want an object"},
		{`{` + sizes + `,"rope_scaling":{"factor":-1}}`, "rope_scaling.factor: is -1"},
		{`{` + sizes + `,"rope_scaling":{"short_factor":["x"]}}`, "rope_scaling.short_factor: is [\"x\"]"},
		{`{` + sizes + `,"rope_parameters":{"full_attention":{"rope_theta":0}}}`, "full_attention.rope_theta: is 0"},
		{`{` + sizes + `,"layer_types":["full_attention"]}`, "layer_types: has 1 entries for 2 layers"},
		{`{` + sizes + `,"eos_token_id":"x"}`, `eos_token_id: has "x", want tokens`},
		{`{` + sizes + `,"eos_token_id":[-1]}`, "eos_token_id: has -1"},
		{`{` + sizes + `,"eos_token_id":[[1]]}`, "eos_token_id: has [1]"},
		{`{` + sizes + `,"eos_token_id":[1` + strings.Repeat(",1", 1024) + `]}`, "has 1025 tokens, more than 1024"},
		{`{` + sizes + `,"tie_word_embeddings":1}`, "tie_word_embeddings: is 1, want true or false"},
		{`{` + sizes + `,"num_local_experts":8}`, "num_experts_per_tok: is 0, want 1 to 8"},
		{`{` + sizes + `,"num_local_experts":8,"num_experts_per_tok":9}`, "num_experts_per_tok: is 9"},
		{`{` + sizes + `,"quantization_config":{"quant_method":1}}`, "quantization_config.quant_method: is 1"},
	} {
		got, err := ParseConfig("x", []byte(c.text))
		var field *FieldError
		if !errors.As(err, &field) || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.80s: %+v, error %v, want %q", c.text, got, err, c.want)
		}
	}
	_, err := ParseConfig("x", make([]byte, fileBytesMax+1))
	if err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a huge file: error %v", err)
	}
}

func TestRealFiles(t *testing.T) {
	models := fixture.Path(t, "models")
	readFile := func(elem ...string) []byte {
		data, err := os.ReadFile(filepath.Join(append([]string{models}, elem...)...))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	for dir, want := range map[string]struct {
		model                      string
		dim, headDim, vocab, nKV   int
		theta, eps                 float64
		ropeType                   string
		isTied                     bool
		layers, seqLen, ropeSeqLen int
	}{
		"tinystories-656k":   {"llama", 128, 16, 2048, 4, 1e4, 1e-6, "default", true, 2, 512, 0},
		"random/tiny_llama3": {"llama", 64, 16, 256, 2, 5e5, 1e-6, "llama3", false, 2, 512, 8192},
		"random/tiny_qwen3":  {"qwen3", 64, 16, 256, 2, 1e6, 1e-6, "default", false, 2, 2048, 0},
	} {
		c, err := ParseConfig(dir, readFile(filepath.FromSlash(dir), "config.json"))
		if err != nil {
			t.Error(err)
			continue
		}
		if c.ModelType != want.model || c.Dim != want.dim || c.HeadDim != want.headDim || c.VocabSize != want.vocab ||
			c.NKVHeads != want.nKV || c.Rope.Theta != want.theta || c.NormEps != want.eps || c.Rope.Type != want.ropeType ||
			c.TieEmbeddings == nil || *c.TieEmbeddings != want.isTied || c.NLayers != want.layers ||
			c.SeqLen != want.seqLen || c.Rope.SeqLen != want.ropeSeqLen {
			t.Errorf("%s: %+v, want %+v", dir, c, want)
		}
	}
	g, err := ParseGenerationConfig("g", readFile("tinystories-656k", "generation_config.json"))
	if err != nil || !slices.Equal(g.BOS, []int{1}) || !slices.Equal(g.EOS, []int{2}) || g.Temperature != nil {
		t.Errorf("generation_config.json: %+v, %v", g, err)
	}
	k, err := ParseTokenizerConfig("t", readFile("tinystories-656k", "tokenizer_config.json"))
	if err != nil || k.Class != "LlamaTokenizer" || k.BOS != "<|start_story|>" || k.EOS != "<|end_story|>" ||
		k.AddBOS == nil || !*k.AddBOS || k.AddEOS == nil || *k.AddEOS || len(k.AddedTokens) != 3 ||
		k.AddedTokens[2].Content != "<|end_story|>" || !k.AddedTokens[2].Special {
		t.Errorf("tokenizer_config.json: %+v, %v", k, err)
	}
	m, err := ParseTokenizerConfig("m", readFile("tinystories-656k", "special_tokens_map.json"))
	if err != nil || m.BOS != "<|start_story|>" {
		t.Errorf("special_tokens_map.json: %+v, %v", m, err)
	}
}

func FuzzConfig(f *testing.F) {
	for _, text := range []string{`{}`, `null`, "{" + sizes + "}", `{"text_config":{` + sizes + `},"eos_token_id":[1,2]}`,
		"{" + sizes + `,"rope_scaling":{"type":"su","short_factor":[1]},"layer_types":["a","b"]}`,
		"{" + sizes + `,"rope_parameters":{"sliding_attention":{"factor":2}},"model_type":"gemma3_text"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseConfig("fuzz", data)
		if err != nil {
			if e := (*FieldError)(nil); !errors.As(err, &e) || c != nil {
				t.Fatalf("%+v, error %v, want a FieldError", c, err)
			}
			return
		}
		for _, n := range []int{c.Dim, c.HiddenDim, c.NLayers, c.NHeads, c.NKVHeads, c.HeadDim, c.VocabSize, c.SeqLen} {
			if n < 1 || n > seqLenMax {
				t.Fatalf("a size is %d: %+v", n, c)
			}
		}
		if c.NHeads%c.NKVHeads != 0 || c.NormEps <= 0 || c.Rope.Theta <= 0 || c.PartialRotary <= 0 || c.Rope.Type == "" {
			t.Fatalf("config %+v", c)
		}
	})
}
