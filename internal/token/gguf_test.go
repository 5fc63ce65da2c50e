package token_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/token"
)

// metadata returns the tokenizer of a GGUF file, the rest of which it passes
// over. It is for files that are as they should be.
func metadata(t testing.TB, elem ...string) *token.GGUF {
	t.Helper()
	data, err := os.ReadFile(fixture.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	m := &meta{data: data[16:]}
	g := &token.GGUF{}
	for range m.uint64() {
		key := m.string()
		value := m.value(m.uint32())
		switch name, _ := strings.CutPrefix(key, "tokenizer.ggml."); name {
		case "model":
			g.Model = value.(string)
		case "pre":
			g.Pre = value.(string)
		case "tokens":
			g.Tokens = all[string](value)
		case "scores":
			g.Scores = all[float32](value)
		case "merges":
			g.Merges = all[string](value)
		case "token_type":
			g.Types = all[int32](value)
		case "bos_token_id":
			g.BOS = ptr(value.(uint32))
		case "eos_token_id":
			g.EOS = ptr(value.(uint32))
		case "unknown_token_id":
			g.UNK = ptr(value.(uint32))
		case "add_bos_token":
			g.AddBOS = ptr(value.(bool))
		case "add_eos_token":
			g.AddEOS = ptr(value.(bool))
		case "add_space_prefix":
			g.AddSpacePrefix = ptr(value.(bool))
		}
	}
	return g
}

func ptr[T any](v T) *T { return &v }

func all[T any](value any) (list []T) {
	for _, v := range value.([]any) {
		list = append(list, v.(T))
	}
	return list
}

// A meta reads metadata.
type meta struct{ data []byte }

func (m *meta) take(n int) []byte {
	b := m.data[:n]
	m.data = m.data[n:]
	return b
}

func (m *meta) uint32() uint32 { return binary.LittleEndian.Uint32(m.take(4)) }
func (m *meta) uint64() uint64 { return binary.LittleEndian.Uint64(m.take(8)) }
func (m *meta) string() string { return string(m.take(int(m.uint64()))) }

// value reads a value of a type by its number.
func (m *meta) value(typ uint32) any {
	switch typ {
	case 0, 1:
		return m.take(1)[0]
	case 2, 3:
		return m.take(2)
	case 4:
		return m.uint32()
	case 5:
		return int32(m.uint32())
	case 6:
		return math.Float32frombits(m.uint32())
	case 7:
		return m.take(1)[0] != 0
	case 8:
		return m.string()
	case 9:
		elem, n := m.uint32(), m.uint64()
		list := make([]any, n)
		for i := range list {
			list[i] = m.value(elem)
		}
		return list
	default:
		return m.take(8)
	}
}

func fromGGUF(t testing.TB, g *token.GGUF) *token.Tokenizer {
	t.Helper()
	tok, err := token.FromGGUF(g)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// checkVectors compares with the ids that the original programs gave.
func checkVectors(t *testing.T, tok *token.Tokenizer, name string) {
	t.Helper()
	texts, want := vectors(t, name)
	for i, text := range texts {
		ids := tok.Encode(nil, text, false, false)
		if got := strings.Trim(fmt.Sprint(ids), "[]"); got != want[i] {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want[i])
		}
		if got := string(tok.AppendDecode(nil, ids)); got != text {
			t.Errorf("%q came back as %q", text, got)
		}
	}
}

func TestGGUFVectors(t *testing.T) {
	for _, name := range []string{"llama-spm", "gpt-2", "deepseek-llm"} {
		t.Run(name, func(t *testing.T) {
			name := "ggml-vocab-" + name + ".gguf"
			checkVectors(t, fromGGUF(t, metadata(t, "vectors", name)), name)
		})
	}
}

// The tokenizer inside a model is the one beside it.
func TestGGUFStories(t *testing.T) {
	inside := fromGGUF(t, metadata(t, "models", "stories260K.gguf"))
	beside := fromFile(t, 512, "models", "tok512.bin").Tokenizer()
	const text = "Once upon a time, there was a little girl.\nShe had 3 héns: 日."
	want := beside.Encode(nil, text, true, true)
	if got := inside.Encode(nil, text, true, true); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := string(inside.AppendDecode(nil, want)); got != text {
		t.Errorf("came back as %q", got)
	}
	if bos, ok := inside.BOS(); bos != 1 || !ok || !inside.AddBOS() || inside.AddEOS() || !inside.IsEnd(2) {
		t.Error("BOS, EOS and what is added are not as llama.cpp has them")
	}
}
