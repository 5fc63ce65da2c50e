package load_test

import (
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/tensor"
)

func tiny(t *testing.T, h llama2c.Header) *llama2c.File {
	t.Helper()
	f, err := llama2c.Parse("tiny", fixture.Tiny(t, h, 1))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// headers are one of each version, with and without a classifier of its own.
func headers() []llama2c.Header {
	h := llama2c.Header{
		Dim: 24, HiddenDim: 36, NLayers: 2, NHeads: 4, NKVHeads: 2, VocabSize: 40, SeqLen: 16, SharedClassifier: true,
	}
	var all []llama2c.Header
	for version, typ := range []tensor.DType{tensor.F32, tensor.F32, tensor.Q8, tensor.BF16} {
		h.Version, h.Type, h.Group = version, typ, 0
		if typ == tensor.Q8 {
			h.Group = 12
		}
		all = append(all, h)
		h.SharedClassifier = !h.SharedClassifier
	}
	return all
}

func TestLlama2c(t *testing.T) {
	for _, h := range headers() {
		c, w, err := load.Llama2c(tiny(t, h))
		if err != nil {
			t.Fatal(err)
		}
		if c.HeadDim != 6 || c.Rope.Theta != 10000 || len(w.Layers) != 2 {
			t.Errorf("version %d: config %+v", h.Version, c)
		}
		if shared := &w.Output.Data[0] == &w.TokenEmbed.Data[0]; shared != h.SharedClassifier {
			t.Errorf("version %d: classifier shared %v, want %v", h.Version, shared, h.SharedClassifier)
		}
		for _, m := range []*tensor.Mat{&w.TokenEmbed, &w.Layers[1].WK, &w.Layers[1].W2} {
			if m.Type != h.Type || len(m.Data) != m.Rows*m.Cols*m.Type.Size() || m.Group != h.Group {
				t.Errorf("version %d: matrix %v [%d][%d] of %d bytes", h.Version, m.Type, m.Rows, m.Cols, len(m.Data))
			}
		}
	}
}

// TestWrongTensors takes a tensor away and changes another's shape.
func TestWrongTensors(t *testing.T) {
	for _, f := range []*llama2c.File{tiny(t, headers()[1]), tiny(t, headers()[0])} {
		for i, tensor := range f.Tensors {
			if strings.HasPrefix(tensor.Name, "freqs") {
				continue
			}
			bad := *f
			bad.Tensors = slices.Delete(slices.Clone(f.Tensors), i, i+1)
			if _, _, err := load.Llama2c(&bad); err == nil || !strings.Contains(err.Error(), tensor.Name) {
				t.Errorf("without %s: error %v", tensor.Name, err)
			}
			bad.Tensors = slices.Clone(f.Tensors)
			bad.Tensors[i].Mat.Cols++
			if _, _, err := load.Llama2c(&bad); err == nil || !strings.Contains(err.Error(), tensor.Name) {
				t.Errorf("%s one column wider: error %v", tensor.Name, err)
			}
		}
	}
}

// TestSynthetic checks sizes against what the models' published files hold.
func TestSynthetic(t *testing.T) {
	c := load.Shapes["15M"]
	const file, header, rope, norms = 60816028, 28, 256 * 48 * 4, (6*2 + 1) * 288 * 4 // stories15M.bin
	const matrices = file - header - rope - norms
	for typ, want := range map[tensor.DType]int64{tensor.F32: matrices, tensor.F16: matrices / 2} {
		w, err := load.Synthetic(&c, typ, 0, true, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := load.SyntheticBytes(&c, typ, 0, true); got != want {
			t.Errorf("%v: SyntheticBytes = %d, want %d", typ, got, want)
		}
		if got := load.WeightBytes(&c, w); got != want+norms {
			t.Errorf("%v: WeightBytes = %d, want %d", typ, got, want+norms)
		}
	}
	if _, err := load.Synthetic(&c, tensor.Q8, 64, true, 1); err == nil || !strings.Contains(err.Error(), "64") {
		t.Errorf("a group that does not divide: error %v", err)
	}
	if names := load.ShapeNames(); names[0] != "260K" || names[len(names)-1] != "7B" {
		t.Errorf("ShapeNames() = %v", names)
	}
}

// TestMemoryFor checks the parts that can be worked by hand.
func TestMemoryFor(t *testing.T) {
	c := load.Shapes["7B"]
	m := load.MemoryFor(&c, 1000, load.Plan{SeqLen: 4096, Sequences: 2, Batch: 1, Threads: 1, KV: tensor.F16})
	if want := int64(2 * 4096 * 32 * 2 * 4096 * 2); m.KV != want || m.Weights != 1000 || m.Total() != 1000+m.KV+m.State {
		t.Errorf("%+v, want keys and values of %d", m, want)
	}
	if want, got := int64(10*32*2*32*(128+2*4)), load.KVBytes(&c, tensor.Q8_0, 9); got != want {
		t.Errorf("KVBytes of q8_0 = %d, want %d", got, want)
	}
	if want := int64(4097 * 32 * 2 * 4096 * 4); load.KVBytes(&c, tensor.F32, 4096) != want {
		t.Errorf("KVBytes = %d, want %d", load.KVBytes(&c, tensor.F32, 4096), want)
	}
}
