package sample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/sample"
	"cria/internal/token"
)

func TestValidate(t *testing.T) {
	biased := func(id token.ID, x float32) map[token.ID]float32 { return map[token.ID]float32{id: x} }
	for _, c := range []struct {
		change func(p *sample.Params)
		want   string
	}{
		{func(p *sample.Params) { p.Temperature = -0.1 }, "Temperature is -0.1, want a number of 0 or more"},
		{func(p *sample.Params) { p.Temperature = nan }, "Temperature is NaN, want a number of 0 or more"},
		{func(p *sample.Params) { p.Temperature = inf }, "Temperature is +Inf, want a number of 0 or more"},
		{func(p *sample.Params) { p.TopK = -1 }, "TopK is -1, want 0 or more"},
		{func(p *sample.Params) { p.TopP = -0.1 }, "TopP is -0.1, want 0 to 1"},
		{func(p *sample.Params) { p.TopP = 1.1 }, "TopP is 1.1, want 0 to 1"},
		{func(p *sample.Params) { p.TopP = nan }, "TopP is NaN, want 0 to 1"},
		{func(p *sample.Params) { p.MinP = 2 }, "MinP is 2, want 0 to 1"},
		{func(p *sample.Params) { p.MinP = nan }, "MinP is NaN, want 0 to 1"},
		{func(p *sample.Params) { p.RepeatPenalty = 0 }, "RepeatPenalty is 0, want a number above 0"},
		{func(p *sample.Params) { p.RepeatPenalty = nan }, "RepeatPenalty is NaN, want a number above 0"},
		{func(p *sample.Params) { p.PresencePenalty = inf }, "PresencePenalty is +Inf, want a finite number"},
		{func(p *sample.Params) { p.FrequencyPenalty = -inf }, "FrequencyPenalty is -Inf, want a finite number"},
		{func(p *sample.Params) { p.RepeatLastN = -2 }, "RepeatLastN is -2, want -1 to 1048576"},
		{func(p *sample.Params) { p.RepeatLastN = 1 << 21 }, "RepeatLastN is 2097152, want -1 to 1048576"},
		{func(p *sample.Params) { p.Bias = biased(-1, 0) }, "Bias is for token -1, want 0 or more"},
		{func(p *sample.Params) { p.Bias = biased(3, nan) }, "Bias of token 3 is NaN, want a finite number or -Inf"},
		{func(p *sample.Params) { p.Bias = biased(3, inf) }, "Bias of token 3 is +Inf, want a finite number or -Inf"},
	} {
		p := with(c.change)
		if err := p.Validate(); err == nil || err.Error() != "sample: "+c.want {
			t.Errorf("got error %v, want %s", err, c.want)
		}
		if s, err := sample.New(p, 10); err == nil || s != nil {
			t.Errorf("New takes parameters of which %s", c.want)
		}
	}
	for _, p := range []sample.Params{
		plain,
		{RepeatPenalty: 1},
		{Temperature: math.MaxFloat32, TopK: math.MaxInt, RepeatPenalty: 1e-30, RepeatLastN: -1, Bias: biased(0, -inf)},
	} {
		if err := p.Validate(); err != nil {
			t.Errorf("%+v: %v", p, err)
		}
	}
}

func TestNewErrors(t *testing.T) {
	forbid := with(func(p *sample.Params) { p.Bias = map[token.ID]float32{0: -inf, 1: -inf} })
	for _, c := range []struct {
		p     sample.Params
		vocab int
		want  string
	}{
		{plain, 0, "sample: a vocabulary of 0 tokens, want at least 1"},
		{forbid, 1, "sample: Bias is for token 1, want less than 1, the size of the vocabulary"},
		{forbid, 2, "sample: Bias forbids every token"},
	} {
		if _, err := sample.New(c.p, c.vocab); err == nil || err.Error() != c.want {
			t.Errorf("vocabulary of %d: error %v, want %s", c.vocab, err, c.want)
		}
	}
	if _, err := sample.New(forbid, 3); err != nil {
		t.Error(err)
	}
}

func TestGreedy(t *testing.T) {
	for _, c := range []struct {
		logits []float32
		want   token.ID
	}{
		{[]float32{5}, 0},
		{[]float32{1, 3, 2}, 1},
		{[]float32{-3, -1, -2}, 1},
		{[]float32{1, 2, 2}, 1}, // of equal ones the lowest id
		{[]float32{float32(math.Copysign(0, -1)), 0}, 0},
	} {
		s := newSampler(t, with(func(p *sample.Params) { p.Temperature = 0 }), len(c.logits))
		if got := next(t, s, c.logits); got != c.want {
			t.Errorf("%v gives %d, want %d", c.logits, got, c.want)
		}
	}
}

