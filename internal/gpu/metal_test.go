package gpu_test

import (
	"fmt"
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

// TestMetalForward holds logits of Metal's device, which multiplies vectors where they lie, against the reference;
// against those of CUDA's without units for tensors, bit for bit, because their kernels sum in the same order; and
// against those of the kernels that Metal is given as text.
func TestMetalForward(t *testing.T) {
	for _, tr := range all() {
		t.Run(tr.name, func(t *testing.T) {
			w, n := tr.weigh(t), 10
			tokens := check.Tokens(n, tr.config.VocabSize)
			if tr.name == "f32" { // one for all: whatever is longer differs in attention alone
				t.Run("long", func(t *testing.T) { testForward(t, simMetal(t, sim.Library(t)), tr, w, tr.length()) })
			}
			r := onRef(t, tr.config, w, tr.kv)
			want := r.feed(t, r.state.Cache.NewSeq(0), tokens, n)
			var logits [3][][]float32
			for i, open := range []func() gpu.Device{
				func() gpu.Device { return limited{device(t), gpu.NoTensors} },
				func() gpu.Device { return simMetal(t, sim.Library(t)) },
				func() gpu.Device { return simMetal(t, sim.MetalLibrary(t)) },
			} {
				m := onGPU(t, open(), tr.config, w, tr.kv)
				seq, first := m.state.Cache.NewSeq(0), 7-i // other chunks for each
				logits[i] = append(m.feed(t, seq, tokens[:first], first), m.feed(t, seq, tokens[first:], 1)...)
			}
			within(t, &tr, logits[0], want)
			check.Equal(t, logits[1], logits[0], "Metal's")
			check.Equal(t, logits[2], logits[0], "the text's")
		})
	}
}

func TestMetalStart(t *testing.T) { testStart(t, simMetal(t, sim.Library(t))) }

func TestMetalProducts(t *testing.T) { testProducts(t, simMetal(t, sim.Library(t))) }

// TestMetalSquares multiplies by matrices of simdgroups, as the kernels that Metal is given as text do. The sums are
// exact, so that those of a single vector, which others make, are the same bits in whatever order the units have.
func TestMetalSquares(t *testing.T) {
	for name, library := range map[string]func(t testing.TB) string{"text": sim.MetalLibrary, "checked": sim.Library} {
		t.Run(name, func(t *testing.T) { testSquares(t, simMetal(t, library(t))) })
	}
}

// TestMetalShared: weights that the device reads where they are, in the file's memory or in a copy, give the bits of
// those that were uploaded to memory of its own.
func TestMetalShared(t *testing.T) {
	for _, tr := range trials() {
		if tr.name != "f32" && tr.typ != tensor.Q8_0 && tr.typ != tensor.Q4_K && tr.name != "q8-12" {
			continue
		}
		w, tokens := tr.weigh(t), check.Tokens(20, tr.config.VocabSize)
		var logits [2][][]float32
		for i := range logits {
			t.Run(fmt.Sprint(tr.name, i), func(t *testing.T) {
				m := onGPU(t, simMetal(t, sim.Library(t)), tr.config, w, tr.kv)
				if i == 1 {
					m.gpu.ShareWeights()
				}
				logits[i] = m.feed(t, m.state.Cache.NewSeq(0), tokens, 19)
			})
		}
		check.Equal(t, logits[1], logits[0], tr.name)
	}
}

// TestMetalFork copies pages.
func TestMetalFork(t *testing.T) {
	tr := trial{"fork", shape(32, 48, 2, 2, 1, 16, 50, 64), tensor.F32, 0, tensor.Q8_0}
	testFork(t, simMetal(t, sim.Library(t)), tr)
}
