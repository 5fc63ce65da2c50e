package imatrix

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cria/internal/fixture"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// chunksOf returns chunks of a text as tokens.
func chunksOf(t *testing.T, m *load.Model, n, size int) [][]int32 {
	t.Helper()
	text, err := os.ReadFile(fixture.Path(t, "text", "tinystories-197k.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tok, _, err := m.Tokenizer("")
	if err != nil {
		t.Fatal(err)
	}
	ids := tok.Encode(nil, string(text), true, false)
	var chunks [][]int32
	for i := range n {
		var chunk []int32
		for _, id := range ids[i*size:][:size] {
			chunk = append(chunk, int32(id))
		}
		chunk[0] = int32(ids[0])
		chunks = append(chunks, chunk)
	}
	return chunks
}

func collected(t *testing.T, m *load.Model, chunks [][]int32, opt Options) *File {
	t.Helper()
	last := 0
	f, err := Collect(context.Background(), m, chunks, opt, func(done int) { last = done })
	if err != nil {
		t.Fatal(err)
	}
	if last != len(chunks) || f.Chunks != len(chunks) || f.ChunkSize != len(chunks[0]) {
		t.Errorf("%d of %d chunks done; file says %d of %d tokens", last, len(chunks), f.Chunks, f.ChunkSize)
	}
	return f
}

// TestCollect compares with llama-imatrix of ik_llama.cpp (8337e4c: -c 256 --chunks 2),
// which computes with keys and values in f16.
func TestCollect(t *testing.T) {
	m, err := load.Open(load.Disk{}, fixture.Path(t, "models", "stories260K.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	chunks := chunksOf(t, m, 2, 256)
	f := collected(t, m, chunks, Options{Threads: 2, Batch: 256})
	if len(f.Entries) != 5*7 {
		t.Errorf("%d matrices, want %d", len(f.Entries), 5*7)
	}
	for name, want := range map[string][]float64{ // the first columns, and the sum of all
		"blk.0.attn_q.weight":      {0.45279, 0.50159, 0.37904, 1.2791, 82.18042811751366},
		"blk.1.attn_output.weight": {0.067157, 0.086076, 0.058549, 0.04705, 6.046669438481331},
		"blk.2.ffn_up.weight":      {0.37512, 0.6246, 0.41992, 0.82823, 37.07337576150894},
		"blk.3.attn_v.weight":      {0.86059, 1.1773, 0.72174, 2.4439, 103.90173378586769},
		"blk.4.ffn_down.weight":    {0.15451, 0.1971, 0.14565, 0.30195, 55.441775903105736},
	} {
		list := f.Importance(name)
		sum := 0.0
		for _, x := range list {
			sum += float64(x)
		}
		if len(list) == 0 {
			t.Errorf("%s is not there", name)
			continue
		}
		for i, x := range []float64{float64(list[0]), float64(list[1]), float64(list[2]), float64(list[3]), sum} {
			if math.Abs(x-want[i]) > 2e-3*want[i] {
				t.Errorf("%s, number %d: %g, want %g", name, i, x, want[i])
			}
		}
	}
	for _, opt := range []Options{{Threads: 1, Batch: 1}, {Threads: 3, Batch: 100}} {
		if diff := cmp.Diff(f, collected(t, m, chunks, opt)); diff != "" {
			t.Errorf("%+v: %s", opt, diff)
		}
	}
	all := collected(t, m, chunks, Options{Threads: 2, Batch: 64, Output: true})
	if n := len(all.Entries); n != 5*7+1 || all.Importance("output.weight") == nil {
		t.Errorf("%d matrices with the classifier", n)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Collect(ctx, m, chunks, Options{Threads: 1, Batch: 9}, func(int) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
}

// mixture returns a model with experts, and with random weights.
func mixture() *load.Model {
	c := model.Config{Dim: 32, HiddenDim: 48, NLayers: 2, NHeads: 2, NKVHeads: 1, HeadDim: 16, VocabSize: 40, SeqLen: 64,
		NormEps: 1e-5, Rope: model.Rope{Theta: 1e4}, NExperts: 6, NExpertsUsed: 2}
	rng := rand.New(rand.NewPCG(1, 2))
	vec := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = rng.Float32() - 0.5
		}
		return x
	}
	mat := func(rows, cols int) tensor.Mat {
		return tensor.Mat{Type: tensor.F32, Rows: rows, Cols: cols, Data: tensor.Bytes(vec(rows * cols))}
	}
	w := &model.Weights{TokenEmbed: mat(40, 32), FinalNorm: vec(32)}
	w.Output = w.TokenEmbed
	for range c.NLayers {
		l := model.Layer{AttnNorm: vec(32), FFNNorm: vec(32), Router: mat(6, 32),
			WQ: mat(32, 32), WK: mat(16, 32), WV: mat(16, 32), WO: mat(32, 32)}
		for range c.NExperts {
			l.Experts = append(l.Experts, model.Expert{W1: mat(48, 32), W2: mat(32, 48), W3: mat(48, 32)})
		}
		w.Layers = append(w.Layers, l)
	}
	return &load.Model{Family: "llama", Config: c, Weights: w, IsTied: true}
}

// TestExperts wants each expert's own sums, of the tokens that use it.
func TestExperts(t *testing.T) {
	m := mixture()
	chunk := make([]int32, 50)
	for i := range chunk {
		chunk[i] = int32(i * 7 % 40)
	}
	f := collected(t, m, [][]int32{chunk}, Options{Threads: 2, Batch: 16, Output: true})
	byName := map[string]Entry{}
	for _, e := range f.Entries {
		byName[e.Name] = e
	}
	if len(f.Entries) != 2*(4+1+3)+1 || byName["token_embd.weight"].Counts[0] != 50 {
		t.Errorf("%d entries, of the classifier %v", len(f.Entries), byName["token_embd.weight"].Counts)
	}
	sumOf := func(x []float32) (sum float64) {
		for _, v := range x {
			sum += float64(v)
		}
		return sum
	}
	for _, prefix := range []string{"blk.0.", "blk.1."} {
		in := byName[prefix+"ffn_gate_inp.weight"]
		gate, up := byName[prefix+"ffn_gate_exps.weight"], byName[prefix+"ffn_up_exps.weight"]
		down := byName[prefix+"ffn_down_exps.weight"]
		if diff := cmp.Diff(gate.Sums, up.Sums); diff != "" {
			t.Errorf("gate and up see the same: %s", diff)
		}
		if len(gate.Counts) != 6 || sumOf(gate.Counts) != 100 || sumOf(down.Counts) != 100 || in.Counts[0] != 50 {
			t.Errorf("%s counts %v and %v, want 100 in all of 6 experts; the router %v",
				prefix, gate.Counts, down.Counts, in.Counts)
		}
		// Each token goes to two experts.
		if a, b := sumOf(gate.Sums), 2*sumOf(in.Sums); math.Abs(a-b) > 1e-5*b {
			t.Errorf("%s: squares %g of the experts, want %g", prefix, a, b)
		}
		if n := len(down.Sums); n != 6*48 || len(gate.Sums) != 6*32 {
			t.Errorf("%s: %d and %d columns", prefix, n, len(gate.Sums))
		}
	}
}