// What is drawn from the weights 8, 4, 2, 1, 1 of 16, not in that order, worked out by hand.
func TestDistribution(t *testing.T) {
	logits := logs(2, 8, 1, 4, 1)
	for _, c := range []struct {
		what   string
		change func(p *sample.Params)
		want   []float64
	}{
		{"plain", func(p *sample.Params) {}, []float64{2, 8, 1, 4, 1}},
		{"temperature 2 takes roots", func(p *sample.Params) { p.Temperature = 2 },
			[]float64{math.Sqrt2, 2 * math.Sqrt2, 1, 2, 1}},
		{"temperature 1/2 squares", func(p *sample.Params) { p.Temperature = 0.5 }, []float64{4, 64, 1, 16, 1}},
		{"top-k", func(p *sample.Params) { p.TopK = 3 }, []float64{2, 8, 0, 4, 0}},
		{"top-k 1", func(p *sample.Params) { p.TopK = 1 }, []float64{0, 1, 0, 0, 0}},
		{"top-k takes the lowest id of equals", func(p *sample.Params) { p.TopK = 4 }, []float64{2, 8, 1, 4, 0}},
		{"top-k beyond the vocabulary", func(p *sample.Params) { p.TopK = 9 }, []float64{2, 8, 1, 4, 1}},
		{"top-p 0", func(p *sample.Params) { p.TopP = 0 }, []float64{0, 1, 0, 0, 0}},
		{"top-p below 8/16", func(p *sample.Params) { p.TopP = 0.49 }, []float64{0, 1, 0, 0, 0}},
		{"top-p above 8/16", func(p *sample.Params) { p.TopP = 0.51 }, []float64{0, 8, 0, 4, 0}},
		{"top-p above 14/16", func(p *sample.Params) { p.TopP = 0.88 }, []float64{2, 8, 1, 4, 0}},
		{"top-p almost 1", func(p *sample.Params) { p.TopP = 0.99 }, []float64{2, 8, 1, 4, 1}},
		{"min-p above 2/8", func(p *sample.Params) { p.MinP = 0.26 }, []float64{0, 8, 0, 4, 0}},
		{"min-p below 2/8", func(p *sample.Params) { p.MinP = 0.24 }, []float64{2, 8, 0, 4, 0}},
		{"min-p 1", func(p *sample.Params) { p.MinP = 1 }, []float64{0, 1, 0, 0, 0}},
		// 8/14 is above 0.55, 8/16 is not: top-p sees what top-k leaves.
		{"top-k before top-p", func(p *sample.Params) { p.TopK, p.TopP = 3, 0.55 }, []float64{0, 1, 0, 0, 0}},
		{"top-p alone", func(p *sample.Params) { p.TopP = 0.55 }, []float64{0, 8, 0, 4, 0}},
		{"top-p and min-p", func(p *sample.Params) { p.TopP, p.MinP = 0.9, 0.24 }, []float64{2, 8, 0, 4, 0}},
		{"all three", func(p *sample.Params) { p.TopK, p.TopP, p.MinP = 4, 0.99, 0.3 }, []float64{0, 8, 0, 4, 0}},
		// At temperature 1/2 the first would have 64/86 > 0.7: top-p does not see it.
		{"top-p before temperature", func(p *sample.Params) { p.TopP, p.Temperature = 0.7, 0.5 },
			[]float64{0, 64, 0, 16, 0}},
		{"min-p before temperature", func(p *sample.Params) { p.MinP, p.Temperature = 0.24, 0.5 },
			[]float64{4, 64, 0, 16, 0}},
		{"bias", func(p *sample.Params) { p.Bias = map[token.ID]float32{0: math.Ln2, 3: -math.Ln2} },
			[]float64{4, 8, 1, 2, 1}},
		{"forbidden", func(p *sample.Params) { p.Bias = map[token.ID]float32{1: -inf, 4: -inf} },
			[]float64{2, 0, 1, 4, 0}},
		{"forbidden in top-k", func(p *sample.Params) {
			p.TopK, p.Bias = 4, map[token.ID]float32{1: -inf, 4: -inf, 0: -inf}
		}, []float64{0, 0, 1, 4, 0}},
		{"presence", func(p *sample.Params) { p.PresencePenalty, p.RepeatLastN = math.Ln2, 10 },
			[]float64{2, 4, 1, 2, 1}},
		{"frequency", func(p *sample.Params) { p.FrequencyPenalty, p.RepeatLastN = math.Ln2, 10 },
			[]float64{2, 2, 1, 2, 1}},
		{"frequency of the last", func(p *sample.Params) { p.FrequencyPenalty, p.RepeatLastN = math.Ln2, 2 },
			[]float64{2, 4, 1, 2, 1}},
		{"all are recent", func(p *sample.Params) { p.FrequencyPenalty, p.RepeatLastN = math.Ln2, -1 },
			[]float64{2, 2, 1, 2, 1}},
		{"none is recent", func(p *sample.Params) { p.FrequencyPenalty = math.Ln2 }, []float64{2, 8, 1, 4, 1}},
	} {
		p := with(c.change)
		p.Seed = 3
		s := newSampler(t, p, 5)
		for _, id := range []token.ID{1, 3, 1} {
			s.Accept(id)
		}
		checkDistribution(t, c.what, counts(t, s, logits, 20000), c.want...)
	}
}

