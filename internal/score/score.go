// Package score judges logits: the perplexity of a text, and how far one model's
// probabilities are from another's. All sums are in float64 and in order.
package score

import (
	"math"
	"slices"
)

// A Mean is the mean of numbers that come one by one, with the standard error of it.
type Mean struct {
	N           int
	sum, square float64 // of the numbers, and of their squares
}

// Add takes a number.
func (m *Mean) Add(x float64) {
	m.N++
	m.sum += x
	m.square += float64(x * x)
}

// Value returns the mean, 0 if there are no numbers.
func (m *Mean) Value() float64 { return m.sum / float64(max(1, m.N)) }

// Error returns the standard error of the mean: sqrt((E[x²] - E[x]²) / (N-1)).
// It is 0 for fewer than two numbers, of which nothing is known.
func (m *Mean) Error() float64 {
	if m.N < 2 {
		return 0
	}
	mean := m.Value()
	variance := m.square/float64(m.N) - float64(mean*mean)
	return math.Sqrt(max(0, variance) / float64(m.N-1)) // rounding may make the variance of equal numbers negative
}

// LogSumExp returns log(Σ exp(logits[i])), which a logit less is the logarithm of its probability.
func LogSumExp(logits []float32) float64 {
	top, sum := float64(slices.Max(logits)), 0.0
	for _, x := range logits {
		sum += math.Exp(float64(x) - top)
	}
	return top + math.Log(sum)
}

// A Perplexity is how surprised a model is by a text: exp of the mean negative log likelihood of its tokens.
type Perplexity struct{ NLL Mean }

// Add takes the logits [VocabSize] before a token of the text.
func (p *Perplexity) Add(logits []float32, token int32) {
	p.NLL.Add(LogSumExp(logits) - float64(logits[token]))
}

// Value returns the perplexity.
func (p *Perplexity) Value() float64 { return math.Exp(p.NLL.Value()) }

// Error returns its standard error, to first order: that of the mean times the perplexity.
func (p *Perplexity) Error() float64 { return p.NLL.Error() * p.Value() }

// A Divergence is how far a model's probabilities are from those of a base, token by token.
type Divergence struct {
	KL   Mean // Kullback-Leibler divergence Σ p_base · log(p_base / p), in nats
	Same Mean // 1 where both find the same token most likely, else 0
	all  []float64
}

// Add takes the logits [VocabSize] of both at one place.
func (d *Divergence) Add(base, logits []float32) {
	baseLog, log, sum := LogSumExp(base), LogSumExp(logits), 0.0
	for i, x := range base {
		logP := float64(x) - baseLog
		if p := math.Exp(logP); p > 0 { // a token that cannot be adds nothing: x·log(x) goes to 0
			sum += float64(p * (logP - (float64(logits[i]) - log)))
		}
	}
	d.KL.Add(sum)
	d.all = append(d.all, sum)
	same := 0.0
	if top(base) == top(logits) {
		same = 1
	}
	d.Same.Add(same)
}

// Quantile returns the divergence below which a share q, from 0 to 1, of the places lie,
// between two of them in proportion.
func (d *Divergence) Quantile(q float64) float64 {
	if len(d.all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(d.all))
	at := q * float64(len(sorted)-1)
	i := min(int(at), len(sorted)-1)
	next := sorted[min(i+1, len(sorted)-1)]
	return sorted[i] + float64((at-float64(i))*(next-sorted[i]))
}

// top returns the index of the largest number, the first of several.
func top(x []float32) int {
	best := 0
	for i := range x {
		if x[i] > x[best] {
			best = i
		}
	}
	return best
}
