package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cria"
	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// writeModel writes a random model of some letters, and returns its path.
func writeModel(t *testing.T) string {
	t.Helper()
	pieces := []string{"<unk>", "\n<s>\n", "\n</s>\n", " ", "a", "b", " a", "ab"}
	tokenizer := binary.LittleEndian.AppendUint32(nil, 8) // bytes of the longest piece
	for _, p := range pieces {
		tokenizer = binary.LittleEndian.AppendUint32(tokenizer, 0) // score
		tokenizer = binary.LittleEndian.AppendUint32(tokenizer, uint32(len(p)))
		tokenizer = append(tokenizer, p...)
	}
	checkpoint := fixture.Tiny(t, llama2c.Header{
		Version: 1, Dim: 16, HiddenDim: 24, NLayers: 1, NHeads: 2, NKVHeads: 1,
		VocabSize: len(pieces), SeqLen: 32, SharedClassifier: true, Type: tensor.F32,
	}, 1)
	dir := t.TempDir()
	for name, data := range map[string][]byte{
		"tiny.bin": checkpoint, "tokenizer.bin": tokenizer, "elsewhere.bin": tokenizer,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "tiny.bin")
}

func embed(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), &out, args...)
	return out.String(), err
}

// TestRun ends in several ways, which the statistics name.
func TestRun(t *testing.T) {
	model := writeModel(t)
	elsewhere := filepath.Join(filepath.Dir(model), "elsewhere.bin")
	for _, c := range []struct{ args, says []string }{
		{
			[]string{"-n", "1", "-seed", "3", model, "ab a"},
			[]string{"ab a", "4 tokens read", "1 tokens generated"},
		}, {
			[]string{"-timeout", "-1s", model, "ab a"},
			[]string{"ab a\n", "0 tokens generated", "end: cancelled"},
		}, {
			[]string{"-tokenizer", elsewhere, model, ""},
			[]string{"1 tokens read", "end: "},
		},
	} {
		got, err := embed(t, c.args...)
		if err != nil {
			t.Errorf("%q: %v", c.args, err)
		}
		for _, s := range c.says {
			if !strings.Contains(got, s) {
				t.Errorf("%q prints\n%s\nwithout %q", c.args, got, s)
			}
		}
	}
}

// TestContextFull goes on until the context is full, which is no error here.
func TestContextFull(t *testing.T) {
	r := request{model: writeModel(t), prompt: "ab", timeout: 1 << 40, sampling: cria.Greedy()}
	r.sampling.Bias = map[int32]float32{1: -1e9, 2: -1e9} // never end
	var out bytes.Buffer
	if err := generate(context.Background(), &out, r); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "end: context") {
		t.Errorf("it prints\n%s", out.String())
	}
}

// TestCancel has a caller that gives up before the start.
func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out bytes.Buffer
	err := run(ctx, &out, writeModel(t), "ab")
	if err != nil || !strings.Contains(out.String(), "end: cancelled") {
		t.Errorf("error %v, output\n%s", err, out.String())
	}
}

func TestRunErrors(t *testing.T) {
	model := writeModel(t)
	for _, c := range []struct {
		args []string
		want error // nil for any
	}{
		{[]string{model}, nil},
		{[]string{model, "a", "b"}, nil},
		{[]string{"-n", "-1", model, "a"}, cria.ErrBadOption},
		{[]string{model, strings.Repeat("a", 100)}, cria.ErrPromptTooLong},
		{[]string{model + "x", "a"}, fs.ErrNotExist},
		{[]string{filepath.Join(filepath.Dir(model), "elsewhere.bin"), "a"}, cria.ErrBadModel},
		{[]string{"-tokenizer", model, model, "a"}, cria.ErrBadTokenizer},
	} {
		if _, err := embed(t, c.args...); err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%q: error %v, want %v", c.args, err, c.want)
		}
	}
}
