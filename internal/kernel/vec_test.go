package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/float"
)

// sprinkle replaces some numbers by special ones.
func sprinkle(rng *rand.Rand, x []float32) {
	for range len(x) / 8 {
		x[rng.IntN(len(x))] = specials[rng.IntN(len(specials))]
	}
}

// eachVector calls f with random vectors of every length at some alignment,
// one in three with special numbers.
func eachVector(t *testing.T, f func(t *testing.T, rng *rand.Rand, x []float32)) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(9, 10))
		for _, n := range lengths() {
			for i := range 12 {
				x, check := guard(rng, n, rng.IntN(16))
				if i%3 == 0 {
					sprinkle(rng, x)
				}
				f(t, rng, x)
				check(t)
			}
		}
	})
}

func TestMax(t *testing.T) {
	eachVector(t, func(t *testing.T, _ *rand.Rand, x []float32) {
		// Zeros of both signs are equal, and either may be returned.
		if got, want := Max(x), maxGeneric(x); got != want {
			t.Fatalf("Max of %d = %v, want %v", len(x), got, want)
		}
	})
}

func TestFinite(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 15, 1024, 1025, 2100} {
			x := make([]float32, n)
			for i := range x {
				x[i] = math.MaxFloat32 * float32(1-i%2*2)
			}
			if !Finite(x) {
				t.Errorf("Finite of %d finite numbers is false", n)
			}
			for _, i := range []int{0, n / 2, n - 1} {
				for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
					if n > 0 {
						good := x[i]
						if x[i] = float32(bad); Finite(x) {
							t.Errorf("Finite with %v at %d of %d is true", bad, i, n)
						}
						x[i] = good
					}
				}
			}
		}
	})
}

func TestExpSum(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, x []float32) {
		top := Max(x)
		if rng.IntN(4) == 0 {
			top = 0
		}
		want := append([]float32(nil), x...)
		wantSum := expSumGeneric(want, top)
		gotSum := ExpSum(x, top)
		wantSame(t, x, want, "ExpSum of %d", len(x))
		wantSame(t, []float32{gotSum}, []float32{wantSum}, "sum of ExpSum of %d", len(x))
	})
}

func TestSwiGLU(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, gate []float32) {
		up, _ := guard(rng, len(gate), rng.IntN(16))
		want := append([]float32(nil), gate...)
		swiGLUGeneric(want, up)
		SwiGLU(gate, up)
		wantSame(t, gate, want, "SwiGLU of %d", len(gate))
	})
}

func TestGeGLU(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, gate []float32) {
		up, _ := guard(rng, len(gate), rng.IntN(16))
		want := append([]float32(nil), gate...)
		for i, f := range up {
			want[i] = float32(float.GELU(want[i])) * f
		}
		GeGLU(gate, up)
		wantSame(t, gate, want, "GeGLU of %d", len(gate))
	})
}

func TestSoftcap(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, x []float32) {
		c := 1 + 50*rng.Float32()
		want := append([]float32(nil), x...)
		for i, f := range want {
			want[i] = c * float.Tanh(f/c)
		}
		Softcap(x, c)
		wantSame(t, x, want, "Softcap of %d", len(x))
	})
}

func TestScale(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, x []float32) {
		norm, _ := guard(rng, len(x), rng.IntN(16))
		got, check := guard(rng, len(x), rng.IntN(16))
		want := make([]float32, len(x))
		s := number(rng)
		scaleGeneric(want, x, norm, s)
		scale(got, x, norm, s)
		wantSame(t, got, want, "scale of %d", len(x))
		check(t)
	})
}

func TestDivide(t *testing.T) {
	eachVector(t, func(t *testing.T, rng *rand.Rand, x []float32) {
		got, check := guard(rng, len(x), rng.IntN(16))
		want := make([]float32, len(x))
		d := number(rng)
		divideGeneric(want, x, d)
		Divide(got, x, d)
		wantSame(t, got, want, "%d numbers divided", len(x))
		check(t)
	})
}

func TestScaleBy(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, n := range []int{0, 1, 48, 255, 256, 257, 600} {
		x, _ := guard(rng, n, rng.IntN(16))
		got, check := guard(rng, n, rng.IntN(16))
		want, s := make([]float32, n), number(rng)
		for i, f := range x {
			want[i] = s * f
		}
		Scale(got, x, s)
		wantSame(t, got, want, "Scale of %d", n)
		check(t)
	}
}

func TestRMSNorm(t *testing.T) {
	x, norm, got := []float32{3, -4, 0, 0}, []float32{1, 2, 3, 4}, make([]float32, 4)
	RMSNorm(got, append(x, make([]float32, 12)...), norm, 0)
	s := 1 / float32(math.Sqrt(25.0/4)) // exact: 0.4
	wantSame(t, got, []float32{3 * s, 2 * (-4 * s), 0, 0}, "RMSNorm")
}

