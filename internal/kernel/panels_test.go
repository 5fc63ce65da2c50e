package kernel

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// interleaved returns the panels of all rows.
func interleaved(f Blocks, w []byte, rows, n int) []byte {
	size := f.PanelSize(n)
	panels := make([]byte, rows/PanelRowsQ8*size)
	for r := 0; r < rows; r += PanelRowsQ8 {
		f.Interleave(panels[r/PanelRowsQ8*size:][:size], w[r*f.RowSize(n):], n)
	}
	return panels
}

// TestDotPanels wants what the rows give.
func TestDotPanels(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(41, 42))
		for f := range nBlocks {
			for _, rows := range []int{0, 16, 32, 48} {
				n := (1 + rng.IntN(40)) * blocks[f].len
				if f.PanelSize(n) == 0 {
					continue
				}
				w := randomBlocks(rng, f, rows, n)
				got, check := guard(rng, rows, rng.IntN(16))
				var want, sums []float32
				if f.IsSuper() {
					x := randomSuper(rng, n, 1)
					if m := f.MinLen(); m > 0 {
						sums = make([]float32, (n/m+Lanes-1)/Lanes*Lanes)[:n/m]
						MinSums(sums, x, m, superLen, subLen)
					}
					f.DotPanels(got, interleaved(f, w, rows, n), x, sums, n)
					want = dotRowsSuper(f, w, x, sums, rows, n)
				} else {
					x := randomQ8(rng, n, smallLen, 1)
					if f.MinLen() > 0 {
						sums = make([]float32, (n/smallLen+Lanes-1)/Lanes*Lanes)[:n/smallLen]
						MinSums(sums, x, smallLen, smallLen, smallLen)
					}
					f.DotPanels(got, interleaved(f, w, rows, n), x, sums, n)
					want = dotRowsSmall(f, w, x, sums, rows, n)
				}
				check(t)
				wantSame(t, got, want, "format %d, %d rows of %d", f, rows, n)
			}
		}
	})
}

// TestDotPanelsExtremes wants the same where all codes and elements of x are as large as they get: no sum overflows.
func TestDotPanelsExtremes(t *testing.T) {
	scales := map[Blocks][]int{Q2_K: {80, 82}, Q3_K: {108}, Q4_K: {0, 2}, Q5_K: {0, 2}, Q6_K: {208}}
	eachISA(t, func(t *testing.T) {
		for f := Q2_K; f < nBlocks; f++ {
			if f.PanelSize(superLen) == 0 {
				continue
			}
			for _, code := range []byte{0, 0x7f, 0x80, 0xff} {
				w := bytes.Repeat([]byte{code}, PanelRowsQ8*f.RowSize(superLen))
				for r := range PanelRowsQ8 {
					for _, at := range scales[f] {
						binary.LittleEndian.PutUint16(w[r*f.RowSize(superLen)+at:], 0x3c00)
					}
				}
				for _, q := range []int8{-127, 127} {
					x := Q8{slices.Repeat([]int8{q}, superLen), []float32{1}, make([]int32, superLen/subLen)}
					sums16Generic(x.Sums, x.Q)
					sums := make([]float32, superLen/subLen)
					if m := f.MinLen(); m > 0 {
						sums = sums[:superLen/m]
						MinSums(sums, x, m, superLen, subLen)
					} else {
						sums = nil
					}
					got := make([]float32, PanelRowsQ8)
					f.DotPanels(got, interleaved(f, w, PanelRowsQ8, superLen), x, sums, superLen)
					want := dotRowsSuper(f, w, x, sums, PanelRowsQ8, superLen)
					wantSame(t, got, want, "format %d, bytes %#x, x %d", f, code, q)
				}
			}
		}
	})
}

// TestRowsAreSlow: where there are panels and no kernel that multiplies rows where they lie.
func TestRowsAreSlow(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(47, 48))
		for f := range nBlocks {
			w, dst, sums := randomBlocks(rng, f, PanelRowsQ8, superLen), make([]float32, PanelRowsQ8), make([]float32, Lanes)
			direct := false
			if f.IsSuper() {
				direct = f.DotRowsSuper(dst, w, randomSuper(rng, superLen, 1), sums, superLen)
			} else {
				direct = f.DotRows(dst, w, randomQ8(rng, superLen, smallLen, 1), superLen)
			}
			if want := f.PanelSize(superLen) > 0 && !direct; f.RowsAreSlow() != want {
				t.Errorf("format %d: RowsAreSlow = %v, want %v", f, !want, want)
			}
		}
	})
}