// The repeat penalty divides what is positive, multiplies what is not, and comes before the others.
func TestPenalties(t *testing.T) {
	logits := []float32{4, -4, 0, 4, -4, 0, 1}
	p := with(func(p *sample.Params) {
		p.RepeatPenalty, p.FrequencyPenalty, p.PresencePenalty, p.RepeatLastN = 2, 0.25, 0.5, 5
		p.Temperature, p.Bias = 0, map[token.ID]float32{6: -inf}
	})
	s := newSampler(t, p, 7)
	for _, id := range []token.ID{5, 6, 0, 1, 2, 1} { // the first is forgotten
		s.Accept(id)
	}
	if _, err := s.Sample(logits); err != nil {
		t.Fatal(err)
	}
	want := []float32{4.0/2 - 0.75, -4*2 - 1, 0 - 0.75, 4, -4, 0, -inf} // forbidden remains forbidden
	if !slices.Equal(logits, want) {
		t.Errorf("logits %v, want %v", logits, want)
	}
}

// However tokens come and go, the counts are those of the last n tokens.
func TestPenaltiesWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lastN := rapid.IntRange(-1, 8).Draw(t, "last n")
		s, err := sample.New(sample.Params{RepeatPenalty: 1, FrequencyPenalty: 1, RepeatLastN: lastN}, 5)
		if err != nil {
			t.Fatal(err)
		}
		ids := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 30).Draw(t, "ids")
		for _, id := range ids {
			s.Accept(token.ID(id))
		}
		want := make([]float32, 5)
		recent := ids
		if lastN >= 0 {
			recent = ids[max(0, len(ids)-lastN):]
		}
		for _, id := range recent {
			want[id]--
		}
		got := make([]float32, 5)
		if _, err := s.Sample(got); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("last %d of %v lower the logits to %v, want %v", lastN, ids, got, want)
		}
	})
}

// The same seed gives the same tokens, on every machine: these.
func TestSeed(t *testing.T) {
	logits := spread(100)
	for _, c := range []struct {
		seed uint64
		want []token.ID
	}{
		{0, []token.ID{25, 64, 29, 42, 39, 3, 75, 50, 75, 89, 38, 25}},
		{42, []token.ID{87, 99, 13, 5, 15, 99, 95, 38, 63, 99, 52, 62}},
		{math.MaxUint64, []token.ID{25, 90, 25, 63, 75, 63, 52, 38, 87, 76, 2, 99}},
	} {
		s := newSampler(t, with(func(p *sample.Params) { p.Seed = c.seed }), 100)
		var got []token.ID
		for range 12 {
			got = append(got, next(t, s, logits))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("seed %d: %v, want %v", c.seed, got, c.want)
		}
	}
}

// settings are random parameters and distinct logits.
func settings(t *rapid.T) (sample.Params, []float32) {
	n := rapid.IntRange(1, 60).Draw(t, "vocab")
	step := float32(0.125)
	if rapid.Bool().Draw(t, "large") {
		n, step = 40*n, 1.0/512 // so flat that many tokens are likely
	}
	p := sample.Params{
		Temperature:   rapid.Float32Range(0.1, 3).Draw(t, "temperature"),
		TopK:          rapid.IntRange(0, n+2).Draw(t, "top-k"),
		TopP:          rapid.Float32Range(0, 1).Draw(t, "top-p"),
		MinP:          rapid.SampledFrom([]float32{0, 0.01, 0.1, 0.5, 1}).Draw(t, "min-p"),
		RepeatPenalty: 1,
		Seed:          rapid.Uint64().Draw(t, "seed"),
	}
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "logits"), 0))
	logits := make([]float32, n)
	for i, x := range rng.Perm(n) {
		logits[i] = float32(x) * step
	}
	return p, logits
}

