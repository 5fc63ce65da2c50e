package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/tensor"
)

// goldenModels are the checkpoints, with their tokenizers, that wrote the golden texts.
var goldenModels = map[string][2]string{
	"stories260K":  {"stories260K.v0.bin", "tok512.bin"},
	"babyllama":    {"babyllama-tok105-model5000.bin", "babyllama-tok105.bin"},
	"babyllama-v2": {"babyllama.v2.gs32.bin", "babyllama-tok105.bin"},
}

// goldenName has the flags that a golden text was written with.
var goldenName = regexp.MustCompile(`^(.*?)\.t([\d.]+?)(?:\.p([\d.]+?))?(?:\.s(\d+))?\.n(\d+)(?:\.(\w+))?\.txt$`)

// What run.c and runq.c wrote, to the byte.
func TestLlama2cGolden(t *testing.T) {
	names, err := filepath.Glob(fixture.Path(t, "golden", "*.txt"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no golden texts: %v", err)
	}
	for _, name := range names {
		m := goldenName.FindStringSubmatch(filepath.Base(name))
		if m == nil {
			t.Fatalf("%s: its name does not say the flags", name)
		}
		files := goldenModels[m[1]]
		args := []string{"llama2c", fixture.Path(t, "models", files[0]), "-z", fixture.Path(t, "models", files[1]),
			"-t", m[2], "-n", m[5]}
		if m[3] != "" {
			args = append(args, "-p", m[3])
		}
		if m[4] != "" {
			args = append(args, "-s", m[4])
		}
		if m[6] != "" {
			args = append(args, "-i", map[string]string{"tom": "Tom and his cat", "once": "Once upon a time"}[m[6]])
		}
		r := succeed(t, "", args...)
		if want := string(read(t, name)); r.stdout != want {
			t.Errorf("cria %q:\n got %q\nwant %q", args, r.stdout, want)
		}
		if !regexp.MustCompile(`^achieved tok/s: \d+\.\d{6}\n$`).MatchString(r.stderr) {
			t.Errorf("cria %q: stderr %q", args, r.stderr)
		}
	}
}

// Every version of the format tells the same story.
func TestLlama2cVersions(t *testing.T) {
	model := tiny(t)
	tok := filepath.Join(filepath.Dir(model), "tokenizer.bin")
	text := func(path string) string {
		return succeed(t, "", "llama2c", path, "-z", tok, "-s", "7", "-i", "the", "-n", "30").stdout
	}
	want := text(model)
	if !strings.HasPrefix(want, "the") || !strings.HasSuffix(want, "\n") {
		t.Fatalf("text %q", want)
	}
	for _, version := range []int{1, 3} {
		h := tinyHeader
		h.Version = version
		path := filepath.Join(t.TempDir(), "model.bin")
		write(t, path, fixture.Tiny(t, h, 1))
		if got := text(path); got != want {
			t.Errorf("version %d: %q, want %q", version, got, want)
		}
	}
	h := tinyHeader
	h.Version, h.Type, h.Group = 2, tensor.Q8, 16
	path := filepath.Join(t.TempDir(), "model.bin")
	write(t, path, fixture.Tiny(t, h, 1))
	if got := text(path); !strings.HasPrefix(got, "the") { // int8: near, but not the same
		t.Errorf("version 2: %q", got)
	}
}

func TestLlama2cFlags(t *testing.T) {
	model := tiny(t)
	t.Chdir(filepath.Dir(model)) // where tokenizer.bin is
	text := func(args ...string) string {
		t.Helper()
		return succeed(t, "", append([]string{"llama2c", "tiny.bin"}, args...)...).stdout
	}
	all := []string{"-t", "1.0", "-p", "0.9", "-n", "256", "-s", "7", "-m", "generate", "-i", ""}
	if a, b := text("-s", "7"), text(all...); a != b {
		t.Errorf("the defaults are not run.c's: %q, %q", a, b)
	}
	for _, c := range []struct{ a, b []string }{
		{[]string{"-p", "7"}, []string{"-p", "0.9"}},
		{[]string{"-t", "-1"}, []string{"-t", "0"}},
		{[]string{"-n", "-3"}, []string{"-n", "64"}},
		{[]string{"-n", "0"}, []string{"-n", "65"}},
		{[]string{"-s7"}, []string{"-s", "4294967303"}}, // what atoi makes of it with glibc
	} {
		seed := []string{"-s", "7"}
		if a, b := text(slices.Concat(seed, c.a)...), text(slices.Concat(seed, c.b)...); a != b {
			t.Errorf("%q gave %q, %q gave %q", c.a, a, c.b, b)
		}
	}
	// Positions count, those of the prompt too: BOS, a space, the letters.
	if got := text("-i", "abcdef", "-n", "3"); got != "ab\n" {
		t.Errorf("-n 3: %q, want the first letters of the prompt", got)
	}
	r := succeed(t, "", "llama2c", "tiny.bin", "-i", "abcdef", "-n", "3")
	if !strings.Contains(r.stderr, "8 tokens") {
		t.Errorf("a prompt cut short is not spoken of: %q", r.stderr)
	}
	if got := text("-i", "-x", "-n", "4", "-s", "1"); !strings.HasPrefix(got, "-x") {
		t.Errorf("a prompt that begins with a dash: %q", got)
	}
}

func TestLlama2cChat(t *testing.T) {
	model := tiny(t)
	tok := filepath.Join(filepath.Dir(model), "tokenizer.bin")
	chat := func(stdin string, args ...string) string {
		t.Helper()
		return succeed(t, stdin, append([]string{"llama2c", model, "-z", tok, "-m", "chat", "-s", "3"}, args...)...).stdout
	}
	asked := chat("be kind\nhello\n", "-n", "60")
	given := chat("", "-n", "60", "-y", "be kind", "-i", "hello")
	const questions = "Enter system prompt (optional): User: "
	if asked != questions+given || !strings.HasPrefix(given, "Assistant: ") {
		t.Errorf("asked %q, given %q", asked, given)
	}
	// run.c would answer the last line for ever; here the end of input is the end.
	for _, stdin := range []string{"", "be kind", "be kind\n"} {
		want := questions[:len(questions)-len("User: ")]
		if stdin != "" {
			want = questions
		}
		if got := chat(stdin, "-n", "60"); got != want+"\n" {
			t.Errorf("input %q: %q, want %q", stdin, got, want)
		}
	}
	long := strings.Repeat("hello ", 1000) // run.c has room for 511 bytes
	if got := chat("\n"+long+"\n", "-n", "64"); got != questions+"Assistant: \n" {
		t.Errorf("a long line: %q", got)
	}
}

// Many turns: EOS ends an answer, and one more token is written, as in run.c.
func TestLlama2cChatTurns(t *testing.T) {
	path, h := tiny(t), tinyHeader
	h.VocabSize, h.SeqLen = 3, 64 // EOS is one token of three
	write(t, path, fixture.Tiny(t, h, 1))
	tok := filepath.Join(t.TempDir(), "tokenizer.bin")
	write(t, tok, tinyTokenizer()[:4+3*8+5+5+6])
	r := succeed(t, strings.Repeat("a\n", 30), "llama2c", path, "-z", tok, "-m", "chat", "-s", "5", "-t", "2", "-y", "")
	if n := strings.Count(r.stdout, "\nUser: ") + strings.Count(r.stdout, ">User: "); n < 2 {
		t.Errorf("%d turns in %q", n, r.stdout)
	}
	if n := strings.Count(r.stdout, "User: "); n != strings.Count(r.stdout, "Assistant: ") {
		t.Errorf("%d questions, other answers: %q", n, r.stdout)
	}
}

// The diagram in the document is the one that the command draws.
func TestDiagram(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "ARCHITECTURE.md"))
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- mermaid:detailed begin -->\n```mermaid\n", "```\n<!-- mermaid:detailed end -->"
	_, after, found := strings.Cut(string(doc), begin)
	got, _, closed := strings.Cut(after, end)
	if !found || !closed {
		t.Fatalf("ARCHITECTURE.md has no diagram between %q and %q", begin, end)
	}
	if want := succeed(t, "", "inspect", "--mermaid", "--shape", "15M").stdout; got != want {
		t.Errorf("ARCHITECTURE.md is not what cria inspect --mermaid --shape 15M prints:\n%s", firstDifference(got, want))
	}
}

// firstDifference returns the first line where two texts part.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
