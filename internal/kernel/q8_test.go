package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// newQ8 returns room for vectors of n numbers, with guards that check tests.
func newQ8(n, group, vectors int) (q Q8, check func(t *testing.T)) {
	const margin = 64
	codes := (vectors-1)*Pitch(n) + n
	buf := make([]int8, codes+2*margin)
	for i := range buf {
		buf[i] = 77
	}
	groups := n / group * vectors
	q = Q8{buf[margin:][:codes], make([]float32, groups), make([]int32, groups)}
	return q, func(t *testing.T) {
		t.Helper()
		for i, f := range buf {
			if (i < margin || i >= margin+codes) && f != 77 {
				t.Fatalf("guard %d was overwritten", i-margin)
			}
		}
	}
}

// groupsOf are the shapes that quantized kernels are tried on: [group, groups].
var groupsOf = [][2]int{
	{1, 3}, {2, 8}, {4, 1}, {4, 7}, {8, 4}, {12, 3}, {16, 1}, {16, 5}, {20, 2},
	{32, 1}, {32, 2}, {32, 3}, {32, 8}, {32, 9},
	{48, 3}, {64, 1}, {64, 2}, {64, 3}, {64, 5}, {64, 12}, {96, 2}, {96, 3},
	{128, 1}, {128, 3}, {256, 2}, {288, 1}, {1024, 1}, {2048, 2}, {64, 64},
}

func TestQuantize(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(13, 14))
		for _, s := range groupsOf {
			group, n := s[0], s[0]*s[1]
			for i := range 30 {
				x, _ := guard(rng, n, rng.IntN(16))
				if i%3 == 0 {
					sprinkle(rng, x)
				}
				if i%5 == 0 { // ties, and groups near the smallest numbers
					for j := range x {
						x[j] = float32(rng.IntN(255)-127) * 0.5
					}
				}
				if i%7 == 0 {
					for j := range x {
						x[j] *= 0x1p-146
					}
				}
				got, check := newQ8(n, group, 1)
				want, _ := newQ8(n, group, 1)
				Quantize(got, x, group)
				quantizeGeneric(want, x, group)
				check(t)
				wantSame(t, got.Scales, want.Scales, "scales of Quantize n=%d group=%d", n, group)
				for j := range want.Q {
					if got.Q[j] != want.Q[j] {
						t.Fatalf("n=%d group=%d: q[%d] of %v / %v = %d, want %d", n, group,
							j, x[j], want.Scales[j/group], got.Q[j], want.Q[j])
					}
				}
				for j := range want.Sums {
					if got.Sums[j] != want.Sums[j] {
						t.Fatalf("n=%d group=%d: sums[%d] = %d, want %d", n, group, j, got.Sums[j], want.Sums[j])
					}
				}
			}
		}
	})
}

// int8s returns random numbers of the whole range, the extremes more often.
func int8s(rng *rand.Rand, n int) []int8 {
	q := make([]int8, n)
	for i := range q {
		switch rng.IntN(4) {
		case 0:
			q[i] = -128
		case 1:
			q[i] = 127
		default:
			q[i] = int8(rng.IntN(256) - 128)
		}
	}
	return q
}

// randomQ8 returns vectors of activations as Quantize makes them: never -128.
func randomQ8(rng *rand.Rand, n, group, vectors int) Q8 {
	q, _ := newQ8(n, group, vectors)
	copy(q.Q, int8s(rng, len(q.Q)))
	for i := range q.Q {
		q.Q[i] = max(q.Q[i], -127)
	}
	for t := range vectors {
		v := q.From(t, n, group)
		for i, f := range v.Q[:n] {
			v.Sums[i/group] += int32(f)
		}
	}
	for i := range q.Scales {
		q.Scales[i] = number(rng)
	}
	return q
}

func TestDotRowsQ8(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(15, 16))
		for _, s := range groupsOf {
			for _, rows := range []int{1, 2, 3, 4, 7, 8, 15, 16, 17, 18, 24, 31, 32, 33, 50} {
				group, n := s[0], s[0]*s[1]
				offset := rng.IntN(64)
				w := int8s(rng, rows*n+offset)[offset:]
				ws, _ := guard(rng, rows*s[1], rng.IntN(16))
				x := randomQ8(rng, n, group, 1)
				got, check := guard(rng, rows, rng.IntN(16))
				want := make([]float32, rows)
				DotRowsQ8(got, w, ws, x, n, group)
				dotRowsQ8Generic(want, w, ws, x, n, group)
				wantSame(t, got, want, "DotRowsQ8 group=%d groups=%d rows=%d", group, s[1], rows)
				check(t)
			}
		}
	})
}

