package train

import (
	"math"

	"cria/internal/float"
)

// Rate returns the learning rate of a step, counted from 1: it rises in a line
// to max during warmup steps, then falls to min at the last of all steps along
// half a wave of a cosine (Loshchilov and Hutter 2017, "SGDR: Stochastic
// Gradient Descent with Warm Restarts").
func Rate(step, warmup, steps int, max, min float64) float64 {
	switch {
	case step <= warmup:
		return float64(max*float64(step)) / float64(warmup)
	case step >= steps:
		return min
	}
	_, cos := float.SinCos(float64(math.Pi*float64(step-warmup)) / float64(steps-warmup))
	return min + float64((max-min)*float64(0.5+float64(0.5*cos)))
}
