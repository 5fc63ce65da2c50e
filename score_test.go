package cria_test

import (
	"errors"
	"slices"
	"testing"

	"cria"
	"cria/internal/tensor"
)

// TestScore: the logits are those that a session has after each token, bit for
// bit, in whatever batches they are computed.
func TestScore(t *testing.T) {
	m := storytellerAs(t, tensor.Q8)
	ids, err := m.Encode("Mia found a small key near the old bridge.")
	if err != nil {
		t.Fatal(err)
	}
	var want [][]float32
	s := session(t, m)
	for _, id := range ids {
		logits, err := s.Read(t.Context(), []int32{id})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, slices.Clone(logits))
	}
	for _, batch := range []int{1, 3, 256} {
		m, err := cria.Storyteller(cria.WithBatch(batch), cria.WithSessions(1), cria.WithContext(32))
		if err != nil {
			t.Fatal(err)
		}
		for _, first := range []int{0, 1, 5, len(ids) - 1, 0} {
			at := first
			for logits, err := range m.Score(t.Context(), ids, first) {
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(logits, want[at]) {
					t.Errorf("batch %d, from %d: the logits after token %d are not those of a session", batch, first, at)
				}
				clear(logits) // they are the caller's
				at++
			}
			if at != len(ids) {
				t.Errorf("batch %d, from %d: %d logits, want %d", batch, first, at-first, len(ids)-first)
			}
		}
		for _, err := range m.Score(t.Context(), ids, 0) {
			if err != nil {
				t.Fatal(err)
			}
			break // gives back its part of the cache, or the next would not have it
		}
		if _, err := session(t, m).Read(t.Context(), make([]int32, 32)); err != nil {
			t.Errorf("after a loop that was left: %v", err)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestScoreErrors(t *testing.T) {
	m, err := cria.Storyteller(cria.WithContext(32), cria.WithSessions(1))
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, ids []int32, first int, want error) {
		t.Helper()
		n := 0
		for logits, err := range m.Score(t.Context(), ids, first) {
			if n++; !errors.Is(err, want) || logits != nil {
				t.Errorf("%s: error %v, want %v", what, err, want)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d elements, want one error", what, n)
		}
	}
	check("no tokens", nil, 0, cria.ErrBadOption)
	check("from behind the end", []int32{1}, 1, cria.ErrBadOption)
	check("from before the start", []int32{1}, -1, cria.ErrBadOption)
	check("no such token", []int32{1, 1 << 20}, 0, cria.ErrBadOption)
	check("too many", make([]int32, 33), 0, cria.ErrPromptTooLong)
	s := session(t, m)
	if _, err := s.Read(t.Context(), make([]int32, 32)); err != nil {
		t.Fatal(err)
	}
	check("beside a session that has it all", []int32{1, 2}, 0, cria.ErrNoRoom)
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	check("closed", []int32{1}, 0, cria.ErrClosed)
}
