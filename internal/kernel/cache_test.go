package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestDecodeQ8(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(31, 32))
		for n := 16; n <= 288; n += 16 {
			groups := (n + 31) / 32
			for _, rows := range []int{0, 1, 2, 3, 31, 32} {
				q := int8s(rng, rows*n+3)[rng.IntN(4):][:rows*n]
				scales := make([]F16, rows*groups)
				for i := range scales { // any bits: subnormal, infinite and no numbers too
					scales[i] = F16(rng.Uint32())
				}
				got, check := guard(rng, rows*n, rng.IntN(16))
				want := slices.Clone(got)
				DecodeQ8(got, q, scales, n)
				decodeQ8Generic(want, q, scales, n)
				check(t)
				wantSame(t, got, want, "DecodeQ8 n=%d rows=%d", n, rows)
			}
		}
	})
}

// TestDecodeQ8ByHand has rows whose last scale is of 16 numbers.
func TestDecodeQ8ByHand(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		q, got, want := make([]int8, 2*48), make([]float32, 2*48), make([]float32, 2*48)
		for i := range q {
			q[i] = int8(i - 20)
			want[i] = float32(i-20) * []float32{1, 0.5, -2, 0x1p-24}[i/48*2+i%48/32]
		}
		DecodeQ8(got, q, []F16{0x3c00, 0x3800, 0xc000, 0x0001}, 48)
		wantSame(t, got, want, "DecodeQ8")
	})
}
