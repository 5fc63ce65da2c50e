package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cria/internal/corpus"
	"cria/internal/token"
)

// stories writes n stories into a folder and returns the file's path.
func stories(t testing.TB, n int) string {
	t.Helper()
	var b strings.Builder
	if err := corpus.Write(&b, n, 1); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "stories.jsonl")
	write(t, path, []byte(b.String()))
	return path
}

func TestTokenizerTrain(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		write(t, path, []byte(text))
		return path
	}
	a, b := file("a.txt", "the cat\n<|endoftext|>\nthe hat\n"), file("b.jsonl", `{"text":"the mat"}`+"\n")
	out, other := filepath.Join(dir, "tokenizer.bin"), filepath.Join(dir, "other.bin")
	r := succeed(t, "", "tokenizer", "train", "--data", a, "--data", b, "--vocab", "275", out)
	spm, err := token.ParseLlama2c(out, read(t, out), 275)
	if err != nil {
		t.Fatal(err)
	}
	texts, tokens := []string{"the cat", "the hat", "the mat"}, 0
	for _, text := range texts {
		ids := spm.Encode(nil, text, true, false)
		tokens += len(ids) - 1 // without BOS
		if got := string(spm.AppendDecode(nil, ids)); got != text {
			t.Errorf("%q comes back as %q", text, got)
		}
	}
	if tokens >= len("the cat")*3 || r.stdout != "" ||
		!strings.Contains(r.stderr, fmt.Sprintf("275 tokens, each of which stands for %.2f bytes", 21/float64(tokens))) {
		t.Errorf("%d tokens of text, stderr %q, stdout %q", tokens, r.stderr, r.stdout)
	}
	succeed(t, "", "tokenizer", "train", "--data", b, "--data", a, "--vocab", "275", other)
	if string(read(t, out)) != string(read(t, other)) {
		t.Error("the order of the files makes a difference")
	}
}

// What was at the target stays after an error.
func TestTokenizerTrainErrors(t *testing.T) {
	dir := t.TempDir()
	out, text := filepath.Join(dir, "tokenizer.bin"), filepath.Join(dir, "a.txt")
	bad, empty := filepath.Join(dir, "bad.jsonl"), filepath.Join(dir, "empty.txt")
	write(t, out, []byte("before"))
	write(t, text, []byte("the cat"))
	write(t, bad, []byte("{\"text\":\"a\"}\n{\"title\":\"b\"}\n"))
	write(t, empty, nil)
	for _, c := range []struct {
		code  int
		args  []string
		texts []string
	}{
		{2, []string{"--data", text, out}, []string{"--vocab", "cria tokenizer train --help"}},
		{2, []string{"--vocab", "300", out}, []string{"--data"}},
		{2, []string{"--data", text, "--vocab", "300"}, []string{"<out>"}},
		{1, []string{"--data", text, "--vocab", "100", out}, []string{"100", "259"}},
		{1, []string{"--data", text, "--vocab", "5000", out}, []string{"pieces", "5000"}},
		{1, []string{"--data", empty, "--vocab", "300", out}, []string{"259", "300"}},
		{1, []string{"--data", text, "--data", bad, "--vocab", "300", out}, []string{bad, "line 2", `"text"`}},
		{1, []string{"--data", filepath.Join(dir, "none"), "--vocab", "300", out}, []string{"none"}},
		{1, []string{"--data", text, "--vocab", "262", filepath.Join(dir, "none", "x")}, []string{"none"}},
	} {
		fail(t, c.code, append([]string{"tokenizer", "train"}, c.args...), c.texts...)
	}
	fail(t, 2, []string{"tokenizer"}, "train", "cria tokenizer --help")
	if string(read(t, out)) != "before" {
		t.Error("an error changed the target")
	}
}

func TestTokenizerTrainInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	out := filepath.Join(t.TempDir(), "tokenizer.bin")
	var stdout, stderr strings.Builder
	code := run(ctx, []string{"tokenizer", "train", "--data", stories(t, 5), "--vocab", "300", out}, strings.NewReader(""),
		&stdout, &stderr)
	if _, err := os.Stat(out); code != 130 || stderr.String() != "cria: interrupted\n" || err == nil {
		t.Errorf("exit code %d, stderr %q, Stat %v", code, stderr.String(), err)
	}
}
