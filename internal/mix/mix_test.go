package mix

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cria/internal/tensor"
)

// llama returns the tensors of a model, as files have them.
func llama(layers, dim, kvDim, hidden, experts int) []Tensor {
	list := []Tensor{
		{"token_embd.weight", tensor.F16, []int{dim, 32000}}, {"output_norm.weight", tensor.F32, []int{dim}},
		{"output.weight", tensor.F16, []int{dim, 32000}},
	}
	for i := range layers {
		add := func(name string, dims ...int) {
			typ := tensor.F16
			if len(dims) < 2 {
				typ = tensor.F32
			}
			list = append(list, Tensor{fmt.Sprintf("blk.%d.%s", i, name), typ, dims})
		}
		add("attn_q.weight", dim, dim)
		add("attn_q.bias", dim)
		add("attn_k.weight", dim, kvDim)
		add("attn_v.weight", dim, kvDim)
		add("attn_output.weight", dim, dim)
		add("attn_norm.weight", dim)
		add("ffn_norm.weight", dim)
		if experts > 0 {
			add("ffn_gate_inp.weight", dim, experts)
			add("ffn_gate_exps.weight", dim, hidden, experts)
			add("ffn_down_exps.weight", hidden, dim, experts)
			add("ffn_up_exps.weight", dim, hidden, experts)
		} else {
			add("ffn_gate.weight", dim, hidden)
			add("ffn_down.weight", hidden, dim)
			add("ffn_up.weight", dim, hidden)
		}
	}
	return list
}

var (
	llama7B   = Facts{Arch: "llama", Layers: 32, Heads: 32, KVHeads: 32}
	llama8B   = Facts{Arch: "llama", Layers: 32, Heads: 32, KVHeads: 8}
	llama70B  = Facts{Arch: "llama", Layers: 80, Heads: 64, KVHeads: 8}
	mixtral8  = Facts{Arch: "llama", Layers: 32, Heads: 32, KVHeads: 8, Experts: 8}
	tensors7  = llama(32, 4096, 4096, 11008, 0)
	tensors8  = llama(32, 4096, 1024, 14336, 0)
	tensors70 = llama(80, 8192, 1024, 28672, 0)
	tensorsM  = llama(32, 4096, 1024, 14336, 8)
)

