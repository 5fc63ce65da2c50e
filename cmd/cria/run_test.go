package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cria/internal/fixture"
)

// The same prompt, seed and model are the same text, whatever way they come.
func TestRun(t *testing.T) {
	model := tiny(t)
	file := filepath.Join(t.TempDir(), "prompt.txt")
	write(t, file, []byte("the cat\n"))
	want := succeed(t, "", "run", model, "the cat", "-n", "20", "-s", "7").stdout
	if !strings.HasPrefix(want, "the cat") || !strings.HasSuffix(want, "\n") || len(want) < 20 {
		t.Fatalf("text %q", want)
	}
	for _, args := range [][]string{
		{model, "-p", "the cat"}, {model, "-f", file}, {model, "-f", "-"}, {model, "-"}, {"-m", model, "the cat"},
		{"-m", model, "-p", "the cat"}, {model, "the cat", "-t", "1"}, {model, "the cat", "-t", "3", "--grain", "1"},
		{model, "the cat", "--batch-size", "2"}, {model, "the cat", "-c", "40", "-vvv", "--no-stats"},
		{model, "the cat", "--ceiling", "--no-color"},
	} {
		r := succeed(t, "the cat\r\n", append([]string{"run", "-n", "20", "--seed=7"}, args...)...)
		if r.stdout != want {
			t.Errorf("cria run %q: %q, want %q", args, r.stdout, want)
		}
	}
	bare := succeed(t, "", "run", model, "the cat", "-n", "20", "-s", "7", "--no-display-prompt").stdout
	if "the cat"+bare != want {
		t.Errorf("without the prompt: %q, want %q", bare, want)
	}
}

func TestRunSeed(t *testing.T) {
	model := tiny(t)
	first := succeed(t, "", "run", model, "a", "-n", "20")
	seed := regexp.MustCompile(`--seed (\d+)`).FindStringSubmatch(first.stderr)
	if seed == nil {
		t.Fatalf("stderr %q names no seed", first.stderr)
	}
	if again := succeed(t, "", "run", model, "a", "-n", "20", "--seed", seed[1]); again.stdout != first.stdout {
		t.Errorf("seed %s gave %q, then %q", seed[1], first.stdout, again.stdout)
	}
	if r := succeed(t, "", "run", model, "a", "-n", "20", "--temp", "0"); strings.Contains(r.stderr, "seed") {
		t.Errorf("a seed is named where it does not matter: %q", r.stderr)
	}
}

// A flag goes before the environment, and that before the default.
func TestRunEnvironment(t *testing.T) {
	model := tiny(t)
	greedy := succeed(t, "", "run", model, "a", "-n", "20", "--temp", "0").stdout
	random := succeed(t, "", "run", model, "a", "-n", "20", "-s", "3", "--temp", "5").stdout
	if greedy == random {
		t.Fatal("the test needs two texts")
	}
	t.Setenv("CRIA_TEMP", "0")
	t.Setenv("CRIA_SEED", "3")
	if got := succeed(t, "", "run", model, "a", "-n", "20").stdout; got != greedy {
		t.Errorf("CRIA_TEMP=0: %q, want %q", got, greedy)
	}
	if got := succeed(t, "", "run", model, "a", "-n", "20", "--temp", "5").stdout; got != random {
		t.Errorf("CRIA_TEMP=0 --temp 5: %q, want %q", got, random)
	}
	t.Setenv("CRIA_THREADS", "none")
	fail(t, 2, []string{"run", model, "a"}, "CRIA_THREADS")
}

func TestRunEnds(t *testing.T) {
	model := tiny(t)
	long := []string{"run", model, "a", "--logit-bias", "2=-inf", "--logit-bias", "1=-inf", "-s", "1"}
	r := succeed(t, "", long...)
	if !strings.Contains(r.stderr, "context is full: 64 tokens") {
		t.Errorf("stderr %q does not say that the context is full", r.stderr)
	}
	text := strings.TrimSuffix(r.stdout, "\n")
	stop := text[len(text)-3:]
	before, _, _ := strings.Cut(strings.TrimPrefix(text, "a"), stop)
	if r := succeed(t, "", append(long, "--stop", "not,there", "--stop", stop)...); r.stdout != "a"+before+"\n" {
		t.Errorf("--stop %q: %q, want %q", stop, r.stdout, "a"+before)
	}
	if r := succeed(t, "", append(long, "--logit-bias", "2=1e9")...); r.stdout != "a\n" {
		t.Errorf("with EOS most likely: %q", r.stdout)
	}
}

