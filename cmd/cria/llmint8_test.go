package main

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestLLMInt8 opens a model of f32 as LLM.int8() with every verb that takes it.
func TestLLMInt8(t *testing.T) {
	q8 := storyteller(t)
	model := filepath.Join(filepath.Dir(q8), "f32.bin")
	succeed(t, "", "convert", q8, model, "--type", "f32")
	r := succeed(t, "", "run", model, "--type", "llm.int8", "--temp", "0", "-n", "12", "-v", "Mia found a")
	if !strings.HasPrefix(r.stdout, "Mia found a ") || !strings.Contains(r.stderr, "type=llm.int8") {
		t.Errorf("%q, %q", r.stdout, r.stderr)
	}
	l := measured(t, model, "--type", "llm.int8", "--kl-base", model) // the base stays f32
	if !(l.Base.KL > 0 && l.Base.KL < 0.01 && l.Base.Same > 0.9) || l.Perplexity == l.Base.Perplexity {
		t.Errorf("%+v from f32: %+v", l, l.Base)
	}
	other := measured(t, model, "--type", "llm.int8", "--kl-base", model, "--batch-size", "5", "-t", "1")
	if *other.Base != *l.Base {
		t.Errorf("in other batches %+v, want %+v", other.Base, l.Base)
	}
}

// TestLLMInt8Memory compares what cria fit says with and without the int8 beside the floats.
func TestLLMInt8Memory(t *testing.T) {
	weights := func(args ...string) int64 {
		r := succeed(t, "", append([]string{"fit", "--json", "--shape", "15M"}, args...)...)
		_, after, _ := strings.Cut(r.stdout, `"weights_bytes":`)
		number, _, _ := strings.Cut(after, ",")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatalf("%v in %s", err, r.stdout)
		}
		return n
	}
	// Six layers of four matrices of 288 × 288, two of 768 × 288 and one of 288 × 768.
	const want = 6 * (4*288*(288+4) + 2*768*(288+4) + 288*(768+4))
	if got := weights("--type", "llm.int8") - weights("--type", "f16"); got != want+want/16 {
		t.Errorf("int8 of 15M takes %d bytes, want %d and a 16th of it", got, want)
	}
}

func TestLLMInt8Errors(t *testing.T) {
	model := storyteller(t)
	fail(t, 2, []string{"run", model, "--type", "llm.int8", "x"}, "layer 0, query is q8", "f16")
	fail(t, 1, []string{"fit", model, "--type", "llm.int8"}, "layer 0, query is q8")
	fail(t, 1, []string{"bench", model, "--type", "llm.int8"}, "layer 0, query is q8")
	fail(t, 2, []string{"inspect", model, "--type", "llm.int8"}, "llm.int8")
	fail(t, 2, []string{"quantize", model, "out.gguf", "--type", "LLM.int8"}, "llm.int8", "run")
	fail(t, 2, []string{"run", model, "--type", "q9", "x"}, "q9", "llm.int8")
}

func TestBenchLLMInt8(t *testing.T) {
	flags := []string{"--rounds", "1", "--pp", "16", "--tg", "4", "--threads", "1", "--csv", "--type", "f32,llm.int8"}
	for _, model := range [][]string{{"--synthetic", "260K"}, {tiny(t)}} {
		out := succeed(t, "", append(append([]string{"bench"}, model...), flags...)...)
		for _, want := range []string{",f32,f32,1,0,pp16,", ",llm.int8,f32,1,0,pp16,GOP/s", ",llm.int8,f32,1,0,tg4,"} {
			if !strings.Contains(out.stdout, want) {
				t.Errorf("%v: no %q in %s", model, want, out.stdout)
			}
		}
	}
}
