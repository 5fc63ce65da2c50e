package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cria"
	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/tensor"
)

// tinyHeader is a model that takes no time.
var tinyHeader = llama2c.Header{
	Version: 0, Dim: 32, HiddenDim: 48, NLayers: 2, NHeads: 4, NKVHeads: 2,
	VocabSize: 3 + 95 + 2, SeqLen: 64, SharedClassifier: true, Type: tensor.F32,
}

// tiny writes a random model and a tokenizer for it into a folder and returns the model's path.
func tiny(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tokenizer.bin"), tinyTokenizer())
	path := filepath.Join(dir, "tiny.bin")
	write(t, path, fixture.Tiny(t, tinyHeader, 1))
	return path
}

// tinyTokenizer returns a vocabulary of control tokens, printable ASCII, a newline and one merge.
func tinyTokenizer() []byte {
	pieces := []string{"<unk>", "\n<s>\n", "\n</s>\n"}
	for c := ' '; c <= '~'; c++ {
		pieces = append(pieces, string(c))
	}
	pieces = append(pieces, "\n", "th")
	file := binary.LittleEndian.AppendUint32(nil, 6)
	for _, p := range pieces {
		file = append(binary.LittleEndian.AppendUint32(file, 0), byte(len(p)), 0, 0, 0)
		file = append(file, p...)
	}
	return file
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A result is what a command leaves behind.
type result struct {
	code           int
	stdout, stderr string
}

// execute runs a command line with text for its input.
func execute(stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := run(context.Background(), args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// succeed is execute for a command that must.
func succeed(t testing.TB, stdin string, args ...string) result {
	t.Helper()
	r := execute(stdin, args...)
	if r.code != 0 {
		t.Fatalf("cria %q: exit code %d, stderr %q", args, r.code, r.stderr)
	}
	return r
}

// fail is execute for a command that must not succeed, but end with the code and
// one line that has all of the texts.
func fail(t testing.TB, code int, args []string, texts ...string) {
	t.Helper()
	r := execute("", args...)
	if r.code != code {
		t.Errorf("cria %q: exit code %d, want %d (stderr %q)", args, r.code, code, r.stderr)
	}
	lines := strings.Split(strings.TrimSuffix(r.stderr, "\n"), "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(last, "cria: ") || strings.Contains(last, "cria: cria") || len(lines) != 1 {
		t.Errorf("cria %q: stderr %q, want one line that begins with cria:", args, r.stderr)
	}
	for _, text := range texts {
		if !strings.Contains(last, text) {
			t.Errorf("cria %q: stderr %q, want %q in it", args, last, text)
		}
	}
}

func TestErrors(t *testing.T) {
	model := tiny(t)
	dir := filepath.Dir(model)
	tok := filepath.Join(dir, "tokenizer.bin")
	cut := filepath.Join(dir, "cut.bin")
	data := read(t, model)
	write(t, cut, data[:len(data)-5])
	stub := filepath.Join(dir, "stub.bin")
	write(t, stub, data[:10])
	lone := filepath.Join(t.TempDir(), "lone.bin")
	write(t, lone, data)
	short := filepath.Join(dir, "short.bin")
	write(t, short, tinyTokenizer()[:99])
	absent := filepath.Join(dir, "absent.bin")

	for _, c := range []struct {
		code  int
		args  []string
		texts []string
	}{
		{2, []string{"sing"}, []string{"sing"}},
		{2, []string{"run", model, "a", "b"}, []string{"unexpected argument", "b"}},
		{2, []string{"run", "-m", model, "a", "b"}, []string{`unexpected argument "b"`}},
		{2, []string{"run", model, "a", "-p", "b"}, []string{"given 2 times"}},
		{2, []string{"run", model, "--frobnicate"}, []string{"--frobnicate", "cria run --help"}},
		{2, []string{"run", model, "-n", "many"}, []string{"--predict", "many"}},
		{2, []string{"run", model, "-n", "-2"}, []string{"-2"}},
		{2, []string{"run", model, "--temp", "-1"}, []string{"Temperature", "-1"}},
		{2, []string{"run", model, "--temp", "nan"}, []string{"Temperature", "NaN"}},
		{2, []string{"run", model, "--top-p", "1.5"}, []string{"TopP", "1.5"}},
		{2, []string{"run", model, "--logit-bias", "7"}, []string{"--logit-bias"}},
		{2, []string{"run", model, "-c", "65"}, []string{"65", "64"}},
		{2, []string{"run", model, "-t", "-1"}, []string{"threads", "-1"}},
		{2, []string{"run", model, "--cache-type", "q4"}, []string{"cache-type", "q8_0"}},
		{2, []string{"run", model, "--log-level", "loud"}, []string{"log-level", "trace"}},
		{1, []string{"run", absent}, []string{absent}},
		{1, []string{"run", "hf:org/name", "x"}, []string{"hf:org/name"}},
		{1, []string{"run", dir, "x"}, []string{dir}},
		{1, []string{"run", cut}, []string{cut, fmt.Sprint(len(data)), fmt.Sprint(len(data) - 5)}},
		{1, []string{"run", stub}, []string{stub, "byte 10"}},
		{1, []string{"run", lone}, []string{"tokenizer", filepath.Dir(lone)}},
		{1, []string{"run", model, "-z", absent}, []string{absent}},
		{1, []string{"run", model, "-z", short}, []string{short, "byte"}},
		{1, []string{"run", model, "-f", absent}, []string{absent}},
		{1, []string{"run", model, "-p", strings.Repeat("z", 64)}, []string{"66 tokens", "64"}},
		{1, []string{"run", model, "--cpuprofile", filepath.Join(dir, "no", "file")}, []string{"file"}},
		{2, []string{"chat"}, []string{"model"}},
		{1, []string{"chat", absent}, []string{absent}},
		{2, []string{"llama2c", model, "-q", "1"}, []string{"-q"}},
		{2, []string{"llama2c", model, "-z", tok, "-m", "sing"}, []string{"sing"}},
		{2, []string{"llama2c", model, "-z", tok, "-t", "warm"}, []string{"warm"}},
		{2, []string{"llama2c", model, "-z", tok, "-t", "nan"}, []string{"NaN"}},
		{1, []string{"llama2c", model}, []string{"tokenizer.bin"}},
		{2, []string{"convert", model, model, "--type", "f16"}, []string{"same file"}},
		{2, []string{"convert", model, absent}, []string{"--type"}},
		{2, []string{"convert", model, absent, "--type", "q8", "--group", "7"}, []string{"7", "32"}},
		{2, []string{"convert", model, absent, "--type", "f16", "--llama2c-version", "0"}, []string{"f16"}},
		{1, []string{"convert", cut, absent, "--type", "f16"}, []string{cut}},
		{2, []string{"inspect"}, []string{"--shape"}},
		{2, []string{"inspect", "--shape", "3M"}, []string{"3M", "15M, 42M, 110M"}},
		{2, []string{"inspect", model, "--shape", "15M"}, []string{"both"}},
		{2, []string{"inspect", model, "--json", "--mermaid"}, []string{"mermaid"}},
		{1, []string{"inspect", cut}, []string{cut}},
		{2, []string{"fit", model, "-c", "65"}, []string{"65", "64"}},
		{2, []string{"fit", model, "--sessions", "0"}, []string{"sessions"}},
		{2, []string{"tokenize", tok, "--decode", "1", "x"}, []string{`"x"`}},
		{2, []string{"tokenize", tok, "--decode", "100"}, []string{"100", "99"}},
		{1, []string{"tokenize", short, "x"}, []string{short}},
		{1, []string{"tokenize", lone, "x"}, []string{"tokenizer.bin"}},
		{2, []string{"completion", "tcsh"}, []string{"bash"}},
	} {
		fail(t, c.code, c.args, c.texts...)
	}
}

func TestHelp(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"-h"}, {"run", "-h"}, {"llama2c", "--help"}, {"convert", "x", "-h"}} {
		r := succeed(t, "", args...)
		if !strings.HasPrefix(r.stdout, "Usage: cria") || r.stderr != "" {
			t.Errorf("cria %q: stdout %.40q, stderr %q", args, r.stdout, r.stderr)
		}
	}
	if r := succeed(t, "", "--help"); !strings.Contains(r.stdout, "130") {
		t.Errorf("cria --help does not say the exit codes: %s", r.stdout)
	}
}

func TestNamesModel(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "story", nil)
	for arg, want := range map[string]bool{
		"x.bin": true, "x.gguf": true, "dir/x": true, "./x": true, "hf:a": true, "story": true, ".": true,
		"x": false, "Once upon a time": false, "": false, "bin": false,
	} {
		if got := namesModel(arg); got != want {
			t.Errorf("namesModel(%q) = %v", arg, got)
		}
	}
}

