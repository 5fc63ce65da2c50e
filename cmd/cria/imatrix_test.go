package main

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cria/internal/fixture"
	"cria/internal/imatrix"
)

// readImportance reads what cria imatrix wrote.
func readImportance(t *testing.T, path string) *imatrix.File {
	t.Helper()
	f, err := imatrix.Parse(path, read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestImatrix writes both forms, and quantizes with one.
func TestImatrix(t *testing.T) {
	in, text := fixture.Path(t, "models", "stories260K.gguf"), fixture.Path(t, "text", "tinystories-197k.txt")
	dir := t.TempDir()
	gguf, dat := filepath.Join(dir, "im.gguf"), filepath.Join(dir, "im.dat")
	for _, out := range []string{gguf, dat} {
		r := succeed(t, "", "imatrix", in, "-f", text, "-o", out, "-c", "64", "--chunks", "3")
		if want := "cria: " + out + ": 35 matrices, 3 chunks of 64 tokens\n"; r.stderr != want || r.stdout != "" {
			t.Errorf("%q, %q, want %q", r.stdout, r.stderr, want)
		}
	}
	x, y := readImportance(t, gguf), readImportance(t, dat)
	if x.Chunks != 3 || y.Chunks != 3 || x.ChunkSize != 64 || x.Datasets[0] != "tinystories-197k.txt" {
		t.Errorf("%d and %d chunks of %d, %q", x.Chunks, y.Chunks, x.ChunkSize, x.Datasets)
	}
	for i, e := range x.Entries {
		if y.Entries[i].Name != e.Name || e.Counts[0] != 3*64 {
			t.Fatalf("entry %d is %s of %v vectors, and %s", i, e.Name, e.Counts, y.Entries[i].Name)
		}
	}
	if _, r := quantized(t, in, "--type", "Q4_1", "--imatrix", gguf); r.code != 0 {
		t.Errorf("%+v", r)
	}
	// The built-in model, without its file's name.
	out := filepath.Join(dir, "own.gguf")
	succeed(t, "", "imatrix", "-f", knownText, "-o", out, "-c", "64", "--process-output")
	one := readImportance(t, out)
	succeed(t, "", "imatrix", "-f", knownText, "-o", out, "-c", "64", "--process-output", "-t", "1", "--batch-size", "7")
	if diff := cmp.Diff(one, readImportance(t, out)); diff != "" {
		t.Errorf("in other batches: %s", diff)
	}
	for want, args := range map[string][]string{
		"the text is too short": {"-c", "512", "--chunks", "1"},
		"--ctx-size: 100000":    {"-c", "100000"},
		"--chunks: -1":          {"--chunks", "-1"},
		"--batch-size: 0":       {"--batch-size", "0"},
		"--threads: -1":         {"-t", "-1"},
		"--ctx-size: -3":        {"-c", "-3"},
		"no-such-folder":        {"-c", "64", "-o", filepath.Join(dir, "no-such-folder", "x")},
		"no-such-file":          {"-c", "64", "-f", "no-such-file"},
		"no-such-tokenizer":     {"-c", "64", "-z", "no-such-tokenizer"},
	} {
		code := 1
		if want[0] == '-' {
			code = 2
		}
		fail(t, code, append([]string{"imatrix", "-f", knownText, "-o", filepath.Join(dir, "none")}, args...), want)
	}
}