func named(t *testing.T, name string) *Mix {
	t.Helper()
	m, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// counts returns how many matrices have each type, in words.
func counts(list []Tensor, choices []Choice) string {
	n := map[tensor.DType]int{}
	for i, c := range choices {
		if len(list[i].Dims) > 1 {
			n[c.Type]++
		}
	}
	var words []string
	for _, typ := range slices.Sorted(maps.Keys(n)) {
		words = append(words, fmt.Sprintf("%v:%d", typ, n[typ]))
	}
	return strings.Join(words, " ")
}

// TestPublished has the counts that llama.cpp prints when it loads published files of these models.
func TestPublished(t *testing.T) {
	for _, c := range []struct {
		mix   string
		facts Facts
		list  []Tensor
		want  string
	}{
		{"Q2_K", llama8B, tensors8, "q2_k:129 q3_k:64 q4_k:32 q6_k:1"},
		{"Q3_K_S", llama7B, tensors7, "q3_k:225 q6_k:1"},
		{"Q3_K_M", llama7B, tensors7, "q3_k:129 q4_k:92 q5_k:4 q6_k:1"},
		{"Q3_K_L", llama7B, tensors7, "q3_k:129 q5_k:96 q6_k:1"},
		{"Q4_0", llama7B, tensors7, "q4_0:225 q6_k:1"},
		{"Q4_K_S", llama7B, tensors7, "q4_k:217 q5_k:8 q6_k:1"},
		{"Q4_K_M", llama7B, tensors7, "q4_k:193 q6_k:33"},
		{"q4_k", llama8B, tensors8, "q4_k:193 q6_k:33"},
		{"Q4_K_M", llama70B, tensors70, "q4_k:441 q5_k:40 q6_k:81"},
		{"Q5_K_S", llama7B, tensors7, "q5_k:225 q6_k:1"},
		{"Q5_K_M", llama7B, tensors7, "q5_k:193 q6_k:33"},
		{"Q6_K", llama7B, tensors7, "q6_k:226"},
		{"Q8_0", llama7B, tensors7, "q8_0:226"},
		{"F16", llama7B, tensors7, "f16:226"},
	} {
		got := counts(c.list, named(t, c.mix).Plan(c.facts, c.list, &Options{}))
		if got != c.want {
			t.Errorf("%s of %d layers: %s, want %s", c.mix, c.facts.Layers, got, c.want)
		}
	}
}

// TestRules has types that follow from the rules, tensor by tensor.
func TestRules(t *testing.T) {
	guided := llama7B
	guided.HasImportance = true
	for _, c := range []struct {
		mix, name string
		facts     Facts
		list      []Tensor
		want      tensor.DType
	}{
		{"Q4_K_M", "blk.3.attn_v.weight", llama7B, tensors7, tensor.Q6_K}, // the first eighth
		{"Q4_K_M", "blk.4.attn_v.weight", llama7B, tensors7, tensor.Q4_K},
		{"Q4_K_M", "blk.6.ffn_down.weight", llama7B, tensors7, tensor.Q6_K}, // a third
		{"Q4_K_M", "blk.28.ffn_down.weight", llama7B, tensors7, tensor.Q6_K},
		{"Q4_K_M", "blk.28.ffn_up.weight", llama7B, tensors7, tensor.Q4_K},
		{"Q4_K_M", "token_embd.weight", llama7B, tensors7, tensor.Q4_K},
		{"IQ4_XS", "blk.0.attn_v.weight", llama8B, tensors8, tensor.Q5_K},
		{"IQ4_XS", "blk.0.attn_v.weight", llama7B, tensors7, tensor.IQ4_XS},
		{"IQ4_XS", "blk.3.ffn_down.weight", llama7B, tensors7, tensor.Q5_K},
		{"IQ4_XS", "blk.3.ffn_down.weight", guided, tensors7, tensor.IQ4_XS},
		{"IQ4_NL", "blk.4.ffn_down.weight", llama7B, tensors7, tensor.IQ4_NL},
		{"Q4_0", "blk.3.ffn_down.weight", guided, tensors7, tensor.Q4_1},
		{"Q5_0", "blk.3.ffn_down.weight", guided, tensors7, tensor.Q5_1},
		{"Q5_0", "blk.4.ffn_down.weight", guided, tensors7, tensor.Q5_0},
		{"Q4_K_M", "blk.9.attn_k.weight", mixtral8, tensorsM, tensor.Q8_0},
		{"Q4_K_M", "blk.9.attn_output.weight", mixtral8, tensorsM, tensor.Q5_K},
		{"Q4_K_M", "blk.9.ffn_gate_inp.weight", mixtral8, tensorsM, tensor.F16},
		{"Q4_K_M", "blk.0.ffn_down_exps.weight", mixtral8, tensorsM, tensor.Q6_K},
		{"MXFP4_MOE", "blk.0.ffn_down_exps.weight", mixtral8, tensorsM, tensor.MXFP4},
		{"MXFP4_MOE", "blk.0.attn_q.weight", mixtral8, tensorsM, tensor.Q8_0},
		{"MXFP4", "blk.0.attn_q.weight", llama7B, tensors7, tensor.MXFP4},
		{"MXFP4", "output.weight", llama7B, tensors7, tensor.Q8_0},
		{"Q8_0", "blk.0.attn_q.bias", llama7B, tensors7, tensor.F32},
		{"F16", "blk.0.attn_norm.weight", llama7B, tensors7, tensor.F32},
	} {
		if got := planned(t, c.mix, c.facts, c.list, &Options{}, c.name); got.Type != c.want || got.Wanted != c.want {
			t.Errorf("%s %s: %v, want %v", c.mix, c.name, got, c.want)
		}
	}
}

// planned returns the choice for the tensor with a name.
func planned(t *testing.T, mix string, f Facts, list []Tensor, opt *Options, name string) Choice {
	t.Helper()
	i := slices.IndexFunc(list, func(t Tensor) bool { return t.Name == name })
	return named(t, mix).Plan(f, list, opt)[i]
}

func TestOptions(t *testing.T) {
	q6, q4, q5 := tensor.Q6_K, tensor.Q4_0, tensor.Q5_0
	tied := slices.DeleteFunc(slices.Clone(tensors7), func(t Tensor) bool { return t.Name == "output.weight" })
	rules := []NameRule{{regexp.MustCompile(`ffn_(up|down)`), tensor.Q8_0}, {regexp.MustCompile("ffn"), tensor.Q2_K}}
	for _, c := range []struct {
		list []Tensor
		opt  Options
		name string
		want tensor.DType
	}{
		{tensors7, Options{Pure: true}, "output.weight", tensor.Q4_K},
		{tensors7, Options{Pure: true}, "blk.0.attn_v.weight", tensor.Q4_K},
		{tensors7, Options{Pure: true}, "output_norm.weight", tensor.F32},
		{tensors7, Options{Output: &q5}, "output.weight", tensor.Q5_0},
		{tensors7, Options{Output: &q5}, "token_embd.weight", tensor.Q4_K},
		{tied, Options{}, "token_embd.weight", tensor.Q6_K},
		{tied, Options{Output: &q5}, "token_embd.weight", tensor.Q5_0},
		{tied, Options{Output: &q5, Embed: &q4}, "token_embd.weight", tensor.Q4_0},
		{tensors7, Options{Embed: &q6}, "token_embd.weight", tensor.Q6_K},
		{tensors7, Options{Rules: rules}, "blk.0.ffn_down.weight", tensor.Q8_0},
		{tensors7, Options{Rules: rules, Pure: true}, "blk.0.ffn_gate.weight", tensor.Q2_K},
		{tensors7, Options{Rules: rules}, "blk.0.ffn_norm.weight", tensor.F32},
		{tensors7, Options{Rules: rules}, "blk.0.attn_q.weight", tensor.Q4_K},
	} {
		if got := planned(t, "Q4_K_M", llama7B, c.list, &c.opt, c.name); got.Type != c.want {
			t.Errorf("%+v: %s: %v, want %v", c.opt, c.name, got.Type, c.want)
		}
	}
}

func TestFallbacks(t *testing.T) {
	for _, c := range []struct {
		typ  tensor.DType
		cols int
		want tensor.DType
	}{
		{tensor.Q4_K, 256, tensor.Q4_K}, {tensor.Q2_K, 288, tensor.Q4_0}, {tensor.Q3_K, 288, tensor.Q4_0},
		{tensor.Q4_K, 288, tensor.Q5_0}, {tensor.Q5_K, 288, tensor.Q5_1}, {tensor.Q6_K, 288, tensor.Q8_0},
		{tensor.IQ4_XS, 288, tensor.IQ4_NL}, {tensor.Q4_K, 172, tensor.F16}, {tensor.Q8_0, 172, tensor.F16},
		{tensor.MXFP4, 16, tensor.F16}, {tensor.BF16, 7, tensor.BF16}, {tensor.F32, 7, tensor.F32},
	} {
		if got := fit(c.typ, c.cols); got != c.want {
			t.Errorf("%v in rows of %d: %v, want %v", c.typ, c.cols, got, c.want)
		}
	}
	// The classifier is q8_0 where the mix's own blocks do not fit.
	list := llama(1, 288, 288, 768, 0)
	got := planned(t, "Q4_K_M", Facts{Layers: 1, Heads: 6, KVHeads: 6}, list, &Options{}, "output.weight")
	if want := (Choice{tensor.Q8_0, tensor.Q8_0}); got != want {
		t.Errorf("the classifier is %v, want %v", got, want)
	}
}

func TestNamed(t *testing.T) {
	for _, name := range Names() {
		if m := named(t, strings.ToLower(name)); m.Name != name {
			t.Errorf("%s is %s", name, m.Name)
		}
	}
	if _, err := Named("Q4_K_XL"); err == nil || !strings.Contains(err.Error(), "Q4_K_M") {
		t.Errorf("Q4_K_XL: %v, want an error that names the others", err)
	}
}