// Flags must begin where the library does.
func TestSamplingDefaults(t *testing.T) {
	var c cli
	k, err := newApp(nil, io.Discard, io.Discard).parser(t.Context(), &c)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Parse([]string{"run", "x.bin"}); err != nil {
		t.Fatal(err)
	}
	f, want := c.Run.samplingFlags, cria.NewSampling()
	if f.Temp != want.Temperature || f.TopK != want.TopK || f.TopP != want.TopP || f.MinP != want.MinP ||
		f.RepeatPenalty != want.RepeatPenalty || f.RepeatLastN != want.RepeatLastN ||
		f.PresencePenalty != want.PresencePenalty || f.FrequencyPenalty != want.FrequencyPenalty {
		t.Errorf("flags begin with %+v, the library with %+v", f, want)
	}
}

func TestWrongCPU(t *testing.T) {
	var stdout, stderr bytes.Buffer
	a := newApp(strings.NewReader(""), &stdout, &stderr)
	a.cpuErr = errors.New("CRIA_CPU=abacus: this machine has generic")
	if err := a.run(t.Context(), []string{"version"}); exitCode(err) != 2 || !errors.Is(err, a.cpuErr) {
		t.Errorf("error %v, exit code %d, want 2", err, exitCode(err))
	}
}

// A model that cannot fit is not opened, unless the user insists.
func TestMemory(t *testing.T) {
	model := tiny(t)
	try := func(have int64, err error, args ...string) result {
		var stdout, stderr bytes.Buffer
		a := newApp(strings.NewReader("hello\n"), &stdout, &stderr)
		a.memory = func() (int64, string, error) { return have, "available", err }
		runErr := a.run(t.Context(), args)
		a.complain(runErr)
		return result{exitCode(runErr), stdout.String(), stderr.String()}
	}
	const plenty, little = 1 << 40, 100_000
	for _, c := range []struct {
		have int64
		err  error
		code int
		args []string
	}{
		{plenty, nil, 0, []string{"fit", model}},
		{little, nil, 1, []string{"fit", model}},
		{0, errors.New("unknown"), 0, []string{"fit", model}},
		{plenty, nil, 0, []string{"fit", "--shape", "7B", "--type", "q8"}},
		{1 << 33, nil, 1, []string{"fit", "--shape", "7B", "--type", "q8"}},
		{plenty, nil, 0, []string{"fit", "--shape", "15M", "--type", "q8"}},
		{plenty, nil, 0, []string{"fit", "--shape", "7B", "--type", "q8", "--repack"}},
		{plenty, nil, 0, []string{"run", model, "a", "-n", "1", "--repack"}},
		{little, nil, 1, []string{"run", model, "a", "-n", "1"}},
		{little, nil, 0, []string{"run", model, "a", "-n", "1", "--force"}},
		{0, errors.New("unknown"), 0, []string{"run", model, "a", "-n", "1"}},
		{little, nil, 1, []string{"chat", model, "-n", "1"}},
		{little, nil, 1, []string{"llama2c", model, "-n", "1", "-z", filepath.Join(filepath.Dir(model), "tokenizer.bin")}},
	} {
		r := try(c.have, c.err, c.args...)
		if r.code != c.code {
			t.Errorf("cria %q with %d bytes: exit code %d, want %d (%s)", c.args, c.have, r.code, c.code, r.stderr)
		}
		if c.code == 1 && !strings.Contains(r.stderr, bytesText(c.have)) {
			t.Errorf("cria %q with %d bytes: stderr %q, want both numbers", c.args, c.have, r.stderr)
		}
	}
	h := tinyHeader
	config := load.Llama2cConfig(&h)
	need := load.MemoryFor(&config, int64(len(read(t, model))), load.Plan{SeqLen: 10, Sequences: 3, Batch: 10, Threads: 2})
	r := try(need.Total(), nil, "fit", model, "--json", "-c", "10", "-t", "2", "--sessions", "3")
	for _, text := range []string{fmt.Sprintf(`"total_bytes":%d`, need.Total()), `"fits":true`, `"sessions":3`} {
		if !strings.Contains(r.stdout, text) {
			t.Errorf("cria fit --json: %s has no %s", r.stdout, text)
		}
	}
	if r := try(need.Total()-1, nil, "fit", model, "-c", "10", "-t", "2", "--sessions", "3"); r.code != 1 {
		t.Errorf("one byte too few: exit code %d", r.code)
	}
}

