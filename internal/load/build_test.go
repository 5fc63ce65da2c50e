package load_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/safetensors"
	"cria/internal/tensor"
)

// The sizes of small models.
const (
	dim, hidden, heads, kvHeads, vocab, seqLen = 64, 96, 4, 2, 72, 128

	nExperts, nExpertsUsed, expertHidden = 4, 2, 32
)

// A spec is a small model that is written in both forms: a GGUF file, and a
// Hugging Face directory with the same weights.
type spec struct {
	name, family    string // general.architecture
	architecture    string // of config.json
	layers, headDim int
	kv              map[string]any // metadata beside that which all have, without the architecture's name
	config          map[string]any // config.json beside what all have
	parts           string         // words: bias, obias, headnorm, postnorm, fused, experts, untied
	freqs           map[string][]float32
}

func (s *spec) has(part string) bool { return slices.Contains(strings.Fields(s.parts), part) }

// An array is a tensor under its names in both forms.
type array struct {
	gguf, hf string
	shape    []int // the last is the length of a row
	data     []float32
	isNorm   bool // stored minus one in the directories of Gemma
	isTurned bool // rows of heads lie in another order in directories of Llama
}

// arrays draws the weights: the same for the same spec on every machine.
func (s *spec) arrays() []array {
	rng := rand.New(rand.NewPCG(1, uint64(len(s.name)+100*len(s.parts))))
	var list []array
	add := func(a array, mean, scale float32) {
		n := 1
		for _, d := range a.shape {
			n *= d
		}
		for range n {
			// Multiples of 2^-10 with a scale that is a power of two: every sum is exact.
			a.data = append(a.data, mean+scale*float32(rng.IntN(2049)-1024)/1024)
		}
		list = append(list, a)
	}
	matrix := func(g, h string, shape ...int) { add(array{gguf: g, hf: h, shape: shape}, 0, 0.25) }
	turned := func(g, h string, scale float32, shape ...int) {
		add(array{gguf: g, hf: h, shape: shape, isTurned: true}, 0, scale)
	}
	norm := func(g, h string, n int) { add(array{gguf: g, hf: h, shape: []int{n}, isNorm: true}, 1, 0.25) }
	matrix("token_embd.weight", "model.embed_tokens.weight", vocab, dim)
	norm("output_norm.weight", "model.norm.weight", dim)
	if s.has("untied") {
		matrix("output.weight", "lm_head.weight", vocab, dim)
	}
	hk, gk := heads*s.headDim, kvHeads*s.headDim
	for i := range s.layers {
		g, h := fmt.Sprintf("blk.%d.", i), fmt.Sprintf("model.layers.%d.", i)
		norm(g+"attn_norm.weight", h+"input_layernorm.weight", dim)
		if s.has("fused") {
			matrix(g+"attn_qkv.weight", h+"self_attn.qkv_proj.weight", hk+2*gk, dim)
		} else {
			turned(g+"attn_q.weight", h+"self_attn.q_proj.weight", 0.25, hk, dim)
			turned(g+"attn_k.weight", h+"self_attn.k_proj.weight", 0.25, gk, dim)
			matrix(g+"attn_v.weight", h+"self_attn.v_proj.weight", gk, dim)
		}
		matrix(g+"attn_output.weight", h+"self_attn.o_proj.weight", dim, hk)
		if s.has("bias") {
			turned(g+"attn_q.bias", h+"self_attn.q_proj.bias", 0.5, hk)
			turned(g+"attn_k.bias", h+"self_attn.k_proj.bias", 0.5, gk)
			add(array{gguf: g + "attn_v.bias", hf: h + "self_attn.v_proj.bias", shape: []int{gk}}, 0, 0.5)
		}
		if s.has("obias") {
			add(array{gguf: g + "attn_output.bias", hf: h + "self_attn.o_proj.bias", shape: []int{dim}}, 0, 0.5)
		}
		if s.has("headnorm") {
			norm(g+"attn_q_norm.weight", h+"self_attn.q_norm.weight", s.headDim)
			norm(g+"attn_k_norm.weight", h+"self_attn.k_norm.weight", s.headDim)
		}
		if s.has("postnorm") {
			norm(g+"post_attention_norm.weight", h+"post_attention_layernorm.weight", dim)
			norm(g+"ffn_norm.weight", h+"pre_feedforward_layernorm.weight", dim)
			norm(g+"post_ffw_norm.weight", h+"post_feedforward_layernorm.weight", dim)
		} else {
			norm(g+"ffn_norm.weight", h+"post_attention_layernorm.weight", dim)
		}
		switch {
		case s.has("experts"):
			moe, names := "mlp.", [3]string{"gate_proj", "down_proj", "up_proj"}
			if s.architecture == "MixtralForCausalLM" {
				moe, names = "block_sparse_moe.", [3]string{"w1", "w2", "w3"}
			}
			matrix(g+"ffn_gate_inp.weight", h+moe+"gate.weight", nExperts, dim)
			matrix(g+"ffn_gate_exps.weight", h+moe+"experts.%d."+names[0]+".weight", nExperts, expertHidden, dim)
			matrix(g+"ffn_down_exps.weight", h+moe+"experts.%d."+names[1]+".weight", nExperts, dim, expertHidden)
			matrix(g+"ffn_up_exps.weight", h+moe+"experts.%d."+names[2]+".weight", nExperts, expertHidden, dim)
		case s.has("fused"):
			matrix(g+"ffn_up.weight", h+"mlp.gate_up_proj.weight", 2*hidden, dim)
			matrix(g+"ffn_down.weight", h+"mlp.down_proj.weight", dim, hidden)
		default:
			matrix(g+"ffn_gate.weight", h+"mlp.gate_proj.weight", hidden, dim)
			matrix(g+"ffn_down.weight", h+"mlp.down_proj.weight", dim, hidden)
			matrix(g+"ffn_up.weight", h+"mlp.up_proj.weight", hidden, dim)
		}
	}
	return list
}

