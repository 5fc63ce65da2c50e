package cria_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"cria"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

var update = flag.Bool("update", false, "write golden stories anew")

// storytellerAs opens the storyteller with weights of another type.
func storytellerAs(t *testing.T, typ tensor.DType) *cria.Model {
	t.Helper()
	read := func(name string) []byte {
		data, err := fs.ReadFile(cria.StorytellerFiles(), name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	src, err := llama2c.Parse("model.bin", read("model.bin"))
	if err != nil {
		t.Fatal(err)
	}
	version := map[tensor.DType]int{tensor.F32: 0, tensor.F16: 3, tensor.BF16: 3, tensor.Q8: 2}[typ]
	var b bytes.Buffer
	if _, err := llama2c.Convert(&b, src, llama2c.Options{
		Version: version, Type: typ, Group: src.Group,
	}, nil); err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"model.bin": {Data: b.Bytes()}, "tokenizer.bin": {Data: read("tokenizer.bin")}}
	m, err := cria.OpenFS(files, "model.bin")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

// TestGoldenStories: a trained model tells the same stories on every processor,
// in every type of weights.
func TestGoldenStories(t *testing.T) {
	sampled := cria.NewSampling()
	sampled.Seed = 7
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.BF16, tensor.Q8} {
		t.Run(typ.String(), func(t *testing.T) {
			m := storytellerAs(t, typ)
			got := ""
			samplings := []cria.Sampling{cria.Greedy(), sampled}
			if testing.Short() {
				samplings = samplings[:1] // the first half of the file
			}
			for _, sampling := range samplings {
				s := session(t, m, cria.WithSampling(sampling))
				story, err := tell(s, "Mia found a small key")
				if err != nil || s.Stats().Reason != cria.StopEnd {
					t.Fatalf("error %v, reason %q", err, s.Stats().Reason)
				}
				got += "Mia found a small key" + story + "\n\n"
			}
			checkGolden(t, "story."+typ.String()+".txt", got)
		})
	}
}

// checkGolden compares with a file in testdata, or writes it.
func checkGolden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update && !testing.Short() {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() {
		want = want[:min(len(got), len(want))]
	}
	if got != string(want) {
		t.Errorf("story\n%s\nwant\n%s", got, want)
	}
}

// TestStoryteller: the model inside is small, and opens as it is.
func TestStoryteller(t *testing.T) {
	m, err := cria.Storyteller()
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}()
	if c := m.Config(); c.Type != "q8" || c.Context < 256 {
		t.Errorf("type %s, context %d", c.Type, c.Context)
	}
	total := int64(0)
	for _, name := range []string{"model.bin", "tokenizer.bin"} {
		info, err := fs.Stat(cria.StorytellerFiles(), name)
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	if total > 3_000_000 {
		t.Errorf("the files take %d bytes, want at most 3 MB", total)
	}
}
