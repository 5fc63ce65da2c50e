package mix

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"cria/internal/tensor"
)

// Facts are what the rules want to know of a model. Those that are 0 are not known.
type Facts struct {
	Arch           string // general.architecture
	Layers         int
	Heads, KVHeads int
	Experts        int
	HasImportance  bool
	hasOutput      bool // of its own
}

// group returns how many heads share keys and values.
func (f *Facts) group() int { return f.Heads / max(f.KVHeads, 1) }

// is70B reports whether a model is Llama 2 or 3 of 70 billion parameters, or Qwen 2 of 72.
func (f *Facts) is70B() bool {
	return f.Layers == 80 && (f.Arch == "llama" && f.Heads != f.KVHeads || f.Arch == "qwen2")
}

// A Tensor is what is known of one.
type Tensor struct {
	Name string
	Type tensor.DType // that it has
	Dims []int        // Dims[0] is the length of a row
}

// Options are what a user asks for beside a mix.
type Options struct {
	Pure   bool // all that is quantized gets the mix's own type
	Output *tensor.DType
	Embed  *tensor.DType
	Rules  []NameRule // the first that fits counts
}

// A NameRule gives tensors whose names match another type.
type NameRule struct {
	Name *regexp.Regexp
	Type tensor.DType
}

// A Choice is the type that a tensor gets, and the one that it was to get, if
// the length of its rows does not allow it.
type Choice struct {
	Type, Wanted tensor.DType
}

// Plan chooses a type for each tensor of a model.
func (m *Mix) Plan(f Facts, list []Tensor, opt *Options) []Choice {
	var layers []int // of attn_v, each as often as there are some
	for i := range list {
		switch roleOf(list[i].Name) {
		case attnV:
			layers = append(layers, layerOf(list[i].Name))
		case output:
			f.hasOutput = true
		}
	}
	slices.Sort(layers)
	choices := make([]Choice, len(list))
	for i := range list {
		t := &list[i]
		choices[i] = Choice{t.Type, t.Type}
		if !IsQuantized(t) {
			continue
		}
		p := &place{facts: &f, layer: layerOf(t.Name), attnVs: len(layers)}
		p.attnV, _ = slices.BinarySearch(layers, p.layer)
		want := m.choose(p, t, opt)
		choices[i] = Choice{fit(want, t.Dims[0]), want}
	}
	return choices
}

// IsQuantized reports whether a tensor is one of those that get another type:
// matrices, but not the small one that chooses experts. Norms, biases and factors
// are vectors, which stay as they are.
func IsQuantized(t *Tensor) bool {
	return len(t.Dims) >= 2 && strings.HasSuffix(t.Name, "weight") && !strings.HasSuffix(t.Name, "_norm.weight") &&
		!strings.HasSuffix(t.Name, "ffn_gate_inp.weight")
}

// choose returns the type that a tensor is to get, whatever the length of its rows.
func (m *Mix) choose(p *place, t *Tensor, opt *Options) tensor.DType {
	r := roleOf(t.Name)
	switch {
	case r == embed && opt.Embed != nil:
		return *opt.Embed
	case (r == output || r == embed && !p.facts.hasOutput) && opt.Output != nil:
		return *opt.Output
	}
	for _, rule := range opt.Rules {
		if rule.Name.MatchString(t.Name) {
			return rule.Type
		}
	}
	switch {
	case opt.Pure || !m.Base.IsBlocks():
		return m.Base
	case r == output || r == embed && !p.facts.hasOutput:
		return m.classifier(t.Dims[0])
	case m.experts && len(t.Dims) < 3:
		return tensor.Q8_0
	}
	return p.facts.raise(r, m.rule(r, p))
}

// rule returns what the first rule that fits says.
func (m *Mix) rule(r role, p *place) tensor.DType {
	for _, x := range m.rules {
		if x.role == r && x.when(p) {
			return x.typ
		}
	}
	return m.Base
}

// classifier returns the type of the matrix that makes logits, which is also the
// embedding if there is only one: errors in it are errors of the answer.
func (m *Mix) classifier(cols int) tensor.DType {
	switch {
	case m.Base == tensor.MXFP4, m.Base == tensor.Q8_0, cols%m.Base.BlockLen() != 0:
		return tensor.Q8_0
	default:
		return tensor.Q6_K
	}
}

// raise gives small matrices of large models more bits: attn_v is an eighth of attn_q
// in models of 70 billion parameters, and all but the experts is little in mixtures of 8.
func (f *Facts) raise(r role, t tensor.DType) tensor.DType {
	switch {
	case f.Experts == 8 && (r == attnV || r == attnK):
		return tensor.Q8_0
	case f.is70B() && r == attnV && (t == tensor.Q3_K || t == tensor.Q4_K):
		return tensor.Q5_K
	}
	return t
}

// fallbacks has the type of blocks of 32 that takes the place of one of 256 where
// those do not fill a row: the next one with more bits.
var fallbacks = map[tensor.DType]tensor.DType{
	tensor.Q2_K: tensor.Q4_0, tensor.Q3_K: tensor.Q4_0, tensor.IQ4_XS: tensor.IQ4_NL,
	tensor.Q4_K: tensor.Q5_0, tensor.Q5_K: tensor.Q5_1, tensor.Q6_K: tensor.Q8_0,
}

// fit returns the type, or if its blocks do not fill rows of cols, its fallback,
// or if these do not, either, F16.
func fit(t tensor.DType, cols int) tensor.DType {
	if cols%t.BlockLen() == 0 {
		return t
	}
	if f, ok := fallbacks[t]; ok && cols%f.BlockLen() == 0 {
		return f
	}
	return tensor.F16
}

// A role is what a tensor does.
type role uint8

const (
	other role = iota
	embed
	output
	attnV
	attnK
	attnOutput
	ffnDown
)

// roleOf returns the role of the tensor with a name. A matrix for queries, keys
// and values at once counts as one for values.
func roleOf(name string) role {
	for _, r := range []struct {
		part string
		role role
	}{
		{"attn_qkv.weight", attnV}, {"attn_v.weight", attnV}, {"attn_k.weight", attnK},
		{"attn_output.weight", attnOutput}, {"ffn_down", ffnDown},
	} {
		if strings.Contains(name, r.part) {
			return r.role
		}
	}
	switch name {
	case "token_embd.weight":
		return embed
	case "output.weight":
		return output
	}
	return other
}

// layerOf returns the number in blk.N., or 0.
func layerOf(name string) int {
	rest, ok := strings.CutPrefix(name, "blk.")
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(number)
	if err != nil {
		return 0
	}
	return n
}
