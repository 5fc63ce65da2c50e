package hf

// A GenerationConfig is what generation_config.json says: how its makers sample
// from a model. What it leaves out is nil.
type GenerationConfig struct {
	BOS, EOS, PAD     []int
	DoSample          *bool
	Temperature       *float64
	TopP, MinP        *float64
	RepetitionPenalty *float64
	TopK              *int
}

// ParseGenerationConfig reads generation_config.json. The error is a *FieldError; name is used in it only.
func ParseGenerationConfig(name string, data []byte) (*GenerationConfig, error) {
	o, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	c := &GenerationConfig{
		BOS:               o.ids("bos_token_id"),
		EOS:               o.ids("eos_token_id"),
		PAD:               o.ids("pad_token_id"),
		DoSample:          o.maybe("do_sample"),
		Temperature:       o.optional("temperature"),
		TopP:              o.optional("top_p"),
		MinP:              o.optional("min_p"),
		RepetitionPenalty: o.optional("repetition_penalty"),
	}
	if raw, _ := o.get("top_k"); raw != nil {
		k := o.int("top_k", 0, 0, vocabMax)
		c.TopK = &k
	}
	if err := o.fault(name); err != nil {
		return nil, err
	}
	return c, nil
}
