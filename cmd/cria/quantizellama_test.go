package main

import (
	"crypto/sha256"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
)

var llamaDir = flag.String("llama", "", "folder of models quantized by llama.cpp; see quantizellama_test.go")

// A llamaFile is what is known of a file that llama.cpp made.
type llamaFile struct {
	model, mix string
	isGuided   bool    // by the importance matrix of llamaModels
	sum        string  // the beginning of the SHA-256 of its tensors; "" if cria searches for scales of its own
	kl         float64 // its mean KL divergence from the model, as llamaKL measures it; 0 if sum says all
}

// llamaFiles are of llama.cpp as of 2026-08-20. They come from
//
//	go test ./cmd/cria -run TestQuantizeLlamaCpp -llama DIR    # writes DIR/narrow.gguf, wide.gguf and wide.dat
//	llama-quantize --imatrix DIR/wide.dat DIR/wide.gguf DIR/wide.Q4_K_S.guided.gguf Q4_K_S    # without: wide.Q4_K_S.gguf
//	llama-quantize --pure --tensor-type '.*=mxfp4' DIR/narrow.gguf DIR/narrow.MXFP4.gguf MXFP4_MOE
//	go test ./cmd/cria -run TestQuantizeLlamaCpp -llama DIR -v    # logs this table
var llamaFiles = []llamaFile{
	{"narrow", "Q4_0", false, "e75e5165eaef225b", 0},
	{"narrow", "Q4_1", false, "0b3af8691c7e7ee8", 0},
	{"narrow", "Q5_0", false, "066fdbdc1630b580", 0},
	{"narrow", "Q5_1", false, "a7528b343858b1f0", 0},
	{"narrow", "Q8_0", false, "d233a732a29a6672", 0},
	{"narrow", "MXFP4", false, "5a25c6585e4479ff", 0},
	{"narrow", "IQ4_NL", false, "", 0.04412898},
	{"wide", "Q2_K", false, "", 0.42799554},
	{"wide", "Q3_K_M", false, "", 0.08694062},
	{"wide", "IQ4_XS", false, "", 0.04540004},
	{"wide", "Q4_K_S", false, "", 0.03394336},
	{"wide", "Q5_K_S", false, "", 0.01143457},
	{"wide", "Q6_K", false, "", 0.00483245},
	{"wide", "Q2_K", true, "", 0.34667716},
	{"wide", "Q5_1", true, "", 0.00917992},
	{"wide", "Q6_K", true, "", 0.00487769},
}

// name returns the name of the file.
func (l *llamaFile) name() string {
	if l.isGuided {
		return l.model + "." + l.mix + ".guided.gguf"
	}
	return l.model + "." + l.mix + ".gguf"
}

// llamaModels writes TinyStories-656K to dir as a GGUF file, and the same with rows that blocks of 256
// fill.
func llamaModels(t *testing.T, dir string) {
	t.Helper()
	narrow, wide := filepath.Join(dir, "narrow.gguf"), filepath.Join(dir, "wide.gguf")
	succeed(t, "", "quantize", fixture.Path(t, "models", "tinystories-656k"), narrow, "--type", "F32")
	write(t, wide, fixture.Widen(t, parsed(t, narrow), 2))
}

// llamaImportance writes to dir what columns of its wide model matter.
func llamaImportance(t *testing.T, dir string) {
	t.Helper()
	wide, text := filepath.Join(dir, "wide.gguf"), fixture.Path(t, "text", "tinystories-197k.txt")
	succeed(t, "", "imatrix", wide, "-f", text, "-c", "256", "--chunks", "40", "-o", filepath.Join(dir, "wide.dat"))
}

