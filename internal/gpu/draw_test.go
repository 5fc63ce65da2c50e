package gpu_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/sim"
	"cria/internal/sample"
	"cria/internal/tensor"
	"cria/internal/token"
)

// choiceOf returns what a sampler chooses by.
func choiceOf(t *testing.T, s *sample.Sampler) gpu.Choice {
	t.Helper()
	c, ok := s.Choice()
	if !ok {
		t.Fatal("this sampler cannot be stood in for")
	}
	return gpu.Choice{TopK: c.TopK, TopP: c.TopP, MinP: c.MinP, Temperature: c.Temperature, Number: s.Number(0)}
}

// marksOf returns what a sampler changes logits by; follows says that a token which the device picked is not in its
// history yet.
func marksOf(s *sample.Sampler, follows bool) gpu.Marks {
	c, _ := s.Choice()
	m := gpu.Marks{Follows: follows, Repeat: c.Repeat, Presence: c.Presence, Frequency: c.Frequency}
	for _, mark := range s.Marks(nil, follows) {
		m.List = append(m.List, gpu.Mark{ID: int32(mark.ID), Count: mark.Count, Bias: mark.Bias})
	}
	return m
}

// TestMarks: with biases and penalties the device chooses the tokens that a sampler does, one after the other, whether
// the host knows the one before or not.
func TestMarks(t *testing.T) { testMarks(t, device(t)) }

// TestMetalMarks: so does Metal's.
func TestMetalMarks(t *testing.T) { testMarks(t, simMetal(t, sim.MetalLibrary(t))) }

func testMarks(t *testing.T, dev gpu.Device) {
	t.Helper()
	b := newBackend(t, dev, 1)
	rng := rand.New(rand.NewPCG(13, 14))
	changed := 0
	for i := range 40 {
		vocab := 8 + rng.IntN(900)
		p := sample.Params{
			Temperature: float32(i % 2), TopK: 5, TopP: 1, RepeatPenalty: 0.5 + rng.Float32(), RepeatLastN: 1 + rng.IntN(7),
			PresencePenalty: rng.Float32() - 0.5, FrequencyPenalty: rng.Float32() - 0.3, Bias: map[token.ID]float32{},
		}
		if i%8 == 0 {
			p.PresencePenalty, p.RepeatPenalty = -math.MaxFloat32, 1e-38
		}
		for range rng.IntN(300) {
			p.Bias[token.ID(rng.IntN(vocab))] = float32(rng.NormFloat64())
		}
		s, err := sample.New(p, vocab)
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			s.Accept(token.ID(rng.IntN(vocab)))
		}
		choice := choiceOf(t, s)
		choice.Marks = marksOf(s, false)
		for range 8 {
			logits := logitsOf(rng, vocab)
			logits[rng.IntN(vocab)] = math.MaxFloat32
			got, err := b.Pick(logits, choice)
			if err != nil {
				t.Fatal(err)
			}
			best := slices.Index(logits, slices.Max(logits))
			choice.Marks = marksOf(s, true)
			want, err := s.Sample(logits)
			if err != nil || token.ID(got) != want {
				t.Fatalf("error %v, token %d of %d, want %d: %+v", err, got, vocab, want, p)
			}
			s.Accept(want)
			if rng.IntN(3) == 0 {
				choice.Marks = marksOf(s, false)
			}
			choice.Number = s.Number(0)
			if p.Temperature == 0 && int(want) != best {
				changed++
			}
		}
	}
	if changed < 20 {
		t.Errorf("%d choices were changed by marks", changed)
	}
	choice := gpu.Choice{Marks: gpu.Marks{List: []gpu.Mark{{ID: 1, Count: 1, Bias: 2}}, Repeat: 2}}
	if got, err := b.Pick([]float32{0, float32(math.Inf(-1)), 1}, choice); err != nil || got != -1 {
		t.Errorf("error %v, token %d of what is not finite", err, got)
	}
}

// logitsOf returns random logits of some size: many of them equal, or all different; some zeros have a sign.
func logitsOf(rng *rand.Rand, n int) []float32 {
	size, steps := math.Ldexp(1, rng.IntN(8)-3), math.Ldexp(1, rng.IntN(30))
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(math.Round(rng.NormFloat64()*steps) / steps * size)
	}
	return x
}

// TestDraw: the device chooses the tokens that a sampler does by the same logits and seed.
func TestDraw(t *testing.T) { testDraw(t, device(t)) }

// TestMetalDraw: so does Metal's.
func TestMetalDraw(t *testing.T) { testDraw(t, simMetal(t, sim.Library(t))) }

