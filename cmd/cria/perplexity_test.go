package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cria"
	"cria/internal/fixture"
)

// storyteller writes the model inside the binary to a folder and returns its path.
func storyteller(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, cria.StorytellerFiles()); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "model.bin")
}

// knownText is a text that the storyteller wrote in f32, so that it knows it well.
const knownText = "../../testdata/story.f32.txt"

// measured runs cria perplexity --json.
func measured(t *testing.T, args ...string) perplexityLine {
	t.Helper()
	all := []string{"perplexity", "--json", "-f", knownText, "-c", "64"}
	if testing.Short() {
		all = append(all, "--chunks", "2")
	}
	r := succeed(t, "", append(all, args...)...)
	var l perplexityLine
	if err := json.Unmarshal([]byte(r.stdout), &l); err != nil {
		t.Fatalf("%v in %q", err, r.stdout)
	}
	return l
}

// The number changes with the storyteller, and with the stories that it tells.
func TestPerplexity(t *testing.T) {
	want := "perplexity 4.2524 ± 0.7850 (217 tokens in 7 chunks of 64)\n"
	all := []string{"3", "2", "1"}
	if testing.Short() {
		all = all[:1]
	}
	for _, threads := range all {
		r := succeed(t, "", "perplexity", "-f", knownText, "-c", "64", "-t", threads)
		if r.stdout != want {
			t.Errorf("%s threads: %q, want %q", threads, r.stdout, want)
		}
		if !strings.HasPrefix(r.stderr, "[1]") || !strings.Contains(r.stderr, "[7]4.2524,\n") {
			t.Errorf("stderr %q, want the perplexity so far", r.stderr)
		}
	}
	if l := measured(t, "--chunks", "2"); l.Chunks != 2 || l.Tokens != 2*31 || l.Context != 64 || l.Base != nil {
		t.Errorf("two chunks: %+v", l)
	}
	if one, two := measured(t, "-t", "1"), measured(t, "-t", "2", "--batch-size", "5"); one != two {
		t.Errorf("%+v, and in other batches %+v", one, two)
	}
}

// A model against itself is no distance; against weights of fewer bits a small one.
func TestPerplexityBase(t *testing.T) {
	model := storyteller(t)
	same := measured(t, "--kl-base", model).Base
	if same.KL != 0 || same.KLError != 0 || same.Most != 0 || same.Same != 1 || same.SameError != 0 {
		t.Errorf("a model against itself: %+v", same)
	}
	f16 := filepath.Join(filepath.Dir(model), "f16.bin")
	succeed(t, "", "convert", model, f16, "--type", "f16")
	l := measured(t, "--kl-base", f16)
	if b := l.Base; !(b.KL > 0 && b.KL < 0.01 && b.Median <= b.P99 && b.P99 <= b.Most && b.Same > 0.9) ||
		!(math.Abs(l.Perplexity-b.Perplexity) < 0.1) {
		t.Errorf("int8 against f16: %+v, base %+v", l, l.Base)
	}
	r := succeed(t, "", "perplexity", model, "-f", knownText, "-c", "64", "--kl-base", model)
	for _, text := range []string{
		"perplexity of the base 4.2524", "KL divergence from the base 0.000000 ± 0.000000", "100.00 ± 0.00 %",
	} {
		if !strings.Contains(r.stdout, text) {
			t.Errorf("%q is not in %q", text, r.stdout)
		}
	}
}

// TestPerplexityLlamaCpp compares with what llama-perplexity prints for the same file and text:
// "3.9851 +/- 0.08758" for 27 chunks of 512. The short run has three, and what cria says of them.
func TestPerplexityLlamaCpp(t *testing.T) {
	text := read(t, fixture.Path(t, "text", "tinystories-197k.txt"))[:30000]
	file := filepath.Join(t.TempDir(), "text")
	write(t, file, text)
	chunks, want := "0", "perplexity 3.9851 ± 0.0876 (6885 tokens in 27 chunks of 512)\n"
	if testing.Short() {
		chunks, want = "3", "perplexity 4.4128 ± 0.2910 (765 tokens in 3 chunks of 512)\n"
	}
	r := succeed(t, "", "perplexity", fixture.Path(t, "models", "stories260K.gguf"), "-f", file, "--chunks", chunks)
	if r.stdout != want {
		t.Errorf("%q, want %q", r.stdout, want)
	}
}

func TestPerplexityErrors(t *testing.T) {
	model := tiny(t)
	short := filepath.Join(t.TempDir(), "short.txt")
	write(t, short, []byte("a word"))
	fail(t, 2, []string{"perplexity", model}, "--file")
	fail(t, 2, []string{"perplexity", model, "-f", knownText, "--chunks", "-1"}, "--chunks", "-1")
	fail(t, 2, []string{"perplexity", model, "-f", knownText, "-c", "3"}, "--ctx-size", "3", "4")
	fail(t, 2, []string{"perplexity", model, "-f", knownText, "-c", "65"}, "65", "64")
	fail(t, 1, []string{"perplexity", model, "-f", short + "x"}, short+"x")
	fail(t, 1, []string{"perplexity", model, "-f", short}, "too short", "64")
	fail(t, 1, []string{"perplexity", model, "-f", knownText, "--kl-base", storyteller(t)},
		"vocabularies differ", fmt.Sprint(tinyHeader.VocabSize))
	fail(t, 1, []string{"perplexity", model, "-f", knownText, "--kl-base", short}, short)
}
