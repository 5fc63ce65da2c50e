package token_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

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

// The ids that the original programs give for every line of a text; start is the hash of its first lines.
func TestParseText(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "text", "wiki.test.raw"))
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	if testing.Short() {
		text = text[:strings.LastIndexByte(text[:100_000], '\n')]
	}
	for _, c := range []struct{ dir, file, want, start string }{
		{"tokenizers", "llama2-tokenizer.model", "f56cf6c0465c8287", "b0c02e16f732b01d"},
		{"tokenizers", "mistral-v1.model", "d594b1ae16a43b9b", "0ad5a231c88c10ed"},
		{"tokenizers", "mistral-v3.model", "bd2c58abc98b7b61", "c64aadb0465fec3e"},
		{"models", "tok512.model", "ba407b12dfc4913b", "111a934b601cf01a"},
		{"models", "babyllama-tok105.model", "cc5d8844fdfd70b3", "fb49547b3533168a"},
		{"tokenizers", "phi3-mini-tokenizer.json", "f56cf6c0465c8287", "b0c02e16f732b01d"},
		{"models", "tinystories-656k/tokenizer.json", "c277a8443889721f", "a8db59e31b9efc58"},
	} {
		t.Run(c.file, func(t *testing.T) {
			tok := open(t, c.dir, c.file)
			hash, want := sha256.New(), c.want
			if testing.Short() {
				want = c.start
			}
			for line := range strings.SplitSeq(text, "\n") {
				fmt.Fprintln(hash, join(tok.Encode(nil, line, false, false)))
			}
			if got := fmt.Sprintf("%x", hash.Sum(nil)[:8]); got != want {
				t.Errorf("the ids have the hash %s, want %s", got, want)
			}
		})
	}
}

// With a vocabulary that has the bytes, any text comes back from its tokens; and no text becomes a control token.
func TestAnyText(t *testing.T) {
	for _, c := range []struct{ dir, file string }{
		{"tokenizers", "llama2-tokenizer.model"},
		{"tokenizers", "llama2-tokenizer.bin"},
		{"tokenizers", "llama2-tokenizer.json"},
		{"tokenizers", "llama3-tokenizer.model"},
		{"tokenizers", "phi3-mini-tokenizer.json"},
		{"tokenizers", "mistral-v1.model"},
		{"tokenizers", "mistral-v3.model"},
		{"models", "stories260K.gguf"},
		{"vectors", "ggml-vocab-gpt-2.gguf"},
		{"vectors", "ggml-vocab-llama-spm.gguf"},
	} {
		t.Run(c.file, func(t *testing.T) {
			var tok *token.Tokenizer
			if strings.HasSuffix(c.file, ".gguf") {
				tok = fromGGUF(t, metadata(t, c.dir, c.file))
			} else {
				tok = open(t, c.dir, c.file)
			}
			words := []string{
				"a", " ", "  ", "\n", "é", "日", "🦙", "\x00", "\xff", "\xf0\x9f", "\xed\xa0\x80", "<", "|>", "<0x41>", "\u2581",
			}
			for id := range token.ID(tok.Size()) {
				if tok.IsControl(id) {
					words = append(words, tok.Piece(id))
				}
			}
			check := func(t rapid.TB, text string) {
				ids := tok.Encode(nil, text, true, false) // llama2.c takes a space away after BOS only
				if bos, ok := tok.BOS(); ok && ids[0] != bos {
					t.Errorf("%q becomes %v, without BOS", text, ids)
				}
				if i := slices.IndexFunc(ids[min(1, len(ids)):], tok.IsControl); i >= 0 {
					t.Errorf("%q becomes %v with the control token %s", text, ids, tok.Piece(ids[i+1]))
				}
				text = strings.ReplaceAll(text, "\u2581", " ") // what SentencePiece takes for a space
				if got := string(tok.AppendDecode(nil, ids)); strings.ReplaceAll(got, "\u2581", " ") != text {
					t.Errorf("%q came back as %q", text, got)
				}
			}
			for b := range 256 {
				check(t, string([]byte{'a', byte(b)}))
			}
			list := rapid.SliceOfN(rapid.SampledFrom(words), 0, 12)
			rapid.Check(t, func(t *rapid.T) { check(t, strings.Join(list.Draw(t, "words"), "")) })
		})
	}
}
