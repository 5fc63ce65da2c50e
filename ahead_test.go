package cria_test

import (
	"context"
	"errors"
	"iter"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"cria"
	"cria/internal/llama2c"
)

// generate returns the tokens of a generation, after each of which it calls then.
func generate(s *cria.Session, prompt []int32, then func(n int)) (ids []int32, err error) {
	for tok, err := range s.GenerateIDs(context.Background(), prompt) {
		if err != nil {
			return ids, err
		}
		if tok.ID >= 0 {
			ids = append(ids, tok.ID)
		}
		then(len(ids))
	}
	return ids, nil
}

// byLogits returns the tokens that the most likely are after a prompt, by reading one after the other: never ahead.
func byLogits(t *testing.T, m *cria.Model, prompt []int32, n int) []int32 {
	t.Helper()
	s := session(t, m)
	defer s.Close()
	var ids []int32
	for next := prompt; len(ids) < n; next = ids[len(ids)-1:] {
		logits, err := s.Read(context.Background(), next)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, int32(slices.Index(logits, slices.Max(logits))))
	}
	return ids
}

// aheadModel opens a model of random weights on the simulated GPU, and returns a prompt and its continuation.
func aheadModel(t *testing.T, n int) (m *cria.Model, prompt, want []int32) {
	t.Helper()
	m = openFS(t, untiedFS(t), "tiny.bin", append(onGPU(t), cria.WithContext(32), cria.WithSessions(4))...)
	prompt = []int32{1, 9, 33, 7, 21, 40, 9, 5, 11, 30}
	return m, prompt, byLogits(t, m, prompt, n)
}

// untiedFS is tinyFS with a classifier of its own, so that texts do not stay at one token.
func untiedFS(t *testing.T) fstest.MapFS {
	h := header
	h.SharedClassifier = false
	checkpoint, tokenizer := tiny(t, h)
	return fstest.MapFS{"tiny.bin": {Data: checkpoint}, "tokenizer.bin": {Data: tokenizer}}
}

// openFS opens a model that is closed when the test has ended.
func openFS(t *testing.T, files fstest.MapFS, name string, opts ...cria.Option) *cria.Model {
	t.Helper()
	m, err := cria.OpenFS(files, name, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func greedy(t *testing.T, m *cria.Model, opts ...cria.SessionOption) *cria.Session {
	t.Helper()
	return session(t, m, append(opts, cria.WithSampling(cria.Greedy()))...)
}

// TestAheadEnds: however a generation ends, its tokens are those of reading one after the other, the session holds
// these and no more, and goes on from there.
func TestAheadEnds(t *testing.T) {
	m, prompt, want := aheadModel(t, 9)
	for _, c := range []struct {
		name   string
		opts   []cria.SessionOption
		leave  int // after so many tokens
		tokens int
		reason cria.Reason
	}{
		{"limit", []cria.SessionOption{cria.WithMaxTokens(4)}, 0, 4, cria.StopLimit},
		{"one", []cria.SessionOption{cria.WithMaxTokens(1)}, 0, 1, cria.StopLimit},
		{"left", nil, 3, 3, cria.StopCancelled},
		{"left at once", nil, 1, 1, cria.StopCancelled},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := greedy(t, m, c.opts...)
			var got []int32
			for tok, err := range s.GenerateIDs(context.Background(), prompt) {
				if err != nil {
					t.Fatal(err)
				}
				if tok.ID >= 0 {
					got = append(got, tok.ID)
				}
				if len(got) == c.leave {
					break
				}
			}
			if !slices.Equal(got, want[:c.tokens]) || s.Stats().Reason != c.reason {
				t.Errorf("tokens %v, reason %q, want %v, %q", got, s.Stats().Reason, want[:c.tokens], c.reason)
			}
			if n := len(prompt) + c.tokens; s.Len() != n {
				t.Errorf("the session holds %d tokens, want %d", s.Len(), n)
			}
			next := greedy(t, m)
			defer next.Close()
			logits, err := s.Read(context.Background(), []int32{5})
			if err != nil {
				t.Fatal(err)
			}
			wanted, err := next.Read(context.Background(), append(append(slices.Clone(prompt), got...), 5))
			if err != nil || !slices.Equal(logits, wanted) {
				t.Errorf("error %v; logits afterwards are not those of the same text", err)
			}
			s.Close()
		})
	}
}

