package train

import (
	"cria/internal/float"
	"cria/internal/kernel"
	"cria/internal/tensor"
)

// lossChunk is how many tokens have their logits in memory at once.
const lossChunk = 512

// loss runs the classifier and returns the sum of the cross-entropies
//
//	loss[t] = -log(softmax(logits[t])[want[t]]) = log(Σ_i e^l_i) - l_want
//
// With back it also adds the gradients of scale times that sum: to dh, which
// it clears first, and to the classifier's. As d loss/d l_i is softmax_i,
// less 1 for the token wanted:
//
//	dlogits_i = scale·(softmax_i - [i = want])
func (p *Pass) loss(scale float32, back bool) float64 {
	if back {
		p.clear(p.dh)
	}
	for first := 0; first < len(p.tokens); first += lossChunk {
		n := min(lossChunk, len(p.tokens)-first)
		h := from(p.h, first)
		p.linear(p.logits, p.m.view.output, h, n)
		p.each("loss", n, 4, func(_ *scratch, lo, hi int) {
			for t := lo; t < hi; t++ {
				p.losses[first+t] = crossEntropy(p.logits.Row(t), p.want[first+t], scale)
			}
		})
		if back {
			p.linearBack(from(p.dh, first), p.grads.output, p.logits, p.m.view.output, h, n)
		}
	}
	sum := 0.0
	for _, loss := range p.losses[:len(p.tokens)] {
		sum += loss
	}
	return sum
}

// from returns the vectors from t on.
func from(a tensor.Acts, t int) tensor.Acts {
	return tensor.Acts{Data: a.Data[t*a.Stride:], N: a.N, Stride: a.Stride}
}

// crossEntropy returns the loss of one token and replaces its logits by their gradients.
func crossEntropy(logits []float32, want int32, scale float32) float64 {
	if want < 0 {
		clear(logits)
		return 0
	}
	largest, l := kernel.Max(logits), logits[want]
	sum := kernel.ExpSum(logits, largest)
	k := scale / sum
	for i := range logits {
		logits[i] *= k
	}
	logits[want] -= scale
	return float.Log(float64(sum)) + (float64(largest) - float64(l))
}
