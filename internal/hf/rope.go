package hf

// A Rope says how positions are embedded: rope_theta with rope_scaling, or the
// newer rope_parameters, which has both.
type Rope struct {
	Theta  float64 // rope_theta, by default 10000
	Type   string  // rope_type or type: "default", "linear", "dynamic", "yarn", "llama3", "longrope"
	Factor float64 // factor
	SeqLen int     // original_max_position_embeddings: what the model was first trained on

	LowFreqFactor, HighFreqFactor float64 // low_freq_factor, high_freq_factor: llama3
	BetaFast, BetaSlow            float64 // beta_fast, beta_slow: yarn
	AttentionFactor               float64 // attention_factor: yarn and longrope
	MScale, MScaleAllDim          float64 // mscale, mscale_all_dim: yarn
	ShortFactor, LongFactor       []float64
}

const (
	fullAttention    = "full_attention"
	slidingAttention = "sliding_attention"
	defaultTheta     = 10000
	plainRope        = "default"
)

// readRope reads the position embeddings in any of their forms.
func (c *Config) readRope(o *object) {
	theta := o.positive("rope_theta", defaultTheta)
	local := o.positive("rope_local_base_freq", 0)
	top := o.int("original_max_position_embeddings", 0, 1, seqLenMax)
	switch p := o.object("rope_parameters"); {
	case p == nil:
		c.Rope = o.object("rope_scaling").rope(theta, top)
		if local > 0 {
			c.RopeLocal = &Rope{Theta: local, Type: plainRope}
		}
	case p.object(fullAttention) != nil || p.object(slidingAttention) != nil:
		full, sliding := p.object(fullAttention), p.object(slidingAttention)
		c.Rope = full.rope(theta, top)
		if local == 0 {
			local = theta
		}
		windowed := sliding.rope(local, top)
		c.RopeLocal = &windowed
		if full != nil {
			c.PartialRotary = full.positive("partial_rotary_factor", c.PartialRotary)
		}
	default:
		c.Rope = p.rope(theta, top)
		c.PartialRotary = p.positive("partial_rotary_factor", c.PartialRotary)
		if local > 0 {
			c.RopeLocal = &Rope{Theta: local, Type: plainRope}
		}
	}
}

// rope returns what o, which may be nil, says. theta and seqLen stand in for what is absent.
func (o *object) rope(theta float64, seqLen int) Rope {
	if o == nil {
		return Rope{Theta: theta, Type: plainRope, SeqLen: seqLen}
	}
	r := Rope{
		Theta:           o.positive("rope_theta", theta),
		Type:            first(o.string("rope_type"), o.string("type"), plainRope),
		Factor:          o.positive("factor", 0),
		SeqLen:          o.int("original_max_position_embeddings", seqLen, 1, seqLenMax),
		LowFreqFactor:   o.positive("low_freq_factor", 0),
		HighFreqFactor:  o.positive("high_freq_factor", 0),
		BetaFast:        o.positive("beta_fast", 0),
		BetaSlow:        o.positive("beta_slow", 0),
		AttentionFactor: o.positive("attention_factor", 0),
		MScale:          o.float("mscale", 0),
		MScaleAllDim:    o.float("mscale_all_dim", 0),
		ShortFactor:     o.floats("short_factor", dimMax),
		LongFactor:      o.floats("long_factor", dimMax),
	}
	if r.Type == "su" {
		r.Type = "longrope" // its first name
	}
	return r
}