// TestAheadText: nothing follows the end of the text, or a stop string, though a pass after it was begun.
func TestAheadText(t *testing.T) {
	m := openFS(t, bigramFS(), "llama.bin", onGPU(t)...)
	for _, c := range []struct {
		stops  []string
		want   string
		reason cria.Reason
	}{
		{nil, "Once upon a time there lived one small llama.", cria.StopEnd},
		{[]string{" there"}, "Once upon a time", cria.StopString},
		{[]string{"Once"}, "", cria.StopString},
	} {
		s := greedy(t, m, cria.WithStop(c.stops...))
		got, err := tell(s, "")
		if err != nil || got != c.want || s.Stats().Reason != c.reason {
			t.Errorf("%q: error %v, text %q, reason %q, want %q, %q", c.stops, err, got, s.Stats().Reason, c.want, c.reason)
		}
		s.Close()
	}
}

// TestAheadFull: a context is filled to its last position.
func TestAheadFull(t *testing.T) {
	m, prompt, want := aheadModel(t, 0)
	for first := int32(3); want == nil || slices.Contains(want, 1) || slices.Contains(want, 2); first++ { // no end
		prompt[0] = first
		want = byLogits(t, m, prompt, 32-len(prompt)+1) // the last is not read any more
	}
	s := greedy(t, m)
	got, err := generate(s, prompt, func(int) {})
	if !errors.Is(err, cria.ErrContextFull) || s.Stats().Reason != cria.StopContext || !slices.Equal(got, want) {
		t.Errorf("error %v, reason %q, tokens %v, want %v", err, s.Stats().Reason, got, want)
	}
}

// TestAheadNaN: a token after which logits are no numbers ends a generation with the error that it always is, and
// the session holds what came before.
func TestAheadNaN(t *testing.T) {
	_, prompt, want := aheadModel(t, 9)
	bad := 3 // the first token that was not there before
	for slices.Contains(prompt, want[bad]) || slices.Contains(want[:bad], want[bad]) {
		bad++
	}
	files := untiedFS(t)
	f, err := llama2c.Parse("tiny.bin", files["tiny.bin"].Data)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Tensors {
		if x := &f.Tensors[i]; x.Name == "tok_embeddings.weight" {
			x.Mat.F32()[int(want[bad])*x.Mat.Cols] = float32(math.NaN()) // of the file, of which it is a view
		}
	}
	m := openFS(t, files, "tiny.bin", onGPU(t)...)
	s := greedy(t, m)
	got, err := generate(s, prompt, func(int) {})
	if err == nil || !strings.Contains(err.Error(), "NaN") || s.Stats().Reason != cria.StopError ||
		!slices.Equal(got, want[:bad+1]) {
		t.Errorf("error %v, reason %q, tokens %v, want %v", err, s.Stats().Reason, got, want[:bad+1])
	}
	if n := len(prompt) + bad + 1; s.Len() != n {
		t.Errorf("the session holds %d tokens, want %d", s.Len(), n)
	}
	if err := s.Rewind(len(prompt)); err != nil {
		t.Fatal(err)
	}
}

