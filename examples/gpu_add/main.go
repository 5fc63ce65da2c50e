// Command gpu_add adds two vectors on a GPU: the smallest program on package gpu.
//
//	go run ./examples/gpu_add                    a million numbers
//	go run ./examples/gpu_add -n 100000000
//	go run ./examples/gpu_add -device metal      on a Mac
//	go run ./examples/gpu_add -library FILE      another driver than the usual one
//
// Memory, copies and launches are all there is to it: the kernel is add, in
// internal/gpu/kernels/src/vectors.h. The time of a pass is that of the launch and of
// waiting for its end; the copies before and after take far longer.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"cria/internal/gpu"
	"cria/internal/place"
	"cria/internal/tensor"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "gpu_add:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, args ...string) error {
	flags := flag.NewFlagSet("gpu_add", flag.ContinueOnError)
	n := flags.Int("n", 1<<20, "numbers in a vector")
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
	return add(w, dev, *n)
}

// addArgs are the arguments of the kernel, as its source lists them.
type addArgs struct {
	X, Y, Sum gpu.Ptr
	N, _      int32
}

// add adds vectors of n numbers and compares with what the CPU gets.
func add(w io.Writer, dev gpu.Device, n int) error {
	x, y, sum := make([]float32, n), make([]float32, n), make([]float32, n)
	for i := range x {
		x[i], y[i] = float32(i), 1/float32(i+1)
	}
	args := addArgs{N: int32(n)}
	var err error
	if args.X, err = put(dev, x); err != nil {
		return err
	}
	if args.Y, err = put(dev, y); err != nil {
		return err
	}
	if args.Sum, err = put(dev, sum); err != nil {
		return err
	}
	const threads = 256
	var pass gpu.Pass
	gpu.Add(&pass, "add", [3]int{(n + threads - 1) / threads, 1, 1}, threads, 0, &args)
	if err := dev.Run(&pass); err != nil { // the driver translates the kernel
		return err
	}
	start := time.Now()
	if err := dev.Run(&pass); err != nil {
		return err
	}
	took := time.Since(start)
	if err := dev.Download(tensor.Bytes(sum), args.Sum); err != nil {
		return err
	}
	for i, f := range sum {
		if f != x[i]+y[i] {
			return fmt.Errorf("element %d is %g, want %g", i, f, x[i]+y[i])
		}
	}
	_, err = fmt.Fprintf(w, "%s: %d sums in %v, the same as the CPU's\n", dev.Info().Name, n, took)
	return err
}

// put returns a copy of x on the device.
func put(dev gpu.Device, x []float32) (gpu.Ptr, error) {
	p, err := dev.Alloc(int64(4 * len(x)))
	if err != nil {
		return 0, err
	}
	return p, dev.Upload(p, tensor.Bytes(x))
}
