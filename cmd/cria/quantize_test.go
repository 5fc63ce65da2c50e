package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/imatrix"
)

// quantized returns a new file of the model at in.
func quantized(t *testing.T, in string, args ...string) (string, result) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out.gguf")
	return out, succeed(t, "", append([]string{"quantize", in, out}, args...)...)
}

func TestQuantize(t *testing.T) {
	in := fixture.Path(t, "models", "stories260K.gguf")
	story := func(path string) string {
		return succeed(t, "", "run", path, "--temp", "0", "-n", "60", "Once upon a time").stdout
	}
	want := story(in)
	for _, c := range []struct {
		args   []string
		types  string // of the embedding, the classifier, blk.2.attn_v and blk.0.ffn_down
		notes  string // a pattern
		isSame bool   // it tells the same story
	}{
		{[]string{"--type", "F16"}, "f16 f16 f16 f16", `^$`, true},
		{[]string{"--type", "f32"}, "f32 f32 f32 f32", `^$`, true},
		{[]string{"--type", "Q8_0"}, "q8_0 q8_0 q8_0 f16",
			`^cria: blk.0.ffn_down.weight and 4 more: rows of 172 do not fill blocks of 32: f16 in place of q8_0\n$`, true},
		{[]string{"--type", "Q4_K_M", "-t", "3"}, "q5_0 q8_0 q8_0 f16", `q5_0 in place of q4_k\n(.*\n){3}$`, false},
		{[]string{"--type", "Q4_0", "--pure"}, "q4_0 q4_0 q4_0 f16", `f16 in place of q4_0\n$`, false},
		{[]string{"--type", "q8_0", "--tensor-type", `ffn_(down|up)=bf16`, "--tensor-type", `attn_v\.weight$=Q5_1`},
			"q8_0 q8_0 q5_1 bf16", `^$`, false},
		{[]string{"--type", "Q8_0", "--output-tensor-type", "f16", "--token-embedding-type", "q5_0"},
			"q5_0 f16 q8_0 f16", `f16 in place of q8_0\n$`, false},
	} {
		out, r := quantized(t, in, c.args...)
		notes, last := r.stderr, ""
		if i := strings.LastIndex(strings.TrimSuffix(notes, "\n"), "\n"); i >= 0 {
			notes, last = notes[:i+1], notes[i+1:]
		} else {
			notes, last = "", notes
		}
		if !regexp.MustCompile(c.notes).MatchString(notes) {
			t.Errorf("%q: notes %q, want %s", c.args, notes, c.notes)
		}
		if !strings.Contains(last, out) || !strings.Contains(last, "bits per weight") || r.stdout != "" {
			t.Errorf("%q: the last line is %q, stdout %q", c.args, last, r.stdout)
		}
		f, err := gguf.Parse(out, read(t, out))
		if err != nil {
			t.Fatal(err)
		}
		var types []string
		for _, name := range []string{"token_embd", "output", "blk.2.attn_v", "blk.0.ffn_down"} {
			types = append(types, f.Tensor(name+".weight").Type.String())
		}
		if got := strings.Join(types, " "); got != c.types {
			t.Errorf("%q: types %s, want %s", c.args, got, c.types)
		}
		got := story(out)
		if c.isSame && got != want {
			t.Errorf("%q: the story is %q, want %q", c.args, got, want)
		}
		if begin := "Once upon a time, there was a little "; !strings.HasPrefix(got, begin) {
			t.Errorf("%q: the story is %q, want it to begin with %q", c.args, got, begin)
		}
	}
}

func TestQuantizeErrors(t *testing.T) {
	in := fixture.Path(t, "models", "stories260K.gguf")
	absent := filepath.Join(t.TempDir(), "absent.gguf")
	small, _ := quantized(t, in, "--type", "q4_0")
	for _, c := range []struct {
		code  int
		args  []string
		texts []string
	}{
		{2, []string{in, absent}, []string{"--type"}},
		{2, []string{in, absent, "--type", "Q4_K_XL"}, []string{"Q4_K_XL", "Q4_K_M"}},
		{2, []string{small, small, "--type", "f16"}, []string{"same file"}},
		{2, []string{in, absent, "--type", "f16", "-t", "-1"}, []string{"--threads", "-1"}},
		{2, []string{in, absent, "--type", "f16", "--tensor-type", "ffn"}, []string{"REGEX=TYPE", `"ffn"`}},
		{2, []string{in, absent, "--type", "f16", "--tensor-type", "(=q8_0"}, []string{"--tensor-type", "missing"}},
		{2, []string{in, absent, "--type", "f16", "--tensor-type", "ffn=q9"}, []string{"--tensor-type", "q9"}},
		{2, []string{in, absent, "--type", "f16", "--output-tensor-type", "q8"}, []string{"--output-tensor-type", "q8"}},
		{1, []string{absent, absent, "--type", "f16"}, []string{absent}},
		{2, []string{in, absent, "--type", "f16", "-z", in}, []string{"--tokenizer", "its own"}},
		{1, []string{tiny(t), absent, "--type", "f16", "-z", absent}, []string{absent}},
		{1, []string{in, filepath.Join(absent, "x"), "--type", "f16"}, []string{absent}},
		{1, []string{small, absent, "--type", "f16"}, []string{"q4_0", "--allow-requantize"}},
	} {
		fail(t, c.code, append([]string{"quantize"}, c.args...), c.texts...)
	}
	quantized(t, small, "--type", "f16", "--allow-requantize")
}

