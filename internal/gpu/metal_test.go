package gpu_test

import (
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/metal"
	"cria/internal/gpu/sim"
	"cria/internal/tensor"
)

// openMetal opens Metal's device.
func openMetal(t testing.TB, library string) gpu.Device {
	t.Helper()
	dev, err := metal.Open(library)
	if err != nil {
		t.Fatal(err)
	}
	return dev
}

// simMetal opens the simulated one and wants nothing to be done wrong until the test has ended.
func simMetal(t *testing.T, library string) gpu.Device {
	t.Helper()
	sim.Notes(t, library, true)
	t.Cleanup(func() { // after the device is closed
		if notes := sim.Notes(t, library, true); notes != "" {
			t.Error(notes)
		}
	})
	return openMetal(t, library)
}

// TestMetalForward holds logits of Metal's device, which multiplies vectors where they lie, against
// the reference, and against those of CUDA's without units for tensors, bit for bit: their
// kernels sum in the same order.
func TestMetalForward(t *testing.T) {
	for _, tr := range append(trials(), families()...) {
		t.Run(tr.name, func(t *testing.T) {
			w := tr.weigh(t)
			n := 10
			if tr.name == "f32" { // one for all: whatever is longer differs in attention alone
				n = tr.length()
			}
			got := testForward(t, simMetal(t, sim.Library(t)), tr, w, n)
			m := onGPU(t, limited{device(t), gpu.NoTensors}, tr.config, w, tr.kv)
			tokens := check.Tokens(n, tr.config.VocabSize)
			check.Equal(t, m.feed(t, m.state.Cache.NewSeq(0), tokens, 1), got, "CUDA's")
		})
	}
}

// TestMetalText runs what Metal is given as text, and wants the same bits.
func TestMetalText(t *testing.T) {
	for _, tr := range append(trials(), families()...) {
		t.Run(tr.name, func(t *testing.T) {
			w, tokens := tr.weigh(t), check.Tokens(10, tr.config.VocabSize)
			var logits [2][][]float32
			for i, library := range []string{sim.Library(t), sim.MetalLibrary(t)} {
				m := onGPU(t, simMetal(t, library), tr.config, w, tr.kv)
				seq := m.state.Cache.NewSeq(0)
				logits[i] = append(m.feed(t, seq, tokens[:7], 7), m.feed(t, seq, tokens[7:], 1)...)
			}
			check.Equal(t, logits[1], logits[0], "the text's")
		})
	}
}

func TestMetalStart(t *testing.T) { testStart(t, simMetal(t, sim.Library(t))) }

func TestMetalProducts(t *testing.T) { testProducts(t, simMetal(t, sim.Library(t))) }

// TestMetalFork copies pages.
func TestMetalFork(t *testing.T) {
	tr := trial{"fork", shape(32, 48, 2, 2, 1, 16, 50, 64), tensor.F32, 0, tensor.Q8_0}
	testFork(t, simMetal(t, sim.Library(t)), tr)
}
