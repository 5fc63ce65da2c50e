package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// cacheQ8 returns random rows of n numbers. Scales are any bits: subnormal, infinite and no numbers too.
func cacheQ8(rng *rand.Rand, rows, n int) CacheQ8 {
	c := CacheQ8{int8s(rng, rows*n+3)[rng.IntN(4):][:rows*n], make([]F16, rows*groupsQ8(n))}
	for i := range c.Scales {
		c.Scales[i] = F16(rng.Uint32())
	}
	return c
}

func TestCacheQ8Decode(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 32))
		for n := 16; n <= 288; n += 16 {
			for _, rows := range []int{0, 1, 2, 3, 31, 32} {
				c := cacheQ8(rng, rows, n)
				got, check := guard(rng, rows*n, rng.IntN(16))
				want := slices.Clone(got)
				c.Decode(got, n, c.From(rng.IntN(rows+1), n))
				decodeQ8Generic(want, c, n)
				check(t)
				wantSame(t, got, want, "Decode n=%d rows=%d", n, rows)
			}
		}
	})
}

// TestCacheQ8DecodeByHand has rows whose last scale is of 16 numbers.
func TestCacheQ8DecodeByHand(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		q, got, want := make([]int8, 2*48), make([]float32, 2*48), make([]float32, 2*48)
		for i := range q {
			q[i] = int8(i - 20)
			want[i] = float32(i-20) * []float32{1, 0.5, -2, 0x1p-24}[i/48*2+i%48/32]
		}
		CacheQ8{q, []F16{0x3c00, 0x3800, 0xc000, 0x0001}}.Decode(got, 48, CacheQ8{})
		wantSame(t, got, want, "Decode")
	})
}

// TestCacheQ8Rows holds DotRows and AddRows against Decode and the same for numbers, where there are kernels: for whole
// groups, which are not so long that only a few rows have their scales decoded together.
func TestCacheQ8Rows(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(33, 34))
		for n := 16; n <= 640; n += 16 {
			for _, rows := range []int{0, 1, 2, 7, 8, 9, 16, 31, 32} {
				all := (rows + 7) &^ 7 // eights are read
				c, next := cacheQ8(rng, all, n), cacheQ8(rng, 1, n)
				numbers := make([]float32, all*n)
				decodeQ8Generic(numbers, c, n)
				want := n%smallLen == 0 && n <= 512 && Name()[:4] == "avx5"

				x, _ := padded(rng, n, rng.IntN(16))
				got, check := guard(rng, rows, rng.IntN(16))
				if did := c.DotRows(got, x, n, next); did != want {
					t.Errorf("DotRows n=%d: did it: %v, want %v", n, did, want)
				} else if did {
					sums := make([]float32, rows)
					plainDotRows(sums, numbers, x, n)
					wantSame(t, got, sums, "DotRows n=%d rows=%d", n, rows)
				}
				check(t)

				p, _ := guard(rng, rows, rng.IntN(16))
				got, check = guard(rng, n, rng.IntN(16))
				sums := slices.Clone(got)
				if did := c.AddRows(got, p, next); did != want {
					t.Errorf("AddRows n=%d: did it: %v, want %v", n, did, want)
				} else if did {
					addRowsGeneric(sums, numbers, p)
				}
				wantSame(t, got, sums, "AddRows n=%d rows=%d", n, rows)
				check(t)
			}
		}
	})
}

// TestCacheQ8Short: rows that are not there are not read.
func TestCacheQ8Short(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		c := cacheQ8(rand.New(rand.NewPCG(35, 36)), 9, 64)
		if c.DotRows(make([]float32, 9), make([]float32, 64), 64, CacheQ8{}) {
			t.Error("DotRows did 9 rows of 9, want none: it reads 16")
		}
	})
}
