package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cria/internal/llama2c"
	"cria/internal/tensor"
)

func TestConvert(t *testing.T) {
	model := tiny(t)
	for _, c := range []struct {
		args    []string
		version int
		typ     tensor.DType
		group   int
	}{
		{[]string{"--type", "f32"}, 0, tensor.F32, 0},
		{[]string{"--type", "f32", "--llama2c-version", "1"}, 1, tensor.F32, 0},
		{[]string{"--type", "f16"}, 3, tensor.F16, 0},
		{[]string{"--type", "bf16"}, 3, tensor.BF16, 0},
		{[]string{"--type", "q8"}, 2, tensor.Q8, 16}, // 32 does not divide the hidden dim of 48
		{[]string{"--type", "q8", "--group", "8"}, 2, tensor.Q8, 8},
	} {
		out := filepath.Join(t.TempDir(), "out.bin")
		r := succeed(t, "", append([]string{"convert", model, out}, c.args...)...)
		f, err := llama2c.Parse(out, read(t, out))
		if err != nil {
			t.Fatal(err)
		}
		if f.Version != c.version || f.Type != c.typ || f.Group != c.group {
			t.Errorf("%q: version %d, %v in groups of %d, want %d, %v, %d", c.args, f.Version, f.Type, f.Group,
				c.version, c.typ, c.group)
		}
		if strings.ContainsAny(r.stderr, "\r\x1b%") || strings.Count(r.stderr, "\n") != 1 || r.stdout != "" {
			t.Errorf("%q: stderr %q, stdout %q, want one line and no bar", c.args, r.stderr, r.stdout)
		}
	}
}

// Numbers beyond f16 are listed and refused; what was at the target stays.
func TestConvertRange(t *testing.T) {
	model := tiny(t)
	data := read(t, model)
	f, err := llama2c.Parse(model, data)
	if err != nil {
		t.Fatal(err)
	}
	for i, x := range []float32{65520, -7e4, 65519} { // of which f16 holds the last
		at := f.Tensors[0].Offset + int64(4*i)
		for b := range 4 {
			data[at+int64(b)] = byte(math.Float32bits(x) >> (8 * b))
		}
	}
	write(t, model, data)
	out := filepath.Join(t.TempDir(), "out.bin")
	write(t, out, []byte("before"))
	r := execute("", "convert", model, out, "--type", "f16")
	for _, text := range []string{"tok_embeddings.weight", "2", "70000", "--saturate"} {
		if r.code != 1 || !strings.Contains(r.stderr, text) {
			t.Errorf("exit code %d, stderr %q, want 1 and %q", r.code, r.stderr, text)
		}
	}
	if string(read(t, out)) != "before" {
		t.Error("a refused conversion changed its target")
	}
	r = succeed(t, "", "convert", model, out, "--type", "f16", "--saturate")
	if !strings.Contains(r.stderr, "70000") {
		t.Errorf("--saturate: the numbers are not listed: %q", r.stderr)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(out), "*.tmp")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %q, %v", left, err)
	}
}

func TestInspect(t *testing.T) {
	model := tiny(t)
	var i inspection
	if err := json.Unmarshal([]byte(succeed(t, "", "inspect", model, "--json").stdout), &i); err != nil {
		t.Fatal(err)
	}
	size := int64(len(read(t, model)))
	if i.Dim != 32 || i.HiddenDim != 48 || i.NKVHeads != 2 || i.HeadDim != 8 || i.Type != "f32" || i.FileBytes != size {
		t.Errorf("inspection %+v", i)
	}
	var parameters, end int64
	for _, m := range i.Tensors {
		parameters += int64(m.Rows) * int64(m.Cols)
		end = max(end, m.Offset+m.Bytes)
	}
	const freqs = 2 * 64 * 4 * 4 // the two tables that version 0 ends with
	if i.Parameters != parameters || end+freqs != size {
		t.Errorf("%d parameters, tensors end at byte %d; want %d, %d", i.Parameters, end, parameters, size-freqs)
	}
	text := succeed(t, "", "inspect", model).stdout
	for _, want := range []string{
		"llama2.c version 0, f32", "4 of 8, 2 for keys", "layers.1.feed_forward.w2.weight", "[32][48]",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("cria inspect does not say %q: %s", want, text)
		}
	}
}

func TestFlowchart(t *testing.T) {
	own := succeed(t, "", "inspect", "--mermaid", "--shape", "1.1B", "--type", "q8").stdout
	for _, want := range []string{
		"WK [256][2048] q8/64", "k [T][256]", "Output [32000][2048] q8/64", "22 layers", "AttnNorm [2048] f32",
	} {
		if !strings.Contains(own, want) {
			t.Errorf("the flowchart has no %q: %s", want, own)
		}
	}
	shared := succeed(t, "", "inspect", "--mermaid", tiny(t)).stdout
	if strings.Contains(shared, "Output [") || !strings.Contains(shared, "shared") {
		t.Errorf("the flowchart of a shared classifier: %s", shared)
	}
	// Every node that an edge names is drawn, or mermaid would invent it.
	for line := range strings.Lines(own) {
		fields := strings.Fields(line)
		to := fields[len(fields)-1]
		isEdge := strings.Contains(line, "-->") || strings.Contains(line, "-.->")
		isDrawn := strings.ContainsAny(to, `"])`) || strings.Contains(own, " "+to+"[") || strings.Contains(own, " "+to+"(")
		if isEdge && !isDrawn {
			t.Errorf("line %q: node %q is nowhere", line, to)
		}
	}
}

