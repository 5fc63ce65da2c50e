package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"cria/internal/float"
	"cria/internal/kernel"
	"cria/internal/par"
	"cria/internal/tensor"
)

// A product is Y = X·Wᵀ: each row of X times each row of W.
type product struct {
	x, w      []float32 // [n][pitch], behind n numbers of a row zeros
	want, got []float32 // [n][n]: the CPU's, and another
	n, pitch  int
}

// newProduct returns one of random numbers from -1/2 to 1/2, rounded to halves.
func newProduct(n int) *product {
	pitch := tensor.Pad(n)
	p := &product{
		x: make([]float32, n*pitch), w: make([]float32, n*pitch), n: n, pitch: pitch,
		want: make([]float32, n*n), got: make([]float32, n*n),
	}
	rng := rand.New(rand.NewPCG(1, 0))
	for _, m := range [][]float32{p.x, p.w} {
		for i := range n * n {
			m[i/n*pitch+i%n] = float.F16ToF32(float.F16(rng.Float32() - 0.5))
		}
	}
	return p
}

// onCPU multiplies on all threads. A piece is some rows of W, which stay in a core's cache while all rows of X
// come by.
func (p *product) onCPU() {
	pool := par.New(runtime.GOMAXPROCS(0))
	defer pool.Close()
	task := par.NewTask("rows", func(_, lo, hi int) {
		for r := range p.n {
			kernel.DotRows(p.want[r*p.n+lo:r*p.n+hi], p.w[lo*p.pitch:], p.x[r*p.pitch:][:p.pitch], p.pitch)
		}
	})
	const grain = 16
	pool.Run(task, p.n, grain)
}

// halvesOf returns x as f16.
func halvesOf(x []float32) []uint16 {
	h := make([]uint16, len(x))
	for i, f := range x {
		h[i] = float.F16(f)
	}
	return h
}

// check returns the largest difference between the two products, as a share of what rounding explains, and an error
// if one is larger. A sum is off by 2^-24 of the sum of its terms' magnitudes for each rounding, at most, and that is
// not larger than the product of the rows' lengths. The CPU rounds once for 16 terms, and to add 16 lanes up.
func (p *product) check(roundings float64) (share float64, err error) {
	e := (roundings*float64(p.pitch) + float64(p.pitch)/kernel.Lanes + 4) * 0x1p-24
	x, w := p.lengths(p.x), p.lengths(p.w)
	for i, got := range p.got {
		r, c := i/p.n, i%p.n
		limit := e * x[r] * w[c]
		off := math.Abs(float64(got) - float64(p.want[i]))
		if !(off <= limit) { // nor if it is no number
			return 0, fmt.Errorf("row %d, column %d is %g, want %g within %.2g", r, c, got, p.want[i], limit)
		}
		if off > 0 {
			share = max(share, off/limit)
		}
	}
	return share, nil
}

// lengths returns those of a matrix's rows, as vectors.
func (p *product) lengths(m []float32) []float64 {
	lengths := make([]float64, p.n)
	for r := range lengths {
		sum := 0.0
		for _, f := range m[r*p.pitch:][:p.n] {
			sum += float64(f) * float64(f)
		}
		lengths[r] = math.Sqrt(sum)
	}
	return lengths
}

// print prints a line of the table.
func (p *product) print(w io.Writer, name string, took time.Duration, note string) {
	flops := 2 * float64(p.n) * float64(p.n) * float64(p.n)
	fmt.Fprintf(w, "  %-16s %9.3f ms %9.1f GFLOP/s%s\n", name, 1e3*took.Seconds(), flops/took.Seconds()/1e9, note)
}