func TestRunJSON(t *testing.T) {
	model := tiny(t)
	plain := succeed(t, "", "run", model, "a", "-n", "9", "-s", "7", "--no-display-prompt").stdout
	r := succeed(t, "", "run", model, "a", "-n", "9", "-s", "7", "--json")
	lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	var text string
	for _, line := range lines[:len(lines)-1] {
		var tok tokenLine
		if err := json.Unmarshal([]byte(line), &tok); err != nil || !strings.Contains(line, `"id":`) {
			t.Fatalf("line %q: %v", line, err)
		}
		text += tok.Text
	}
	if text+"\n" != plain {
		t.Errorf("text %q, want %q", text, plain)
	}
	var last struct{ Stats map[string]any }
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil {
		t.Fatal(err)
	}
	if s := last.Stats; s["reason"] != "limit" || s["tokens"] != 9.0 || s["prompt_tokens"] != 3.0 || s["seed"] != 7.0 {
		t.Errorf("stats %v", s)
	}
	for _, key := range []string{"tokens_per_second", "gb_per_second", "bytes_read", "first_token_seconds"} {
		if n, ok := last.Stats[key].(float64); !ok || n <= 0 {
			t.Errorf("stats: %s is %v", key, last.Stats[key])
		}
	}
}

func TestRunReport(t *testing.T) {
	model := tiny(t)
	var stdout, stderr bytes.Buffer
	a := newApp(strings.NewReader(""), &stdout, &stderr)
	a.ceiling = func(threads int, memory []byte) float64 {
		if threads != 2 || !bytes.Equal(memory, read(t, model)) {
			t.Errorf("the ceiling is measured with %d threads over %d bytes, want the model's", threads, len(memory))
		}
		return 1e9
	}
	if err := a.run(t.Context(), []string{"run", model, "a", "-n", "5", "-t", "2", "--ceiling", "-s", "1"}); err != nil {
		t.Fatal(err)
	}
	report := regexp.MustCompile(`^cria: 3 prompt tokens \([\d.]+ tok/s\), 5 tokens \([\d.]+ tok/s, [\d.]+ GB/s, 0 % of ` +
		`this machine's 1000000000\), first after [\d.]+\S+\n$`)
	if !report.MatchString(stderr.String()) {
		t.Errorf("report %q, want %s", stderr.String(), report)
	}
	// To a file, nothing is measured, and with --no-stats nothing said.
	if r := succeed(t, "", "run", model, "a", "-n", "5", "-s", "1"); strings.Contains(r.stderr, "%") {
		t.Errorf("report %q", r.stderr)
	}
	if r := succeed(t, "", "run", model, "a", "-n", "5", "-s", "1", "--no-stats"); r.stderr != "" {
		t.Errorf("--no-stats: stderr %q", r.stderr)
	}
}

func TestReadCeiling(t *testing.T) {
	if gbs := readCeiling(2, make([]byte, 1<<20)); gbs <= 0 {
		t.Errorf("%v GB/s", gbs)
	}
}

// Whatever the colours do, nobody who reads from a pipe sees them.
func TestColours(t *testing.T) {
	var b bytes.Buffer
	if p := newPainter(&b, false); p.colours {
		t.Error("colours for a buffer")
	}
	for _, c := range []struct {
		p    painter
		want string
	}{{painter{&b, false}, "hello"}, {painter{&b, true}, "\x1b[1mhello\x1b[0m"}} {
		b.Reset()
		if err := c.p.prompt("hello"); err != nil || b.String() != c.want {
			t.Errorf("colours %v: %q, %v, want %q", c.p.colours, b.String(), err, c.want)
		}
	}
}

