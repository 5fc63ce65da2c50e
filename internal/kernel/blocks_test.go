package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"cria/internal/cpuid"
)

// randomBlocks returns rows of blocks of random bytes, at any alignment and with
// no room behind them: scales may be infinite or no numbers, and those of MXFP4
// are often the smallest and largest.
func randomBlocks(rng *rand.Rand, f Blocks, rows, n int) []byte {
	offset, size := rng.IntN(8), rows*f.RowSize(n)
	b := make([]byte, offset+size)
	for i := range b {
		b[i] = byte(rng.Uint32())
	}
	if f == MXFP4 {
		for i := offset; i < len(b); i += blocks[f].size {
			b[i] = [...]byte{0, 1, 2, 255, b[i]}[rng.IntN(5)]
		}
	}
	return b[offset:][:size:size]
}

// guarded returns n elements, all fill, and a check that those around them still are.
func guarded[T int8 | int16 | float32](n int, fill T) (inside []T, check func(t *testing.T)) {
	buf := slices.Repeat([]T{fill}, n+128)
	return buf[64:][:n:n], func(t *testing.T) {
		t.Helper()
		for i, f := range buf {
			if (i < 64 || i >= 64+n) && f != fill {
				t.Fatalf("guard %d of %d elements was overwritten", i-64, n)
			}
		}
	}
}

func TestUnpack(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(21, 22))
		for f := Q4_0; f <= IQ4_XS; f++ {
			for _, count := range []int{1, 2, 3, 7} {
				rows, n := 1+rng.IntN(17), count*blocks[f].len
				w := randomBlocks(rng, f, rows, n)
				codes, check1 := guarded[int8](rows*n, 77)
				scales, check2 := guarded[float32](rows*n/smallLen, 77)
				mins, check3 := guarded[float32](rows*n/smallLen, 77)
				f.Unpack(codes, scales, mins, w, rows, n)
				for _, check := range []func(*testing.T){check1, check2, check3} {
					check(t)
				}
				wantCodes, wantScales, wantMins := slices.Clone(codes), slices.Clone(scales), slices.Clone(mins)
				size := f.RowSize(n)
				for r := range rows {
					at, to := r*n/smallLen, (r+1)*n/smallLen
					var m []float32
					if f.MinLen() > 0 {
						m = wantMins[at:to]
					}
					f.unpackGeneric(wantCodes[r*n:][:n], wantScales[at:to], m, w[r*size:][:size])
				}
				what := fmt.Sprintf("format %d, %d rows of %d", f, rows, n)
				if i := firstDifference(codes, wantCodes); i >= 0 {
					t.Fatalf("%s: code %d is %d, want %d", what, i, codes[i], wantCodes[i])
				}
				wantSame(t, scales, wantScales, "%s: scales", what)
				wantSame(t, mins, wantMins, "%s: mins", what)
			}
		}
	})
}

// TestDotRowsBlocks wants what the two steps give.
func TestDotRowsBlocks(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(29, 30))
		for f := range nBlocks {
			for _, rows := range []int{16, 17, 31, 32, 50} {
				n := (1 + rng.IntN(5)) * blocks[f].len
				w, x := randomBlocks(rng, f, rows, n), randomQ8(rng, n, smallLen, 1)
				got, check := guard(rng, rows, rng.IntN(16))
				if !f.DotRows(got, w, x, n) {
					continue
				}
				want := dotRowsSmall(f, w, x, nil, rows, n)
				check(t)
				wantSame(t, got, want, "format %d, %d rows of %d", f, rows, n)
			}
		}
	})
}

