package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/float"
)

// convert returns x as another type, between guards of NaN.
func convert[W Weight](x []float32) []W {
	buf := make([]W, len(x)+64)
	for i := range buf {
		f := float32(math.NaN())
		if i >= 32 && i < 32+len(x) {
			f = x[i-32]
		}
		switch buf := any(buf).(type) {
		case []float32:
			buf[i] = f
		case []F16:
			buf[i] = F16(float.F16(f))
		case []BF16:
			buf[i] = BF16(float.BF16(f))
		}
	}
	return buf[32:][:len(x):len(x)]
}

func TestDotRows(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", testDotRows[float32])
		t.Run("f16", testDotRows[F16])
		t.Run("bf16", testDotRows[BF16])
	})
}

func testDotRows[W Weight](t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range lengths() {
		for _, rows := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33} {
			offset := rng.IntN(16)
			wf, _ := guard(rng, rows*n, offset)
			w := convert[W](wf)
			x, _ := padded(rng, n, 15-offset)
			got, check := guard(rng, rows, offset)
			want := make([]float32, rows)
			DotRows(got, w, x, n)
			plainDotRows(want, w, x, n)
			wantSame(t, got, want, "DotRows n=%d rows=%d offset=%d", n, rows, offset)
			check(t)
		}
	}
}

// plainDotRows is the definition, one product at a time.
func plainDotRows[W Weight](dst []float32, w []W, x []float32, n int) {
	row := make([]float32, (n+15)&^15)
	for r := range dst {
		decodeGeneric(row[:n], w[r*n:])
		var lane [Lanes]float32
		for i := range row {
			lane[i%Lanes] = float.FMA(row[i], x[i], lane[i%Lanes])
		}
		dst[r] = fold(&lane)
	}
}

// TestDotRowsSpecial puts every special number in every lane.
func TestDotRowsSpecial(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		const n = 37
		for i := range n {
			for _, f := range specials {
				for _, g := range specials {
					w, x := make([]float32, 9*n), make([]float32, 48)
					w[i], x[i], w[8*n+i] = f, g, f
					got, want := make([]float32, 9), make([]float32, 9)
					DotRows(got, w, x, n)
					plainDotRows(want, w, x, n)
					wantSame(t, got, want, "%v * %v in element %d", f, g, i)
				}
			}
		}
	})
}

// TestDotAccuracy compares the reference with float64 arithmetic.
func TestDotAccuracy(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, n := range lengths() {
		x, y := make([]float32, (n+15)&^15), make([]float32, n)
		sum, magnitude := 0.0, 0.0
		for i := range y {
			x[i], y[i] = float32(rng.NormFloat64()), float32(rng.NormFloat64())
			sum += float64(x[i]) * float64(y[i])
			magnitude += math.Abs(float64(x[i]) * float64(y[i]))
		}
		var got [1]float32
		DotRows(got[:], y, x, n)
		// Each lane rounds n/16+1 times, the fold four times, each by at most 2^-24.
		tol := float64(n/16+5) * 0x1p-24 * magnitude
		if !(math.Abs(float64(got[0])-sum) <= tol) {
			t.Errorf("n=%d: %v, want %v ± %v", n, got[0], sum, tol)
		}
	}
}

func TestTile(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", testTile[float32])
		t.Run("f16", testTile[F16])
		t.Run("bf16", testTile[BF16])
	})
}

// testTile holds Pack, Tile and TileRows against DotRows.
func testTile[W Weight](t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for _, n := range lengths() {
		for _, vectors := range []int{1, 2, 3, 4, 5, 6, 7, 8, 11, 13} {
			rows, pad, stride := 1+rng.IntN(16), (n+15)&^15, 16+rng.IntN(3)
			if rng.IntN(2) == 0 {
				rows = (rows + 3) &^ 3
			}
			wf, _ := guard(rng, rows*n, rng.IntN(16))
			w := convert[W](wf)
			panel, checkPanel := guard(rng, (rows+3)/4*PanelLen(n), rng.IntN(16))
			Pack(panel, w, rows, n)
			checkPanel(t)
			x, _ := guard(rng, vectors*pad, rng.IntN(16))
			for v := range vectors {
				clear(x[v*pad+n : (v+1)*pad])
			}
			got, check := guard(rng, (vectors-1)*stride+rows, rng.IntN(16))
			before := append([]float32(nil), got...)
			Tile(got, stride, rows, panel, x, pad, n, vectors)
			check(t)
			want := before
			for v := range vectors {
				plainDotRows(want[v*stride:][:rows], w, x[v*pad:], n)
			}
			wantSame(t, got, want, "Tile n=%d rows=%d vectors=%d stride=%d", n, rows, vectors, stride)
			for v := range vectors {
				clear(got[v*stride:][:rows])
			}
			TileRows(got, stride, w, rows, x, pad, n, vectors, panel, make([]byte, rng.IntN(5000)))
			check(t)
			checkPanel(t)
			wantSame(t, got, want, "TileRows n=%d rows=%d vectors=%d stride=%d", n, rows, vectors, stride)
		}
	}
}

