package load_test

import "math"

// specs has a small model of each family, and of each way to stretch positions.
func specs() []spec {
	obj := func(kv ...any) map[string]any {
		m := map[string]any{}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i].(string)] = kv[i+1]
		}
		return m
	}
	return []spec{
		{name: "llama", family: "llama", architecture: "LlamaForCausalLM", layers: 3, headDim: 16, parts: "untied",
			kv: obj("rope.freq_base", float32(500000)), config: obj("rope_theta", 500000)},
		{name: "llama-tied-biases", family: "llama", architecture: "LlamaForCausalLM", layers: 2, headDim: 16,
			parts: "bias obias", config: obj("attention_bias", true)},
		{name: "llama-linear", family: "llama", architecture: "LlamaForCausalLM", layers: 2, headDim: 16, parts: "untied",
			kv:     obj("rope.scaling.type", "linear", "rope.scaling.factor", float32(4)),
			config: obj("rope_scaling", obj("type", "linear", "factor", 4))},
		{name: "llama-llama3", family: "llama", architecture: "LlamaForCausalLM", layers: 2, headDim: 16, parts: "untied",
			freqs: map[string][]float32{"rope_freqs.weight": llama3Divisors()},
			config: obj("rope_scaling", obj("rope_type", "llama3", "factor", 8, "low_freq_factor", 1,
				"high_freq_factor", 4, "original_max_position_embeddings", 64))},
		{name: "llama-yarn", family: "llama", architecture: "LlamaForCausalLM", layers: 2, headDim: 16, parts: "untied",
			kv: obj("rope.scaling.type", "yarn", "rope.scaling.factor", float32(4),
				"rope.scaling.original_context_length", uint32(32)),
			config: obj("rope_scaling", obj("rope_type", "yarn", "factor", 4, "original_max_position_embeddings", 32))},
		{name: "mixtral", family: "llama", architecture: "MixtralForCausalLM", layers: 2, headDim: 16,
			parts: "untied experts", kv: obj("rope.freq_base", float32(1e6)), config: obj("rope_theta", 1e6)},
		{name: "qwen2", family: "qwen2", architecture: "Qwen2ForCausalLM", layers: 2, headDim: 16, parts: "bias",
			kv:     obj("rope.freq_base", float32(1e6)),
			config: obj("rope_theta", 1e6, "sliding_window", 4, "use_sliding_window", false)},
		{name: "qwen3", family: "qwen3", architecture: "Qwen3ForCausalLM", layers: 2, headDim: 32, parts: "headnorm untied",
			kv: obj("rope.freq_base", float32(1e6)), config: obj("rope_theta", 1e6)},
		{name: "qwen3moe", family: "qwen3moe", architecture: "Qwen3MoeForCausalLM", layers: 2, headDim: 32,
			parts: "headnorm untied experts", kv: obj("rope.freq_base", float32(1e6)),
			config: obj("rope_theta", 1e6, "num_experts", nExperts, "moe_intermediate_size", expertHidden,
				"norm_topk_prob", true)},
		{name: "phi3", family: "phi3", architecture: "Phi3ForCausalLM", layers: 2, headDim: 16, parts: "fused untied"},
		{name: "phi3-long", family: "phi3", architecture: "Phi3ForCausalLM", layers: 2, headDim: 16, parts: "fused untied",
			kv: obj("rope.scaling.original_context_length", uint32(32), "rope.dimension_count", uint32(12),
				"rope.scaling.attn_factor", float32(math.Sqrt(1+math.Log(4)/math.Log(32)))),
			freqs: map[string][]float32{"rope_factors_long.weight": {1, 1.5, 2, 3, 4, 6},
				"rope_factors_short.weight": {1, 1, 1, 1.25, 1.5, 2}},
			config: obj("original_max_position_embeddings", 32, "partial_rotary_factor", 0.75,
				"rope_scaling", obj("type", "longrope", "long_factor", []float32{1, 1.5, 2, 3, 4, 6},
					"short_factor", []float32{1, 1, 1, 1.25, 1.5, 2}))},
		{name: "gemma2", family: "gemma2", architecture: "Gemma2ForCausalLM", layers: 4, headDim: 24, parts: "postnorm",
			kv: obj("attention.sliding_window", uint32(8), "attn_logit_softcapping", float32(50),
				"final_logit_softcapping", float32(30)),
			config: obj("sliding_window", 8, "attn_logit_softcapping", 50, "final_logit_softcapping", 30,
				"query_pre_attn_scalar", 24, "hidden_activation", "gelu_pytorch_tanh")},
		{name: "gemma3", family: "gemma3", architecture: "Gemma3ForCausalLM", layers: 7, headDim: 32,
			parts: "postnorm headnorm",
			kv: obj("attention.sliding_window", uint32(8), "rope.freq_base", float32(1e6), "rope.scaling.type", "linear",
				"rope.scaling.factor", float32(8)),
			config: obj("sliding_window", 8, "rope_theta", 1e6, "rope_local_base_freq", 10000, "query_pre_attn_scalar", 32,
				"hidden_activation", "gelu_pytorch_tanh", "sliding_window_pattern", 6, "model_type", "gemma3_text",
				"rope_scaling", obj("rope_type", "linear", "factor", 8))},
	}
}

// llama3Divisors returns what the converter of llama.cpp writes for the spec llama-llama3.
func llama3Divisors() []float32 {
	const pairs, theta, factor, low, high, trained = 8, 10000, 8, 1, 4, 64
	var list []float32
	for i := range pairs {
		wave := 2 * math.Pi * math.Pow(theta, float64(i)/pairs)
		switch {
		case wave < trained/high:
			list = append(list, 1)
		case wave > trained/low:
			list = append(list, factor)
		default:
			smooth := (trained/wave - low) / (high - low)
			list = append(list, float32(1/((1-smooth)/factor+smooth)))
		}
	}
	return list
}
