// Command matmul multiplies a matrix and a vector, in one thread and in several:
// how much work must a piece be to be worth handing out?
//
//	go run ./examples/matmul
//	go run ./examples/matmul -shapes 2048x768,32000x288 -threads 4
//
// On a virtual machine with two cores of an x86-64 server, shared with others, it printed
//
//	768 x 288, 0.9 MB, 2 threads, kernel avx512+vnni
//	  sequential            0.0064 ms   139.24 GB/s
//	  goroutine per row     0.5444 ms     1.63 GB/s
//	  pool, grain 1         0.0878 ms    10.08 GB/s
//	  pool, grain 5         0.0165 ms    53.59 GB/s
//	  pool, grain 10        0.0083 ms   106.24 GB/s
//	  pool, grain 15        0.0073 ms   120.92 GB/s
//	  pool, grain 20        0.0062 ms   142.38 GB/s
//	  pool, grain 40        0.0049 ms   182.42 GB/s
//	  pool, grain 70        0.0047 ms   189.86 GB/s
//	  pool, grain 150       0.0046 ms   192.54 GB/s
//	4096 x 4096, 67.1 MB, 2 threads, kernel avx512+vnni
//	  sequential            2.4438 ms    27.46 GB/s
//	  goroutine per row     4.8047 ms    13.97 GB/s
//	  pool, grain 1         1.5495 ms    43.31 GB/s
//	  pool, grain 5         1.1863 ms    56.57 GB/s
//	  pool, grain 10        1.0191 ms    65.85 GB/s
//	  pool, grain 15        1.0477 ms    64.05 GB/s
//	  pool, grain 20        0.9945 ms    67.48 GB/s
//	  pool, grain 40        1.0107 ms    66.40 GB/s
//	  pool, grain 70        0.9669 ms    69.40 GB/s
//	  pool, grain 150       1.0308 ms    65.10 GB/s
//
// The figures of the small matrix, of one product in a model of 15 million
// parameters, repeat well. Those of the large one hang on what others do with
// the memory: in other runs two threads gained nothing over one.
//
//   - Sequential: one core computes as fast as it gets the numbers, from its own
//     cache for the small matrix, from far away for the large one.
//   - A goroutine per row: to make one, to queue it and to switch to it takes
//     the better part of a microsecond, and a row of the small matrix takes 8 nanoseconds. The
//     two cores work nearly all the time, but not on the product.
//   - Grain 1: the pool's workers exist already, and a piece costs one atomic
//     operation; but all workers want the same cache line for it, and to get that
//     from another core takes longer than a row. And the kernel, which likes
//     eight rows at a time, gets one.
//   - Grains 5 to 20: the same cost, shared by more rows, until it no longer shows.
//     How many rows that takes depends on their length: with 4096 columns, 10.
//   - Grains 40 and up: what remains is to wake the workers and to wait for the last
//     piece. Too large a grain has too few pieces: 768 rows are six pieces of 150,
//     which four workers could not share evenly.
//
// cria picks a grain by bytes, some 64 KB of the matrix for a piece, unless it is told
// a number of rows: see WithGrain and cria bench --grain.
package main

import (
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"cria/internal/kernel"
	"cria/internal/par"
	"cria/internal/tensor"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "matmul:", err)
		os.Exit(1)
	}
}

// grains are rows per piece, from one at a time to a few pieces in all.
var grains = []int{1, 5, 10, 15, 20, 40, 70, 150}

// elementsMax is a matrix of 4 GiB.
const elementsMax = 1 << 30