// A command that is interrupted says what it did, and that it was.
func TestInterrupt(t *testing.T) {
	model := tiny(t)
	out := filepath.Join(t.TempDir(), "out.bin")
	for _, args := range [][]string{
		{"run", model, "hello"}, {"run", model, "-"}, {"chat", model}, {"tokenize", model},
		{"llama2c", model, "-z", filepath.Join(filepath.Dir(model), "tokenizer.bin")},
		{"convert", model, out, "--type", "f16"},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		stdin, typist := io.Pipe() // on which nobody types
		var stdout, stderr bytes.Buffer
		code := run(ctx, args, stdin, &stdout, &stderr)
		_ = typist.Close() // for the goroutine that still reads
		if code != 130 || !strings.HasSuffix(stderr.String(), "cria: interrupted\n") {
			t.Errorf("cria %q: exit code %d, stderr %q", args, code, stderr.String())
		}
	}
	if _, err := os.Stat(out); err == nil {
		t.Error("an interrupted conversion left a file")
	}
}

// A canceller cancels a context at its nth write.
type canceller struct {
	text   bytes.Buffer
	n      int
	cancel func()
}

func (c *canceller) Write(b []byte) (int, error) {
	if c.n--; c.n == 0 {
		c.cancel()
	}
	return c.text.Write(b)
}

