package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestMinsAdd adds products of minimums and wants those of DotRows.
func TestMinsAdd(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(63, 64))
		for _, n := range lengths() {
			if n == 0 {
				continue
			}
			pad := (n + Lanes - 1) &^ (Lanes - 1)
			for _, vectors := range []int{1, 2, 3, 8, 13} {
				rows := 16 - rng.IntN(2)*rng.IntN(16)
				m := NewMins(n, vectors)
				w, _ := guard(rng, rows*n, rng.IntN(16))
				x, _ := guard(rng, vectors*pad, rng.IntN(16))
				for v := range vectors {
					clear(x[v*pad+n : (v+1)*pad])
				}
				stride := 16 + rng.IntN(20)
				got, check := guard(rng, vectors*stride, rng.IntN(16))
				want := append([]float32(nil), got...)
				m.Add(got, stride, w, rows, x, pad, n, vectors)
				for v := range vectors {
					products := make([]float32, rows)
					DotRows(products, w, x[v*pad:(v+1)*pad], n)
					for r, f := range products {
						want[v*stride+r] += f
					}
				}
				check(t)
				wantSame(t, got, want, "Mins.Add n=%d, %d rows, %d vectors", n, rows, vectors)
			}
		}
	})
}

// BenchmarkMinsAdd adds what the minimums of 16 rows of 768 and 4096 numbers in Q4_K give.
func BenchmarkMinsAdd(b *testing.B) {
	for _, n := range []int{24, 128} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			const vectors = 256
			rng := rand.New(rand.NewPCG(1, 1))
			pad := (n + Lanes - 1) &^ (Lanes - 1)
			m, dst := NewMins(n, vectors), make([]float32, 16*vectors)
			w, _ := guard(rng, 16*n, 0)
			x := make([]float32, vectors*pad)
			for b.Loop() {
				m.Add(dst, 16, w, 16, x, pad, n, vectors)
			}
			b.ReportMetric(2*float64(n)*vectors*16*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