func TestWatch(t *testing.T) {
	model, dir := tiny(t), t.TempDir()
	profile, trace := filepath.Join(dir, "cpu.prof"), filepath.Join(dir, "trace.json")
	r := succeed(t, "", "run", model, "a", "-n", "5", "-s", "1",
		"--cpuprofile", profile, "--trace", trace, "--log-level", "trace")
	if data := read(t, profile); !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		t.Errorf("the profile begins with %.2x, want a gzip header", data)
	}
	var timeline struct{ TraceEvents []struct{ Name string } }
	if err := json.Unmarshal(read(t, trace), &timeline); err != nil || len(timeline.TraceEvents) == 0 {
		t.Errorf("the timeline has %d events, %v", len(timeline.TraceEvents), err)
	}
	if n := strings.Count(r.stderr, "level=TRACE msg=token"); n != 5 {
		t.Errorf("%d tokens are logged, want 5: %s", n, r.stderr)
	}
	for verbose, want := range map[string]string{"-v": "level=INFO", "-vv": "level=DEBUG", "-vvv": "level=TRACE"} {
		r := succeed(t, "", "run", model, "a", "-n", "1", "-s", "1", verbose)
		if !strings.Contains(r.stderr, want) {
			t.Errorf("%s logs %q, want %s", verbose, r.stderr, want)
		}
	}
}

// answers returns the lines of a chat with the tiny model, which never ends by itself.
func answers(t *testing.T, model, stdin string, flags ...string) []string {
	t.Helper()
	args := []string{"chat", model, "--temp", "0", "-n", "4", "--logit-bias", "2=-inf", "--logit-bias", "98=-inf"}
	args = append(args, flags...)
	return strings.Split(strings.TrimSuffix(succeed(t, stdin, args...).stdout, "\n"), "\n")
}

func TestChat(t *testing.T) {
	model := tinyWith(t, 256)
	two := answers(t, model, "hello\n\n  there  \n")
	if len(two) != 2 {
		t.Fatalf("answers %q, want 2", two)
	}
	if got := answers(t, model, "hello\nthere\n/quit\nmore\n"); strings.Join(got, "|") != strings.Join(two, "|") {
		t.Errorf("answers %q, want %q", got, two)
	}
	if got := answers(t, model, "hello\n/reset\nhello"); len(got) != 2 || got[0] != two[0] || got[1] != two[0] {
		t.Errorf("after /reset: %q, want %q twice", got, two[0])
	}
	if got := answers(t, model, "hello\n", "--system", "be kind"); len(got) != 1 {
		t.Errorf("with a system prompt: %q", got)
	}
	fail := execute(strings.Repeat("z", 300), "chat", model)
	if fail.code != 1 || !strings.Contains(fail.stderr, "does not fit") {
		t.Errorf("a message that is too long: exit code %d, %q", fail.code, fail.stderr)
	}
}

// tinyWith returns the path of a tiny model with a longer context.
func tinyWith(t *testing.T, seqLen int) string {
	t.Helper()
	path, h := tiny(t), tinyHeader
	h.SeqLen = seqLen
	write(t, path, fixture.Tiny(t, h, 1))
	return path
}

// Every turn but the first begins with the EOS of the answer before, and BOS.
func TestChatTokens(t *testing.T) {
	r := succeed(t, "hi\nho\n", "chat", tinyWith(t, 256), "--temp", "0", "-n", "2", "-vv", "--system", "s")
	prompts := regexp.MustCompile(`msg=prompt tokens="\[([^]]*)\]"`).FindAllStringSubmatch(r.stderr, -1)
	if len(prompts) != 2 {
		t.Fatalf("prompts %q", prompts)
	}
	for i, text := range []string{"[INST] <<SYS>>\ns\n<</SYS>>\n\nhi [/INST]", "[INST] ho [/INST]"} {
		var ids []string
		if i > 0 {
			ids = []string{"2"}
		}
		for line := range strings.Lines(succeed(t, text, "tokenize", tiny(t)).stdout) {
			id, _, _ := strings.Cut(line, "\t")
			if _, err := strconv.Atoi(id); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, id)
		}
		if want := strings.Join(ids, " "); prompts[i][1] != want {
			t.Errorf("turn %d: tokens %s, want %s", i, prompts[i][1], want)
		}
	}
}