func TestInterruptGeneration(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stdout, stderr := &canceller{n: 4, cancel: cancel}, &bytes.Buffer{}
	code := run(ctx, []string{"run", tiny(t), "hello", "-s", "1"}, strings.NewReader(""), stdout, stderr)
	said := stderr.String()
	if code != 130 || !strings.Contains(said, " 3 tokens") || !strings.HasSuffix(said, "cria: interrupted\n") {
		t.Errorf("exit code %d, stderr %q, want the statistics of 3 tokens and 130", code, said)
	}
	if !strings.HasSuffix(stdout.text.String(), "\n") {
		t.Errorf("stdout %q does not end its line", stdout.text.String())
	}
}

// A brokenPipe is a reader's end that is gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestBrokenPipe(t *testing.T) {
	model := tiny(t)
	for _, args := range [][]string{
		{"run", model, "hello"}, {"run", model, "--json"}, {"chat", model}, {"inspect", model}, {"tokenize", model, "x"},
		{"llama2c", model, "-z", filepath.Join(filepath.Dir(model), "tokenizer.bin")},
		{"fit", model}, {"version"}, {"completion", "fish"},
	} {
		var stderr bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader("hello\n"), brokenPipe{}, &stderr); code != 1 {
			t.Errorf("cria %q: exit code %d, want 1 (%s)", args, code, stderr.String())
		}
	}
}

func TestUnits(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.00 kB", 60816028: "60.8 MB", 999_499: "999 kB", 999_500: "1.00 MB",
		26955759644: "27.0 GB", 1 << 62: "4.61 EB",
	} {
		if got := bytesText(n); got != want {
			t.Errorf("bytesText(%d) = %q, want %q", n, got, want)
		}
	}
}
