package load_test

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// logitsOf runs tokens through a model and returns the logits of each.
func logitsOf(t testing.TB, m *load.Model, tokens []int32) [][]float32 {
	t.Helper()
	cache, err := kv.New(m.Config.KVShape(len(tokens), tensor.F32))
	if err != nil {
		t.Fatal(err)
	}
	state := model.NewState(&m.Config, cache, m.Config.SeqLen, len(tokens), len(tokens))
	seq := cache.NewSeq(len(tokens))
	if err := seq.Grow(len(tokens)); err != nil {
		t.Fatal(err)
	}
	rows := make([]kv.Row, len(tokens))
	for i, id := range tokens {
		rows[i] = kv.Row{Seq: seq, Token: id, Pos: i, Logits: true}
	}
	out := model.Forward(ref.Backend{}, &m.Config, m.Weights, state, rows)
	all := make([][]float32, len(tokens))
	for i := range all {
		all[i] = slices.Clone(out.Row(i))
	}
	return all
}

// tokens are a text of small models.
func tokens() []int32 {
	ids := make([]int32, 40)
	for i := range ids {
		ids[i] = int32((7*i*i + 3*i + 1) % vocab)
	}
	return ids
}

// open opens a model until the test ends.
func open(t testing.TB, path string) *load.Model {
	t.Helper()
	m, err := load.Open(load.Disk{}, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// writeGGUF writes a spec's file and returns its path.
func writeGGUF(t testing.TB, s *spec, dir string) string {
	t.Helper()
	path := filepath.Join(dir, s.name+".gguf")
	if err := os.WriteFile(path, ggufBytes(t, s.metadata(), s.tensors()), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

var models = flag.String("models", "", "write the small models into this folder, to run them with another program")

// TestForms wants the same bits of a GGUF file and of a Hugging Face directory
// with the same weights, whole and in shards.
func TestForms(t *testing.T) {
	for _, s := range specs() {
		t.Run(s.name, func(t *testing.T) {
			dir := *models
			if dir == "" {
				dir = t.TempDir()
			}
			want := logitsOf(t, open(t, writeGGUF(t, &s, dir)), tokens())
			shardsOf := []int{3, 1}
			if testing.Short() {
				shardsOf = shardsOf[:1] // TestAsGGUF has one
			}
			for _, shards := range shardsOf {
				dir := t.TempDir()
				writeHF(t, dir, s.configJSON(t), s.hfTensors(), shards)
				got := logitsOf(t, open(t, dir), tokens())
				wantNear(t, got, want, s.tolerance())
			}
		})
	}
}

// tolerance is 0, or what the rounding of numbers in files allows for: divisors
// of frequencies and scales are float32 in GGUF files.
func (s *spec) tolerance() float64 {
	if s.name == "llama-llama3" || s.name == "phi3-long" {
		return 1e-4
	}
	return 0
}

func wantNear(t *testing.T, got, want [][]float32, tolerance float64) {
	t.Helper()
	worst := 0.0
	for i := range want {
		for j := range want[i] {
			worst = max(worst, math.Abs(float64(got[i][j])-float64(want[i][j])))
		}
	}
	if !(worst <= tolerance) {
		t.Errorf("logits differ by %g, want %g", worst, tolerance)
	}
}