// TestAheadCancel ends with the caller's context, and the session can go on.
func TestAheadCancel(t *testing.T) {
	m, prompt, want := aheadModel(t, 6)
	s := greedy(t, m, cria.WithMaxTokens(3))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n := 0
	for _, err := range s.GenerateIDs(ctx, prompt) {
		if n++; n == 3 {
			if !errors.Is(err, context.Canceled) || s.Stats().Reason != cria.StopCancelled {
				t.Errorf("error %v, reason %q", err, s.Stats().Reason)
			}
			break
		}
		if n == 2 {
			cancel()
		}
	}
	got, err := generate(s, nil, func(int) {})
	if err != nil || !slices.Equal(got, want[2:5]) {
		t.Errorf("error %v, tokens %v, want %v", err, got, want[2:5])
	}
}

// begin generates n tokens of another text.
func begin(s *cria.Session, prompt []int32, n int) error {
	if err := s.Rewind(0); err != nil {
		return err
	}
	for _, err := range s.GenerateIDs(context.Background(), prompt) {
		if n--; err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// TestAheadBetween: what is done to the model, and to the session itself, while a pass is under way.
func TestAheadBetween(t *testing.T) {
	m, prompt, want := aheadModel(t, 9)
	other := greedy(t, m)
	for name, between := range map[string]func(s *cria.Session) error{
		"another generates a token": func(*cria.Session) error { return begin(other, prompt[:4], 1) },
		"another generates tokens":  func(*cria.Session) error { return begin(other, prompt[:4], 3) },
		"another reads": func(*cria.Session) error {
			if err := other.Rewind(0); err != nil {
				return err
			}
			_, err := other.Read(context.Background(), prompt[:9])
			return err
		},
		"a text is scored": func(*cria.Session) error {
			for _, err := range m.Score(context.Background(), prompt, 0) {
				if err != nil {
					return err
				}
			}
			return nil
		},
		"it goes back and is where it was": func(s *cria.Session) error { return s.Rewind(s.Len()) },
	} {
		t.Run(name, func(t *testing.T) {
			s := greedy(t, m, cria.WithMaxTokens(6))
			defer s.Close()
			got, err := generate(s, prompt, func(int) {
				if err := between(s); err != nil {
					t.Error(err)
				}
			})
			if err != nil || !slices.Equal(got, want[:6]) {
				t.Errorf("error %v, tokens %v, want %v", err, got, want[:6])
			}
		})
	}
}

// TestAheadInTurns: two sessions that generate in turns, each one step ahead, do not notice each other.
func TestAheadInTurns(t *testing.T) {
	m, prompt, want := aheadModel(t, 7)
	prompts, wants := [2][]int32{prompt, prompt[:5]}, [2][]int32{want, byLogits(t, m, prompt[:5], 7)}
	var got [2][]int32
	var next [2]func() (cria.Token, error, bool)
	for i := range next {
		s := greedy(t, m, cria.WithMaxTokens(7))
		var stop func()
		next[i], stop = iter.Pull2(s.GenerateIDs(context.Background(), prompts[i]))
		defer stop()
	}
	for range 7 {
		for i := range next {
			tok, err, _ := next[i]()
			if err != nil {
				t.Fatal(err)
			}
			got[i] = append(got[i], tok.ID)
		}
	}
	for i := range got {
		if !slices.Equal(got[i], wants[i]) {
			t.Errorf("session %d: tokens %v, want %v", i, got[i], wants[i])
		}
	}
}

// TestAheadClosed: a session, and a model, that are closed while a pass is under way.
func TestAheadClosed(t *testing.T) {
	m, prompt, _ := aheadModel(t, 1)
	s := greedy(t, m)
	if _, err := generate(s, prompt, func(n int) {
		if n == 3 {
			s.Close()
		}
	}); !errors.Is(err, cria.ErrClosed) {
		t.Errorf("a closed session: %v", err)
	}
	s = greedy(t, m)
	if _, err := generate(s, prompt, func(n int) {
		if n == 3 {
			if err := m.Close(); err != nil {
				t.Error(err)
			}
		}
	}); !errors.Is(err, cria.ErrClosed) {
		t.Errorf("a closed model: %v", err)
	}
}
