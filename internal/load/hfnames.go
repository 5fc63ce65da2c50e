package load

import (
	"fmt"
	"strings"

	"cria/internal/hf"
	"cria/internal/model"
)

// An architecture is how the files of Hugging Face name a family and its tensors.
type architecture struct {
	fam   *family
	name  string            // architectures in config.json
	kind  string            // model_type, for files without architectures
	names map[string]string // where they differ from hfNames
	// isPart says that there are other parts beside the model for text, whose tensors are passed over.
	isPart bool
}

// hfNames has the names of tensors in files of Hugging Face for those of GGUF files.
var hfNames = map[string]string{
	"token_embd":  "embed_tokens",
	"output_norm": "norm",

	"attn_norm":   "input_layernorm",
	"attn_q":      "self_attn.q_proj",
	"attn_k":      "self_attn.k_proj",
	"attn_v":      "self_attn.v_proj",
	"attn_qkv":    "self_attn.qkv_proj",
	"attn_output": "self_attn.o_proj",
	"attn_q_norm": "self_attn.q_norm",
	"attn_k_norm": "self_attn.k_norm",

	"ffn_norm": "post_attention_layernorm",
	"ffn_gate": "mlp.gate_proj",
	"ffn_down": "mlp.down_proj",
	"ffn_up":   "mlp.up_proj",

	"ffn_gate_inp":  "mlp.gate",
	"ffn_gate_exps": "mlp.experts.%d.gate_proj",
	"ffn_down_exps": "mlp.experts.%d.down_proj",
	"ffn_up_exps":   "mlp.experts.%d.up_proj",
}

var gemmaNames = map[string]string{
	"post_attention_norm": "post_attention_layernorm",
	"ffn_norm":            "pre_feedforward_layernorm",
	"post_ffw_norm":       "post_feedforward_layernorm",
}

var phi3Names = map[string]string{"ffn_up": "mlp.gate_up_proj"}

var mixtralNames = map[string]string{
	"ffn_gate_inp":  "block_sparse_moe.gate",
	"ffn_gate_exps": "block_sparse_moe.experts.%d.w1",
	"ffn_down_exps": "block_sparse_moe.experts.%d.w2",
	"ffn_up_exps":   "block_sparse_moe.experts.%d.w3",
}

// hfArchitectures are those that this program knows, with the families that they are of.
var hfArchitectures = []struct {
	name, kind, family string
	names              map[string]string
	isPart             bool
}{
	{"LlamaForCausalLM", "llama", "llama", nil, false},
	{"MistralForCausalLM", "mistral", "llama", nil, false},
	{"MixtralForCausalLM", "mixtral", "llama", mixtralNames, false},
	{"Qwen2ForCausalLM", "qwen2", "qwen2", nil, false},
	{"Qwen3ForCausalLM", "qwen3", "qwen3", nil, false},
	{"Qwen3MoeForCausalLM", "qwen3_moe", "qwen3moe", nil, false},
	{"Phi3ForCausalLM", "phi3", "phi3", phi3Names, false},
	{"Gemma2ForCausalLM", "gemma2", "gemma2", gemmaNames, false},
	{"Gemma3ForCausalLM", "gemma3_text", "gemma3", gemmaNames, false},
	{"Gemma3ForConditionalGeneration", "gemma3_text", "gemma3", gemmaNames, true},
}

// hfArchitecture returns the architecture that a config.json names: the first of
// architectures, or of a file that has none, model_type.
func hfArchitecture(c *hf.Config) (*architecture, error) {
	asked, known := c.ModelType, []string{}
	if len(c.Architectures) > 0 {
		asked = c.Architectures[0]
	}
	for _, a := range hfArchitectures {
		if asked == a.name || len(c.Architectures) == 0 && asked == a.kind {
			fam, err := familyNamed(a.family)
			return &architecture{fam, a.name, a.kind, a.names, a.isPart}, err
		}
		known = append(known, a.name)
	}
	return nil, fmt.Errorf("load: architecture %q is not supported (cria knows %s)", asked, strings.Join(known, ", "))
}

// translate returns wants under their names in files of Hugging Face, behind a
// prefix; matrices of experts are wanted one by one.
func (a *architecture) translate(wants []want, prefix string) []want {
	var list []want
	for _, w := range wants {
		base, suffix, _ := strings.Cut(w.name, ".")
		name, ok := a.names[base]
		if !ok {
			name = hfNames[base]
		}
		if !strings.Contains(name, "%d") {
			w.name = prefix + name + "." + suffix
			list = append(list, w)
			continue
		}
		for i, p := range w.parts {
			list = append(list, want{name: prefix + fmt.Sprintf(name, i) + "." + suffix, rows: p.rows, cols: w.cols, mat: p.mat})
		}
	}
	return list
}

// places are what the names of a model for text begin with, alone or as a part
// of another model, and the name of its classifier.
var places = []struct{ prefix, head string }{
	{"model.", "lm_head.weight"},
	{"language_model.model.", "language_model.lm_head.weight"},
	{"model.language_model.", "lm_head.weight"},
}

// weights binds the tensors of a Hugging Face model.
func (a *architecture) weights(c *model.Config, isLocal []bool, isTied bool, tensors haves) (*model.Weights, error) {
	w, prefix, head := &model.Weights{}, places[0].prefix, places[0].head
	for _, p := range places {
		if tensors[p.prefix+"norm.weight"] != nil {
			prefix, head = p.prefix, p.head
		}
	}
	plus := float32(0)
	if a.fam.isGemma {
		plus = 1 // norms are stored minus one
	}
	ends := a.translate(a.fam.ends(c, w, true), prefix)
	for i := range ends {
		// Of tensors that share their bytes a file keeps one, by either name.
		if isTied && ends[i].mat == &w.TokenEmbed && tensors[ends[i].name] == nil && tensors[head] != nil {
			ends[i].name = head
		}
	}
	if err := tensors.bind(ends, plus); err != nil {
		return nil, err
	}
	if isTied {
		w.Output = w.TokenEmbed
	} else if err := tensors.bind([]want{{name: head, rows: c.VocabSize, cols: c.Dim, mat: &w.Output}}, 0); err != nil {
		return nil, err
	}
	for i := range c.NLayers {
		w.Layers = append(w.Layers, model.Layer{IsLocal: isLocal[i]})
		wants := a.fam.inLayer(c, &w.Layers[i])
		if err := tensors.bind(a.translate(wants, fmt.Sprintf("%slayers.%d.", prefix, i)), plus); err != nil {
			return nil, err
		}
	}
	return w, tensors.unused(a.name, func(name string) bool {
		return isTied && name == head || strings.HasSuffix(name, ".rotary_emb.inv_freq") ||
			a.isPart && !strings.HasPrefix(name, prefix)
	})
}