// dotRowsSmall returns what DotRows gives, in plain Go and in steps.
func dotRowsSmall(f Blocks, w []byte, x Q8, sums []float32, rows, n int) []float32 {
	codes, scales, dst := make([]int8, rows*n), make([]float32, rows*n/smallLen), make([]float32, rows)
	mins, minimums := make([]float32, rows*len(sums)), make([]float32, rows)
	for r := range rows {
		at, m := r*n/smallLen, []float32(nil)
		if sums != nil {
			m = mins[r*len(sums):][:len(sums)]
		}
		f.unpackGeneric(codes[r*n:][:n], scales[at:][:n/smallLen], m, w[r*f.RowSize(n):][:f.RowSize(n)])
	}
	dotRowsQ8Generic(dst, codes, scales, x, n, smallLen)
	if sums != nil {
		DotRows(minimums, mins, sums, len(sums)) // on every instruction set the same
		for r, m := range minimums {
			dst[r] += m
		}
	}
	return dst
}

// TestDotRowsSuper wants what the steps give.
func TestDotRowsSuper(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(35, 36))
		for f := Q2_K; f < nBlocks; f++ {
			for rows := 1; rows < 70; rows++ {
				n := (1 + rng.IntN(5)) * superLen
				w, x := randomBlocks(rng, f, rows, n), randomSuper(rng, n, 1)
				var sums []float32
				if m := f.MinLen(); m > 0 {
					sums = make([]float32, (n/m+Lanes-1)/Lanes*Lanes)[:n/m] // with padding, as DotRows wants it
					MinSums(sums, x, m, superLen, subLen)
				}
				got, check := guard(rng, rows, rng.IntN(16))
				if !f.DotRowsSuper(got, w, x, sums, n) {
					continue
				}
				check(t)
				wantSame(t, got, dotRowsSuper(f, w, x, sums, rows, n), "format %d, %d rows of %d", f, rows, n)
			}
		}
	})
}

// dotRowsSuper returns what DotRowsSuper gives, in plain Go and in steps.
func dotRowsSuper(f Blocks, w []byte, x Q8, sums []float32, rows, n int) []float32 {
	var dst []float32
	for r := range rows {
		p, row := NewPanelSuper(n), make([]float32, PanelRowsSuper)
		count, b := n/superLen, w[r*f.RowSize(n):]
		for i := range count {
			at, mins := i*PanelRowsSuper, p.Mins[i*len(sums)/count:]
			p.Scales[at] = f.unpackSuper(p.Codes[at*superLen:], p.Sub[at*subLen:], mins, b[i*blocks[f].size:])
		}
		dotSuperGeneric((*[PanelRowsSuper]float32)(row), p, x, count, f.Offset())
		if sums != nil {
			var minimums [1]float32
			DotRows(minimums[:], p.Mins[:len(sums)], sums, len(sums)) // on every instruction set the same
			row[0] += minimums[0]
		}
		dst = append(dst, row[0])
	}
	return dst
}

// TestTileBlocks wants of Pack and Tile what DotRows gives.
func TestTileBlocks(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(33, 34))
		for f := range nBlocks {
			for count := 1; count < 30; count++ {
				n, vectors, stride := count*blocks[f].len, 1+rng.IntN(13), PanelRowsQ8+rng.IntN(5)
				w, x := randomBlocks(rng, f, PanelRowsQ8, n), randomQ8(rng, n, smallLen, vectors)
				codes, checkCodes := guarded[int8](2*PanelRowsQ8*n, 77)
				scales, checkScales := guarded[float32](PanelRowsQ8*n/smallLen, 77)
				p := PanelQ8{codes, scales}
				if !f.Pack(p, w, n) {
					continue
				}
				got, check := guard(rng, (vectors-1)*stride+PanelRowsQ8, rng.IntN(16))
				want := slices.Clone(got)
				f.Tile(got, stride, p, x, n, vectors)
				checkCodes(t)
				checkScales(t)
				check(t)
				for v := range vectors {
					copy(want[v*stride:], dotRowsSmall(f, w, x.From(v, n, smallLen), nil, PanelRowsQ8, n))
				}
				wantSame(t, got, want, "format %d, %d blocks, %d vectors", f, count, vectors)
			}
		}
	})
}

func firstDifference[T comparable](got, want []T) int {
	for i := range want {
		if got[i] != want[i] {
			return i
		}
	}
	return -1
}

