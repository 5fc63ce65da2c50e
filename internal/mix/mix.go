// Package mix says which type each tensor of a model gets when the model is quantized.
//
// A mix has a type for most matrices, and rules that give some of them more bits:
// those that lose most, and those that are small. Names, numbers and rules are
// llama.cpp's (llama_tensor_get_type_impl in src/llama-quant.cpp, as of 2026), so
// that a file has the size and the quality that its name promises. Left out is
// what concerns other architectures than cria's, and types that it does not have.
package mix

import (
	"fmt"
	"strings"

	"cria/internal/tensor"
)

// A Mix is a way to quantize a model.
type Mix struct {
	Name     string
	FileType uint32 // general.file_type of GGUF files
	Base     tensor.DType

	rules   []rule
	experts bool // MXFP4_MOE: Base is for experts only, and all else is q8_0
}

// A rule gives tensors of a role another type, if when says so. The first that fits counts.
type rule struct {
	role role
	when func(p *place) bool
	typ  tensor.DType
}

// A place is where a tensor is.
type place struct {
	facts         *Facts
	layer         int // its layer
	attnV, attnVs int // the how-manieth of the attn_v, and how many there are
}

// The conditions of rules.
var (
	always    = func(*place) bool { return true }
	grouped   = func(p *place) bool { return p.facts.group() >= 4 } // attn_v is small then
	firstTwo  = func(p *place) bool { return p.attnV < 2 }
	firstFour = func(p *place) bool { return p.attnV < 4 }
	vNeedy    = func(p *place) bool { return isNeedy(p.attnV, p.attnVs) }
	needy     = func(p *place) bool { return isNeedy(p.layer, p.facts.Layers) }
	early     = func(p *place) bool { return p.layer < p.facts.Layers/8 }
	veryEarly = func(p *place) bool { return p.layer < p.facts.Layers/16 }
	blind     = func(p *place) bool { return early(p) && !p.facts.HasImportance }
	guided    = func(p *place) bool { return early(p) && p.facts.HasImportance }
	few       = func(p *place) bool { return p.facts.Experts != 8 }
	eight     = func(p *place) bool { return p.facts.Experts == 8 } // Mixtral: what is not an expert is small
)

// isNeedy reports whether a layer is one of the first or the last eighth, or each third of the others.
func isNeedy(i, n int) bool {
	return i < n/8 || i >= 7*n/8 || (i-n/8)%3 == 2
}

// mixes are all that there are, those with fewer bits first.
var mixes = []*Mix{
	{"Q2_K", 10, tensor.Q2_K, []rule{
		{attnV, grouped, tensor.Q4_K}, {attnV, always, tensor.Q3_K}, {ffnDown, always, tensor.Q3_K},
		{attnOutput, eight, tensor.Q5_K}, {attnOutput, few, tensor.Q3_K},
	}, false},
	{"Q3_K_S", 11, tensor.Q3_K, []rule{{attnOutput, eight, tensor.Q5_K}}, false},
	{"Q3_K_M", 12, tensor.Q3_K, []rule{
		{attnV, firstTwo, tensor.Q5_K}, {attnV, always, tensor.Q4_K},
		{ffnDown, veryEarly, tensor.Q5_K}, {ffnDown, always, tensor.Q4_K},
		{attnOutput, eight, tensor.Q5_K}, {attnOutput, few, tensor.Q4_K},
	}, false},
	{"Q3_K_L", 13, tensor.Q3_K, []rule{
		{attnV, always, tensor.Q5_K}, {ffnDown, always, tensor.Q5_K}, {attnOutput, few, tensor.Q5_K},
	}, false},
	{"IQ4_XS", 30, tensor.IQ4_XS, []rule{
		{attnV, grouped, tensor.Q5_K}, {ffnDown, blind, tensor.Q5_K}, {attnOutput, eight, tensor.Q5_K},
	}, false},
	{"MXFP4", 38, tensor.MXFP4, nil, false},
	{"MXFP4_MOE", 38, tensor.MXFP4, nil, true},
	{"IQ4_NL", 25, tensor.IQ4_NL, []rule{
		{attnV, grouped, tensor.Q5_K}, {ffnDown, blind, tensor.Q5_K}, {attnOutput, eight, tensor.Q5_K},
	}, false},
	{"Q4_0", 2, tensor.Q4_0, []rule{{ffnDown, guided, tensor.Q4_1}}, false},
	{"Q4_1", 3, tensor.Q4_1, nil, false},
	{"Q4_K_S", 14, tensor.Q4_K, []rule{
		{attnV, firstFour, tensor.Q5_K}, {ffnDown, early, tensor.Q5_K}, {attnOutput, eight, tensor.Q5_K},
	}, false},
	{"Q4_K_M", 15, tensor.Q4_K, []rule{
		{attnV, vNeedy, tensor.Q6_K}, {ffnDown, needy, tensor.Q6_K}, {attnOutput, eight, tensor.Q5_K},
	}, false},
	{"Q5_0", 8, tensor.Q5_0, []rule{{ffnDown, guided, tensor.Q5_1}}, false},
	{"Q5_1", 9, tensor.Q5_1, nil, false},
	{"Q5_K_S", 16, tensor.Q5_K, nil, false},
	{"Q5_K_M", 17, tensor.Q5_K, []rule{{attnV, vNeedy, tensor.Q6_K}, {ffnDown, needy, tensor.Q6_K}}, false},
	{"Q6_K", 18, tensor.Q6_K, nil, false},
	{"Q8_0", 7, tensor.Q8_0, nil, false},
	{"F16", 1, tensor.F16, nil, false},
	{"BF16", 32, tensor.BF16, nil, false},
	{"F32", 0, tensor.F32, nil, false},
}

// short has the mix that a type's bare name stands for.
var short = map[string]string{"Q3_K": "Q3_K_M", "Q4_K": "Q4_K_M", "Q5_K": "Q5_K_M"}

// Names returns the names of all mixes.
func Names() []string {
	var names []string
	for _, m := range mixes {
		names = append(names, m.Name)
	}
	return names
}

// Named returns the mix with a name, in upper or lower case. Q3_K, Q4_K and
// Q5_K are those with an M.
func Named(name string) (*Mix, error) {
	upper := strings.ToUpper(name)
	if s, ok := short[upper]; ok {
		upper = s
	}
	for _, m := range mixes {
		if m.Name == upper {
			return m, nil
		}
	}
	return nil, fmt.Errorf("no mix is named %q; there are %s", name, strings.Join(Names(), ", "))
}
