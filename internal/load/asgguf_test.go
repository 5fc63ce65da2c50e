package load_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/load"
	"cria/internal/tensor"
)

// written returns the GGUF file that AsGGUF describes, all in f32.
func written(t *testing.T, kv []gguf.KV, parts []load.Part) *gguf.File {
	t.Helper()
	var list []gguf.Tensor
	for _, p := range parts {
		x := slices.Clone(p.Vec)
		for _, m := range p.Mats {
			for r := range m.Rows {
				if p.Turn > 0 {
					r = load.TurnedRow(r, p.Turn)
				}
				x = append(x, m.F32()[r*m.Cols:][:m.Cols]...)
			}
		}
		list = append(list, gguf.Tensor{Name: p.Name, Dims: p.Dims, Data: tensor.Bytes(x)})
	}
	f, err := gguf.Parse("written", ggufBytes(t, kv, list))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestAsGGUF turns a directory of each family into a GGUF file, which must be the one that has the same weights.
func TestAsGGUF(t *testing.T) {
	for _, s := range specs() {
		t.Run(s.name, func(t *testing.T) {
			dir := t.TempDir()
			writeHF(t, dir, s.configJSON(t), s.hfTensors(), 1)
			m := open(t, dir)
			kv, parts, err := m.AsGGUF(nil)
			if err != nil {
				t.Fatal(err)
			}
			f := written(t, kv, parts)
			c, w, err := load.GGUF(f)
			if err != nil {
				t.Fatal(err)
			}
			want := s.tensors()
			if len(want) != len(f.Tensors) {
				t.Errorf("%d tensors, want %d", len(f.Tensors), len(want))
			}
			for _, x := range want {
				y := f.Tensor(x.Name)
				if y == nil || !slices.Equal(x.Dims, y.Dims) {
					t.Errorf("%s is not there, or has not dims %v", x.Name, x.Dims)
					continue
				}
				if diff := maxDifference(tensor.View[float32](x.Data), tensor.View[float32](y.Data)); diff > 1e-6 {
					t.Errorf("%s differs by %g", x.Name, diff)
				}
			}
			got := logitsOf(t, &load.Model{Config: c, Weights: w}, tokens())
			for i, row := range logitsOf(t, m, tokens()) {
				if diff := maxDifference(row, got[i]); diff > 1e-4 {
					t.Fatalf("logits %d differ by %g", i, diff)
				}
			}
		})
	}
}

func maxDifference(a, b []float32) float64 {
	most := 0.0
	for i := range a {
		most = max(most, float64(a[i]-b[i]), float64(b[i]-a[i]))
	}
	return most
}

// TestAsGGUFRefused has what GGUF files cannot say.
func TestAsGGUFRefused(t *testing.T) {
	for _, c := range []struct {
		name, want string
		config     map[string]any
	}{
		{"qwen2", "window", map[string]any{"use_sliding_window": true, "sliding_window": 8, "max_window_layers": 1}},
		{"gemma2", "scale of attention", map[string]any{"query_pre_attn_scalar": 100}},
		{"qwen3moe", "weights of experts", map[string]any{"norm_topk_prob": false}},
	} {
		s := specs()[slices.IndexFunc(specs(), func(s spec) bool { return s.name == c.name })]
		for key, v := range c.config {
			s.config[key] = v
		}
		dir := t.TempDir()
		writeHF(t, dir, s.configJSON(t), s.hfTensors(), 1)
		if _, _, err := open(t, dir).AsGGUF(nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want one about %s", c.name, err, c.want)
		}
	}
}

// TestAsGGUFKnown compares with the file that llama.cpp's converter wrote of the same model.
func TestAsGGUFKnown(t *testing.T) {
	m := open(t, fixture.Path(t, "models", "stories260K.v0.bin"))
	known := open(t, fixture.Path(t, "models", "stories260K.gguf"))
	tok, _, err := m.Tokenizer(fixture.Path(t, "models", "tok512.bin"))
	if err != nil {
		t.Fatal(err)
	}
	kv, parts, err := m.AsGGUF(tok)
	if err != nil {
		t.Fatal(err)
	}
	f := written(t, kv, parts)
	c, w, err := load.GGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	c.SeqLen = known.Config.SeqLen // that converter has 2048 for all
	if diff := cmp.Diff(known.Config, c); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(known.Weights.Layers, w.Layers); diff != "" {
		t.Error(diff)
	}
	same, parts2, err := known.AsGGUF(nil)
	if err != nil || len(same) < 10 || len(parts2) < 40 {
		t.Errorf("a GGUF file has %d keys and %d tensors, %v", len(same), len(parts2), err)
	}
}