// newPanel returns a panel for super-blocks with guards.
func newPanel(n int) (PanelSuper, func(t *testing.T)) {
	codes, check1 := guarded[int8](16*n, 77)
	sub, check2 := guarded[int16](n, 77)
	scales, check3 := guarded[float32](n/16, 77)
	mins, check4 := guarded[float32](n, 77)
	return PanelSuper{Codes: codes, Sub: sub, Scales: scales, Mins: mins}, func(t *testing.T) {
		t.Helper()
		for _, check := range []func(*testing.T){check1, check2, check3, check4} {
			check(t)
		}
	}
}

func TestUnpackSuper(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(23, 24))
		for f := Q2_K; f < nBlocks; f++ {
			for _, rows := range []int{16, 1, 7} {
				n := (1 + rng.IntN(3)) * superLen
				w := randomBlocks(rng, f, rows, n)
				got, check := newPanel(n)
				f.UnpackSuper(got, w, rows, n)
				check(t)
				want, _ := newPanel(n)
				set, dot := isa, int8Dot
				isa = 0 // generic
				f.UnpackSuper(want, w, rows, n)
				isa, int8Dot = set, dot
				what := fmt.Sprintf("format %d, %d rows of %d", f, rows, n)
				if i := firstDifference(got.Codes, want.Codes); i >= 0 {
					t.Fatalf("%s: code %d is %d, want %d", what, i, got.Codes[i], want.Codes[i])
				}
				if i := firstDifference(got.Sub, want.Sub); i >= 0 {
					t.Fatalf("%s: integer scale %d is %d, want %d", what, i, got.Sub[i], want.Sub[i])
				}
				wantSame(t, got.Scales, want.Scales, "%s: scales", what)
				wantSame(t, got.Mins, want.Mins, "%s: mins", what)
			}
		}
	})
}

// randomPanel returns a panel with the extremes of codes and integer scales.
func randomPanel(rng *rand.Rand, f Blocks, n int) PanelSuper {
	p, codes := NewPanelSuper(n), 1<<blocks[f].bits
	for i := range p.Codes {
		p.Codes[i] = int8([...]int{0, codes - 1, rng.IntN(codes)}[rng.IntN(3)])
	}
	for i := range p.Sub {
		p.Sub[i] = [...]int16{-128, 127, int16(rng.IntN(256) - 128)}[rng.IntN(3)]
	}
	if f.subLen() > subLen { // scales in pairs
		for i := range p.Sub {
			p.Sub[i] = p.Sub[i&^1]
		}
	}
	for i := range p.Scales {
		p.Scales[i] = number(rng)
	}
	return p
}

// randomSuper returns vectors as QuantizeSuper makes them.
func randomSuper(rng *rand.Rand, n, vectors int) Q8 {
	x := randomQ8(rng, n, superLen, vectors)
	x.Sums = make([]int32, 2*n*vectors/subLen)
	for t := range vectors {
		v := x.FromSuper(t, n)
		sums16Generic(v.Sums, v.Q[:n])
		sumPairsGeneric(v.Sums[n/subLen:], v.Q[:n])
	}
	return x
}

func TestSums16(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(25, 26))
		for n := 0; n < 600; n += subLen {
			q := int8s(rng, n)
			got, want := make([]int32, n/subLen+1), make([]int32, n/subLen+1)
			got[n/subLen], want[n/subLen] = 77, 77
			sums16(got[:n/subLen], q)
			sums16Generic(want[:n/subLen], q)
			if i := firstDifference(got, want); i >= 0 {
				t.Fatalf("n=%d: sum %d is %d, want %d", n, i, got[i], want[i])
			}
		}
	})
}

