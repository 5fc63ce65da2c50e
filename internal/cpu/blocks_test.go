package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"cria/internal/kv"
	"cria/internal/tensor"
)

var blockTypes = []tensor.DType{
	tensor.Q4_0, tensor.Q4_1, tensor.Q5_0, tensor.Q5_1, tensor.Q8_0, tensor.IQ4_NL, tensor.MXFP4, tensor.IQ4_XS,
	tensor.Q2_K, tensor.Q3_K, tensor.Q4_K, tensor.Q5_K, tensor.Q6_K,
}

// randomMat returns a matrix of blocks whose scales are ordinary numbers: bytes are below 0x3c.
func randomMat(rng *rand.Rand, typ tensor.DType, rows, cols int) *tensor.Mat {
	data := make([]byte, rows*typ.RowSize(cols))
	for i := range data {
		data[i] = byte(rng.IntN(0x3c))
	}
	return &tensor.Mat{Type: typ, Rows: rows, Cols: cols, Data: data}
}

func randomActs(rng *rand.Rand, vectors, n int) tensor.Acts {
	x := tensor.NewActs(vectors, n)
	for t := range vectors {
		for i := range n {
			x.Row(t)[i] = float32(rng.NormFloat64())
		}
	}
	return x
}

// TestBatchesOfBlocks wants of a batch what its vectors give alone, whichever kernels their number chooses.
func TestBatchesOfBlocks(t *testing.T) {
	const rows, cols, most = 77, 512, 20
	b := New(Sizes{Rows: most, Cols: cols, Heads: 1, KVHeads: 1, HeadDim: 16, SeqLen: 16}, Options{Threads: 2})
	defer b.Close()
	for _, typ := range blockTypes {
		rng := rand.New(rand.NewPCG(31, 32))
		w, x := randomMat(rng, typ, rows, cols), randomActs(rng, most, cols)
		want, got := tensor.NewActs(most, rows), tensor.NewActs(most, rows)
		for v := range most {
			y := tensor.Acts{Data: want.Row(v), N: rows, Stride: want.Stride}
			one := tensor.Acts{Data: x.Row(v), N: cols, Stride: x.Stride}
			b.ProjectAdd(tensor.Product{Dst: y, W: w}, one, nil, 0, make([]kv.Row, 1))
		}
		for vectors := 1; vectors <= most; vectors++ {
			clear(got.Data)
			b.ProjectAdd(tensor.Product{Dst: got, W: w}, x, nil, 0, make([]kv.Row, vectors))
			for v := range vectors {
				for r, f := range got.Row(v)[:rows] {
					if f != want.Row(v)[r] || f == 0 {
						t.Fatalf("%v, %d vectors: row %d times vector %d is %v, alone it is %v",
							typ, vectors, r, v, f, want.Row(v)[r])
					}
				}
			}
		}
	}
}

// BenchmarkBlocks multiplies a matrix of 9 to 18 MB with one thread. GB/s are those of the matrix.
func BenchmarkBlocks(b *testing.B) {
	const rows, cols = 4096, 4096
	for _, typ := range []tensor.DType{tensor.Q4_0, tensor.IQ4_NL, tensor.Q8_0, tensor.Q4_K, tensor.Q6_K} {
		for _, vectors := range []int{1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 64, 256} {
			b.Run(fmt.Sprintf("%v/%d", typ, vectors), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				sizes := Sizes{Rows: vectors, Cols: cols, Heads: 1, KVHeads: 1, HeadDim: 16, SeqLen: 16}
				back := New(sizes, Options{Threads: 1})
				defer back.Close()
				w, x, dst := randomMat(rng, typ, rows, cols), randomActs(rng, vectors, cols), tensor.NewActs(vectors, rows)
				b.SetBytes(w.Bytes())
				for b.Loop() {
					back.ProjectAdd(tensor.Product{Dst: dst, W: w}, x, nil, 0, make([]kv.Row, vectors))
				}
			})
		}
	}
}