func TestTokenize(t *testing.T) {
	model := tiny(t)
	tok := filepath.Join(filepath.Dir(model), "tokenizer.bin")
	want := "1\t<s>\n3\t\" \"\n99\t\"th\"\n72\t\"e\"\n"
	for _, args := range [][]string{{model, "the"}, {tok, "the"}, {model, "the", "-z", tok}, {model}} {
		if got := succeed(t, "the", append([]string{"tokenize"}, args...)...).stdout; got != want {
			t.Errorf("cria tokenize %q: %q, want %q", args, got, want)
		}
	}
	ended := strings.TrimPrefix(want, "1\t<s>\n") + "2\t</s>\n"
	if got := succeed(t, "", "tokenize", tok, "the", "--no-bos", "--eos").stdout; got != ended {
		t.Errorf("--no-bos --eos: %q", got)
	}
	for _, args := range [][]string{{"1", "3", "99", "72"}, {"1,3,99,72"}, {"1 3 99 72"}, {}} {
		r := succeed(t, "1 3\n99 72\n", append([]string{"tokenize", tok, "--decode"}, args...)...)
		if r.stdout != "the\n" {
			t.Errorf("--decode %q: %q", args, r.stdout)
		}
	}
	var all tokenization
	if err := json.Unmarshal([]byte(succeed(t, "", "tokenize", tok, "the", "--json").stdout), &all); err != nil {
		t.Fatal(err)
	}
	if all.Text != "the" || len(all.Tokens) != 4 || all.Tokens[2] != (pieceLine{99, "th"}) {
		t.Errorf("--json: %+v", all)
	}
}

func TestVersion(t *testing.T) {
	r := succeed(t, "", "version")
	for _, want := range []string{"cria ", "go1", "/", "kernels "} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("cria version: %q has no %q", r.stdout, want)
		}
	}
	var v map[string]string
	if err := json.Unmarshal([]byte(succeed(t, "", "version", "--json").stdout), &v); err != nil || v["kernels"] == "" {
		t.Errorf("cria version --json: %v, %v", v, err)
	}
}

// Each script names every verb and flag, and its shell can read it, if it is here.
func TestCompletion(t *testing.T) {
	a := newApp(nil, &bytes.Buffer{}, &bytes.Buffer{})
	k, err := a.parser(t.Context(), &cli{})
	if err != nil {
		t.Fatal(err)
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		script := succeed(t, "", "completion", shell).stdout
		for _, verb := range k.Model.Children {
			if !strings.Contains(script, verb.Name) {
				t.Errorf("%s: no %s", shell, verb.Name)
			}
			for _, flag := range verb.Flags {
				if !strings.Contains(script, "--"+flag.Name) && !strings.Contains(script, "-l "+flag.Name) {
					t.Errorf("%s: no --%s of %s", shell, flag.Name, verb.Name)
				}
			}
		}
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("%s is not here to read its script", shell)
			continue
		}
		check := exec.Command(path, "-n")
		check.Stdin = strings.NewReader(script)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("%s: %v: %s", shell, err, out)
		}
	}
}

// What bash offers, if it is here.
func TestCompletionBash(t *testing.T) {
	path, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	script := filepath.Join(t.TempDir(), "cria.bash")
	write(t, script, []byte(succeed(t, "", "completion", "bash").stdout))
	out, err := exec.Command(path, "-c", `. "$0"
COMP_WORDS=(cria ins) COMP_CWORD=1; _cria; echo "${COMPREPLY[@]}"
COMP_WORDS=(cria inspect --mer) COMP_CWORD=2; _cria; echo "${COMPREPLY[@]}"
COMP_WORDS=(cria inspect mod) COMP_CWORD=2; _cria; echo "${COMPREPLY[@]}"
COMP_WORDS=(cria tokenizer t) COMP_CWORD=2; _cria; echo "${COMPREPLY[@]}"
COMP_WORDS=(cria tokenizer train --v) COMP_CWORD=3; _cria; echo "${COMPREPLY[@]}"`, script).Output()
	if err != nil || string(out) != "inspect\n--mermaid\n\ntrain\n--vocab\n" {
		t.Errorf("bash offers %q, %v", out, err)
	}
}

func TestAvailableMemory(t *testing.T) {
	n, what, err := availableMemory()
	if err != nil {
		t.Skip(err) // the system does not tell
	}
	if n < 1<<20 || what == "" {
		t.Errorf("%d bytes are %s", n, what)
	}
}

// No bar where nobody would see it.
func TestBar(t *testing.T) {
	var stderr bytes.Buffer
	a := newApp(nil, nil, &stderr)
	progress, finish := a.bar(10, "testing")
	finish()
	if progress != nil || stderr.Len() > 0 {
		t.Errorf("a bar for a buffer: %q", stderr.String())
	}
	if isTerminal(os.NewFile(^uintptr(0), "none")) {
		t.Error("a closed file is a terminal")
	}
}
