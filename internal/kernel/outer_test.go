package kernel

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// An outerCase is one call of AddOuter.
type outerCase struct {
	m, n, depth   int
	cMore, bMore  int  // by how much strides are larger than needed
	transposed    bool // a lies [depth][m]
	cAt, aAt, bAt int  // alignment
}

// checkOuter compares AddOuter with its reference and looks at what lies around c.
func checkOuter(t *testing.T, rng *rand.Rand, k outerCase, fillWith func([]float32)) {
	t.Helper()
	cStride, bStride := k.n+k.cMore, k.n+k.bMore
	aRow, aCol := k.depth+k.cMore, 1
	aLen := k.m * aRow
	if k.transposed {
		aRow, aCol = 1, k.m+k.bMore
		aLen = k.depth * aCol
	}
	a, checkA := guard(rng, aLen, k.aAt)
	b, checkB := guard(rng, k.depth*bStride, k.bAt)
	c, checkC := guard(rng, max(0, (k.m-1)*cStride+k.n), k.cAt)
	if fillWith != nil {
		fillWith(a)
		fillWith(b)
	}
	want := append([]float32(nil), c...)
	addOuterGeneric(want, cStride, a, aRow, aCol, b, bStride, k.m, k.n, k.depth)
	var s OuterScratch
	AddOuter(&s, c, cStride, a, aRow, aCol, b, bStride, k.m, k.n, k.depth)
	wantSame(t, c, want, "%+v", k)
	checkA(t)
	checkB(t)
	checkC(t)
}

func TestAddOuter(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(1, 2))
		for m := range 14 {
			for n := 0; n < 70; n += 1 + rng.IntN(3) {
				checkOuter(t, rng, outerCase{m, n, rng.IntN(6), rng.IntN(4), rng.IntN(4), rng.IntN(2) == 0,
					rng.IntN(16), rng.IntN(16), rng.IntN(16)}, nil)
			}
		}
		for _, k := range []outerCase{{m: 6, n: 64, depth: 128}, {m: 13, n: 130, depth: 129}, {m: 7, n: 48, depth: 300},
			{m: 24, n: 200, depth: 5}, {m: 770, n: 17, depth: 130}, {m: 770, n: 66, depth: 2}, {m: 1, n: 65, depth: 257}} {
			for _, k.transposed = range []bool{false, true} {
				checkOuter(t, rng, k, nil)
			}
		}
		special := func(x []float32) {
			for i := range x {
				x[i] = specials[rng.IntN(len(specials))]
			}
		}
		for range 50 {
			checkOuter(t, rng, outerCase{m: 1 + rng.IntN(8), n: 1 + rng.IntN(80), depth: 1 + rng.IntN(4),
				transposed: rng.IntN(2) == 0}, special)
		}
	})
}

func BenchmarkAddOuter(b *testing.B) {
	for _, k := range []outerCase{{m: 2048, n: 288, depth: 768}, {m: 768, n: 288, depth: 2048, transposed: true},
		{m: 256, n: 64, depth: 2048, transposed: true}, {m: 64, n: 48, depth: 64}} {
		b.Run(fmt.Sprintf("%dx%dx%d", k.m, k.n, k.depth), func(b *testing.B) {
			aRow, aCol := k.depth, 1
			if k.transposed {
				aRow, aCol = 1, k.m
			}
			x, y, c := ones(k.m*k.depth), ones(k.depth*k.n), ones(k.m*k.n)
			var s OuterScratch
			for b.Loop() {
				AddOuter(&s, c, k.n, x, aRow, aCol, y, k.n, k.m, k.n, k.depth)
			}
			b.ReportMetric(2*float64(k.m*k.n*k.depth)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// ones returns numbers whose sums stay finite, and far from subnormal.
func ones(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1 / float32(1+i%7)
	}
	return x
}
