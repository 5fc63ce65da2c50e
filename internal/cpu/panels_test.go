package cpu

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/par"
	"cria/internal/tensor"
)

// panelMats returns a matrix of each type that panels are made of, and one of which none are.
func panelMats(rng *rand.Rand, rows, cols int) []*tensor.Mat {
	var mats []*tensor.Mat
	for _, typ := range append(slices.Clone(blockTypes), tensor.F16, tensor.BF16) {
		mats = append(mats, randomMat(rng, typ, rows, cols))
	}
	floats := randomActs(rng, rows, cols).Data
	mats = append(mats, &tensor.Mat{Type: tensor.F32, Rows: rows, Cols: cols, Data: tensor.Bytes(floats)})
	for _, group := range []int{32, 64, 256} {
		scales := make([]float32, rows*cols/group)
		for i := range scales {
			scales[i] = 1 + rng.Float32()
		}
		codes := randomMat(rng, tensor.Q8_0, rows, cols).Data[:rows*cols]
		m := &tensor.Mat{Type: tensor.Q8, Rows: rows, Cols: cols, Data: codes, Scales: scales, Group: group}
		mats = append(mats, m)
	}
	return mats
}

// TestRepack wants of matrices with panels what they give without, for any number of vectors and however rows are cut.
func TestRepack(t *testing.T) {
	const rows, cols, most = 77, 512, 5
	pool := par.New(2)
	defer pool.Close()
	for _, grain := range []int{0, 5, 16} {
		sizes := Sizes{Rows: most, Cols: cols, Heads: 1, KVHeads: 1, HeadDim: 16, SeqLen: 16}
		b := New(sizes, Options{Threads: 2, Grain: grain})
		defer b.Close()
		rng := rand.New(rand.NewPCG(51, 52))
		for _, w := range panelMats(rng, rows, cols) {
			x := randomActs(rng, most, cols)
			for vectors := 1; vectors <= most; vectors++ {
				want, got := tensor.NewActs(most, rows), tensor.NewActs(most, rows)
				w.Panels = nil
				b.ProjectAdd(tensor.Product{Dst: want, W: w}, x, nil, 0, make([]kv.Row, vectors))
				Repack([]*tensor.Mat{w}, pool)
				if int64(len(w.Panels)) != PanelBytes([]*tensor.Mat{w}) {
					t.Fatalf("%v: panels have %d bytes, want %d", w.Type, len(w.Panels), PanelBytes([]*tensor.Mat{w}))
				}
				b.ProjectAdd(tensor.Product{Dst: got, W: w}, x, nil, 0, make([]kv.Row, vectors))
				if !slices.Equal(got.Data, want.Data) {
					t.Errorf("%v in groups of %d, grain %d, %d vectors: not what rows give", w.Type, w.Group, grain, vectors)
				}
			}
		}
	}
}

// TestRepackShared: matrices that share memory share panels, and nobody repacks twice.
func TestRepackShared(t *testing.T) {
	pool := par.New(1)
	defer pool.Close()
	a := randomMat(rand.New(rand.NewPCG(1, 1)), tensor.Q8_0, 32, 64)
	b := *a
	if PanelBytes([]*tensor.Mat{a}) == 0 {
		t.Skip("no kernels for panels on this machine")
	}
	Repack([]*tensor.Mat{a, &b}, pool)
	first := &a.Panels[0]
	Repack([]*tensor.Mat{a}, pool)
	if &b.Panels[0] != first || &a.Panels[0] != first {
		t.Error("panels of shared memory are not shared")
	}
}

// BenchmarkReadPanels goes through int8 panels in groups of 32, one vector, in turn with reading them and doing nothing
// else: what a product can reach at the most. The last-level cache may hold 1 MB, a part of 45, and little of 512.
func BenchmarkReadPanels(b *testing.B) {
	const n, group = 512, 32
	for _, mb := range []int{1, 45, 512} {
		size := kernel.PanelSizeQ8(n, group)
		if size == 0 {
			b.Skip("no kernel wants panels here")
		}
		count := mb * 1e6 / size
		panels, dst := tensor.Make[byte](count*size), make([]float32, count*kernel.PanelRowsQ8)
		for i := range panels {
			panels[i] = byte(i)
		}
		x := kernel.Q8{Q: make([]int8, n), Scales: make([]float32, n/group), Sums: make([]int32, n/group)}
		b.Run(fmt.Sprintf("%dMB", mb), func(b *testing.B) {
			var read, dot time.Duration
			for b.Loop() {
				start := time.Now()
				sink += kernel.Read(panels)
				middle := time.Now()
				kernel.DotPanelsQ8(dst, panels, x, n, group)
				read += middle.Sub(start)
				dot += time.Since(middle)
			}
			b.ReportMetric(float64(len(panels))*float64(b.N)/read.Seconds()/1e9, "read-GB/s")
			b.ReportMetric(float64(len(panels))*float64(b.N)/dot.Seconds()/1e9, "dot-GB/s")
		})
	}
}

var sink uint64 // keeps reading from being left out
