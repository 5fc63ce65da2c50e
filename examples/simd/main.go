// Command simd computes a dot product of float32 in three ways, from the plain
// loop to vector instructions, and shows that the last two give the same bits.
//
//	go run ./examples/simd            two vectors of 4096
//	go run ./examples/simd -n 100000
//
// On a virtual machine with two cores of an x86-64 server with AVX-512, it printed
//
//		n = 4096, kernel avx512+vnni; in float64 the dot product is 23.5389088
//		plain loop      23.5389175  error 9e-06  bits 41bc4fb4      3.62 Gflop/s    14.47 GB/s
//		16 lanes in Go  23.538908   error 8e-07  bits 41bc4faf      0.62 Gflop/s     2.50 GB/s
//		kernel          23.538908   error 8e-07  bits 41bc4faf     35.80 Gflop/s   143.19 GB/s
//		The lanes and the kernel have the same bits.
//
//	  - The plain loop adds to one number, so that each addition waits for the one
//	    before it. No compiler may change that: sums of floats depend on their order.
//	  - Sixteen lanes are another order: lane j adds the elements j, j+16, ..., and
//	    at the end lanes fold 16, 8, 4, 2, 1. They need not wait for each other, and
//	    each sum is short, so that it is more exact; but plain Go has no float32 fused
//	    multiply-add and works it out in float64. This is the definition, not the fast way.
//	  - The kernel keeps the sixteen lanes in one 512-bit register (or two of 256
//	    bits, or four of 128), and does sixteen fused multiply-adds with one
//	    instruction. The order is the same, so the bits are the same. With more rows
//	    than one, as in a matrix, it works on eight at a time, which do not wait
//	    for each other either.
//
// To see the instructions of a kernel, and those of the plain loop:
//
//	make asm FUNC=dotRowsF32AVX512
//	go build -o simd ./examples/simd && go tool objdump -s main.plain simd
//
// Go's disassembler does not know most vector instructions and prints bytes or
// question marks for them. GNU's knows them; the loop over one row is the one
// with a single vfmadd231ps, sixteen multiply-adds in six instructions:
//
//	objdump -d --disassemble=cria/internal/kernel.dotRowsF32AVX512.abi0 simd
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"cria/internal/float"
	"cria/internal/kernel"
	"cria/internal/tensor"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "simd:", err)
		os.Exit(1)
	}
}

// A way is one of the three; dot needs slices of the same length.
type way struct {
	name string
	dot  func(x, y []float32) float32
}

var ways = []way{
	{"plain loop", plain},
	{"16 lanes in Go", lanes},
	{"kernel", withKernel},
}

func run(w io.Writer, args ...string) error {
	flags := flag.NewFlagSet("simd", flag.ContinueOnError)
	n := flags.Int("n", 4096, "length of the vectors, at least 1")
	rounds := flags.Int("rounds", 200, "measurements, of which the median is shown")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 1 || *rounds < 1 || flags.NArg() > 0 {
		return fmt.Errorf("-n %d -rounds %d %q: want lengths and rounds of at least 1, and nothing else",
			*n, *rounds, flags.Args())
	}
	x, y := vector(*n, 1), vector(*n, 2)
	exact := exactly(x, y)
	fmt.Fprintf(w, "n = %d, kernel %s; in float64 the dot product is %.9g\n", *n, kernel.Name(), exact)
	for _, way := range ways {
		dot := way.dot(x, y)
		seconds := median(*rounds, func() { way.dot(x, y) })
		_, err := fmt.Fprintf(w, "%-15s %-11.9g error %.0e  bits %08x  %8.2f Gflop/s %8.2f GB/s\n",
			way.name, dot, math.Abs(float64(dot)-exact), math.Float32bits(dot),
			2*float64(*n)/seconds/1e9, 8*float64(*n)/seconds/1e9)
		if err != nil {
			return err
		}
	}
	if a, b := lanes(x, y), withKernel(x, y); math.Float32bits(a) != math.Float32bits(b) {
		return fmt.Errorf("the kernel says %v and its definition %v", b, a)
	}
	_, err := fmt.Fprintln(w, "The lanes and the kernel have the same bits.")
	return err
}

// plain returns the sum of x[i]*y[i] in order. The conversion keeps the
// compiler from fusing: it would on some processors and not on others.
func plain(x, y []float32) float32 {
	var sum float32
	for i, f := range x {
		sum += float32(f * y[i])
	}
	return sum
}

// lanes returns the dot product as cria defines it.
func lanes(x, y []float32) float32 {
	var lane [kernel.Lanes]float32
	for i, f := range x {
		j := i % kernel.Lanes
		lane[j] = float.FMA(f, y[i], lane[j])
	}
	for half := kernel.Lanes / 2; half > 0; half /= 2 {
		for j := range half {
			lane[j] += lane[j+half]
		}
	}
	return lane[0]
}

// withKernel takes x for a matrix of one row. The kernel wants y with zeros after
// it, up to a multiple of 16: vector has left room for them.
func withKernel(x, y []float32) float32 {
	var dst [1]float32
	kernel.DotRows(dst[:], x, y[:tensor.Pad(len(y))], len(x))
	return dst[0]
}

// exactly returns the dot product in float64: products are exact, sums nearly.
func exactly(x, y []float32) float64 {
	var sum float64
	for i, f := range x {
		sum += float64(float64(f) * float64(y[i]))
	}
	return sum
}

// vector returns n numbers between -1 and 1, followed by zeros, within its capacity.
func vector(n int, seed uint64) []float32 {
	rng := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, tensor.Pad(n))[:n]
	for i := range x {
		x[i] = float32(2*rng.Float64() - 1)
	}
	return x
}

// median returns the median of the seconds that f takes. Each measurement is of
// many calls, because one is shorter than the clock can tell.
func median(rounds int, f func()) float64 {
	const calls = 20
	seconds := make([]float64, rounds)
	for i := range seconds {
		start := time.Now()
		for range calls {
			f()
		}
		seconds[i] = time.Since(start).Seconds() / calls
	}
	slices.Sort(seconds)
	return seconds[rounds/2]
}