func TestDecode(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		all := make([]F16, 1<<16)
		for i := range all {
			all[i] = F16(i)
		}
		got, want := make([]float32, len(all)), make([]float32, len(all))
		DecodeF16(got, all)
		decodeGeneric(want, all)
		wantSame(t, got, want, "DecodeF16")
		bf := make([]BF16, 1<<16)
		for i := range bf {
			bf[i] = BF16(i)
		}
		DecodeBF16(got, bf)
		decodeGeneric(want, bf)
		wantSame(t, got, want, "DecodeBF16")
		for _, n := range lengths() {
			x, check := guard(rand.New(rand.NewPCG(1, 1)), n, n%16)
			DecodeF16(x, all[n:])
			decodeGeneric(want[:n], all[n:])
			wantSame(t, x, want[:n], "DecodeF16 n=%d", n)
			DecodeBF16(x, bf[n:])
			decodeGeneric(want[:n], bf[n:])
			wantSame(t, x, want[:n], "DecodeBF16 n=%d", n)
			check(t)
		}
	})
}

func TestEncodeF16(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(7, 8))
		for _, n := range lengths() {
			for range 20 {
				x, _ := guard(rng, n, rng.IntN(16))
				for i := range x {
					switch rng.IntN(3) {
					case 0:
						x[i] = specials[rng.IntN(len(specials))]
					case 1: // at and beside the middle of two numbers
						x[i] = math.Float32frombits(rng.Uint32()&^0xfff&0x47ffffff + uint32(rng.IntN(3)) - 1)
					}
				}
				buf := make([]F16, n+2)
				buf[0], buf[n+1] = 1, 2
				EncodeF16(buf[1:][:n], x)
				if buf[0] != 1 || buf[n+1] != 2 {
					t.Fatalf("n=%d: guard overwritten", n)
				}
				for i, f := range x {
					if want := F16(float.F16(f)); buf[1+i] != want && f == f {
						t.Fatalf("n=%d: F16(%x) = %#x, want %#x", n, f, buf[1+i], want)
					}
				}
			}
		}
	})
}

func BenchmarkDotRows(b *testing.B) {
	b.Run("f32", benchDotRows[float32])
	b.Run("f16", benchDotRows[F16])
	b.Run("bf16", benchDotRows[BF16])
}

// benchDotRows works on a matrix that fits the first-level cache.
func benchDotRows[W Weight](b *testing.B) {
	const rows, n = 16, 288
	w, x, dst := make([]W, rows*n), make([]float32, n), make([]float32, rows)
	size := 2
	if _, ok := any(w).([]float32); ok {
		size = 4
	}
	b.SetBytes(int64(rows * n * size))
	for b.Loop() {
		DotRows(dst, w, x, n)
	}
}

// BenchmarkTileRows multiplies a matrix that the second-level cache does not hold, as prompts do.
func BenchmarkTileRows(b *testing.B) {
	b.Run("f32", benchTileRows[float32])
	b.Run("f16", benchTileRows[F16])
	b.Run("bf16", benchTileRows[BF16])
}

func benchTileRows[W Weight](b *testing.B) {
	const rows, some, vectors, apart = 2048, 32, 252, 16
	for _, n := range []int{64, 768, 2048, 5632} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w, x, dst := make([]W, rows*n), make([]float32, vectors*(n+apart)), make([]float32, vectors*rows)
			panels := make([]float32, some/PanelRows*PanelLen(n))
			for b.Loop() {
				for r := 0; r < rows; r += some {
					TileRows(dst[r:], rows, w[r*n:], some, x, n+apart, n, vectors, panels, nil)
				}
			}
			b.ReportMetric(2*float64(n)*vectors*rows*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
