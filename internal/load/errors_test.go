package load_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cria/internal/gguf"
	"cria/internal/load"
)

// specNamed returns one of the specs.
func specNamed(t testing.TB, name string) *spec {
	t.Helper()
	all := specs()
	i := slices.IndexFunc(all, func(s spec) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("no spec %s", name)
	}
	return &all[i]
}

// openBytes opens a file that is in memory.
func openBytes(data []byte) (*load.Model, error) {
	return load.Open(load.Disk{FS: fstest.MapFS{"m": {Data: data}}}, "m")
}

// wantError wants an error that says all of the words.
func wantError(t *testing.T, err error, what string, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("%s: error %v, want one that says %q", what, err, w)
			return
		}
	}
}

// TestGGUFFields breaks one field after the other.
func TestGGUFFields(t *testing.T) {
	for _, c := range []struct {
		spec, key string
		value     any // nil takes the key away
		says      string
	}{
		{"llama", "general.architecture", "mamba", `"mamba" is not supported (cria knows llama`},
		{"llama", "general.architecture", nil, `architecture ""`},
		{"llama", "general.architecture", uint32(7), "want a string"},
		{"llama", "llama.embedding_length", nil, "llama.embedding_length is not there"},
		{"llama", "llama.embedding_length", uint32(0), "llama.embedding_length is 0, want 1 to"},
		{"llama", "llama.embedding_length", int32(-64), "embedding_length"},
		{"llama", "llama.embedding_length", uint64(1) << 63, "embedding_length is 9223372036854775808"},
		{"llama", "llama.embedding_length", uint32(32), "token_embd.weight is [72][64], want [72][32]"},
		{"llama", "llama.block_count", uint32(1 << 30), "block_count is 1073741824"},
		{"llama", "llama.block_count", uint32(2), "blk.2.attn_k.weight is not part of llama"},
		{"llama", "llama.block_count", uint32(4), "blk.3.attn_norm.weight is missing"},
		{"llama", "llama.feed_forward_length", uint32(95), "want [95][64]"},
		{"llama", "llama.feed_forward_length", []uint32{96, 96, 64}, "not the same for all layers"},
		{"llama", "llama.attention.head_count", uint32(0), "head_count is 0"},
		{"llama", "llama.attention.head_count_kv", uint32(3), "NKVHeads 3"},
		{"llama", "llama.attention.key_length", uint32(15), "keys have 15 numbers"},
		{"llama", "llama.attention.value_length", uint32(8), "value_length is 8"},
		{"llama", "llama.attention.layer_norm_rms_epsilon", nil, "layer_norm_rms_epsilon"},
		{"llama", "llama.attention.layer_norm_rms_epsilon", "x", "want a float"},
		{"llama", "llama.vocab_size", uint32(71), "token_embd.weight is [72][64], want [71][64]"},
		{"llama", "llama.context_length", uint32(1 << 30), "context_length"},
		{"llama", "llama.rope.freq_base", float32(-1), "base of the rotary embedding"},
		{"llama", "llama.rope.dimension_count", uint32(17), "rotary embedding turns 17"},
		{"llama", "llama.expert_count", uint32(2), "NExpertsUsed"},
		{"llama-linear", "llama.rope.scaling.type", "magic", `"magic", want none, linear`},
		{"llama-yarn", "llama.rope.scaling.factor", float32(0), "yarn with factor 0"},
		{"mixtral", "llama.expert_used_count", uint32(5), "5 of 4 experts"},
		{"mixtral", "llama.expert_count", uint32(1 << 20), "expert_count is 1048576"},
		{"qwen3moe", "qwen3moe.expert_count", nil, "expert_count is not there"},
		{"qwen2", "qwen2.expert_count", uint32(4), "has no experts"},
		{"phi3-long", "phi3.rope.dimension_count", uint32(10), "6 long and 6 short factors, want 5"},
		{"gemma3", "gemma3.attention.sliding_window_pattern", uint32(4), "is 4, want 6"},
	} {
		s := specNamed(t, c.spec)
		kv := slices.DeleteFunc(s.metadata(), func(kv gguf.KV) bool { return kv.Key == c.key })
		if c.value != nil {
			kv = append(kv, gguf.KV{Key: c.key, Value: c.value})
		}
		_, err := openBytes(ggufBytes(t, kv, s.tensors()))
		wantError(t, err, c.spec+" "+c.key, c.says)
	}
}

// TestTensors takes one tensor after the other away, makes it wider, and of a
// type that is not supported; and adds one.
func TestTensors(t *testing.T) {
	for _, s := range specs() {
		kv, list := s.metadata(), s.tensors()
		for i, x := range list {
			if testing.Short() && strings.HasPrefix(x.Name, "blk.") && !strings.HasPrefix(x.Name, "blk.1.") {
				continue // layers are alike
			}
			_, isFactor := s.freqs[x.Name]
			isOptional := x.Name == "output.weight" || strings.HasSuffix(x.Name, ".bias") && s.family == "llama" ||
				x.Name == "rope_freqs.weight"
			_, err := openBytes(ggufBytes(t, kv, slices.Delete(slices.Clone(list), i, i+1)))
			if isOptional != (err == nil) {
				t.Errorf("%s without %s: error %v", s.name, x.Name, err)
			} else if !isOptional && !isFactor {
				wantError(t, err, s.name, x.Name+" is missing")
			}
			wide := slices.Clone(list)
			wide[i].Dims = slices.Clone(x.Dims)
			wide[i].Dims[0] *= 2
			wide[i].Data = slices.Concat(x.Data, x.Data)
			if _, err := openBytes(ggufBytes(t, kv, wide)); isFactor {
				if err == nil {
					t.Errorf("%s: more factors than pairs, and no error", s.name)
				}
			} else {
				wantError(t, err, s.name, x.Name+" is [", "want [")
			}
		}
		sinks := gguf.Tensor{Name: "blk.0.attn_sinks.weight", Dims: []int{1}, Data: make([]byte, 4)}
		more := append(slices.Clone(list), sinks)
		_, err := openBytes(ggufBytes(t, kv, more))
		wantError(t, err, s.name, "blk.0.attn_sinks.weight is not part of "+s.family)
	}
}

