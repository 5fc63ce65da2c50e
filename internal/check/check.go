// Package check is what tests of backends share: it runs texts through models and compares logits bit for bit.
package check

import (
	"math"
	"slices"
	"testing"

	"cria/internal/kv"
	"cria/internal/model"
)

// Tokens returns n tokens below vocab, always the same.
func Tokens(n, vocab int) []int32 {
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32((i*i*7 + i*3 + 1) % vocab)
	}
	return tokens
}

// A Machine is a model that is ready to run.
type Machine struct {
	Backend model.Backend
	Config  *model.Config
	Weights *model.Weights
	State   *model.State
}

// Feed runs tokens through a sequence in chunks and returns the logits of every one.
func (m Machine) Feed(t testing.TB, seq *kv.Seq, tokens []int32, chunk int) [][]float32 {
	t.Helper()
	var all [][]float32
	for part := range slices.Chunk(tokens, chunk) {
		pos := seq.Len()
		if err := seq.Grow(len(part)); err != nil {
			t.Fatal(err)
		}
		rows := make([]kv.Row, len(part))
		for i, token := range part {
			rows[i] = kv.Row{Seq: seq, Token: token, Pos: pos + i, Logits: true}
		}
		logits := model.Forward(m.Backend, m.Config, m.Weights, m.State, rows)
		for i := range part {
			all = append(all, slices.Clone(logits.Row(i)))
		}
	}
	return all
}

// Equal wants two lists of logits to be the same, bit for bit.
func Equal(t testing.TB, got, want [][]float32, what string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range want {
		for j := range want[i] {
			if g, w := math.Float32bits(got[i][j]), math.Float32bits(want[i][j]); g != w {
				t.Fatalf("%s: logit %d of token %d is %v (%#x), want %v (%#x)", what, j, i, got[i][j], g, want[i][j], w)
			}
		}
	}
}