func run(w io.Writer, args ...string) error {
	flags := flag.NewFlagSet("matmul", flag.ContinueOnError)
	shapes := flags.String("shapes", "768x288,4096x4096", "rows x columns of the matrices")
	threads := flags.Int("threads", runtime.GOMAXPROCS(0), "workers of the pool, the caller being one")
	rounds := flags.Int("rounds", 50, "measurements, of which the median is shown")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *threads < 1 || *rounds < 1 || flags.NArg() > 0 {
		return fmt.Errorf("-threads %d -rounds %d %q: want at least 1 thread and round, and nothing else",
			*threads, *rounds, flags.Args())
	}
	for shape := range strings.SplitSeq(*shapes, ",") {
		p, err := newProduct(shape)
		if err != nil {
			return err
		}
		if err := p.compare(w, *threads, *rounds); err != nil {
			return err
		}
	}
	return nil
}

// A product is y = W·x.
type product struct {
	y          []float32 // [rows]
	w          []float32 // [rows][cols]
	x          []float32 // [cols], and zeros up to a multiple of 16, as kernels want it
	rows, cols int
}

// newProduct returns a product of random numbers of a shape such as "768x288".
func newProduct(shape string) (*product, error) {
	r, c, _ := strings.Cut(shape, "x")
	rows, errRows := strconv.Atoi(r)
	cols, errCols := strconv.Atoi(c)
	if errRows != nil || errCols != nil || rows < 1 || cols < 1 || rows > elementsMax/cols {
		return nil, fmt.Errorf("-shapes: %q is not rows x columns, of at most %d elements", shape, elementsMax)
	}
	rng := rand.New(rand.NewPCG(1, 0))
	p := &product{
		y:    make([]float32, rows),
		w:    make([]float32, rows*cols),
		x:    make([]float32, tensor.Pad(cols)),
		rows: rows, cols: cols,
	}
	for _, part := range [][]float32{p.w, p.x[:cols]} {
		for i := range part {
			part[i] = rng.Float32() - 0.5
		}
	}
	return p, nil
}

// compare measures every way of doing the product, and checks that all give the same bits.
func (p *product) compare(w io.Writer, threads, rounds int) error {
	fmt.Fprintf(w, "%d x %d, %.1f MB, %d threads, kernel %s\n",
		p.rows, p.cols, float64(4*len(p.w))/1e6, threads, kernel.Name())
	p.sequential()
	want := slices.Clone(p.y)
	if err := p.measure(w, "sequential", rounds, want, p.sequential); err != nil {
		return err
	}
	if err := p.measure(w, "goroutine per row", rounds, want, p.naive); err != nil {
		return err
	}
	// The pool lives only while it is measured: its workers, waiting actively for the next
	// product, would take cores from the other ways.
	pool := par.New(threads)
	defer pool.Close()
	task := par.NewTask("rows", func(_, lo, hi int) { p.someRows(lo, hi) })
	for _, grain := range grains {
		f := func() { pool.Run(task, p.rows, grain) }
		if err := p.measure(w, fmt.Sprintf("pool, grain %d", grain), rounds, want, f); err != nil {
			return err
		}
	}
	return nil
}

// someRows sets y[lo:hi].
func (p *product) someRows(lo, hi int) { kernel.DotRows(p.y[lo:hi], p.w[lo*p.cols:], p.x, p.cols) }

func (p *product) sequential() { p.someRows(0, p.rows) }

func (p *product) naive() {
	var wg sync.WaitGroup
	for r := range p.rows {
		wg.Go(func() { p.someRows(r, r+1) })
	}
	wg.Wait()
}

// measure prints the median time of f and how fast that reads the matrix, and
// compares what f has computed.
func (p *product) measure(w io.Writer, name string, rounds int, want []float32, f func()) error {
	clear(p.y)
	f() // once to warm up
	times := make([]time.Duration, rounds)
	for i := range times {
		start := time.Now()
		f()
		times[i] = time.Since(start)
	}
	if !slices.Equal(p.y, want) {
		return fmt.Errorf("%s: the result is not that of the sequential product", name)
	}
	slices.Sort(times)
	median := max(times[rounds/2], 1).Seconds() // a clock may not see a small product at all
	_, err := fmt.Fprintf(w, "  %-18s %9.4f ms %8.2f GB/s\n",
		name, 1e3*median, float64(4*len(p.w))/median/1e9)
	return err
}
