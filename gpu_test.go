package cria_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"cria"
	"cria/internal/fixture"
	"cria/internal/gpu/sim"
)

// onGPU returns options for the simulated GPU.
func onGPU(t *testing.T, opts ...cria.Option) []cria.Option {
	t.Helper()
	return append(opts, cria.WithDevice("cuda"), cria.WithCUDALibrary(sim.Library(t)), cria.WithSessions(1))
}

// TestGPUStory: the simulated GPU tells the story that run.c tells.
func TestGPUStory(t *testing.T) {
	golden, err := os.ReadFile(fixture.Path(t, "golden", "stories260K.t0.n200.txt"))
	if err != nil {
		t.Fatal(err)
	}
	n, want := 200, strings.TrimSuffix(string(golden), "\n")
	if testing.Short() {
		n = 20
	}
	m := stories260K(t, "v0", onGPU(t)...)
	s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(n))
	got, err := tell(s, "")
	if err != nil || !strings.HasPrefix(want, got) || n == 200 && got != want || got == "" {
		t.Errorf("error %v, story\n%s\nwant\n%s", err, got, want)
	}
	if !strings.Contains(m.Device(), "Simulated GPU") {
		t.Errorf("the device is %q", m.Device())
	}
}

// TestGPULayers: so do the processor and the GPU together, with a part of the layers each.
func TestGPULayers(t *testing.T) {
	golden, err := os.ReadFile(fixture.Path(t, "golden", "stories260K.t0.n200.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, layers := range []int{0, 2, 5} {
		m := stories260K(t, "v0", onGPU(t, cria.WithGPULayers(layers), cria.WithThreads(2), cria.WithContext(64))...)
		s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(40))
		got, err := tell(s, "")
		if err != nil || !strings.HasPrefix(string(golden), got) || got == "" {
			t.Errorf("%d layers: error %v, story %q", layers, err, got)
		}
		if both := strings.Contains(m.Device(), "for the last"); both != (layers < 5) {
			t.Errorf("%d layers: the device is %q", layers, m.Device())
		}
	}
}

// TestMetalStory: so does the simulated Metal.
func TestMetalStory(t *testing.T) {
	golden, err := os.ReadFile(fixture.Path(t, "golden", "stories260K.t0.n200.txt"))
	if err != nil {
		t.Fatal(err)
	}
	m := stories260K(t, "v0", cria.WithDevice("metal"), cria.WithMetalLibrary(sim.Library(t)), cria.WithSessions(1))
	s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(40))
	got, err := tell(s, "")
	if err != nil || !strings.HasPrefix(string(golden), got) || got == "" || m.Device() != "metal (Simulated Metal)" {
		t.Errorf("error %v, device %q, story\n%s\nwant\n%s", err, m.Device(), got, golden)
	}
}

// TestGPUStoryteller: so does the storyteller, whose weights are int8 in groups; it reads a prompt, goes
// back, and scores a text.
func TestGPUStoryteller(t *testing.T) {
	var done, all int64
	m, err := cria.Storyteller(onGPU(t, cria.WithContext(64), cria.WithBatch(7),
		cria.WithProgress(func(d, a int64) { done, all = d, a }))...)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	s := session(t, m, cria.WithSampling(cria.Greedy()), cria.WithMaxTokens(5))
	const prompt = "Once upon a time there was a little llama named"
	first, err := tell(s, prompt)
	if err != nil || first != " Zoe who lived" {
		t.Errorf("error %v, text %q", err, first)
	}
	if err := s.Rewind(0); err != nil {
		t.Fatal(err)
	}
	if again, err := tell(s, prompt); err != nil || again != first {
		t.Errorf("error %v, text %q, and at first %q", err, again, first)
	}
	if done != all || all == 0 {
		t.Errorf("%d of %d bytes were told", done, all)
	}
	s.Close()
	ids, err := m.Encode(prompt)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for logits, err := range m.Score(context.Background(), ids, 1) {
		if err != nil || len(logits) != m.Config().VocabSize {
			t.Fatalf("error %v, %d logits", err, len(logits))
		}
		rows++
	}
	if rows != len(ids)-1 {
		t.Errorf("%d rows, want %d", rows, len(ids)-1)
	}
}

// TestNoFallback: a model runs on the device it was opened for, or not at all.
func TestNoFallback(t *testing.T) {
	nowhere := []cria.Option{cria.WithDevice("cuda"), cria.WithCUDALibrary("nowhere.so")}
	for _, c := range []struct {
		opts  []cria.Option
		class error
		want  string
	}{
		{nowhere, cria.ErrDevice, "nowhere.so"},
		{[]cria.Option{cria.WithDevice("metal"), cria.WithMetalLibrary("nowhere.so")}, cria.ErrDevice, "metal: no Metal"},
		{[]cria.Option{cria.WithDevice("abacus")}, cria.ErrBadOption, `device is "abacus"`},
		{append(nowhere, cria.WithGPULayers(-1)), cria.ErrBadOption, "GPU layers are -1, want 0 to "},
		{append(nowhere, cria.WithGPUMemory("public")), cria.ErrBadOption, `GPU memory is "public", want private or shared`},
		{append(nowhere, cria.WithGPULayers(99)), cria.ErrBadOption, "GPU layers are 99, want 0 to "},
	} {
		m, err := cria.Storyteller(c.opts...)
		if err == nil {
			_ = m.Close()
		}
		if !errors.Is(err, c.class) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %v with %q", err, c.class, c.want)
		}
	}
}

// TestGPUMemory: what does not fit is refused with both numbers, before anything is uploaded.
func TestGPUMemory(t *testing.T) {
	library := sim.Library(t)
	m, err := cria.Storyteller(cria.WithDevice("cuda"), cria.WithCUDALibrary(library), cria.WithSessions(1<<12))
	if err == nil {
		_ = m.Close()
	}
	if !errors.Is(err, cria.ErrDevice) || !strings.Contains(err.Error(), "bytes free, and the model needs") ||
		!strings.Contains(err.Error(), " layers would fit") {
		t.Errorf("%v, want ErrDevice with two numbers and the layers", err)
	}
}
