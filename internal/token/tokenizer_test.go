package token_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/token"
)

// open returns the tokenizer in a file of the test data.
func open(t testing.TB, elem ...string) *token.Tokenizer {
	t.Helper()
	name := fixture.Path(t, elem...)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	tok, err := token.Parse(name, data, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The files of one vocabulary, of whatever kind, give the ids of the original programs.
func TestParseVectors(t *testing.T) {
	for _, c := range []struct{ file, vectors string }{
		{"llama2-tokenizer.model", "llama-spm"},
		{"llama2-tokenizer.bin", "llama-spm"},
		{"llama2-tokenizer.json", "llama-spm"},
		{"phi3-mini-tokenizer.json", "llama-spm"}, // Llama 2's pieces, and more control tokens
		{"llama3-tokenizer.model", "llama-bpe"},
	} {
		t.Run(c.file, func(t *testing.T) {
			tok := open(t, "tokenizers", c.file)
			if tok.Size() < 32000 {
				t.Fatalf("%d tokens", tok.Size())
			}
			texts, want := vectors(t, "ggml-vocab-"+c.vectors+".gguf")
			for i, text := range texts {
				ids := tok.Encode(nil, text, tok.AddBOS(), false)
				if !tok.AddBOS() {
					ids = slices.Insert(ids, 0, 1)
				}
				if got := join(ids[1:]); got != want[i] {
					t.Errorf("%q:\n got %s\nwant %s", text, got, want[i])
				}
				if got := string(tok.AppendDecode(nil, ids)); got != text {
					t.Errorf("%q came back as %q", text, got)
				}
			}
		})
	}
}

func join(ids []token.ID) string {
	var b strings.Builder
	for i, id := range ids {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprint(&b, id)
	}
	return b.String()
}

// The ids that the original programs give for every line of a text.
func TestParseText(t *testing.T) {
	text, err := os.ReadFile(fixture.Path(t, "text", "wiki.test.raw"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ dir, file, want string }{
		{"tokenizers", "llama2-tokenizer.model", "f56cf6c0465c8287"},
		{"tokenizers", "mistral-v1.model", "d594b1ae16a43b9b"},
		{"tokenizers", "mistral-v3.model", "bd2c58abc98b7b61"},
		{"models", "tok512.model", "ba407b12dfc4913b"},
		{"models", "babyllama-tok105.model", "cc5d8844fdfd70b3"},
		{"tokenizers", "phi3-mini-tokenizer.json", "f56cf6c0465c8287"},
		{"models", "tinystories-656k/tokenizer.json", "c277a8443889721f"},
	} {
		t.Run(c.file, func(t *testing.T) {
			tok := open(t, c.dir, c.file)
			hash := sha256.New()
			for line := range strings.SplitSeq(string(text), "\n") {
				fmt.Fprintln(hash, join(tok.Encode(nil, line, false, false)))
			}
			if got := fmt.Sprintf("%x", hash.Sum(nil)[:8]); got != c.want {
				t.Errorf("the ids have the hash %s, want %s", got, c.want)
			}
		})
	}
}
