package sample_test

import (
	"math"
	"slices"
	"testing"

	"cria/internal/sample"
	"cria/internal/token"
)

// spread returns n different logits, exact on every machine, from -4 to below 4. n must be 1000 or less.
func spread(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(i*7919%1000)/128 - 4
	}
	return x
}

// What random_u32 and random_f32 of run.c return, compiled by gcc.
func TestLlama2cRandom(t *testing.T) {
	for _, c := range []struct {
		seed uint64
		u32  []uint32
		f32  []float32
	}{
		{1, []uint32{1206177355, 2882512552, 3117485455, 1303648416, 241277360, 3362212811},
			[]float32{0.280835032, 0.671137214, 0.725846112, 0.303529263, 0.056176722, 0.782826126}},
		{42, []uint32{1456360119, 3359763283, 3393612768, 4054632243, 3283045847, 3589475362},
			[]float32{0.339085221, 0.782255828, 0.790136993, 0.944042623, 0.764393628, 0.835739851}},
		{1234, []uint32{3159758022, 1306163061, 1764681998, 1393191135, 4206814034, 754954053},
			[]float32{0.735688448, 0.304114759, 0.410872042, 0.324377537, 0.9794752, 0.175776422}},
		{math.MaxUint64, []uint32{4180462053, 2415166680, 879531507, 3310800028, 1814914367, 3718712142},
			[]float32{0.973339617, 0.562324762, 0.20478183, 0.770855665, 0.422567666, 0.865830123}},
	} {
		a, b := newLlama2c(t, 1, 1, 1, c.seed), newLlama2c(t, 1, 1, 1, c.seed)
		for i := range c.u32 {
			if got := a.Uint32(); got != c.u32[i] {
				t.Errorf("seed %d: number %d is %d, want %d", c.seed, i, got, c.u32[i])
			}
			if got := b.Float32(); got != c.f32[i] {
				t.Errorf("seed %d: float %d is %v, want %v", c.seed, i, got, c.f32[i])
			}
		}
	}
}

// What sample of run.c returns for these logits, compiled by gcc.
func TestLlama2cSample(t *testing.T) {
	for _, c := range []struct {
		temperature, topp float32
		seed              uint64
		want              []token.ID
	}{
		{1, 0.9, 42, []token.ID{87, 76, 360, 3, 150, 459, 667, 865, 161, 520, 902, 87}},
		{0.8, 0.5, 1234, []token.ID{87, 457, 704, 99, 149, 210, 988, 642, 741, 667, 99, 161}},
		{1, 1, 42, []token.ID{335, 780, 792, 941, 767, 840, 210, 445, 301, 667, 422, 335}},
		{2, 0, 7, []token.ID{818, 927, 89, 112, 373, 408, 853, 173, 362, 791, 675, 729}},
		{1.5, 0.999, 99, []token.ID{828, 478, 710, 17, 26, 892, 383, 263, 818, 988, 988, 114}},
	} {
		s := newLlama2c(t, 1000, c.temperature, c.topp, c.seed)
		var got []token.ID
		for range c.want {
			got = append(got, next(t, s, spread(1000)))
			s.Accept(got[len(got)-1])
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("-t %v -p %v -s %d:\n got %v\nwant %v", c.temperature, c.topp, c.seed, got, c.want)
		}
	}
}

// Weights 2, 8, 1, 4, 1 of 16: run.c's top-p comes after the temperature, and wants more than p.
func TestLlama2cDistribution(t *testing.T) {
	logits := logs(2, 8, 1, 4, 1)
	for _, c := range []struct {
		what              string
		temperature, topp float32
		want              []float64
	}{
		{"greedy", 0, 0.9, []float64{0, 1, 0, 0, 0}},
		{"plain", 1, 1, []float64{2, 8, 1, 4, 1}},
		{"top-p of 0 is none", 1, 0, []float64{2, 8, 1, 4, 1}},
		{"nor one below", 1, -1, []float64{2, 8, 1, 4, 1}},
		{"nor one above", 1, 2, []float64{2, 8, 1, 4, 1}},
		{"top-p below 8/16", 1, 0.49, []float64{0, 1, 0, 0, 0}},
		{"top-p above 8/16", 1, 0.51, []float64{0, 8, 0, 4, 0}},
		{"of equals the lowest id", 1, 0.9, []float64{2, 8, 1, 4, 0}},
		{"64/86 at temperature 1/2", 0.5, 0.7, []float64{0, 1, 0, 0, 0}},
		{"top-p almost 0", 1, 1e-6, []float64{0, 1, 0, 0, 0}},
	} {
		s := newLlama2c(t, 5, c.temperature, c.topp, 5)
		checkDistribution(t, c.what, counts(t, s, logits, 20000), c.want...)
	}
}

// Where nothing reaches run.c's cutoff it reads out of range: the most likely token is meant.
func TestLlama2cNothingLeft(t *testing.T) {
	if got := next(t, newLlama2c(t, 3, 1, 1e-6, 1), []float32{2, 2, 2}); got != 0 {
		t.Errorf("of equal tokens %d, want 0", got)
	}
	if got := next(t, newLlama2c(t, 1, 1, 0.9, 1), []float32{2}); got != 0 {
		t.Errorf("of one token %d, want 0", got)
	}
}

// Seed 0 is the time: as a number of generator state 0 would give zeros for ever.
func TestLlama2cTime(t *testing.T) {
	if a, b := newLlama2c(t, 1, 1, 1, 0).Uint32(), newLlama2c(t, 1, 1, 1, 0).Uint32(); a == 0 || b == 0 {
		t.Errorf("the first random numbers are %d and %d", a, b)
	}
}

func TestNewLlama2cErrors(t *testing.T) {
	for _, c := range []struct {
		vocab             int
		temperature, topp float32
		want              string
	}{
		{0, 1, 1, "sample: a vocabulary of 0 tokens, want at least 1"},
		{1, -1, 1, "sample: temperature is -1, want a number of 0 or more"},
		{1, nan, 1, "sample: temperature is NaN, want a number of 0 or more"},
		{1, inf, 1, "sample: temperature is +Inf, want a number of 0 or more"},
		{1, 1, nan, "sample: topp is NaN, want a number"},
	} {
		if _, err := sample.NewLlama2c(c.vocab, c.temperature, c.topp, 1); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}
