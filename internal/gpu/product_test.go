package gpu_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// TestProducts multiplies vectors without a norm before: codes are then those of the
// reference, and a sum differs only by its order. So each is within (terms+4)·2^-24 of the sum of its
// terms' magnitudes, and two of them within twice that.
func TestProducts(t *testing.T) { testProducts(t, device(t)) }

func testProducts(t *testing.T, dev gpu.Device) {
	t.Helper()
	shape := kv.Shape{Layers: 1, KVHeads: 1, HeadDim: 2, Pages: 1}
	b, err := gpu.New(dev, gpu.Sizes{Rows: 11, SeqLen: 32}, shape)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	rng := rand.New(rand.NewPCG(5, 6))
	for typ := tensor.F32; typ < tensor.LLMInt8; typ++ {
		t.Run(typ.String(), func(t *testing.T) {
			for i := range 6 {
				unit, group := typ.BlockLen(), 0
				if typ == tensor.Q8 {
					unit = []int{2, 12, 16, 48, 64, 5}[i]
					group = unit
				}
				n, rows := unit*(1+rng.IntN(1+600/unit)), 1+rng.IntN(40)
				w := matrixOf(t, typ, group, rows, n, uint64(i))
				testProduct(t, b, w, 1, rng)
				testProduct(t, b, w, 11, rng)
			}
		})
	}
}

// matrixOf returns random weights.
func matrixOf(t *testing.T, typ tensor.DType, group, rows, cols int, seed uint64) *tensor.Mat {
	t.Helper()
	c := model.Config{
		Dim: cols, HiddenDim: cols, NLayers: 1, NHeads: 1, NKVHeads: 1, HeadDim: 2 * cols, VocabSize: rows, SeqLen: 1,
		Rope: model.Rope{Theta: 1}, NormEps: 1,
	}
	w, err := load.Synthetic(&c, typ, group, true, seed)
	if err != nil {
		t.Fatal(err)
	}
	return &w.Output
}

func testProduct(t *testing.T, b *gpu.Backend, w *tensor.Mat, vectors int, rng *rand.Rand) {
	t.Helper()
	x, got, want := tensor.NewActs(11, w.Cols), tensor.NewActs(11, w.Rows), tensor.NewActs(11, w.Rows)
	for v := range vectors {
		for i := range x.Row(v) {
			x.Row(v)[i] = float32(rng.NormFloat64())
		}
	}
	rows := make([]kv.Row, vectors)
	ref.Backend{}.ProjectAdd(tensor.Product{Dst: want, W: w}, x, nil, 0, rows)

	if err := b.Multiply(tensor.Product{Dst: got, W: w}, x, vectors); err != nil {
		t.Fatal(err)
	}
	for r := range w.Rows {
		row := tensor.NewActs(1, w.Cols)
		ref.Backend{}.Embed(row, w, 1, []kv.Row{{Token: int32(r)}})
		for v := range vectors {
			size := 0.0
			for i, f := range row.Row(0) {
				size += math.Abs(float64(f)) * math.Abs(float64(x.Row(v)[i]))
			}
			// Of blocks with minimums, the two parts of a term may be larger than the term: 4 times allow for that.
			limit := 4 * 2 * float64(w.Cols+4) * 0x1p-24 * size
			if d := math.Abs(float64(got.Row(v)[r]) - float64(want.Row(v)[r])); !(d <= limit) {
				t.Fatalf("%v [%d][%d], vector %d of %d, row %d: %g, want %g ± %g",
					w.Type, w.Rows, w.Cols, v, vectors, r, got.Row(v)[r], want.Row(v)[r], limit)
			}
		}
	}
}
