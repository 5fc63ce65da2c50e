package token_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"cria/internal/fixture"
	"cria/internal/token"
)

// An entry is a token of a tokenizer's file.
type entry struct {
	piece string
	score float32
}

// controls are the first tokens of every tokenizer.bin.
var controls = []entry{{"<unk>", 0}, {"\n<s>\n", 0}, {"\n</s>\n", 0}}

// vocab returns the control tokens, those of all bytes, and then the given.
func vocab(entries ...entry) []entry {
	v := append([]entry(nil), controls...)
	for b := range 256 {
		v = append(v, entry{fmt.Sprintf("<0x%02X>", b), 0})
	}
	return append(v, entries...)
}

// file returns a tokenizer.bin.
func file(entries []entry) []byte {
	longest := 0
	for _, e := range entries {
		longest = max(longest, len(e.piece))
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(longest))
	for _, e := range entries {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(e.score))
		b = binary.LittleEndian.AppendUint32(b, uint32(len(e.piece)))
		b = append(b, e.piece...)
	}
	return b
}

// parse returns the tokenizer with the entries.
func parse(t testing.TB, entries []entry) *token.SPM {
	t.Helper()
	s, err := token.ParseLlama2c("test.bin", file(entries), len(entries))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// words is a vocabulary with some merges, equal pieces and scores that are no numbers.
func words() []entry {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	return vocab(
		entry{" ", -1}, entry{"a", -2}, entry{"b", -3}, entry{"c", -4}, entry{"é", -5}, entry{"日", -6},
		entry{"ab", -1}, entry{"bc", -1}, entry{"abc", 2}, entry{" a", -3}, entry{"aa", 0}, entry{"aaa", 0},
		entry{"ab", 5}, entry{"ba", nan}, entry{"cb", -1e10}, entry{"ca", inf}, entry{"éa", -7}, entry{"", 0},
		entry{"ab", -9}, entry{"日é", -1e9})
}

// letters is words with pieces that no vocabulary should have: they take the
// spelling of other tokens for text.
func letters() []entry {
	return append(words(), entry{"\n<s>\n ", 1}, entry{"<0xFF><0xFE>", 1})
}

// fromFile returns a tokenizer from the test data.
func fromFile(t testing.TB, vocabSize int, elem ...string) *token.SPM {
	t.Helper()
	name := fixture.Path(t, elem...)
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := token.ParseLlama2c(name, data, vocabSize)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func llama2(t testing.TB) *token.SPM {
	t.Helper()
	return fromFile(t, 32000, "tokenizers", "llama2-tokenizer.bin")
}

// everyReal calls f with every tokenizer.bin of the test data.
func everyReal(t *testing.T, f func(t *testing.T, s *token.SPM)) {
	t.Run("llama2", func(t *testing.T) { f(t, llama2(t)) })
	t.Run("tok512", func(t *testing.T) { f(t, fromFile(t, 512, "models", "tok512.bin")) })
	t.Run("tok105", func(t *testing.T) { f(t, fromFile(t, 105, "models", "babyllama-tok105.bin")) })
}

// noise returns n random bytes, about half of them characters of several widths.
func noise(rng *rand.Rand, n int) string {
	chars := []rune("ab c\n<0x41>é日本🦙 \u0000\ufeff")
	var b []byte
	for len(b) < n {
		if rng.IntN(2) == 0 {
			b = append(b, byte(rng.Uint32()))
		} else {
			b = append(b, string(chars[rng.IntN(len(chars))])...)
		}
	}
	return string(b[:n])
}
