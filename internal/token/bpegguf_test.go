package token

import (
	"encoding/binary"
	"os"
	"slices"
	"strings"
	"testing"
)

// A vocabulary is what the tests need of the metadata of a GGUF file. Its reader
// trusts the file.
type vocabulary struct {
	model, pre     string
	pieces, merges []string
	types          []int32
}

func (v *vocabulary) bpe(t testing.TB) *bpe {
	t.Helper()
	const normal = 1
	pieces := make([]string, len(v.pieces))
	for i, p := range v.pieces {
		if raw, ok := parseByteAlphabet(p); ok && v.types[i] == normal {
			pieces[i] = raw
		}
	}
	merges := make([][2]string, len(v.merges))
	for i, m := range v.merges {
		left, right, _ := strings.Cut(m, " ")
		merges[i][0], _ = parseByteAlphabet(left)
		merges[i][1], _ = parseByteAlphabet(right)
	}
	b, err := newBPE(pieces, merges, splitterOf(t, v.pre), v.pre == "llama-bpe")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// encode returns the tokens of text, with those first that their users defined
// as a whole. No vector has two of them that overlap.
func (v *vocabulary) encode(b *bpe, text string) []ID {
	const userDefined = 4
	for id, p := range v.pieces {
		if v.types[id] != userDefined || p == "" {
			continue
		}
		if before, after, ok := strings.Cut(text, p); ok {
			return slices.Concat(v.encode(b, before), []ID{ID(id)}, v.encode(b, after))
		}
	}
	return b.encode(nil, text)
}

func readVocabulary(t testing.TB, file string) *vocabulary {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	v := new(vocabulary)
	r := ggufCursor{data: data[4+4+8:]} // the magic, the version, the number of tensors
	for range r.uint64() {
		key := r.string()
		switch kind := r.uint32(); key {
		case "tokenizer.ggml.model":
			v.model = r.string()
		case "tokenizer.ggml.pre":
			v.pre = r.string()
		case "tokenizer.ggml.tokens":
			r.array(func(uint32) { v.pieces = append(v.pieces, r.string()) })
		case "tokenizer.ggml.merges":
			r.array(func(uint32) { v.merges = append(v.merges, r.string()) })
		case "tokenizer.ggml.token_type":
			r.array(func(uint32) { v.types = append(v.types, int32(r.uint32())) })
		default:
			r.skip(kind)
		}
	}
	return v
}

type ggufCursor struct{ data []byte }

func (r *ggufCursor) take(n uint64) []byte {
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *ggufCursor) uint32() uint32 { return binary.LittleEndian.Uint32(r.take(4)) }
func (r *ggufCursor) uint64() uint64 { return binary.LittleEndian.Uint64(r.take(8)) }
func (r *ggufCursor) string() string { return string(r.take(r.uint64())) }

func (r *ggufCursor) array(item func(kind uint32)) {
	kind := r.uint32()
	for range r.uint64() {
		item(kind)
	}
}

func (r *ggufCursor) skip(kind uint32) {
	switch kind {
	case 8:
		r.string()
	case 9:
		r.array(r.skip)
	default:
		r.take([]uint64{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8}[kind])
	}
}