// possible returns by the definitions, in float64, which tokens may be chosen,
// each with what is to spare before rounding could decide otherwise.
func possible(p sample.Params, logits []float32) (may, must map[token.ID]bool) {
	order := make([]token.ID, len(logits))
	for i := range order {
		order[i] = token.ID(i)
	}
	slices.SortFunc(order, func(a, b token.ID) int { return -compare(logits[a], logits[b]) })
	if p.TopK > 0 && p.TopK < len(order) {
		order = order[:p.TopK]
	}
	weight := func(id token.ID) float64 { return math.Exp(float64(logits[id] - logits[order[0]])) }
	total := 0.0
	for _, id := range order {
		total += weight(id)
	}
	// Sums of 2400 weights in 16 lanes and their exp have relative errors far below slack.
	const slack = 1e-5
	may, must = map[token.ID]bool{}, map[token.ID]bool{}
	before := 0.0
	for i, id := range order {
		share := before / total
		if i == 0 || p.TopP == 1 || share < float64(p.TopP)+slack && weight(id) > float64(p.MinP)-slack {
			may[id] = true
		}
		if i == 0 || share < float64(p.TopP)-slack && weight(id) > float64(p.MinP)+slack {
			must[id] = true
		}
		before += weight(id)
	}
	return may, must
}

func compare(a, b float32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// The set of tokens that is drawn from is the one of the definitions: among the
// k best, the fewest that reach p, none below min-p.
func TestKept(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, logits := settings(t)
		s, err := sample.New(p, len(logits))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Sample(slices.Clone(logits)); err != nil {
			t.Fatal(err)
		}
		kept, filtered := s.Kept()
		if !filtered {
			return
		}
		may, must := possible(p, logits)
		for _, id := range kept {
			if !may[id] {
				t.Fatalf("token %d is kept of %v", id, logits)
			}
			delete(must, id)
		}
		if len(must) > 0 {
			t.Fatalf("tokens %v are not kept of %v", must, logits)
		}
	})
}

// A token's place in the vocabulary does not matter: with a top-k all that
// follows works on sorted tokens, and permuted logits give the permuted token.
func TestPermutation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, logits := settings(t)
		n := len(logits)
		if n < 2 {
			return
		}
		p.TopK = 1 + p.TopK%(n-1)
		perm := rand.New(rand.NewPCG(p.Seed, 9)).Perm(n)
		permuted := make([]float32, n)
		for i, to := range perm {
			permuted[to] = logits[i]
		}
		a, errA := sample.New(p, n)
		b, errB := sample.New(p, n)
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		for range 5 {
			x, _ := a.Sample(slices.Clone(logits))
			y, _ := b.Sample(slices.Clone(permuted))
			if int(y) != perm[x] {
				t.Fatalf("token %d of %v, token %d of %v", x, logits, y, permuted)
			}
		}
	})
}

// With a step of 1/512 between logits, temperature 1/50000 leaves the second e^-97.
func TestCold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, logits := settings(t)
		p.Temperature = 1.0 / 50000
		cold, err := sample.New(p, len(logits))
		if err != nil {
			t.Fatal(err)
		}
		p.Temperature = 0
		greedy, err := sample.New(p, len(logits))
		if err != nil {
			t.Fatal(err)
		}
		x, _ := cold.Sample(slices.Clone(logits))
		y, _ := greedy.Sample(slices.Clone(logits))
		if x != y {
			t.Fatalf("cold gives %d, greedy %d of %v", x, y, logits)
		}
	})
}

// Chosen from a whole vocabulary of equal tokens, none is out of reach, the last included.
func TestUniform(t *testing.T) {
	const n = 200
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = 1
	}
	for name, p := range map[string]sample.Params{
		"plain": plain, "top-p": with(func(p *sample.Params) { p.TopP = 0.9999999 }),
		"hot": with(func(p *sample.Params) { p.Temperature = 1e6 }),
	} {
		logits := make([]float32, n)
		if p.Temperature > 1 {
			logits = normal(5, n, 1)
		}
		checkDistribution(t, name, counts(t, newSampler(t, p, n), logits, 100*n), weights...)
	}
}

// The caller may change its map after New.
func TestBiasIsCopied(t *testing.T) {
	bias := map[token.ID]float32{0: 5}
	s := newSampler(t, sample.Params{RepeatPenalty: 1, Bias: bias}, 2)
	bias[1] = 100
	if got := next(t, s, []float32{0, 1}); got != 0 {
		t.Errorf("token %d, want 0", got)
	}
}