func parsed(t *testing.T, path string) *gguf.File {
	t.Helper()
	f, err := gguf.Parse(path, read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// llamaKL returns the mean KL divergence from base on 16 chunks of 256 tokens.
func llamaKL(t *testing.T, path, base string) float64 {
	t.Helper()
	text := fixture.Path(t, "text", "tinystories-944k.txt")
	r := succeed(t, "", "perplexity", path, "-f", text, "-c", "256", "--chunks", "16", "--kl-base", base, "--json")
	var l perplexityLine
	if err := json.Unmarshal([]byte(r.stdout), &l); err != nil {
		t.Fatal(err)
	}
	return l.Base.KL
}

// tensorsSum returns the beginning of the SHA-256 of the names, types and bytes of all blocks, by name.
func tensorsSum(t *testing.T, path string) string {
	t.Helper()
	h := sha256.New()
	f := parsed(t, path)
	slices.SortFunc(f.Tensors, func(a, b gguf.Tensor) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	for _, x := range f.Tensors {
		if x.Type.String() != "f32" {
			fmt.Fprintln(h, x.Name, x.Type)
			h.Write(x.Data)
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}

// TestQuantizeLlamaCpp wants the tensors of llama.cpp where it has encoders that need no search, and no
// greater distance from the model where cria searches for scales itself. The short run has both kinds,
// of the narrow model.
func TestQuantizeLlamaCpp(t *testing.T) {
	dir := t.TempDir()
	llamaModels(t, dir)
	if !testing.Short() {
		llamaImportance(t, dir)
	}
	if *llamaDir != "" {
		llamaModels(t, *llamaDir)
		llamaImportance(t, *llamaDir)
	}
	for _, want := range llamaFiles {
		if testing.Short() && want.model != "narrow" {
			continue
		}
		base := filepath.Join(dir, want.model+".gguf")
		args := []string{"--type", want.mix}
		if want.isGuided {
			args = append(args, "--imatrix", filepath.Join(dir, "wide.dat"))
		}
		if want.mix == "MXFP4" {
			args = append(args, "--pure")
		}
		out, _ := quantized(t, base, args...)
		if *llamaDir != "" {
			if path := filepath.Join(*llamaDir, want.name()); exists(path) {
				t.Logf("%s: sum %s, kl %.8f", want.name(), tensorsSum(t, path), llamaKL(t, path, base))
			} else {
				t.Errorf("there is no %s", path)
			}
		}
		if want.sum != "" {
			if got := tensorsSum(t, out); got != want.sum {
				t.Errorf("%s: the tensors have checksum %s, those of llama.cpp %s", want.name(), got, want.sum)
			}
			continue
		}
		got := llamaKL(t, out, base)
		t.Logf("%s: KL divergence %.8f, that of llama.cpp's file %.8f", want.name(), got, want.kl)
		if !(got > 0 && got <= want.kl) {
			t.Errorf("%s: KL divergence %.8f, that of llama.cpp's file is %.8f", want.name(), got, want.kl)
		}
	}
}

// TestQuantizeLlamaText wants files to tell what llama.cpp tells of them: the text of its greedy
// sampling, 100 tokens after "Once upon a time", keys and values in f32. It rounds vectors to int8 in
// another way than cria, so where two tokens are nearly as likely texts may part; these do not.
func TestQuantizeLlamaText(t *testing.T) {
	dir := t.TempDir()
	llamaModels(t, dir)
	for _, c := range []struct{ model, mix, sum string }{
		{filepath.Join(dir, "wide.gguf"), "Q2_K", "28c71d51a711089c"},
		{filepath.Join(dir, "wide.gguf"), "IQ4_XS", "8242755e6cb1d12d"},
		{filepath.Join(dir, "wide.gguf"), "Q6_K", "00e87ef36bf5856c"},
		{fixture.Path(t, "models", "stories260K.gguf"), "Q4_0", "1ffefadadc49f1ce"},
		{fixture.Path(t, "models", "stories260K.gguf"), "Q8_0", "a1ff375102339105"},
	} {
		out, _ := quantized(t, c.model, "--type", c.mix)
		text := succeed(t, "", "run", out, "--temp", "0", "-n", "100", "-p", "Once upon a time").stdout
		if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(text)))[:16]; sum != c.sum {
			t.Errorf("%s: the text has checksum %s, llama.cpp's %s: %q", c.mix, sum, c.sum, text)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
