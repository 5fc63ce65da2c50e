package token_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/token"
)

// TestToGGUF writes tokenizers of all kinds as GGUF files say them, and wants the same tokens of them.
func TestToGGUF(t *testing.T) {
	texts := []string{
		"", "a", "Once upon a time, there was a little girl.\n\nHer name's Zoë; she was 12345 days old!  ",
		"  two spaces\tand a tab\r\n", "你好 мир 🦙 é e\u0301 \xff\xfe 0x1F",
		"<s>[INST] not a mark </s>", "'S 'll 3.14159 ~~~ //\n",
	}
	for _, c := range []struct {
		file        []string
		vocab       int
		model, pre  string
		nMerges     int
		isDifferent bool // from the original where pieces come from parts in more than one way
	}{
		{[]string{"models", "tok512.bin"}, 512, "llama", "default", 0, false},
		{[]string{"tokenizers", "mistral-v1.model"}, 32000, "llama", "default", 0, false},
		{[]string{"tokenizers", "llama2-tokenizer.bin"}, 32000, "llama", "default", 0, false},
		{[]string{"tokenizers", "llama2-tokenizer.json"}, 32000, "llama", "default", 0, false},
		{[]string{"tokenizers", "mistral-v3.model"}, 32768, "llama", "default", 0, false},
		{[]string{"tokenizers", "phi3-mini-tokenizer.json"}, 32064, "llama", "default", 0, false},
		{[]string{"tokenizers", "llama3-tokenizer.model"}, 128256, "gpt2", "llama-bpe", 280147, false},
		{[]string{"models", "tinystories-656k", "tokenizer.json"}, 2048, "llama", "default", 0, true},
	} {
		path := fixture.Path(t, c.file...)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		config, err := os.ReadFile(filepath.Join(filepath.Dir(path), "tokenizer_config.json"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		tok, err := token.Parse(path, data, config, c.vocab)
		if err != nil {
			t.Fatal(err)
		}
		g, err := tok.ToGGUF(c.vocab)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		again, err := token.FromGGUF(g)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if g.Model != c.model || g.Pre != c.pre || len(g.Merges) != c.nMerges || len(g.Tokens) != c.vocab {
			t.Errorf("%s: %s, %s, %d merges, %d tokens", path, g.Model, g.Pre, len(g.Merges), len(g.Tokens))
		}
		for _, text := range texts {
			want, got := tok.Encode(nil, text, tok.AddBOS(), false), again.Encode(nil, text, again.AddBOS(), false)
			if !slices.Equal(got, want) && !c.isDifferent {
				t.Errorf("%s: %q is %d, want %d", path, text, got, want)
			}
			if a, b := string(again.AppendDecode(nil, got)), string(tok.AppendDecode(nil, want)); a != b {
				t.Errorf("%s: %q decodes to %q, want %q", path, text, a, b)
			}
		}
		for id := range token.ID(tok.Size()) {
			if tok.IsEnd(id) != again.IsEnd(id) {
				t.Errorf("%s: token %d, %q, ends a text: %v", path, id, tok.Piece(id), again.IsEnd(id))
			}
		}
	}
}

// TestToGGUFKnown compares with the file that llama.cpp's converter wrote of tok512.bin.
func TestToGGUFKnown(t *testing.T) {
	want := metadata(t, "models", "stories260K.gguf")
	data, err := os.ReadFile(fixture.Path(t, "models", "tok512.bin"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := token.ParseLlama2c("tok512.bin", data, 512)
	if err != nil {
		t.Fatal(err)
	}
	g, err := s.Tokenizer().ToGGUF(512)
	if err != nil {
		t.Fatal(err)
	}
	if g.Model != want.Model || !slices.Equal(g.Types, want.Types) || !slices.Equal(g.Scores[3:], want.Scores[3:]) {
		t.Errorf("%s, types %v, scores %v", g.Model, g.Types, g.Scores)
	}
	for i, piece := range want.Tokens {
		if g.Tokens[i] != piece && !strings.HasPrefix(piece, "<") {
			t.Errorf("token %d is %q, want %q", i, g.Tokens[i], piece)
		}
	}
}

// TestToGGUFSizes wants a vocabulary of the model's size.
func TestToGGUFSizes(t *testing.T) {
	parse := func(elem ...string) *token.Tokenizer {
		data, err := os.ReadFile(fixture.Path(t, elem...))
		if err != nil {
			t.Fatal(err)
		}
		tok, err := token.ParseSentencePiece(elem[1], data)
		if err != nil {
			t.Fatal(err)
		}
		return tok
	}
	const n = 32010
	tok := parse("tokenizers", "mistral-v1.model")
	g, err := tok.ToGGUF(n)
	if err != nil || len(g.Tokens) != n || len(g.Types) != n || len(g.Scores) != n || g.Tokens[n-1] != "[PAD32009]" {
		t.Errorf("%v", err)
	}
	if _, err := tok.ToGGUF(500); err == nil {
		t.Error("tokens beyond the vocabulary are no error")
	}
	_, err = parse("models", "tok512.model").ToGGUF(512)
	if err == nil || !strings.Contains(err.Error(), "before it is cut") {
		t.Errorf("error %v, want one about spaces, of which this one keeps one of a row", err)
	}
}