func TestDotPanelsQ8(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(43, 44))
		for _, group := range []int{32, 64, 96, 256} {
			for _, rows := range []int{0, 16, 32, 48} {
				n := (1 + rng.IntN(5)) * group
				size := PanelSizeQ8(n, group)
				if size == 0 {
					continue
				}
				w, ws := int8s(rng, rows*n), make([]float32, rows*n/group)
				for i := range ws {
					ws[i] = number(rng)
				}
				x := randomQ8(rng, n, group, 1)
				panels := make([]byte, rows/PanelRowsQ8*size)
				for r := 0; r < rows; r += PanelRowsQ8 {
					InterleaveQ8(panels[r/PanelRowsQ8*size:][:size], w[r*n:], ws[r*n/group:], n, group)
				}
				got, check := guard(rng, rows, rng.IntN(16))
				want := make([]float32, rows)
				DotPanelsQ8(got, panels, x, n, group)
				dotRowsQ8Generic(want, w, ws, x, n, group)
				check(t)
				wantSame(t, got, want, "groups of %d, %d rows of %d", group, rows, n)
			}
		}
	})
}

// BenchmarkDotPanels reads matrices that the second-level, the last-level and no cache holds.
func BenchmarkDotPanels(b *testing.B) {
	const n = 2048
	rng := rand.New(rand.NewPCG(1, 1))
	for f := range nBlocks {
		if f.PanelSize(n) == 0 {
			continue
		}
		for _, size := range []int{512 << 10, 16 << 20, 512 << 20} {
			rows := size / f.RowSize(n) &^ 15
			w := randomBlocks(rng, f, 64, n)
			for len(w) < rows*f.RowSize(n) {
				w = append(w, w...)
			}
			panels, dst, sums := interleaved(f, w, rows, n), make([]float32, rows), make([]float32, n/16)
			x := randomQ8(rng, n, smallLen, 1)
			if f.IsSuper() {
				x = randomSuper(rng, n, 1)
			}
			b.Run(fmt.Sprintf("%d/%dk/panels", f, size>>10), func(b *testing.B) {
				b.SetBytes(int64(rows * f.RowSize(n)))
				for b.Loop() {
					f.DotPanels(dst, panels, x, sums, n)
				}
			})
			b.Run(fmt.Sprintf("%d/%dk/rows", f, size>>10), func(b *testing.B) {
				b.SetBytes(int64(rows * f.RowSize(n)))
				for b.Loop() {
					if f.IsSuper() {
						f.DotRowsSuper(dst, w, x, sums, n)
					} else {
						f.DotRows(dst, w, x, n)
					}
				}
			})
		}
	}
}

func TestDotPanelsFloats(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		t.Run("f32", testDotPanelsFloats[float32])
		t.Run("f16", testDotPanelsFloats[F16])
		t.Run("bf16", testDotPanelsFloats[BF16])
	})
}

func testDotPanelsFloats[W Weight](t *testing.T) {
	rng := rand.New(rand.NewPCG(45, 46))
	for _, n := range lengths() {
		if PanelLenFloats(n) == 0 {
			continue
		}
		for _, rows := range []int{0, 16, 32, 48} {
			offset := rng.IntN(16)
			wf, _ := guard(rng, rows*n, offset)
			w := convert[W](wf)
			x, _ := padded(rng, n, 15-offset)
			got, check := guard(rng, rows, offset)
			want := make([]float32, rows)
			DotPanelsFloats(got, interleavedFloats(w, rows, n), x, n)
			plainDotRows(want, w, x, n)
			wantSame(t, got, want, "DotPanelsFloats n=%d rows=%d offset=%d", n, rows, offset)
			check(t)
		}
	}
}

func interleavedFloats[W Weight](w []W, rows, n int) []W {
	size := PanelLenFloats(n)
	panels := make([]W, rows/PanelRowsQ8*size)
	for r := 0; r < rows; r += PanelRowsQ8 {
		InterleaveFloats(panels[r/PanelRowsQ8*size:][:size], w[r*n:], n)
	}
	return panels
}

func BenchmarkDotPanelsFloats(b *testing.B) {
	b.Run("f32", benchDotPanelsFloats[float32])
	b.Run("f16", benchDotPanelsFloats[F16])
	b.Run("bf16", benchDotPanelsFloats[BF16])
}

func benchDotPanelsFloats[W Weight](b *testing.B) {
	const n = 2048
	each := int(unsafe.Sizeof(W(0)))
	for _, size := range []int{512 << 10, 16 << 20, 512 << 20} {
		rows := size / n / each &^ 15
		w, x, dst := make([]W, rows*n), make([]float32, n), make([]float32, rows)
		for i := range w {
			w[i] = 1
		}
		panels := interleavedFloats(w, rows, n)
		b.Run(fmt.Sprintf("%dk/panels", size>>10), func(b *testing.B) {
			b.SetBytes(int64(rows * n * each))
			for b.Loop() {
				DotPanelsFloats(dst, panels, x, n)
			}
		})
		b.Run(fmt.Sprintf("%dk/rows", size>>10), func(b *testing.B) {
			b.SetBytes(int64(rows * n * each))
			for b.Loop() {
				DotRows(dst, w, x, n)
			}
		})
	}
}
