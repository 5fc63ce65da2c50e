package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"cria/internal/fixture"
	"cria/internal/load"
)

// TestStories wants the same bits of the same weights in every form.
func TestStories(t *testing.T) {
	ids := make([]int32, 60)
	for i := range ids {
		ids[i] = int32((7*i*i + 3*i + 1) % 512)
	}
	want := logitsOf(t, open(t, fixture.Path(t, "models", "stories260K.v0.bin")), ids)
	for _, path := range []string{
		fixture.Path(t, "models", "stories260K.v1.bin"), fixture.Path(t, "models", "stories260K.gguf"), fixture.StoriesHF(t),
	} {
		wantNear(t, logitsOf(t, open(t, path), ids), want, 0)
	}
}

// TestRealFiles opens what others wrote.
func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		dir, family string
		vocab       int
	}{{"tinystories-656k", "llama", 2048}, {"random/tiny_llama3", "llama", 256}, {"random/tiny_qwen3", "qwen3", 256}} {
		m := open(t, fixture.Path(t, "models", filepath.FromSlash(c.dir)))
		if m.Format != "Hugging Face" || m.Family != c.family || m.Config.VocabSize != c.vocab || !m.Config.Rope.Halves {
			t.Errorf("%s: %s, family %s, %+v", c.dir, m.Format, m.Family, m.Config)
		}
		for _, z := range logitsOf(t, m, tokens())[39] {
			if !(z > -1000 && z < 1000) {
				t.Fatalf("%s: a logit is %g", c.dir, z)
			}
		}
		if hasNorms := m.Weights.Layers[0].QNorm != nil; hasNorms != (c.family == "qwen3") {
			t.Errorf("%s: norms of heads: %v", c.dir, hasNorms)
		}
		if isStretched := m.Config.Rope.Stretch != nil; isStretched != (c.dir == "random/tiny_llama3") {
			t.Errorf("%s: positions are stretched: %v", c.dir, isStretched)
		}
	}
}

// TestByContent opens files whose names say nothing.
func TestByContent(t *testing.T) {
	for _, name := range []string{"stories260K.gguf", "stories260K.v0.bin"} {
		data, err := os.ReadFile(fixture.Path(t, "models", name))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "model")
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
		if m := open(t, path); m.Config.Dim != 64 {
			t.Errorf("%s: %+v", name, m.Config)
		}
	}
	dir := fixture.StoriesHF(t)
	for _, disk := range []load.Disk{{}, {FS: os.DirFS(dir)}} {
		name := "model.safetensors"
		if disk.FS == nil {
			name = filepath.Join(dir, name)
		}
		m, err := load.Open(disk, name)
		if err != nil {
			t.Fatal(err)
		}
		if m.Format != "Hugging Face" || m.Bytes < 1<<20 || len(m.Largest()) == 0 {
			t.Errorf("%s, %d bytes", m.Format, m.Bytes)
		}
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
}
