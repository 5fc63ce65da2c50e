// Package sample chooses the next token from a model's logits. The same
// parameters, logits and seed choose the same tokens on every machine.
package sample

import (
	"fmt"
	"math"

	"cria/internal/token"
)

// repeatLastNMax bounds the memory for recent tokens.
const repeatLastNMax = 1 << 20

// Params say how a Sampler chooses. Their meaning is that of llama.cpp.
type Params struct {
	Temperature float32 // 0 takes the most likely token; 1 is the model's own distribution
	TopK        int     // keep the k most likely; 0 for all
	TopP        float32 // keep the fewest that together have this probability; 1 for all
	MinP        float32 // drop what is less likely than this share of the most likely; 0 for none

	RepeatPenalty    float32 // divides positive logits of recent tokens, multiplies others; 1 for none
	PresencePenalty  float32 // subtracted from the logits of recent tokens
	FrequencyPenalty float32 // subtracted as often as a recent token occurs
	RepeatLastN      int     // how many tokens are recent; -1 for all, 0 for none

	Bias map[token.ID]float32 // added to logits; -Inf forbids a token
	Seed uint64               // any number
}

// Validate returns an error that names the first field with a value out of
// range. NaN is out of every range.
func (p *Params) Validate() error {
	const most = math.MaxFloat32
	for _, f := range []struct {
		name     string
		value    float32
		min, max float32
		want     string
	}{
		{"Temperature", p.Temperature, 0, most, "a number of 0 or more"},
		{"TopP", p.TopP, 0, 1, "0 to 1"},
		{"MinP", p.MinP, 0, 1, "0 to 1"},
		{"RepeatPenalty", p.RepeatPenalty, math.SmallestNonzeroFloat32, most, "a number above 0"},
		{"PresencePenalty", p.PresencePenalty, -most, most, "a finite number"},
		{"FrequencyPenalty", p.FrequencyPenalty, -most, most, "a finite number"},
	} {
		if !(f.value >= f.min && f.value <= f.max) {
			return fmt.Errorf("sample: %s is %v, want %s", f.name, f.value, f.want)
		}
	}
	switch {
	case p.TopK < 0:
		return fmt.Errorf("sample: TopK is %d, want 0 or more", p.TopK)
	case p.RepeatLastN < -1 || p.RepeatLastN > repeatLastNMax:
		return fmt.Errorf("sample: RepeatLastN is %d, want -1 to %d", p.RepeatLastN, repeatLastNMax)
	}
	for id, b := range p.Bias {
		if id < 0 {
			return fmt.Errorf("sample: Bias is for token %d, want 0 or more", id)
		}
		if !(b <= most) {
			return fmt.Errorf("sample: Bias of token %d is %v, want a finite number or -Inf", id, b)
		}
	}
	return nil
}