func TestAddRows(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", testAddRows[float32])
		t.Run("f16", testAddRows[F16])
	})
}

func testAddRows[W float32 | F16](t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, n := range []int{16, 32, 48, 64, 80, 96, 112, 128, 144, 256, 272} {
		for _, rows := range []int{0, 1, 2, 3, 5, 31, 32} {
			vf, _ := guard(rng, rows*n, rng.IntN(16))
			v := convert[W](vf)
			p, _ := guard(rng, rows, rng.IntN(16))
			got, check := guard(rng, n, rng.IntN(16))
			want := append([]float32(nil), got...)
			addRowsGeneric(want, v, p)
			AddRows(got, v, p)
			wantSame(t, got, want, "AddRows n=%d rows=%d", n, rows)
			check(t)
		}
	}
}

func TestAddRowsEach(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", testAddRowsEach[float32])
		t.Run("f16", testAddRowsEach[F16])
	})
}

func testAddRowsEach[W float32 | F16](t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for _, n := range []int{16, 32, 48, 64, 80, 96, 128, 144} {
		for _, rows := range []int{0, 1, 2, 3, 5, 31, 32} {
			for vectors := range 10 {
				vf, _ := guard(rng, rows*n, rng.IntN(16))
				v := convert[W](vf)
				pStride := rows + rng.IntN(20)
				p, _ := guard(rng, vectors*pStride, rng.IntN(16))
				got, check := guard(rng, vectors*n, rng.IntN(16))
				want := append([]float32(nil), got...)
				for i := range vectors {
					addRowsGeneric(want[i*n:][:n], v, p[i*pStride:][:rows])
				}
				AddRowsEach(got, n, v, p, pStride, rows, vectors, v[:rng.IntN(2)*len(v)])
				wantSame(t, got, want, "AddRowsEach n=%d rows=%d vectors=%d", n, rows, vectors)
				check(t)
			}
		}
	}
}

func TestRotate(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		// A quarter turn of the second pair of each of two heads.
		x := []float32{1, 2, 3, 4, 5, 6, 7, 8}
		Rotate(x, []float32{1, 0}, []float32{0, 1})
		wantSame(t, x, []float32{1, 2, -4, 3, 5, 6, -8, 7}, "Rotate")
		rng := rand.New(rand.NewPCG(19, 20))
		for pairs := 1; pairs < 70; pairs++ {
			for heads := 1; heads < 5; heads++ {
				x, check := guard(rng, 2*pairs*heads, rng.IntN(16))
				cos, _ := guard(rng, pairs, rng.IntN(16))
				sin, _ := guard(rng, pairs, rng.IntN(16))
				if heads == 3 {
					sprinkle(rng, x)
				}
				want := append([]float32(nil), x...)
				rotateGeneric(want, cos, sin)
				Rotate(x, cos, sin)
				wantSame(t, x, want, "Rotate heads=%d pairs=%d", heads, pairs)
				check(t)
			}
		}
	})
}

func TestAddTile(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(61, 62))
		for _, n := range lengths() {
			for _, vectors := range []int{0, 1, 2, 5} {
				stride, srcStride := n+rng.IntN(20), n+rng.IntN(20)
				got, check := guard(rng, vectors*stride, rng.IntN(16))
				src, _ := guard(rng, vectors*srcStride, rng.IntN(16))
				want := append([]float32(nil), got...)
				AddTile(got, stride, src, srcStride, n, vectors)
				for v := range vectors {
					for i := range n {
						want[v*stride+i] += src[v*srcStride+i]
					}
				}
				check(t)
				wantSame(t, got, want, "AddTile n=%d, %d vectors", n, vectors)
			}
		}
	})
}

func BenchmarkExpSum(b *testing.B) {
	x := make([]float32, 1024)
	b.SetBytes(4096)
	for b.Loop() {
		ExpSum(x, 0)
	}
}

func BenchmarkSwiGLU(b *testing.B) {
	x, y := make([]float32, 1024), make([]float32, 1024)
	b.SetBytes(4096)
	for b.Loop() {
		SwiGLU(x, y)
	}
}

func BenchmarkAddRows(b *testing.B) {
	dst, v, p := make([]float32, 64), make([]float32, 64*32), make([]float32, 32)
	b.SetBytes(64 * 32 * 4)
	for b.Loop() {
		AddRows(dst, v, p)
	}
}

func BenchmarkAddRowsEach(b *testing.B) {
	dst, v, p := make([]float32, 32*64), make([]float32, 64*32), make([]float32, 32*512)
	b.SetBytes(32 * 64 * 32 * 4)
	for b.Loop() {
		AddRowsEach(dst, 64, v, p, 512, 32, 32, nil)
	}
}

func BenchmarkRotate(b *testing.B) {
	x, cos, sin := make([]float32, 768), make([]float32, 32), make([]float32, 32)
	b.SetBytes(4 * 768)
	for b.Loop() {
		Rotate(x, cos, sin)
	}
}
