package testdata

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"cria/internal/llama2c"
	"cria/internal/tensor"
)

// Tiny returns a checkpoint with header h and random weights, the same bytes
// for the same seed on every machine: matrices about normal with deviation
// 1/sqrt(columns), norms near 1. It stands in where a test needs a model and no real one.
func Tiny(t testing.TB, h llama2c.Header, seed uint64) []byte {
	t.Helper()
	f := &llama2c.File{Header: h}
	f.Version, f.Type, f.Group = 1, tensor.F32, 0
	var err error
	if f.Tensors, err = f.Outline(); err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range f.Tensors {
		m := &f.Tensors[i].Mat
		mean, deviation := 0.0, 1/math.Sqrt(float64(m.Cols))
		if strings.HasSuffix(f.Tensors[i].Name, "norm.weight") {
			mean, deviation = 1, 0.1
		}
		m.Data = tensor.Bytes(random(rng, m.Rows*m.Cols, mean, deviation))
	}
	var out bytes.Buffer
	opt := llama2c.Options{Version: h.Version, Type: h.Type, Group: h.Group}
	if _, err := llama2c.Convert(&out, f, opt, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// random returns n numbers. It adds four uniform integers where others take the
// logarithm of one, so that every step is exact, or rounds in one way only.
func random(rng *rand.Rand, n int, mean, deviation float64) []float32 {
	// A uniform integer below 2^16 has deviation 2^16/sqrt(12), the sum of four twice that.
	scale := deviation * math.Sqrt(3) / (1 << 16)
	x := make([]float32, n)
	for i := range x {
		u := rng.Uint64()
		sum := int64(u>>48) + int64(u>>32&0xffff) + int64(u>>16&0xffff) + int64(u&0xffff)
		x[i] = float32(mean + float64(float64(sum-2*0xffff)*scale))
	}
	return x
}
