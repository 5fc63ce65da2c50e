package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// trainFlags train a model that takes no time.
func trainFlags(data, out string, more ...string) []string {
	return append([]string{"train", "--data", data, "--out", out, "--dim", "16", "--layers", "1",
		"--heads", "2", "--vocab", "400",
		"--seq", "64", "--batch", "2", "--steps", "12", "--validate-every", "5", "--save-every", "6"}, more...)
}

func TestTrain(t *testing.T) {
	data, dir := stories(t, 20), t.TempDir()
	a, b := filepath.Join(dir, "a"), filepath.Join(dir, "b")
	r := succeed(t, "", trainFlags(data, a, "--threads", "1")...)
	for _, want := range []string{"20 documents", "step 12/12", "validation", "tok/s",
		"GFLOP/s", "left", "  | ", "is ready"} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("no %q in %s", want, r.stderr)
		}
	}
	for _, model := range []string{"model.bin", "model.q8.bin"} {
		succeed(t, "", "run", filepath.Join(a, model), "One day", "-n", "5")
	}
	if svg := read(t, filepath.Join(a, "loss.svg")); !bytes.HasPrefix(svg, []byte("<svg")) {
		t.Errorf("loss.svg begins with %.20q", svg)
	}
	succeed(t, "", trainFlags(data, b, "--threads", "3")...)
	if !bytes.Equal(read(t, filepath.Join(a, "model.bin")), read(t, filepath.Join(b, "model.bin"))) {
		t.Error("1 and 3 threads give different weights")
	}
	// From what was trained, with its tokenizer and shape; the shape flags are not asked.
	succeed(t, "", trainFlags(data, filepath.Join(dir, "c"), "--init", filepath.Join(a, "model.q8.bin"))...)
	if bytes.Equal(read(t, filepath.Join(a, "model.bin")), read(t, filepath.Join(dir, "c", "model.bin"))) {
		t.Error("going on from a model has changed nothing")
	}
	for want, args := range map[string][]string{
		"has a training in it": trainFlags(data, a),
		"other options":        trainFlags(data, a, "--resume", "--lr", "0.5"),
	} {
		if r := execute("", args...); r.code != 1 || !strings.Contains(r.stderr, want) {
			t.Errorf("exit code %d, stderr %s, want %q", r.code, r.stderr, want)
		}
	}
}

func TestTrainErrors(t *testing.T) {
	dir := t.TempDir()
	data, out := stories(t, 5), filepath.Join(dir, "out")
	empty, bad := filepath.Join(dir, "empty.txt"), filepath.Join(dir, "bad.jsonl")
	write(t, empty, nil)
	write(t, bad, []byte("{\"text\":\"good\"}\n{\"text\":\n"))
	for _, c := range []struct {
		code  int
		args  []string
		texts []string
	}{
		{2, []string{"train", "--out", out, "--dim", "16"}, []string{"--data"}},
		{1, trainFlags(filepath.Join(dir, "absent"), out), []string{"absent"}},
		{1, trainFlags(bad, out), []string{"bad.jsonl", "line 2"}},
		{1, trainFlags(empty, out), nil},
		{2, trainFlags(data, out, "--dim", "15"), []string{"--dim", "15", "2 heads"}},
		{2, trainFlags(data, out, "--kv-heads", "3"), []string{"NKVHeads 3"}},
		{1, trainFlags(data, out, "--vocab", "10"), []string{"vocabulary of 10"}},
		{2, trainFlags(data, out, "--steps", "0"), []string{"steps is 0"}},
		{2, trainFlags(data, out, "--lr", "nan"), []string{"rate is NaN"}},
		{1, trainFlags(data, out, "--validation", "1"), []string{"validation is 1"}},
		{1, trainFlags(data, out, "--resume"), []string{"state.ckpt"}},
		{1, trainFlags(data, out, "--init", tiny(t), "--tokenizer", filepath.Join(dir, "none")), []string{"none"}},
	} {
		r := execute("", c.args...)
		for _, text := range append(c.texts, "cria: ") {
			if r.code != c.code || !strings.Contains(r.stderr, text) {
				t.Errorf("%v: exit code %d, want %d, stderr %s, want %q", c.args[5:], r.code, c.code, r.stderr, text)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(out, "model.bin")); err == nil {
		t.Error("an error left a model")
	}
}

// A newcomer types the name of the program and reads a story.
func TestStoryteller(t *testing.T) {
	r := succeed(t, "", []string{}...)
	if len(strings.Fields(r.stdout)) < 50 || !strings.Contains(r.stderr, "tok/s") {
		t.Errorf("story %q, stderr %q", r.stdout, r.stderr)
	}
	r = succeed(t, "", "run", "--seed", "5", "Mia found a small key")
	if again := succeed(t, "", "run", "Mia found a small key", "--seed", "5"); again.stdout != r.stdout ||
		!strings.HasPrefix(r.stdout, "Mia found a small key ") {
		t.Errorf("two stories from the same seed:\n%s\n%s", r.stdout, again.stdout)
	}
}

func TestFitTrain(t *testing.T) {
	r := succeed(t, "", "fit", "--shape", "15M", "--train", "--batch", "8", "--seq", "256", "--threads", "2")
	for _, want := range []string{"parameters", "activations", "8 x 256 tokens", "2 threads"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("no %q in %s", want, r.stdout)
		}
	}
	var line fitTrainLine
	r = succeed(t, "", "fit", "--shape", "15M", "--train", "--json", "--threads", "2")
	if err := json.Unmarshal([]byte(r.stdout), &line); err != nil ||
		line.Total != line.Params+line.Activations+line.Scratch ||
		line.Params < 16*15_191_712 || line.Seq != 256 {
		t.Errorf("%v, %+v", err, line)
	}
	fail(t, 2, []string{"fit", "--shape", "15M", "--train", "--seq", "257"}, "257", "256")
	fail(t, 2, []string{"fit", "--shape", "15M", "--train", "--batch", "0"}, "--batch")
}
