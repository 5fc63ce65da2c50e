package kernel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// headsQ8 returns random heads. Scales are any bits: subnormal, infinite and no numbers too.
func headsQ8(rng *rand.Rand, heads, rows, n int) *Heads[int8] {
	h := &Heads[int8]{W: int8s(rng, heads*rows*n+3)[rng.IntN(4):][:heads*rows*n], Count: heads, Rows: rows, N: n}
	h.Scales = make([]F16, heads*rows*h.groups())
	for i := range h.Scales {
		h.Scales[i] = F16(rng.Uint32())
	}
	return h
}

// headsOf returns random heads of floats.
func headsOf[W float32 | F16](rng *rand.Rand, heads, rows, n int) *Heads[W] {
	w, _ := guard(rng, heads*rows*n, rng.IntN(16))
	return &Heads[W]{W: convert[W](w), Count: heads, Rows: rows, N: n}
}

func TestHeads(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", func(t *testing.T) { testHeads(t, headsOf[float32]) })
		t.Run("f16", func(t *testing.T) { testHeads(t, headsOf[F16]) })
		t.Run("q8", func(t *testing.T) { testHeads(t, headsQ8) })
	})
}

// testHeads holds Dot and Add, and for int8 DecodeHead, against one number after the other.
func testHeads[W float32 | F16 | int8](t *testing.T, random func(rng *rand.Rand, heads, rows, n int) *Heads[W]) {
	const all = 32
	rng := rand.New(rand.NewPCG(31, 32))
	for n := 16; n <= 288; n += 16 {
		for _, rows := range []int{0, 1, 2, 7, 8, 9, 31, all} {
			heads := 1 + rng.IntN(3)
			h, next, ahead := random(rng, heads, all, n), random(rng, heads, all, n), rng.IntN(heads+1)
			numbers, page := decoded(h), make([]float32, all*n)

			stride := rows + rng.IntN(20)
			x, _ := guard(rng, heads*n, rng.IntN(16))
			got, check := guard(rng, heads*stride, rng.IntN(16))
			want := slices.Clone(got)
			h.Dot(got, stride, rows, x, page, next, ahead)
			for i := range heads {
				plainDotRows(want[i*stride:][:rows], numbers[i*all*n:], x[i*n:], n)
			}
			wantSame(t, got, want, "Dot n=%d rows=%d heads=%d", n, rows, heads)
			check(t)

			lo := rng.IntN(rows + 1)
			p, _ := guard(rng, heads*stride, rng.IntN(16))
			got, check = guard(rng, heads*n, rng.IntN(16))
			want = slices.Clone(got)
			h.Add(got, p, stride, lo, rows, page, next, ahead)
			for i := range heads {
				addRowsGeneric(want[i*n:][:n], numbers[(i*all+lo)*n:], p[i*stride:][lo:rows])
			}
			wantSame(t, got, want, "Add n=%d lo=%d rows=%d heads=%d", n, lo, rows, heads)
			check(t)

			if h, ok := any(h).(*Heads[int8]); ok {
				i := rng.IntN(heads)
				got, check := guard(rng, all*n, rng.IntN(16))
				DecodeHead(got, h, i, any(next).(*Heads[int8]), ahead)
				wantSame(t, got, numbers[i*all*n:][:all*n], "DecodeHead n=%d", n)
				check(t)
			}
		}
	}
}

// decoded returns the numbers of all heads.
func decoded[W float32 | F16 | int8](h *Heads[W]) []float32 {
	numbers := make([]float32, len(h.W))
	switch h := any(h).(type) {
	case *Heads[float32]:
		copy(numbers, h.W)
	case *Heads[F16]:
		decodeGeneric(numbers, h.W)
	case *Heads[int8]:
		decodeQ8Generic(numbers, h.W, h.Scales, h.N)
	}
	return numbers
}

// TestDecodeHeadByHand has rows whose last scale is of 16 numbers.
func TestDecodeHeadByHand(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		q, got, want := make([]int8, 2*48), make([]float32, 2*48), make([]float32, 2*48)
		for i := range q {
			q[i] = int8(i - 20)
			want[i] = float32(i-20) * []float32{1, 0.5, -2, 0x1p-24}[i/48*2+i%48/32]
		}
		h := &Heads[int8]{W: q, Scales: []F16{0x3c00, 0x3800, 0xc000, 0x0001}, Count: 1, Rows: 2, N: 48}
		DecodeHead(got, h, 0, h, 1)
		wantSame(t, got, want, "DecodeHead")
	})
}