func TestTileQ8(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(17, 18))
		for _, s := range groupsOf {
			if s[0]*s[1]%4 != 0 || s[0]%4 != 0 {
				continue
			}
			for _, vectors := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 17, 25} {
				group, n, stride := s[0], s[0]*s[1], PanelRowsQ8+rng.IntN(3)
				rows := 1 + rng.IntN(PanelRowsQ8)
				if rng.IntN(2) == 0 {
					rows = PanelRowsQ8
				}
				w := int8s(rng, rows*n)
				ws, _ := guard(rng, rows*s[1], rng.IntN(16))
				x := randomQ8(rng, n, group, vectors)
				scales, checkScales := guard(rng, s[1]*PanelRowsQ8, rng.IntN(16))
				codes, checkCodes := guarded[int8](2*n*PanelRowsQ8, 77)
				panel := PanelQ8{codes, scales}
				PackQ8(panel, w, ws, rows, n, group)
				checkCodes(t)
				checkScales(t)
				got, check := guard(rng, (vectors-1)*stride+rows, rng.IntN(16))
				want := append([]float32(nil), got...)
				TileQ8(got, stride, rows, panel, x, n, group, vectors)
				check(t)
				for v := range vectors {
					dotRowsQ8Generic(want[v*stride:][:rows], w, ws, x.From(v, n, group), n, group)
				}
				wantSame(t, got, want, "TileQ8 group=%d groups=%d rows=%d vectors=%d", group, s[1], rows, vectors)
			}
		}
	})
}

// The last shapes are 16 MB, as a small model is, and 64 MB.
func BenchmarkDotRowsQ8(b *testing.B) {
	for _, s := range [][3]int{{32, 9, 32}, {64, 12, 32}, {64, 8, 32000}, {32, 9, 228 << 10}, {64, 32, 32 << 10}} {
		group, n, rows := s[0], s[0]*s[1], s[2]
		b.Run(fmt.Sprintf("group=%d/n=%d/rows=%d", group, n, rows), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			w, ws, dst := make([]int8, rows*n), make([]float32, rows*s[1]), make([]float32, rows)
			for i := range w {
				w[i] = int8(i * 77)
			}
			x := randomQ8(rng, n, group, 1)
			b.SetBytes(int64(rows * (n + 4*s[1])))
			for b.Loop() {
				DotRowsQ8(dst, w, ws, x, n, group)
			}
		})
	}
}

func BenchmarkPackQ8(b *testing.B) {
	const n, group = 768, 64
	w, ws := make([]int8, n*PanelRowsQ8), make([]float32, n/group*PanelRowsQ8)
	p := PanelQ8{make([]int8, 2*n*PanelRowsQ8), make([]float32, n/group*PanelRowsQ8)}
	b.SetBytes(n * PanelRowsQ8)
	for b.Loop() {
		PackQ8(p, w, ws, PanelRowsQ8, n, group)
	}
}

func BenchmarkTileQ8(b *testing.B) {
	const n, group, vectors = 768, 64, 64
	rng := rand.New(rand.NewPCG(1, 1))
	p := PanelQ8{make([]int8, 2*n*PanelRowsQ8), make([]float32, n/group*PanelRowsQ8)}
	PackQ8(p, int8s(rng, n*PanelRowsQ8), p.Scales, PanelRowsQ8, n, group)
	x, dst := randomQ8(rng, n, group, vectors), make([]float32, vectors*PanelRowsQ8)
	for b.Loop() {
		TileQ8(dst, PanelRowsQ8, PanelRowsQ8, p, x, n, group, vectors)
	}
	b.ReportMetric(2*n*vectors*PanelRowsQ8*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
}

func BenchmarkQuantize(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	x := make([]float32, 768)
	for i := range x { // no subnormal quotients, which are slow and rare
		x[i] = float32(rng.NormFloat64())
	}
	q, _ := newQ8(768, 64, 1)
	b.SetBytes(768 * 4)
	for b.Loop() {
		Quantize(q, x, 64)
	}
}

// TestTileQ8Longest multiplies the largest codes of a group of 65536: their sum is near the end of 32 bits.
func TestTileQ8Longest(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		const n = 1 << 16
		q, _ := newQ8(n, n, 1)
		w := make([]int8, n)
		for i := range n {
			w[i], q.Q[i] = 127, 127
		}
		q.Scales[0], q.Sums[0] = 1, 127*n
		p := PanelQ8{make([]int8, 2*n*PanelRowsQ8), make([]float32, PanelRowsQ8)}
		PackQ8(p, w, []float32{1}, 1, n, n)
		var got [1]float32
		TileQ8(got[:], 1, 1, p, q, n, n, 1)
		if want := float32(127 * 127 * n); got[0] != want {
			t.Errorf("got %v, want %v", got[0], want)
		}
	})
}
