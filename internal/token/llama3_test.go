package token

import (
	"runtime"
	"slices"
	"testing"

	"cria/internal/fixture"
)

// llama3Forms are the kinds of files that have Llama 3's vocabulary: Meta's, and those that are made of it.
var llama3Forms = []string{"tiktoken", "json", "gguf"}

// llama3Form returns what reads the vocabulary from a file of a kind.
func llama3Form(t testing.TB, form string) func() (*Tokenizer, error) {
	t.Helper()
	switch form {
	case "tiktoken":
		data := readData(t, "tokenizers", "llama3-tokenizer.model")
		return func() (*Tokenizer, error) { return Parse("tokenizer.model", data, nil, 0) }
	case "json":
		data := fixture.Llama3(t).JSON(t)
		return func() (*Tokenizer, error) { return Parse("tokenizer.json", data, nil, 0) }
	}
	v := fixture.Llama3(t)
	types := make([]int32, len(v.Tokens))
	for id := range types {
		types[id] = int32(normal)
		if id >= v.Controls {
			types[id] = int32(control)
		}
	}
	bos, eos := uint32(v.Controls), uint32(v.Controls+1)
	return func() (*Tokenizer, error) {
		return FromGGUF(&GGUF{Model: "gpt2", Pre: "llama-bpe", Tokens: v.Tokens, Merges: v.Merges, Types: types,
			BOS: &bos, EOS: &eos})
	}
}

// The same vocabulary gives the same tokens, from whatever file.
func TestLlama3Forms(t *testing.T) {
	wiki := string(readData(t, "text", "wiki.test.raw"))
	if testing.Short() {
		wiki = wiki[:1<<16]
	}
	var want []ID
	for _, name := range llama3Forms {
		tok, err := llama3Form(t, name)()
		if err != nil {
			t.Fatal(err)
		}
		bos, _ := tok.BOS()
		if !tok.AddBOS() || bos != llama3Ranks || tok.Size() != llama3Ranks+256 || !tok.IsEnd(llama3Ranks+9) {
			t.Errorf("%s: BOS is %d (%v), %d tokens", name, bos, tok.AddBOS(), tok.Size())
		}
		checkVectors(t, "llama-bpe", func(text string) []ID { return tok.Encode(nil, text, false, false) }, tok.texts)
		got := tok.Encode(nil, wiki, true, false)
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gives other tokens than the form before", name)
		}
		if back := string(tok.AppendDecode(nil, got)); back != wiki {
			t.Errorf("%s: the text does not come back", name)
		}
		const chat = "<|start_header_id|>user<|end_header_id|>\n\na<|eot_id|>"
		if got := tok.EncodeSpecial(nil, chat); len(got) != 6 || got[0] != llama3Ranks+6 || got[5] != llama3Ranks+9 {
			t.Errorf("%s: %q becomes %v", name, chat, got)
		}
		if got := tok.Encode(nil, chat, false, false); slices.Max(got) >= llama3Ranks {
			t.Errorf("%s: as text, %q becomes %v", name, chat, got)
		}
	}
}

func BenchmarkLlama3Encode(b *testing.B) {
	text := string(readData(b, "text", "wiki.test.raw"))
	for _, name := range llama3Forms {
		b.Run(name, func(b *testing.B) {
			tok, err := llama3Form(b, name)()
			if err != nil {
				b.Fatal(err)
			}
			ids := tok.Encode(nil, text, false, false)
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				ids = tok.Encode(ids[:0], text, false, false)
			}
			b.ReportMetric(float64(len(ids))*float64(b.N)/b.Elapsed().Seconds(), "tok/s")
		})
	}
}

// BenchmarkLlama3Load also says how many bytes of memory a tokenizer keeps, beside what its file is in.
func BenchmarkLlama3Load(b *testing.B) {
	for _, name := range llama3Forms {
		b.Run(name, func(b *testing.B) {
			load := llama3Form(b, name)
			b.ReportAllocs()
			before := heapBytes()
			var tok *Tokenizer
			for b.Loop() {
				var err error
				if tok, err = load(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(heapBytes()-before)/1e6, "MB-kept")
			runtime.KeepAlive(tok)
			runtime.KeepAlive(load)
		})
	}
}

// heapBytes returns the bytes of memory that are in use.
func heapBytes() int64 {
	var s runtime.MemStats
	runtime.GC()
	runtime.GC() // what the first one frees late
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}
