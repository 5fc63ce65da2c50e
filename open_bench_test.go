package cria_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"cria"
	"cria/internal/gguf"
	"cria/internal/load"
	"cria/internal/tensor"
)

// BenchmarkOpen7B opens a GGUF file of Llama-2-7B's shape in Q4_0, which is in the
// file cache, 3.8 GB in the folder for temporary files: "open" is cria.Open and a
// session, "token" also reads one token. CRIA_BENCH_FILE keeps the file there.
func BenchmarkOpen7B(b *testing.B) {
	path := os.Getenv("CRIA_BENCH_FILE")
	if path == "" {
		path = filepath.Join(b.TempDir(), "7b-q4_0.gguf")
	}
	if _, err := os.Stat(path); err != nil {
		if err := write7B(path); err != nil {
			b.Fatal(err)
		}
	}
	readThrough(b, path)
	for _, tokens := range []int{0, 1} {
		b.Run([]string{"open", "token"}[tokens], func(b *testing.B) {
			for b.Loop() {
				m, err := cria.Open(path, cria.WithContext(2048))
				if err != nil {
					b.Fatal(err)
				}
				s, err := m.NewSession()
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Read(b.Context(), make([]int32, tokens)); err != nil && tokens > 0 {
					b.Fatal(err)
				}
				if err := m.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// readThrough brings a file into the file cache.
func readThrough(b *testing.B, path string) {
	f, err := os.Open(path)
	if err == nil {
		_, err = io.Copy(io.Discard, bufio.NewReaderSize(f, 1<<20))
		_ = f.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
}

func write7B(path string) error {
	c := load.Shapes["7B"]
	matrix := func(name string, cols, rows int) gguf.Tensor {
		return gguf.Tensor{Name: name, Type: 2, Dims: []int{cols, rows}}
	}
	norm := func(name string) gguf.Tensor { return gguf.Tensor{Name: name, Type: 0, Dims: []int{c.Dim}} }
	list := []gguf.Tensor{
		matrix("token_embd.weight", c.Dim, c.VocabSize), norm("output_norm.weight"),
		matrix("output.weight", c.Dim, c.VocabSize),
	}
	for i := range c.NLayers {
		blk := fmt.Sprintf("blk.%d.", i)
		list = append(list, norm(blk+"attn_norm.weight"), norm(blk+"ffn_norm.weight"),
			matrix(blk+"attn_q.weight", c.Dim, c.Dim), matrix(blk+"attn_k.weight", c.Dim, c.Dim),
			matrix(blk+"attn_v.weight", c.Dim, c.Dim), matrix(blk+"attn_output.weight", c.Dim, c.Dim),
			matrix(blk+"ffn_gate.weight", c.Dim, c.HiddenDim), matrix(blk+"ffn_up.weight", c.Dim, c.HiddenDim),
			matrix(blk+"ffn_down.weight", c.HiddenDim, c.Dim))
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	zeros := make([]byte, 4*c.Dim*c.VocabSize)
	w := bufio.NewWriter(f)
	err = gguf.Write(w, metadata7B(), list, func(t *gguf.Tensor) ([]byte, error) {
		n := t.Dims[0] * 4 // of F32
		if len(t.Dims) > 1 {
			n = tensor.Q4_0.RowSize(t.Dims[0]) * t.Dims[1]
		}
		return zeros[:n], nil
	}, nil)
	if err == nil {
		err = w.Flush()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// metadata7B has Llama 2's configuration and a vocabulary of its size.
func metadata7B() []gguf.KV {
	c := load.Shapes["7B"]
	pieces, scores, types := []string{"<unk>", "<s>", "</s>"}, make([]float32, c.VocabSize), make([]int32, c.VocabSize)
	copy(types, []int32{2, 3, 3})
	for i := len(pieces); i < c.VocabSize; i++ {
		piece, typ := fmt.Sprintf("▁%d", i), int32(1)
		if i < 3+256 {
			piece, typ = fmt.Sprintf("<0x%02X>", i-3), 6
		}
		pieces, scores[i], types[i] = append(pieces, piece), -float32(i), typ
	}
	return []gguf.KV{
		{Key: "general.architecture", Value: "llama"},
		{Key: "llama.vocab_size", Value: uint32(c.VocabSize)}, {Key: "llama.context_length", Value: uint32(c.SeqLen)},
		{Key: "llama.embedding_length", Value: uint32(c.Dim)}, {Key: "llama.block_count", Value: uint32(c.NLayers)},
		{Key: "llama.feed_forward_length", Value: uint32(c.HiddenDim)},
		{Key: "llama.attention.head_count", Value: uint32(c.NHeads)},
		{Key: "llama.attention.head_count_kv", Value: uint32(c.NKVHeads)},
		{Key: "llama.attention.layer_norm_rms_epsilon", Value: float32(1e-5)},
		{Key: "llama.rope.dimension_count", Value: uint32(c.Dim / c.NHeads)},
		{Key: "tokenizer.ggml.model", Value: "llama"}, {Key: "tokenizer.ggml.tokens", Value: pieces},
		{Key: "tokenizer.ggml.scores", Value: scores}, {Key: "tokenizer.ggml.token_type", Value: types},
		{Key: "tokenizer.ggml.bos_token_id", Value: uint32(1)}, {Key: "tokenizer.ggml.eos_token_id", Value: uint32(2)},
	}
}
