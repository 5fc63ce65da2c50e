package token_test

import (
	"encoding/binary"
	"errors"
	"math"
	"os"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/token"
)

func TestParse(t *testing.T) {
	everyReal(t, func(t *testing.T, s *token.SPM) {
		for id, want := range controls {
			if got := s.Piece(token.ID(id)); got != want.piece {
				t.Errorf("token %d is %q, want %q", id, got, want.piece)
			}
		}
	})
	s := llama2(t)
	for id, want := range map[token.ID]string{3: "<0x00>", 258: "<0xFF>", 259: "  ", 15043: " Hello", 31999: "给"} {
		if got := s.Piece(id); got != want {
			t.Errorf("token %d of Llama 2 is %q, want %q", id, got, want)
		}
	}
	if s.Size() != 32000 || s.BOS() != 1 || s.EOS() != 2 {
		t.Errorf("Llama 2: size %d, BOS %d, EOS %d", s.Size(), s.BOS(), s.EOS())
	}
}

func TestParseAnyVocabSize(t *testing.T) {
	for _, n := range []int{0, -1} {
		s, err := token.ParseLlama2c("", file(letters()), n)
		if err != nil || s.Size() != len(letters()) {
			t.Errorf("vocabulary of %d: %v, %v", n, s, err)
		}
	}
}

func TestName(t *testing.T) {
	s := parse(t, letters())
	for id, want := range map[token.ID]string{
		0: "<unk>", 1: "<s>", 2: "</s>", 3: "<0x00>", 258: "<0xFF>", 259: `" "`, 263: `"é"`, 268: `" a"`,
	} {
		if got := s.Name(id); got != want {
			t.Errorf("token %d has name %s, want %s", id, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	small := append(controls[:3:3], entry{"ab", 1})
	good := file(small) // 4, then 8+5, 8+5, 8+6 and, at byte 44, 8+2
	with := func(at int, v uint32) []byte {
		b := append([]byte(nil), good...)
		binary.LittleEndian.PutUint32(b[at:], v)
		return b
	}
	minus := uint32(math.MaxUint32)
	for _, c := range []struct {
		data  []byte
		vocab int
		want  string
	}{
		{nil, 4, "byte 0: max_token_length: needs 4 bytes, but the file ends at byte 0"},
		{good[:3], 4, "byte 0: max_token_length: needs 4 bytes, but the file ends at byte 3"},
		{good[:4], 4, "byte 4: end of file: the file has 0 tokens, but the model's vocabulary has 4"},
		{good[:5], 4, "byte 4: token 0: score: needs 4 bytes, but the file ends at byte 5"},
		{good[:10], 4, "byte 8: token 0: length: needs 4 bytes, but the file ends at byte 10"},
		{good[:12], 4, "byte 12: token 0: piece: needs 5 bytes, but the file ends at byte 12"},
		{good[:53], 4, "byte 52: token 3: piece: needs 2 bytes, but the file ends at byte 53"},
		{with(0, 1<<16+1), 4, "byte 0: max_token_length: 65537 exceeds the limit of 65536"},
		{with(0, 4), 4, "byte 8: token 0: length: 5 exceeds max_token_length 4"},
		{with(48, minus), 4, "byte 48: token 3: length: -1, want at least 0"},
		{with(48, 7), 4, "byte 48: token 3: length: 7 exceeds max_token_length 6"},
		{good, 3, "byte 54: end of file: the file has 4 tokens, but the model's vocabulary has 3"},
		{good, 32000, "byte 54: end of file: the file has 4 tokens, but the model's vocabulary has 32000"},
		{good, math.MaxInt, "byte 54: end of file: the file has 4 tokens"},
		{good[:30], 2, "byte 30: end of file: the file has 2 tokens, want at least 3: <unk>, <s> and </s>"},
	} {
		_, err := token.ParseLlama2c("x.bin", c.data, c.vocab)
		var format *token.FormatError
		if !errors.As(err, &format) || !strings.HasPrefix(err.Error(), "token: x.bin: "+c.want) {
			t.Errorf("%d bytes for a vocabulary of %d:\n got %v\nwant %s", len(c.data), c.vocab, err, c.want)
		}
	}
}

// A file that ends anywhere inside is an error, and one that ends there for good is not read beyond.
func TestParseTruncated(t *testing.T) {
	data := file(letters())
	for n := range data {
		if _, err := token.ParseLlama2c("", data[:n:n], len(letters())); err == nil {
			t.Fatalf("%d of %d bytes make a tokenizer", n, len(data))
		}
	}
}

// The tokenizer keeps nothing of the bytes that it was read from: they may be a mapped file.
func TestParseKeepsNothing(t *testing.T) {
	data := file(letters())
	s, err := token.ParseLlama2c("", data, 0)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if got := s.Piece(267); got != "abc" {
		t.Errorf("the piece is %q, want %q", got, "abc")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file(letters()), 0)
	f.Add(file(controls), 3)
	f.Add(file(vocab())[:40], 259)
	f.Add([]byte{255, 255, 255, 255}, 1)
	f.Fuzz(func(t *testing.T, data []byte, vocabSize int) {
		s, err := token.ParseLlama2c("", data, vocabSize)
		if err != nil {
			var format *token.FormatError
			if s != nil || !errors.As(err, &format) || format.Offset < 0 || format.Offset > int64(len(data)) {
				t.Fatalf("tokenizer %v with error %v", s, err)
			}
			return
		}
		if vocabSize > 0 && s.Size() != vocabSize {
			t.Fatalf("%d tokens, want %d", s.Size(), vocabSize)
		}
		ids := s.Encode(nil, "a <0x41>\n日\xff", true, true)
		for _, id := range ids {
			s.Name(id)
		}
		s.AppendDecode(nil, ids)
	})
}

func BenchmarkParse(b *testing.B) {
	data, err := os.ReadFile(fixture.Path(b, "tokenizers", "llama2-tokenizer.bin"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := token.ParseLlama2c("", data, 32000); err != nil {
			b.Fatal(err)
		}
	}
}