// TestQuantizeSuper wants the codes of Quantize and, of every 16, the sum and, where there are any, those of pairs.
func TestQuantizeSuper(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(37, 38))
		for n := superLen; n < 2000; n += superLen {
			x, _ := guard(rng, n, rng.IntN(16))
			got, check := newQ8(n, superLen, 1)
			got.Sums = make([]int32, 2*n/subLen+1)
			got.Sums[2*n/subLen] = 77
			want, _ := newQ8(n, superLen, 1)
			QuantizeSuper(got, x)
			check(t)
			quantizeGeneric(want, x, superLen)
			want.Sums = make([]int32, 2*n/subLen+1)
			want.Sums[2*n/subLen] = 77
			sums16Generic(want.Sums, want.Q)
			if isa == cpuid.AVX2 || isa == cpuid.AVX512 && !int8Dot { // whose tiles of super-blocks want them
				sumPairsGeneric(want.Sums[n/subLen:], want.Q)
			}
			if i := firstDifference(got.Q, want.Q); i >= 0 {
				t.Fatalf("n=%d: code %d is %d, want %d", n, i, got.Q[i], want.Q[i])
			}
			if i := firstDifference(got.Sums, want.Sums); i >= 0 {
				t.Fatalf("n=%d: sum %d is %d, want %d", n, i, got.Sums[i], want.Sums[i])
			}
		}
	})
}

func TestTileSuper(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(27, 28))
		for _, n := range []int{0, 256, 512, 1280} {
			for f := Q2_K; f < nBlocks; f++ {
				for _, vectors := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 25} {
					rows := []int{16, 16, 1, 9}[rng.IntN(4)]
					p, x, stride := randomPanel(rng, f, n), randomSuper(rng, n, vectors), rows+rng.IntN(5)
					got, check := guard(rng, stride*vectors, rng.IntN(16))
					want := slices.Clone(got)
					f.TileSuper(got, stride, rows, p, x, n, vectors)
					for v := range vectors {
						var out [PanelRowsSuper]float32
						dotSuperGeneric(&out, p, x.FromSuper(v, n), n/superLen, f.Offset())
						copy(want[v*stride:][:rows], out[:])
					}
					check(t)
					wantSame(t, got, want, "format %d, n=%d, %d rows, %d vectors", f, n, rows, vectors)
				}
			}
		}
	})
}

// BenchmarkTileSuper multiplies 16 rows by a batch.
func BenchmarkTileSuper(b *testing.B) {
	const n, vectors = 1024, 64
	for f := Q2_K; f < nBlocks; f++ {
		b.Run(fmt.Sprint(f), func(b *testing.B) {
			rng := rand.New(rand.NewPCG(1, 1))
			p, x, dst := randomPanel(rng, f, n), randomSuper(rng, n, vectors), make([]float32, vectors*PanelRowsSuper)
			for i := range p.Scales { // no subnormal numbers, which are slow and rare
				p.Scales[i] = 0.01
			}
			for b.Loop() {
				f.TileSuper(dst, PanelRowsSuper, PanelRowsSuper, p, x, n, vectors)
			}
			b.ReportMetric(2*n*vectors*PanelRowsSuper*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
		})
	}
}

func BenchmarkUnpackDot(b *testing.B) {
	for f := Q4_0; f < nBlocks; f++ {
		b.Run(fmt.Sprint(f), func(b *testing.B) {
			const n, rows = 2048, 2048
			rng := rand.New(rand.NewPCG(1, 1))
			w := randomBlocks(rng, f, rows, n)
			p, dst := NewPanelSuper(n), make([]float32, 16)
			codes, scales, mins := make([]int8, 16*n), make([]float32, n), make([]float32, n)
			super, small := randomSuper(rng, n, 1), randomQ8(rng, n, 32, 1)
			sums := make([]float32, n/16)
			size := f.RowSize(n)
			b.SetBytes(int64(len(w)))
			for b.Loop() {
				for r := 0; r < rows; r += 16 {
					if !f.IsSuper() && f.DotRows(dst, w[r*size:], small, n) {
						continue
					}
					if f.IsSuper() {
						if f.DotRowsSuper(dst, w[r*size:], super, sums, n) {
							continue
						}
						f.UnpackSuper(p, w[r*size:], 16, n)
						DotSuper(dst, p, super, n, f.Offset())
					} else {
						f.Unpack(codes, scales, mins, w[r*size:], 16, n)
						DotRowsQ8(dst, codes, scales, small, n, 32)
					}
				}
			}
		})
	}
}