func testDraw(t *testing.T, dev gpu.Device) {
	t.Helper()
	b := newBackend(t, dev, 1)
	rng := rand.New(rand.NewPCG(11, 12))
	n := 300
	if testing.Short() {
		n = 60
	}
	differ := 0
	for i := range n {
		vocab := 2 + rng.IntN(100)
		switch i % 20 {
		case 0:
			vocab = 5000 // segments of two launches
		case 1:
			vocab = 1024 + rng.IntN(2)
		}
		p := sample.Params{
			Temperature: float32(math.Ldexp(rng.Float64()+0.1, rng.IntN(6)-3)), RepeatPenalty: 1, Seed: uint64(i),
			TopK: 1 + rng.IntN(min(vocab-1, gpu.TopMax)), TopP: 1,
		}
		if i%3 > 0 {
			p.TopP = rng.Float32()
		}
		if i%4 > 1 {
			p.MinP = rng.Float32() * rng.Float32()
		}
		s, err := sample.New(p, vocab)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			logits := logitsOf(rng, vocab)
			got, err := b.Pick(logits, choiceOf(t, s))
			if err != nil {
				t.Fatal(err)
			}
			best := slices.Index(logits, slices.Max(logits))
			want, err := s.Sample(logits)
			if err != nil || token.ID(got) != want {
				t.Fatalf("error %v, token %d of %d, want %d: %+v", err, got, vocab, want, p)
			}
			if int(want) != best {
				differ++
			}
		}
	}
	if differ < n/2 {
		t.Errorf("%d of %d choices are not the most likely token", differ, 3*n)
	}
}

// TestDrawExtremes: logits as far apart as they can be, numbers at the ends of their range, and logits that are none.
func TestDrawExtremes(t *testing.T) {
	b := newBackend(t, device(t), 1)
	most, nan, inf := float32(math.MaxFloat32), float32(math.NaN()), float32(math.Inf(1))
	zero := float32(math.Copysign(0, -1))
	for _, c := range []struct {
		logits      []float32
		temperature float32
		number      float64
		want        int32
	}{
		{[]float32{-most, most, most, 0}, 1, 0, 1},
		{[]float32{-most, most, most, 0}, 1, 1 - 0x1p-53, 2},
		{[]float32{zero, 0, zero, -1}, 1, 0, 0},
		{[]float32{zero, 0, zero, -1}, 1e-30, 0.5, 1},
		{[]float32{1, 2, 3, 4}, 1e30, 1 - 0x1p-53, 1}, // of three
		{[]float32{1, 2, 3, 4}, 1, 0x1p-53, 3},
		{[]float32{1, nan, 3, 4}, 1, 0.5, -1},
		{[]float32{1, 2, 3, inf}, 1, 0.5, -1},
		{[]float32{1, -inf, 3, 4}, 1, 0.5, -1},
	} {
		got, err := b.Pick(c.logits, gpu.Choice{TopK: 3, TopP: 1, Temperature: c.temperature, Number: c.number})
		if err != nil || got != c.want {
			t.Errorf("%v, number %v: error %v, token %d, want %d", c.logits, c.number, err, got, c.want)
		}
	}
}

// A meter is a device that counts what crosses the bus.
type meter struct {
	gpu.Device
	up, down int // bytes, in passes
}

func (m *meter) Run(p *gpu.Pass) error {
	for _, u := range p.Uploads {
		m.up += len(u.Host)
	}
	for _, d := range p.Downloads {
		m.down += len(d.Host)
	}
	return m.Device.Run(p)
}

// TestBus counts the bytes that cross the bus for a token: its row, the numbers of its sequence's pages if there is a
// new one, and back all logits, or the token that was chosen.
func TestBus(t *testing.T) {
	tr := trial{"bus", shape(32, 48, 1, 2, 1, 16, 300, 64), tensor.F32, 0, tensor.F32}
	bus := &meter{Device: device(t)}
	m := onGPU(t, bus, tr.config, tr.weigh(t), tr.kv)
	seq := m.state.Cache.NewSeq(0)
	m.feed(t, seq, check.Tokens(32, 300), 32) // one page
	for _, c := range []struct {
		name     string
		choose   func()
		up, down int
	}{
		{"logits", func() {}, 16 + 2*4, 4 * tensor.Pad(300)},
		{"the most likely", func() { m.gpu.PickNext(gpu.Choice{}) }, 16, 4},
		{"one of 40", func() { m.gpu.PickNext(gpu.Choice{TopK: 40, TopP: 1, Temperature: 1, Number: 0.5}) }, 16 + 8, 4},
	} {
		bus.up, bus.down = 0, 0
		c.choose()
		m.one(t, seq, 7)
		if bus.up != c.up || bus.down != c.down {
			t.Errorf("%s: %d bytes up and %d down, want %d and %d", c.name, bus.up, bus.down, c.up, c.down)
		}
	}
}