// metadata returns a GGUF file's.
func (s *spec) metadata() []gguf.KV {
	kv := []gguf.KV{{Key: "general.architecture", Value: s.family}, {Key: "tokenizer.ggml.model", Value: "no_vocab"}}
	all := map[string]any{
		"vocab_size": uint32(vocab), "context_length": uint32(seqLen), "embedding_length": uint32(dim),
		"block_count": uint32(s.layers), "feed_forward_length": uint32(hidden), "attention.head_count": uint32(heads),
		"attention.head_count_kv": uint32(kvHeads), "attention.key_length": uint32(s.headDim),
		"attention.value_length": uint32(s.headDim), "attention.layer_norm_rms_epsilon": float32(1e-5),
		"rope.dimension_count": uint32(s.headDim),
	}
	if s.has("experts") {
		all["expert_count"], all["expert_used_count"] = uint32(nExperts), uint32(nExpertsUsed)
		all["expert_feed_forward_length"] = uint32(expertHidden)
		if s.family == "llama" {
			all["feed_forward_length"] = uint32(expertHidden)
		}
	}
	for key, v := range s.kv {
		all[key] = v
	}
	for key, v := range all {
		kv = append(kv, gguf.KV{Key: s.family + "." + key, Value: v})
	}
	slices.SortFunc(kv, func(a, b gguf.KV) int { return strings.Compare(a.Key, b.Key) })
	return kv
}

// tensors returns a GGUF file's.
func (s *spec) tensors() []gguf.Tensor {
	var list []gguf.Tensor
	for _, a := range s.arrays() {
		dims := slices.Clone(a.shape)
		slices.Reverse(dims)
		list = append(list, gguf.Tensor{Name: a.gguf, Dims: dims, Data: tensor.Bytes(a.data)})
	}
	for name, x := range s.freqs {
		list = append(list, gguf.Tensor{Name: name, Dims: []int{len(x)}, Data: tensor.Bytes(x)})
	}
	slices.SortFunc(list, func(a, b gguf.Tensor) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// ggufBytes returns a GGUF file of these parts.
func ggufBytes(t testing.TB, kv []gguf.KV, list []gguf.Tensor) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gguf.Write(&b, kv, list, func(t *gguf.Tensor) ([]byte, error) { return t.Data, nil }, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hfTensors returns a directory's.
func (s *spec) hfTensors() []safetensors.Tensor {
	var list []safetensors.Tensor
	add := func(name string, shape []int, x []float32) {
		list = append(list, safetensors.Tensor{Name: name, Type: safetensors.F32, Shape: shape, Data: tensor.Bytes(x)})
	}
	for _, a := range s.arrays() {
		x := a.data
		switch {
		case a.isNorm && strings.HasPrefix(s.family, "gemma"):
			x = slices.Clone(x)
			for i := range x {
				x[i]--
			}
		case a.isTurned && s.family == "llama":
			cols := 1
			if len(a.shape) > 1 {
				cols = a.shape[1]
			}
			x = fixture.TurnRows(x, s.headDim, cols)
		case strings.Contains(a.hf, "%d"):
			n := len(x) / a.shape[0]
			for i := range a.shape[0] {
				add(fmt.Sprintf(a.hf, i), a.shape[1:], x[i*n:][:n])
			}
			continue
		}
		add(a.hf, a.shape, x)
	}
	return list
}

// configJSON returns a directory's config.json.
func (s *spec) configJSON(t testing.TB) []byte {
	t.Helper()
	c := map[string]any{
		"architectures": []string{s.architecture}, "vocab_size": vocab, "max_position_embeddings": seqLen,
		"hidden_size": dim, "num_hidden_layers": s.layers, "intermediate_size": hidden, "num_attention_heads": heads,
		"num_key_value_heads": kvHeads, "head_dim": s.headDim, "rms_norm_eps": 1e-5, "tie_word_embeddings": !s.has("untied"),
	}
	if s.has("experts") {
		c["num_local_experts"], c["num_experts_per_tok"], c["intermediate_size"] = nExperts, nExpertsUsed, expertHidden
	}
	for key, v := range s.config {
		c[key] = v
	}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// writeHF writes a Hugging Face directory with these tensors in so many shards.
func writeHF(t testing.TB, dir string, config []byte, list []safetensors.Tensor, shards int) {
	t.Helper()
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("config.json", config)
	where := map[string]string{}
	for i := range shards {
		name := "model.safetensors"
		if shards > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, shards)
		}
		part := list[i*len(list)/shards : (i+1)*len(list)/shards]
		var b bytes.Buffer
		own := func(t *safetensors.Tensor) ([]byte, error) { return t.Data, nil }
		if err := safetensors.Write(&b, nil, part, own, nil); err != nil {
			t.Fatal(err)
		}
		write(name, b.Bytes())
		for _, x := range part {
			where[x.Name] = name
		}
	}
	if shards > 1 {
		index, err := json.Marshal(map[string]any{"metadata": map[string]any{}, "weight_map": where})
		if err != nil {
			t.Fatal(err)
		}
		write("model.safetensors.index.json", index)
	}
}
