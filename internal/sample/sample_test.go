package sample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cria/internal/sample"
	"cria/internal/token"
)

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// plain samples from the model's own distribution.
var plain = sample.Params{Temperature: 1, TopP: 1, RepeatPenalty: 1}

// with returns plain, changed.
func with(change func(p *sample.Params)) sample.Params {
	p := plain
	change(&p)
	return p
}

// A sampler is what a session needs of one.
type sampler interface {
	Sample(logits []float32) (token.ID, error)
	Accept(id token.ID)
}

var _, _ sampler = (*sample.Sampler)(nil), (*sample.Llama2c)(nil)

func newSampler(t testing.TB, p sample.Params, vocab int) *sample.Sampler {
	t.Helper()
	s, err := sample.New(p, vocab)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newLlama2c(t testing.TB, vocab int, temperature, topp float32, seed uint64) *sample.Llama2c {
	t.Helper()
	s, err := sample.NewLlama2c(vocab, temperature, topp, seed)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// next samples once, from a copy.
func next(t testing.TB, s sampler, logits []float32) token.ID {
	t.Helper()
	id, err := s.Sample(slices.Clone(logits))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// counts samples n times from the same logits.
func counts(t testing.TB, s sampler, logits []float32, n int) []int {
	t.Helper()
	c := make([]int, len(logits))
	for range n {
		c[next(t, s, logits)]++
	}
	return c
}

// logs returns the logits of probabilities that are in proportion to the weights.
func logs(weights ...float64) []float32 {
	x := make([]float32, len(weights))
	for i, w := range weights {
		x[i] = float32(math.Log(w))
	}
	return x
}

// checkDistribution compares counts with what the weights promise by Pearson's
// sum of (count-want)²/want over the k tokens that are possible. It has mean
// k-1 and variance about 2(k-1); seeds are fixed, so that a limit of six
// deviations above is a check of the code, not a game of chance.
func checkDistribution(t testing.TB, what string, counts []int, weights ...float64) {
	t.Helper()
	n, total := 0, 0.0
	for i, c := range counts {
		n += c
		total += weights[i]
	}
	sum, k := 0.0, 0
	for i, c := range counts {
		if weights[i] == 0 {
			if c != 0 {
				t.Errorf("%s: token %d came %d times, want never", what, i, c)
			}
			continue
		}
		want := weights[i] / total * float64(n)
		sum += (float64(c) - want) * (float64(c) - want) / want
		k++
	}
	if limit := float64(k-1) + 6*math.Sqrt(2*float64(k-1)); sum > limit {
		t.Errorf("%s: counts %v for weights %v: chi-square %.1f exceeds %.1f", what, counts, weights, sum, limit)
	}
}

// normal returns n logits as of a model: normal with the deviation.
func normal(seed uint64, n int, deviation float64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64() * deviation)
	}
	return x
}

// logits that no sampler takes.
func TestSampleErrors(t *testing.T) {
	for name, s := range map[string]sampler{
		"Sampler": newSampler(t, plain, 4), "greedy": newSampler(t, with(func(p *sample.Params) { p.Temperature = 0 }), 4),
		"Llama2c": newLlama2c(t, 4, 1, 0.9, 1),
	} {
		for _, c := range []struct {
			logits []float32
			want   string
		}{
			{[]float32{0, nan, 0, inf}, "sample: logit 1 is NaN: the model or its input is broken"},
			{[]float32{0, 0, inf, nan}, "sample: logit 2 is +Inf: the model or its input is broken"},
			{[]float32{-inf, 0, 0, 0}, "sample: logit 0 is -Inf: the model or its input is broken"},
			{[]float32{0, 0, 0, math.Float32frombits(0xff800001)}, "sample: logit 3 is NaN: the model or its input is broken"},
			{make([]float32, 3), "sample: 3 logits for a vocabulary of 4"},
			{nil, "sample: 0 logits for a vocabulary of 4"},
		} {
			if id, err := s.Sample(c.logits); err == nil || err.Error() != c.want {
				t.Errorf("%s on %v: token %d, error %v, want %s", name, c.logits, id, err, c.want)
			}
		}
	}
}

// The largest numbers, the smallest, and differences beyond the range: a token, and no NaN on the way.
func TestSampleExtremes(t *testing.T) {
	const most, least = math.MaxFloat32, math.SmallestNonzeroFloat32
	for _, logits := range [][]float32{
		{most, -most, 0}, {most, most, most}, {-most, -most, -most}, {least, -least, 0}, {0, 0, 0}, {-3, most, -most},
	} {
		best := logits[0]
		for _, x := range logits {
			best = max(best, x)
		}
		for _, temperature := range []float32{0, least, 1e-30, 1e-6} {
			for _, c := range []sampler{
				newSampler(t, with(func(p *sample.Params) { p.Temperature = temperature }), 3),
				newSampler(t, with(func(p *sample.Params) { p.Temperature, p.TopK = temperature, 2 }), 3),
				newSampler(t, with(func(p *sample.Params) { p.Temperature, p.TopP, p.MinP = temperature, 0.9, 0.1 }), 3),
				newLlama2c(t, 3, temperature, 0.9, 1), newLlama2c(t, 3, temperature, 1, 1),
			} {
				id := next(t, c, logits)
				if d := best - logits[id]; d > 1e-40 {
					t.Errorf("%T at temperature %g: %v gives token %d", c, temperature, logits, id)
				}
			}
		}
		next(t, newSampler(t, with(func(p *sample.Params) { p.Temperature = most }), 3), logits)
		next(t, newLlama2c(t, 3, most, 0.5, 1), logits)
	}
}

// FuzzSample gives bits for logits and settings: the answer is a token or an error.
func FuzzSample(f *testing.F) {
	f.Add(uint32(0), uint32(0x3f800000), uint32(0xff7fffff), uint32(0x3f800000), 0, uint32(0x3f666666), uint32(0))
	f.Add(uint32(0x7f7fffff), uint32(1), uint32(0), uint32(1), 2, uint32(0), uint32(0x3f800000))
	f.Add(uint32(0x7fc00000), uint32(0), uint32(0), uint32(0x7f7fffff), 3, uint32(0x3f000000), uint32(0x3d000000))
	f.Fuzz(func(t *testing.T, a, b, c, temperature uint32, topK int, topP, minP uint32) {
		logits := []float32{math.Float32frombits(a), math.Float32frombits(b), math.Float32frombits(c)}
		bad := slices.ContainsFunc(logits, func(x float32) bool { return x-x != 0 })
		p := sample.Params{
			Temperature: math.Float32frombits(temperature), TopK: topK, TopP: math.Float32frombits(topP),
			MinP: math.Float32frombits(minP), RepeatPenalty: 1.5, FrequencyPenalty: math.Float32frombits(b),
			RepeatLastN: 2, Bias: map[token.ID]float32{1: math.Float32frombits(c)},
		}
		if s, err := sample.New(p, 3); err == nil {
			s.Accept(0)
			s.Accept(1)
			checkToken(t, s, logits, bad)
		}
		if s, err := sample.NewLlama2c(3, p.Temperature, p.TopP, 7); err == nil {
			checkToken(t, s, logits, bad)
		}
	})
}

func checkToken(t *testing.T, s sampler, logits []float32, bad bool) {
	t.Helper()
	id, err := s.Sample(slices.Clone(logits))
	if (err != nil) != bad || id < 0 || int(id) >= len(logits) {
		t.Fatalf("%T on %v: token %d, error %v", s, logits, id, err)
	}
}

func TestSampleAllocs(t *testing.T) {
	logits := normal(1, 1000, 3)
	scratch := make([]float32, len(logits))
	for i, s := range samplers(t, len(logits)) {
		n := testing.AllocsPerRun(50, func() {
			copy(scratch, logits)
			id, err := s.Sample(scratch)
			if err != nil {
				t.Fatal(err)
			}
			s.Accept(id)
		})
		if n != 0 {
			t.Errorf("%s: %v allocations a token, want none", i, n)
		}
	}
}

// samplers returns samplers that go every way there is.
func samplers(t testing.TB, vocab int) map[string]sampler {
	return map[string]sampler{
		"Greedy": newSampler(t, with(func(p *sample.Params) { p.Temperature = 0 }), vocab),
		"Plain":  newSampler(t, plain, vocab),
		"Usual": newSampler(t, with(func(p *sample.Params) {
			p.Temperature, p.TopK, p.TopP, p.MinP, p.RepeatPenalty, p.RepeatLastN = 0.8, 40, 0.95, 0.05, 1.1, 64
		}), vocab),
		"TopK":         newSampler(t, with(func(p *sample.Params) { p.TopK = 40 }), vocab),
		"TopP":         newSampler(t, with(func(p *sample.Params) { p.TopP = 0.9 }), vocab),
		"MinP":         newSampler(t, with(func(p *sample.Params) { p.MinP = 0.05 }), vocab),
		"RepeatAll":    newSampler(t, with(func(p *sample.Params) { p.FrequencyPenalty, p.RepeatLastN = 0.1, -1 }), vocab),
		"Llama2c":      newLlama2c(t, vocab, 1, 0.9, 1),
		"Llama2cPlain": newLlama2c(t, vocab, 1, 1, 1),
	}
}

// BenchmarkSample has normal logits. With a deviation of 5 some sixty tokens
// hold nine tenths of the probability, a model in doubt; with 1 nearly all do.
func BenchmarkSample(b *testing.B) {
	const vocab = 32000
	for name, s := range samplers(b, vocab) {
		b.Run(name, func(b *testing.B) { benchmark(b, s, normal(2, vocab, 5)) })
	}
	b.Run("TopPFlat", func(b *testing.B) {
		benchmark(b, newSampler(b, with(func(p *sample.Params) { p.TopP = 0.9 }), vocab), normal(2, vocab, 1))
	})
}

func benchmark(b *testing.B, s sampler, logits []float32) {
	scratch := make([]float32, len(logits))
	for b.Loop() {
		copy(scratch, logits)
		id, err := s.Sample(scratch)
		if err != nil {
			b.Fatal(err)
		}
		s.Accept(id)
	}
}
