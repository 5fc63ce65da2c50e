package load

import (
	"fmt"
	"math"

	"cria/internal/float"
	"cria/internal/model"
)

// A scaling is how a model reaches positions beyond those that it was first
// trained on, as files say it.
type scaling struct {
	kind    string  // "", "none", "default", "linear", "llama3", "yarn", "longrope"
	factor  float64 // how much further; 0: it is not said
	seqLen  int     // what it was first trained on
	low     float64 // llama3: low_freq_factor
	high    float64 // llama3: high_freq_factor
	fast    float64 // yarn: beta_fast
	slow    float64 // yarn: beta_slow
	scale   float64 // of cosines and sines, if it is said
	long    []float64
	short   []float64
	divisor []float64 // llama3 in GGUF files: rope_freqs, what frequencies are divided by
}

// apply sets the stretch of r, of which the other fields are set.
func (s *scaling) apply(r *model.Rope, headDim int) error {
	dim := r.Dim
	if dim == 0 {
		dim = headDim
	}
	switch s.kind {
	case "", "none", "default":
	case "linear":
		r.Stretch = s.linear(dim / 2)
	case "llama3":
		if !(s.factor > 0 && s.low > 0 && s.high > s.low && s.seqLen > 0) {
			return fmt.Errorf("load: rope scaling llama3 with factor %g, low_freq_factor %g, high_freq_factor %g, "+
				"original_max_position_embeddings %d: want all above 0, and low below high", s.factor, s.low, s.high, s.seqLen)
		}
		r.Stretch = s.llama3(r.Theta, dim)
	case "yarn":
		if !(s.factor > 0 && s.seqLen > 0 && s.slow > 0 && s.fast > s.slow) {
			return fmt.Errorf("load: rope scaling yarn with factor %g, beta_fast %g, beta_slow %g and %d original positions: "+
				"want all above 0, and slow below fast", s.factor, s.fast, s.slow, s.seqLen)
		}
		r.Stretch, r.Scale = s.yarn(r.Theta, dim), s.scale
	case "longrope":
		if len(s.long) != dim/2 || len(s.short) != dim/2 {
			return fmt.Errorf("load: rope scaling longrope has %d long and %d short factors, want %d each",
				len(s.long), len(s.short), dim/2)
		}
		r.Stretch, r.Short, r.ShortLen, r.Scale = s.long, s.short, s.seqLen, s.scale
	default:
		return fmt.Errorf("load: rope scaling %q is not supported (linear, llama3, yarn, longrope)", s.kind)
	}
	return s.divide(r, dim/2)
}

// divide puts the divisors of a GGUF file into the stretch.
func (s *scaling) divide(r *model.Rope, pairs int) error {
	if s.divisor == nil {
		return nil
	}
	if len(s.divisor) != pairs {
		return fmt.Errorf("load: rope_freqs has %d divisors for %d pairs", len(s.divisor), pairs)
	}
	stretch := make([]float64, pairs)
	for i, d := range s.divisor {
		stretch[i] = d
		if r.Stretch != nil {
			stretch[i] = d * r.Stretch[i]
		}
	}
	r.Stretch = stretch
	return nil
}

// linear divides all frequencies alike (Chen et al. 2023, position interpolation).
func (s *scaling) linear(pairs int) []float64 {
	if s.factor == 0 || s.factor == 1 {
		return nil
	}
	stretch := make([]float64, pairs)
	for i := range stretch {
		stretch[i] = s.factor
	}
	return stretch
}

// llama3 is that of Llama 3.1 (transformers, modeling_rope_utils): long waves
// are stretched, short ones are not, and those between them are in part.
func (s *scaling) llama3(theta float64, dim int) []float64 {
	stretch := make([]float64, dim/2)
	for i := range stretch {
		turns := float64(s.seqLen) / wavelength(theta, i, dim)
		smooth := min(max((turns-s.low)/(s.high-s.low), 0), 1)
		stretch[i] = 1 / ((1-smooth)/s.factor + smooth)
	}
	return stretch
}

// yarn is that of Peng et al. 2023, YaRN: the same by a ramp over the pairs.
func (s *scaling) yarn(theta float64, dim int) []float64 {
	// pair returns which pair turns so often in seqLen positions.
	pair := func(turns float64) float64 {
		return float64(dim) * float.Log(float64(s.seqLen)/(turns*2*math.Pi)) / (2 * float.Log(theta))
	}
	low, high := max(0, math.Floor(pair(s.fast))), min(float64(dim-1), math.Ceil(pair(s.slow)))
	stretch := make([]float64, dim/2)
	for i := range stretch {
		ramp := min(max((float64(i)-low)/max(0.001, high-low), 0), 1)
		stretch[i] = 1 / (ramp/s.factor + 1 - ramp)
	}
	return stretch
}

// yarnScale returns how much larger cosines and sines are for a factor (the same
// paper, equation 22).
func yarnScale(factor, m float64) float64 {
	if factor <= 1 {
		return 1
	}
	return float64(0.1*m*float.Log(factor)) + 1
}

// wavelength returns in how many positions a pair turns once.
func wavelength(theta float64, pair, dim int) float64 {
	return 2 * math.Pi * float.Pow(theta, 2*float64(pair)/float64(dim))
}

func sqrt32(n int) float32 { return float32(math.Sqrt(float64(n))) }
