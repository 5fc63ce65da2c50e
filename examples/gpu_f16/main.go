// Command gpu_f16 makes halves (f16) of float32 numbers on a GPU, and float32 of these, and says how many
// overflowed.
//
//	go run ./examples/gpu_f16                    sixteen million numbers
//	go run ./examples/gpu_f16 -n 100000000
//	go run ./examples/gpu_f16 -device metal      on a Mac
//	go run ./examples/gpu_f16 -library FILE      another driver than the usual one
//
// The largest f16 is 65504. From 65520 on, halfway to 65536, rounding makes a number infinite: the kernel
// counts those, and an infinite input is none of them. The numbers are such as rounding may get wrong: from
// zero to four times the largest, many of them halfway between two halves. All bits have to be the CPU's.
//
// The kernels are narrow and widen, in internal/gpu/kernels/src/examples.cc. The program examples/f16 shows, number
// by number, what becomes of them.
package main

import (
	"flag"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"time"

	"cria/internal/float"
	"cria/internal/gpu"
	"cria/internal/place"
	"cria/internal/tensor"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "gpu_f16:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, args ...string) error {
	flags := flag.NewFlagSet("gpu_f16", flag.ContinueOnError)
	n := flags.Int("n", 1<<24, "numbers")
	device := flags.String("device", "cuda", "cuda or metal")
	library := flags.String("library", "", "the driver's library")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 1 || *n > 1<<28 {
		return fmt.Errorf("-n is %d, want 1 to %d", *n, 1<<28)
	}
	dev, err := place.Open(*device, place.Libraries{CUDA: *library, Metal: *library})
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }() // of its memory nothing is needed any more
	return convert(w, dev, samples(*n))
}

// edges are where something changes: see examples/f16.
var edges = []float32{
	65520, -65520, 65519.99, -65519.99, 65504, math.MaxFloat32, float32(math.Inf(1)), float32(math.Inf(-1)),
	0, float32(math.Copysign(0, -1)), 0x1p-14, 0x1p-14 - 0x1p-25, 0x1p-24, 0x3p-25, 0x1p-25, 0x1.000002p-25,
}

// samples returns n numbers: the edges, and random ones below 2^18. They have two bits more than halves.
func samples(n int) []float32 {
	x := make([]float32, n)
	rng := rand.New(rand.NewPCG(1, 0))
	for i := copy(x, edges); i < n; i++ {
		sign, exponent, fraction := rng.Uint32N(2), rng.Uint32N(45), rng.Uint32N(1<<12)
		x[i] = math.Float32frombits(sign<<31 | (127-27+exponent)<<23 | fraction<<11)
	}
	return x
}

// The arguments of the kernels, as their source lists them.
type (
	narrowArgs struct {
		X, H, Overflows gpu.Ptr
		N, _            int32
	}
	widenArgs struct {
		H, X gpu.Ptr
		N, _ int32
	}
)

// results are what comes back from the device.
type results struct {
	halves    []uint16
	back      []float32 // of the halves
	overflows []uint8   // of each warp of 32 numbers
	narrow    time.Duration
	widen     time.Duration
}

// convert makes halves of x and floats of these, and compares with what the CPU gets.
func convert(w io.Writer, dev gpu.Device, x []float32) error {
	r, err := onDevice(dev, x)
	if err != nil {
		return err
	}
	overflows, err := r.compare(x)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s: %d numbers to f16 in %v, and back in %v, the same as the CPU's\n"+
		"%d of them were beyond 65504 and became infinite\n", dev.Info().Name, len(x), r.narrow, r.widen, overflows)
	return err
}

func onDevice(dev gpu.Device, x []float32) (*results, error) {
	const threads, warp = 256, 32
	n, blocks := len(x), (len(x)+threads-1)/threads
	r := &results{
		halves: make([]uint16, n), back: make([]float32, n), overflows: make([]uint8, blocks*threads/warp),
	}
	memory := [][]byte{tensor.Bytes(x), tensor.Bytes(r.halves), r.overflows, tensor.Bytes(r.back)}
	var at [4]gpu.Ptr
	for i, m := range memory {
		var err error
		if at[i], err = dev.Alloc(int64(len(m))); err != nil {
			return nil, err
		}
	}
	if err := dev.Upload(at[0], memory[0]); err != nil {
		return nil, err
	}
	var narrow, widen gpu.Pass
	grid := [3]int{blocks, 1, 1}
	gpu.Add(&narrow, "narrow", grid, threads, 0, &narrowArgs{X: at[0], H: at[1], Overflows: at[2], N: int32(n)})
	gpu.Add(&widen, "widen", grid, threads, 0, &widenArgs{H: at[1], X: at[3], N: int32(n)})
	var err error
	if r.narrow, err = timed(dev, &narrow); err != nil {
		return nil, err
	}
	if r.widen, err = timed(dev, &widen); err != nil {
		return nil, err
	}
	for i, m := range memory[1:] {
		if err := dev.Download(m, at[i+1]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// timed returns how long a pass takes, once the driver has translated its kernel.
func timed(dev gpu.Device, pass *gpu.Pass) (time.Duration, error) {
	if err := dev.Run(pass); err != nil {
		return 0, err
	}
	start := time.Now()
	err := dev.Run(pass)
	return time.Since(start), err
}

// compare returns how many numbers became infinite, if all is what the CPU gets.
func (r *results) compare(x []float32) (int, error) {
	got, want := 0, 0
	for i, f := range x {
		h := float.F16(f)
		if r.halves[i] != h {
			return 0, fmt.Errorf("%g is 0x%04x as f16, want 0x%04x", f, r.halves[i], h)
		}
		back := float.F16ToF32(h)
		if math.Float32bits(r.back[i]) != math.Float32bits(back) {
			return 0, fmt.Errorf("f16 0x%04x is %g, want %g", h, r.back[i], back)
		}
		if math.IsInf(float64(back), 0) && !math.IsInf(float64(f), 0) {
			want++
		}
	}
	for _, n := range r.overflows {
		got += int(n)
	}
	if got != want {
		return 0, fmt.Errorf("%d numbers became infinite, want %d", got, want)
	}
	return got, nil
}
