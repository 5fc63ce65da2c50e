package gpu_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// levels are the device with the units that it has for tensors, and with fewer.
func levels(t *testing.T, run func(t *testing.T, dev gpu.Device)) {
	for level, name := range []string{"none", "squares", "warps", "groups"} {
		t.Run(name, func(t *testing.T) {
			dev := device(t)
			if dev.Info().Tensors < gpu.Tensors(level) {
				_ = dev.Close()
				t.Skipf("%s has no such units", dev.Info().Name)
			}
			run(t, limited{dev, gpu.Tensors(level)})
		})
	}
}

// A limited device has no better units for tensors than a level's.
type limited struct {
	gpu.Device
	level gpu.Tensors
}

func (d limited) Info() gpu.Info {
	info := d.Device.Info()
	info.Tensors = d.level
	return info
}

func newBackend(t testing.TB, dev gpu.Device, rows int) *gpu.Backend {
	t.Helper()
	b, err := gpu.New(dev, gpu.Sizes{Rows: rows, SeqLen: 32}, kv.Shape{Layers: 1, KVHeads: 1, HeadDim: 2, Pages: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// TestProducts multiplies vectors without a norm before: codes are then those of the reference, and halves
// as wrong as rounding makes them. See limit.
func TestProducts(t *testing.T) { testProducts(t, device(t)) }

func testProducts(t *testing.T, dev gpu.Device) {
	t.Helper()
	b := newBackend(t, dev, 11)
	rng := rand.New(rand.NewPCG(5, 6))
	for typ := tensor.F32; typ < tensor.LLMInt8; typ++ {
		t.Run(typ.String(), func(t *testing.T) {
			n := 6
			if testing.Short() {
				n = 2
			}
			for i := range n {
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

// TestTensors multiplies by halves, with all units: as many vectors and rows as take several blocks, vectors of very
// large and very small numbers, and such that a block has hardly room for.
func TestTensors(t *testing.T) {
	levels(t, func(t *testing.T, dev gpu.Device) {
		b := newBackend(t, dev, 140)
		rng := rand.New(rand.NewPCG(7, 8))
		for _, typ := range []tensor.DType{tensor.F16, tensor.BF16} {
			shapes := [][3]int{{140, 600, 130}, {8, 513, 300}, {1, 1, 1}, {9, 1032, 20}, {130, 31, 9}}
			if testing.Short() {
				shapes = shapes[2:]
			}
			for _, s := range shapes {
				testProduct(t, b, matrixOf(t, typ, 0, s[2], s[1], uint64(s[0])), s[0], rng)
			}
		}
		for _, typ := range []tensor.DType{tensor.Q8_0, tensor.Q4_0} {
			for _, s := range [][3]int{{1, 32, 1}, {140, 608, 130}, {9, 1056, 20}, {8, 544, 300}, {130, 32, 9}, {33, 2016, 41}} {
				testProduct(t, b, matrixOf(t, typ, 0, s[2], s[1], uint64(s[0])), s[0], rng)
			}
		}
		if testing.Short() {
			return
		}
		long := tensor.Mat{Type: tensor.BF16, Rows: 9, Cols: 30000, Data: make([]byte, 2*9*30000)}
		for i := range 9 * 30000 {
			binary.LittleEndian.PutUint16(long.Data[2*i:], uint16(math.Float32bits(rng.Float32()-0.5)>>16))
		}
		testProduct(t, b, &long, 3, rng)
	})
}

// TestSquares multiplies many vectors by codes in squares of 16: such that blocks are full and not, and that lanes have
// no chunk, one, or several; and int8 in groups, of which some are for no square.
func TestSquares(t *testing.T) { testSquares(t, limited{device(t), gpu.SquareTensors}) }

func testSquares(t *testing.T, dev gpu.Device) {
	t.Helper()
	b := newBackend(t, dev, 70)
	rng := rand.New(rand.NewPCG(15, 16))
	for typ := tensor.Q4_0; typ <= tensor.MXFP4; typ++ {
		t.Run(typ.String(), func(t *testing.T) {
			unit := typ.BlockLen()
			for _, s := range [][3]int{{17, unit, 33}, {70, 1056 / unit * unit, 17}} {
				testProduct(t, b, matrixOf(t, typ, 0, s[2], s[1], uint64(s[0])), s[0], rng)
			}
		})
	}
	for _, group := range []int{16, 48, 40} {
		testProduct(t, b, matrixOf(t, tensor.Q8, group, 35, 12*group, 3), 19, rng)
	}
}

// A small device gives a block as little memory as cards do that are not for servers, and looks at what launches
// ask for.
type small struct {
	gpu.Device
	t *testing.T
}

const smallShared = 99 << 10

func (d small) Info() gpu.Info {
	info := d.Device.Info()
	info.SharedBytes, info.Tensors = smallShared, min(info.Tensors, gpu.WarpTensors)
	return info
}

func (d small) Run(p *gpu.Pass) error {
	for _, l := range p.Launches {
		if l.Shared > smallShared-1024 {
			d.t.Errorf("kernel %s asks for %d bytes", l.Kernel, l.Shared)
		}
	}
	return d.Device.Run(p)
}

// TestSmall multiplies with little memory for a block.
func TestSmall(t *testing.T) {
	b := newBackend(t, small{device(t), t}, 40)
	rng := rand.New(rand.NewPCG(9, 11))
	for _, typ := range []tensor.DType{tensor.F16, tensor.BF16, tensor.Q8_0, tensor.Q4_0} {
		for _, vectors := range []int{1, 7, 40} {
			testProduct(t, b, matrixOf(t, typ, 0, 41, 2016, uint64(vectors)), vectors, rng)
		}
	}
}

// TestShapes multiplies by random matrices of all types and small sizes: a thousand where they are computed by a card.
func TestShapes(t *testing.T) {
	n := 1000
	if os.Getenv("CRIA_CUDA_LIBRARY") == "" {
		n = 250
	}
	if testing.Short() {
		n = 50
	}
	b := newBackend(t, device(t), 40)
	rng := rand.New(rand.NewPCG(9, 10))
	for i := range n {
		typ, group := tensor.F32+tensor.DType(rng.IntN(int(tensor.LLMInt8-tensor.F32))), 0
		unit := typ.BlockLen()
		if typ == tensor.Q8 {
			unit = 1 + rng.IntN(70)
			group = unit
		}
		vectors := 1 + rng.IntN(12)
		if rng.IntN(8) == 0 {
			vectors += rng.IntN(28)
		}
		testProduct(t, b, matrixOf(t, typ, group, 1+rng.IntN(50), unit*(1+rng.IntN(1+150/unit)), uint64(i)), vectors, rng)
	}
}

// matrixOf returns random weights.
func matrixOf(t *testing.T, typ tensor.DType, group, rows, cols int, seed uint64) *tensor.Mat {
	t.Helper()
	unit := max(group, typ.BlockLen()) // of the matrices that nobody needs
	c := model.Config{
		Dim: cols, HiddenDim: unit, NLayers: 1, NHeads: 1, NKVHeads: 1, HeadDim: 2 * unit, VocabSize: rows, SeqLen: 1,
		Rope: model.Rope{Theta: 1}, NormEps: 1,
	}
	w, err := load.Synthetic(&c, typ, group, true, seed)
	if err != nil {
		t.Fatal(err)
	}
	return &w.Output
}

// testProduct compares products with the reference's, and those of one vector alone with those of all, bit for bit.
func testProduct(t *testing.T, b *gpu.Backend, w *tensor.Mat, vectors int, rng *rand.Rand) {
	t.Helper()
	x, got, want := tensor.NewActs(vectors, w.Cols), tensor.NewActs(vectors, w.Rows), tensor.NewActs(vectors, w.Rows)
	for v := range vectors {
		size := math.Ldexp(1, rng.IntN(40)-20)
		for i := range x.Row(v) {
			x.Row(v)[i] = float32(rng.NormFloat64() * size)
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
			limit := limit(w.Type, row.Row(0), x.Row(v))
			if d := math.Abs(float64(got.Row(v)[r]) - float64(want.Row(v)[r])); !(d <= limit) {
				t.Fatalf("%v [%d][%d], vector %d of %d, row %d: %g, want %g ± %g",
					w.Type, w.Rows, w.Cols, v, vectors, r, got.Row(v)[r], want.Row(v)[r], limit)
			}
		}
	}
	one, alone, v := tensor.NewActs(1, w.Cols), tensor.NewActs(1, w.Rows), rng.IntN(vectors)
	copy(one.Row(0), x.Row(v))
	if err := b.Multiply(tensor.Product{Dst: alone, W: w}, one, 1); err != nil {
		t.Fatal(err)
	}
	what := fmt.Sprintf("%v [%d][%d], vector %d of %d alone", w.Type, w.Rows, w.Cols, v, vectors)
	check.Equal(t, [][]float32{alone.Row(0)}, [][]float32{got.Row(v)}, what)
}

// limit is how far the product of a row and a vector may be from the reference's. Its sum has another order: each
// is within (terms+4)·2^-24 of the sum of its terms' magnitudes, and two of them within twice that. Tensor units
// cut off what is below 2^-23 of the largest of 17 terms at least, 1/16 as often as there are terms: twice as much
// again. Of blocks with minimums, the two parts of a term may be larger than the term. 4 times allow for these.
//
// A vector as halves is off by 2^-11 of each number at most, and by 2^-38 of its largest; as two of 8 bits by 2^-16.
func limit(typ tensor.DType, row, x []float32) float64 {
	sum, weights, top := 0.0, 0.0, 0.0
	for i, f := range row {
		sum += math.Abs(float64(f)) * math.Abs(float64(x[i]))
		weights += math.Abs(float64(f))
		top = max(top, math.Abs(float64(x[i])))
	}
	e := 4 * 2 * float64(len(row)+4) * 0x1p-24 * sum
	switch typ {
	case tensor.F16:
		e += 0x1p-11*sum + 0x1p-38*top*weights
	case tensor.BF16:
		e += 0x1p-16 * sum
	}
	return e
}