// TestUnsupportedType names the type and the tensor.
func TestUnsupportedType(t *testing.T) {
	s := specNamed(t, "llama")
	data := ggufBytes(t, s.metadata(), s.tensors())
	const name = "blk.1.attn_q.weight"
	at := strings.Index(string(data), name) + len(name) + 4 + 2*8 // behind the number of dims, and two of them
	data[at] = 25                                                 // i16
	_, err := openBytes(data)
	wantError(t, err, name, name, "i16")
	list := s.tensors()
	i := slices.IndexFunc(list, func(x gguf.Tensor) bool { return x.Name == "output_norm.weight" })
	list[i].Type, list[i].Data = 8, make([]byte, 68) // q8_0
	_, err = openBytes(ggufBytes(t, s.metadata(), list))
	wantError(t, err, "a norm of q8_0", "output_norm.weight", "q8_0", "want f32, f16 or bf16")
}

// TestHFFields breaks one field of config.json after the other.
func TestHFFields(t *testing.T) {
	for _, c := range []struct {
		spec, key string
		value     any
		says      string
	}{
		{"llama", "architectures", []string{"MambaForCausalLM"}, `"MambaForCausalLM" is not supported`},
		{"llama", "hidden_size", 32, "model.embed_tokens.weight is [72][64], want [72][32]"},
		{"llama", "num_hidden_layers", 4, "model.layers.3.input_layernorm.weight is missing"},
		{"llama", "num_hidden_layers", 2, "model.layers.2.input_layernorm.weight is not part of"},
		{"llama", "hidden_act", "relu", `hidden_act "relu"`},
		{"llama", "mlp_bias", true, "mlp_bias"},
		{"llama", "attention_bias", true, "model.layers.0.self_attn.q_proj.bias is missing"},
		{"llama", "quantization_config", map[string]any{"quant_method": "gptq"}, `"gptq"`},
		{"llama", "num_local_experts", 8, "num_experts_per_tok"},
		{"llama", "rope_scaling", map[string]any{"type": "magic"}, `"magic" is not supported`},
		{"llama", "rope_scaling", map[string]any{"type": "yarn"}, "yarn with factor 0"},
		{"llama-tied-biases", "attention_bias", false, "self_attn.k_proj.bias is not part of"},
		{"llama-tied-biases", "tie_word_embeddings", false, "lm_head.weight is missing"},
		{"llama-llama3", "rope_scaling", map[string]any{"type": "llama3", "factor": 8, "low_freq_factor": 5}, "below high"},
		{"qwen2", "layer_types", []string{"linear_attention", "full_attention"}, ""},
		{"gemma2", "layer_types", []string{"a", "b", "c", "d"}, `layer_types[0] "a"`},
		{"qwen3moe", "mlp_only_layers", []int{1}, "mlp_only_layers"},
		{"qwen3moe", "num_experts", 1 << 11, "2048 experts"},
		{"phi3-long", "partial_rotary_factor", 0.5, "6 long and 6 short factors, want 4"},
	} {
		s := specNamed(t, c.spec)
		var config map[string]any
		if err := json.Unmarshal(s.configJSON(t), &config); err != nil {
			t.Fatal(err)
		}
		config = maps.Clone(config)
		config[c.key] = c.value
		data, err := json.Marshal(config)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		writeHF(t, dir, data, s.hfTensors(), 1)
		m, err := load.Open(load.Disk{}, dir)
		if err == nil {
			_ = m.Close()
		}
		if c.says != "" {
			wantError(t, err, c.spec+" "+c.key, c.says, dir)
		}
	}
}

// TestHFTensors takes tensors away, and puts one into two shards.
func TestHFTensors(t *testing.T) {
	s := specNamed(t, "mixtral")
	list := s.hfTensors()
	for i := 0; i < len(list); i += 5 {
		dir := t.TempDir()
		writeHF(t, dir, s.configJSON(t), slices.Delete(slices.Clone(list), i, i+1), 1)
		_, err := load.Open(load.Disk{}, dir)
		wantError(t, err, "mixtral", list[i].Name+" is missing", dir)
	}
	dir := t.TempDir()
	writeHF(t, dir, s.configJSON(t), append(slices.Clone(list), list[0]), 2)
	if _, err := load.Open(load.Disk{}, dir); err == nil {
		t.Error("a tensor in two shards: no error")
	}
	_, err := load.Open(load.Disk{}, t.TempDir())
	wantError(t, err, "an empty folder", "config.json")
}
