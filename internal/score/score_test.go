package score_test

import (
	"math"
	"testing"

	"cria/internal/score"
)

// near compares with a value worked out by hand; the sums have a few roundings of 2^-53.
func near(t *testing.T, what string, got, want float64) {
	t.Helper()
	if !(math.Abs(got-want) <= 1e-14*max(1, math.Abs(want))) {
		t.Errorf("%s is %.17g, want %.17g", what, got, want)
	}
}

func TestMean(t *testing.T) {
	var m score.Mean
	near(t, "mean of nothing", m.Value(), 0)
	near(t, "error of nothing", m.Error(), 0)
	m.Add(3)
	near(t, "error of one", m.Error(), 0)
	m.Add(5)
	m.Add(10)
	near(t, "mean", m.Value(), 6)
	near(t, "error", m.Error(), math.Sqrt((9.0+1+16)/3/2))
}

// log returns a logit for each probability, moved by a constant, which changes nothing.
func log(move float32, ps ...float64) []float32 {
	list := make([]float32, len(ps))
	for i, p := range ps {
		list[i] = float32(math.Log2(p))*math.Ln2 + move
	}
	return list
}

func TestPerplexity(t *testing.T) {
	var p score.Perplexity
	for range 4 {
		p.Add([]float32{7, 7, 7, 7, 7}, 3)
	}
	near(t, "perplexity of five equal choices", p.Value(), 5)
	if p.Error() > 1e-7 {
		t.Errorf("error of equal numbers is %g", p.Error())
	}
	p = score.Perplexity{}
	p.Add([]float32{0, 0}, 0)                         // 1 of 2
	p.Add([]float32{0, 0, 0, 0, 0, 0, 0, 0}, 7)       // 1 of 8
	near(t, "perplexity", p.Value(), 4)               // sqrt(2*8)
	near(t, "its error", p.Error(), 4*math.Log(4)/2)  // of log 2 and log 8
	p.Add([]float32{-1000, float32(math.Inf(-1))}, 0) // certain, and far from 0
	near(t, "perplexity", p.Value(), math.Cbrt(16))
}

func TestDivergence(t *testing.T) {
	var d score.Divergence
	near(t, "median of nothing", d.Quantile(0.5), 0)
	d.Add([]float32{1, 2, 3}, []float32{1, 2, 3})
	near(t, "divergence of equals", d.KL.Value(), 0)
	near(t, "agreement of equals", d.Same.Value(), 1)

	d = score.Divergence{}
	d.Add([]float32{0, float32(math.Inf(-1))}, []float32{0, 0}) // sure of one against half and half
	near(t, "divergence", d.KL.Value(), math.Ln2)
	d.Add(log(100, 0.25, 0.75), log(-3, 0.5, 0.5))
	want := 0.25*math.Log(0.5) + 0.75*math.Log(1.5)
	if got := d.Quantile(0); !(math.Abs(got-want) < 1e-5) { // the logits at 100 have 24 bits
		t.Errorf("divergence is %g, want %g", got, want)
	}
	near(t, "largest", d.Quantile(1), math.Ln2)
	near(t, "median", d.Quantile(0.5), (d.Quantile(0)+math.Ln2)/2)
	near(t, "agreement", d.Same.Value(), 0.5)
}
