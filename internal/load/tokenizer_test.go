package load

import (
	"bytes"
	"os"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/token"
)

// llama3 returns a GGUF file of nothing but Llama 3's vocabulary.
func llama3(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gguf.Write(&b, fixture.Llama3(t).KV(), nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A large vocabulary comes through a file as it was.
func TestLlama3Tokenizer(t *testing.T) {
	f, err := gguf.Parse("llama3.gguf", llama3(t))
	if err != nil {
		t.Fatal(err)
	}
	got, err := ggufTokenizer(f)
	if err != nil {
		t.Fatal(err)
	}
	name := fixture.Path(t, "tokenizers", "llama3-tokenizer.model")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want, err := token.Parse(name, data, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	for id := range token.ID(128000) {
		text := string(want.AppendDecode(nil, []token.ID{id}))
		ids := got.Encode(nil, text, false, false)
		if back := string(got.AppendDecode(nil, ids)); back != text || got.Size() != want.Size() {
			t.Fatalf("token %d: %q comes back as %q", id, text, back)
		}
		if len(ids) != 1 || ids[0] != id {
			if other := want.Encode(nil, text, false, false); len(other) == 1 {
				t.Errorf("token %d: %q becomes %v", id, text, ids)
			}
		}
	}
}

// BenchmarkLlama3Tokenizer reads a GGUF file's metadata and makes a tokenizer of it.
func BenchmarkLlama3Tokenizer(b *testing.B) {
	data := llama3(b)
	b.ReportAllocs()
	for b.Loop() {
		f, err := gguf.Parse("llama3.gguf", data)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := ggufTokenizer(f); err != nil {
			b.Fatal(err)
		}
	}
}
