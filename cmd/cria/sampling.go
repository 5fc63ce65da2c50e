package main

import (
	"math/rand/v2"

	"cria"
)

// samplingFlags say how tokens are chosen. Their defaults are those of cria.NewSampling.
type samplingFlags struct {
	Predict int      `short:"n" placeholder:"N" default:"0" help:"Tokens to generate at most; 0 or -1 until the text ends or the context is full (${default})."`
	Stop    []string `sep:"none" placeholder:"TEXT" help:"End where this text appears; may be given again."`
	Temp    float32  `placeholder:"X" default:"0.8" env:"CRIA_TEMP" help:"Temperature; 0 always takes the most likely token (${default})."`
	TopK    int      `placeholder:"N" default:"40" env:"CRIA_TOP_K" help:"Choose among the N most likely tokens; 0 for all (${default})."`
	TopP    float32  `placeholder:"X" default:"0.95" env:"CRIA_TOP_P" help:"Choose among the most likely tokens whose probabilities reach X; 1 for all (${default})."`
	MinP    float32  `placeholder:"X" default:"0.05" env:"CRIA_MIN_P" help:"Pass over tokens less than X times as likely as the most likely; 0 for none (${default})."`
	Seed    *int64   `short:"s" placeholder:"N" env:"CRIA_SEED" help:"The same seed gives the same text; -1 for a new one (default)."`

	RepeatPenalty    float32           `placeholder:"X" default:"1" env:"CRIA_REPEAT_PENALTY" help:"Divides the logits of recent tokens; 1 for none (${default})."`
	PresencePenalty  float32           `placeholder:"X" default:"0" env:"CRIA_PRESENCE_PENALTY" help:"Taken from the logits of recent tokens (${default})."`
	FrequencyPenalty float32           `placeholder:"X" default:"0" env:"CRIA_FREQUENCY_PENALTY" help:"Taken from them as often as they occurred (${default})."`
	RepeatLastN      int               `placeholder:"N" default:"64" env:"CRIA_REPEAT_LAST_N" help:"How many tokens are recent; -1 for all (${default})."`
	LogitBias        map[int32]float32 `mapsep:"none" placeholder:"ID=BIAS" help:"Added to the logit of a token; may be given again."`
}

// seed returns the seed, and whether it had to be invented. What is invented is short to type.
func (f *samplingFlags) seed() (seed uint64, isNew bool) {
	if f.Seed == nil || *f.Seed == -1 {
		return uint64(rand.Uint32()), true
	}
	return uint64(*f.Seed), false
}

// announce tells the user a seed that they could not know but may want.
func (f *samplingFlags) announce(a *app, seed uint64, isNew bool) {
	if isNew && f.Temp > 0 {
		a.note("seed %d (--seed %d repeats this)", seed, seed)
	}
}

// options returns the session's options.
func (f *samplingFlags) options(seed uint64) ([]cria.SessionOption, error) {
	if f.Predict < -1 {
		return nil, misuse("--predict: %d, want a number of tokens, or -1", f.Predict)
	}
	return []cria.SessionOption{
		cria.WithMaxTokens(max(0, f.Predict)), cria.WithStop(f.Stop...),
		cria.WithSampling(cria.Sampling{
			Temperature: f.Temp, TopK: f.TopK, TopP: f.TopP, MinP: f.MinP, RepeatPenalty: f.RepeatPenalty,
			PresencePenalty: f.PresencePenalty, FrequencyPenalty: f.FrequencyPenalty, RepeatLastN: f.RepeatLastN,
			Bias: f.LogitBias, Seed: seed,
		}),
	}, nil
}
