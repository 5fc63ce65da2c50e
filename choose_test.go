package cria_test

import (
	"context"
	"iter"
	"slices"
	"testing"

	"cria"
	"cria/internal/gpu/sim"
	"cria/internal/sample"
	"cria/internal/token"
)

// A hostSampler is a sampler of which nobody knows that a device could stand in for it.
type hostSampler struct{ s *sample.Sampler }

func (h hostSampler) Sample(logits []float32) (int32, error) {
	id, err := h.s.Sample(logits)
	return int32(id), err
}

func (h hostSampler) Accept(id int32) { h.s.Accept(token.ID(id)) }

// onHost lets the host sample as p says.
func onHost(t *testing.T, p cria.Sampling, vocab int) cria.SessionOption {
	t.Helper()
	bias := map[token.ID]float32{}
	for id, b := range p.Bias {
		bias[token.ID(id)] = b
	}
	s, err := sample.New(sample.Params{
		Temperature: p.Temperature, TopK: p.TopK, TopP: p.TopP, MinP: p.MinP, RepeatPenalty: p.RepeatPenalty,
		PresencePenalty: p.PresencePenalty, FrequencyPenalty: p.FrequencyPenalty, RepeatLastN: p.RepeatLastN, Seed: p.Seed,
		Bias: bias,
	}, vocab)
	if err != nil {
		t.Fatal(err)
	}
	return cria.WithSampler(hostSampler{s})
}

// samplings are those that a device can stand in for, and two that it cannot.
func samplings() []cria.Sampling {
	with := func(change func(p *cria.Sampling)) cria.Sampling {
		p := cria.NewSampling()
		change(&p)
		return p
	}
	return []cria.Sampling{
		with(func(p *cria.Sampling) { p.TopK = 20 }),
		with(func(p *cria.Sampling) { p.Temperature, p.TopK, p.TopP, p.MinP = 2, 30, 1, 0 }),
		with(func(p *cria.Sampling) { p.Temperature, p.TopK = 0.3, 5 }),
		with(func(p *cria.Sampling) { p.TopK = 1 }),
		with(func(p *cria.Sampling) { p.TopK, p.RepeatPenalty = 20, 1.3 }),
		with(func(p *cria.Sampling) { p.TopK, p.FrequencyPenalty, p.PresencePenalty, p.RepeatLastN = 9, 0.7, -0.2, 3 }),
		with(func(p *cria.Sampling) {
			p.Temperature, p.RepeatPenalty, p.RepeatLastN, p.Bias = 0, 1.2, 5, map[int32]float32{7: 1, 9: -2, 33: 0.5}
		}),
		with(func(p *cria.Sampling) {
			p.TopK, p.FrequencyPenalty, p.RepeatLastN, p.Bias = 3, 2, 5, map[int32]float32{7: 9, 8: 9, 9: 9, 30: -2}
		}),
		cria.Greedy(),
		with(func(p *cria.Sampling) { p.TopK = 0 }),
		with(func(p *cria.Sampling) { p.RepeatPenalty, p.RepeatLastN = 1.3, -1 }),
	}
}

// TestChoose: texts of a device that chooses are those of the host's sampler for any seed, however generations are
// left and gone on with: a pass that was for nothing uses no random number.
func TestChoose(t *testing.T) {
	seeds := uint64(4)
	if testing.Short() {
		seeds = 1
	}
	for _, c := range []struct {
		name  string
		opts  []cria.Option
		seeds uint64
	}{
		{"cuda", onGPU(t), seeds},
		{"metal", []cria.Option{cria.WithDevice("metal"), cria.WithMetalLibrary(sim.Library(t))}, 1},
		{"split", append(onGPU(t), cria.WithGPULayers(1)), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := openFS(t, untiedFS(t), "tiny.bin", append(c.opts, cria.WithContext(32), cria.WithSessions(2))...)
			for i, p := range samplings() {
				for p.Seed = range c.seeds {
					got := leaving(t, session(t, m, cria.WithSampling(p)))
					want := leaving(t, session(t, m, onHost(t, p, m.Config().VocabSize)))
					if !slices.Equal(got, want) {
						t.Fatalf("sampling %d, seed %d: tokens %v, want %v", i, p.Seed, got, want)
					}
				}
			}
		})
	}
}

// leaving generates tokens, leaves the loop, goes on, goes back, and goes on again.
func leaving(t *testing.T, s *cria.Session) (all []int32) {
	t.Helper()
	defer s.Close()
	prompt := []int32{1, 9, 33, 7}
	for i, n := range []int{3, 1, 6} {
		for tok, err := range s.GenerateIDs(context.Background(), prompt) {
			if err != nil {
				t.Fatal(err)
			}
			if all = append(all, tok.ID); n == 1 {
				break
			}
			n--
		}
		if prompt = nil; i == 1 {
			prompt = []int32{5, 11}
			if err := s.Rewind(s.Len() - 2); err != nil {
				t.Fatal(err)
			}
		}
	}
	return all
}

// TestChooseInTurns: two sessions with penalties that generate in turns, each one step ahead: what the device picked
// last may be the other's.
func TestChooseInTurns(t *testing.T) {
	m := openFS(t, untiedFS(t), "tiny.bin", append(onGPU(t), cria.WithContext(32), cria.WithSessions(4))...)
	p := cria.Greedy()
	p.RepeatPenalty, p.FrequencyPenalty, p.RepeatLastN = 1, 2, 6
	p.Bias = map[int32]float32{7: 9, 8: 9, 9: 9} // which are chosen again and again
	prompts := [2][]int32{{1, 9, 33, 7}, {1, 5}}
	var texts [2][2][]int32 // of a device and a host
	for how := range texts {
		var next [2]func() (cria.Token, error, bool)
		for i := range next {
			sampling := cria.WithSampling(p)
			if how == 1 {
				sampling = onHost(t, p, m.Config().VocabSize)
			}
			var stop func()
			s := session(t, m, sampling, cria.WithMaxTokens(9))
			next[i], stop = iter.Pull2(s.GenerateIDs(t.Context(), prompts[i]))
			defer stop()
		}
		for range 9 {
			for i := range next {
				tok, err, _ := next[i]()
				if err != nil {
					t.Fatal(err)
				}
				texts[how][i] = append(texts[how][i], tok.ID)
			}
		}
	}
	for i := range prompts {
		if !slices.Equal(texts[0][i], texts[1][i]) {
			t.Errorf("session %d: tokens %v, want %v", i, texts[0][i], texts[1][i])
		}
	}
}

// TestChooseStory: so are the stories of stories260K.
func TestChooseStory(t *testing.T) {
	n, list := 40, samplings()[:3]
	if testing.Short() {
		n, list = 12, list[:1]
	}
	m := stories260K(t, "v0", append(onGPU(t), cria.WithSessions(6), cria.WithContext(64))...)
	for i, p := range list {
		p.Seed = uint64(7 + i)
		got, err := tell(session(t, m, cria.WithSampling(p), cria.WithMaxTokens(n)), "")
		if err != nil {
			t.Fatal(err)
		}
		want, err := tell(session(t, m, onHost(t, p, m.Config().VocabSize), cria.WithMaxTokens(n)), "")
		if err != nil || got != want || got == "" {
			t.Errorf("sampling %d: error %v, story %q, want %q", i, err, got, want)
		}
	}
}