func TestQuantizeDryRun(t *testing.T) {
	in := fixture.Path(t, "models", "stories260K.gguf")
	absent := filepath.Join(t.TempDir(), "absent.gguf")
	r := succeed(t, "", "quantize", in, absent, "--type", "Q8_0", "--dry-run")
	for _, pattern := range []string{
		`(?m)^blk\.0\.ffn_down\.weight +\[172 64\] +f32 +f16$`, `(?m)^output_norm\.weight +\[64\] +f32 +f32$`,
		`(?m)^all +1\.17 MB, 32\.0 bits per weight +365 kB, 9\.97 bits per weight$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(r.stdout) {
			t.Errorf("the list has no %s: %s", pattern, r.stdout)
		}
	}
	fail(t, 1, []string{"quantize", absent, absent, "--type", "Q8_0"}, absent) // nothing was written
}

// TestQuantizeImportance wants an importance matrix to change what it knows, and
// to be refused if it is another model's.
func TestQuantizeImportance(t *testing.T) {
	in := fixture.Path(t, "models", "stories260K.gguf")
	im := func(cols int) string {
		e := imatrix.Entry{Name: "blk.1.attn_q.weight", Counts: []float32{3}}
		for i := range cols {
			e.Sums = append(e.Sums, float32(1+i*i))
		}
		var b bytes.Buffer
		f := imatrix.File{Entries: []imatrix.Entry{e}, Chunks: 7, Datasets: []string{"a.txt"}}
		if err := f.WriteDat(&b); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "im.dat")
		write(t, path, b.Bytes())
		return path
	}
	plain, _ := quantized(t, in, "--type", "Q4_0")
	guided, r := quantized(t, in, "--type", "Q4_0", "--imatrix", im(64))
	want := "--imatrix has nothing on 31 matrices: token_embd.weight, output.weight, "
	if !strings.Contains(r.stderr, want) {
		t.Errorf("stderr %q, want %q in it", r.stderr, want)
	}
	x, err := gguf.Parse(plain, read(t, plain))
	if err != nil {
		t.Fatal(err)
	}
	y, err := gguf.Parse(guided, read(t, guided))
	if err != nil {
		t.Fatal(err)
	}
	for i := range x.Tensors {
		name := x.Tensors[i].Name
		isSame := bytes.Equal(x.Tensors[i].Data, y.Tensors[i].Data)
		if isKnown := name == "blk.1.attn_q.weight"; isSame == isKnown {
			t.Errorf("%s: the bytes are the same: %v", name, isSame)
		}
	}
	if y.Value("quantize.imatrix.chunks_count") != uint32(7) || y.Value("quantize.imatrix.dataset") != "a.txt" {
		t.Errorf("metadata %v", y.KV[len(y.KV)-4:])
	}
	out := filepath.Join(t.TempDir(), "out.gguf")
	r = execute("", "quantize", in, out, "--type", "Q4_0", "--imatrix", im(65))
	if want := "blk.1.attn_q.weight: there is importance for 65 columns, want 64"; r.code != 1 ||
		!strings.Contains(strings.ReplaceAll(r.stderr, `"`, ""), want) {
		t.Errorf("exit code %d, stderr %q", r.code, r.stderr)
	}
	fail(t, 1, []string{"quantize", in, out, "--type", "Q4_0", "--imatrix", in}, "stories260K.gguf", "imatrix")
}

// TestQuantizeFormats wants the same story of a model in any format, and of the GGUF file that comes of it.
func TestQuantizeFormats(t *testing.T) {
	v0, tok := fixture.Path(t, "models", "stories260K.v0.bin"), fixture.Path(t, "models", "tok512.bin")
	hf := fixture.Path(t, "models", "tinystories-656k")
	tell := func(args ...string) string {
		return succeed(t, "", append([]string{"run", "-p", "Once upon a time", "--temp", "0", "-n", "60"}, args...)...).stdout
	}
	out, r := quantized(t, v0, "--type", "F32", "-z", tok)
	if a, b := tell(v0, "-z", tok), tell(out); a != b {
		t.Errorf("%q, and after %q: %q", a, r.stderr, b)
	}
	out, _ = quantized(t, hf, "--type", "F32")
	if a, b := tell(hf), tell(out); a != b {
		t.Errorf("%q, and as a GGUF file %q", a, b)
	}
	out, _ = quantized(t, hf, "--type", "Q8_0")
	if b := tell(out); !strings.HasPrefix(b, "Once upon a time, a little girl named Lily") {
		t.Errorf("%q", b)
	}
	// The model inside the binary is int8 in groups.
	own := storyteller(t)
	out, _ = quantized(t, own, "--type", "F32")
	if b := tell(out); len(b) < 100 {
		t.Errorf("%q", b)
	}
	x := filepath.Join(t.TempDir(), "x")
	fail(t, 1, []string{"quantize", own, x, "--type", "F16"}, "q8 already", "--allow-requantize")
	// Without a tokenizer there is none in the file.
	lone := filepath.Join(t.TempDir(), "lone.bin")
	write(t, lone, read(t, tiny(t)))
	_, r = quantized(t, lone, "--type", "F16")
	if !strings.Contains(r.stderr, "lone.bin has no tokenizer, and so will ") {
		t.Errorf("stderr %q", r.stderr)
	}
}

// TestQuantizeSynthetic: random weights of a published shape become a file like any other's.
func TestQuantizeSynthetic(t *testing.T) {
	out, r := quantized(t, "synthetic:260K", "--type", "Q8_0")
	if !strings.Contains(r.stderr, "bits per weight") {
		t.Errorf("notes %q", r.stderr)
	}
	f, err := gguf.Parse(out, read(t, out))
	if err != nil {
		t.Fatal(err)
	}
	if typ := f.Tensor("blk.0.attn_q.weight").Type.String(); typ != "q8_0" {
		t.Errorf("attn_q is %s", typ)
	}
	fail(t, 1, []string{"quantize", "synthetic:3B", out, "--type", "Q8_0"}, "no shape", "110M")
}
