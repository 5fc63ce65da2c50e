// Command gpu_matmul multiplies two matrices on a GPU in three ways, and on the CPU: what does it take to
// be faster?
//
//	go run ./examples/gpu_matmul                    two matrices of 2048 rows and columns
//	go run ./examples/gpu_matmul -n 8192
//	go run ./examples/gpu_matmul -device metal      on a Mac
//	go run ./examples/gpu_matmul -library FILE      another driver than the usual one
//
// Each way does more than the one before with a number that it has read:
//
//   - Naive: a thread for each number of the product reads both of its rows from the device's memory.
//   - Tiled: a block of threads reads a tile of each matrix into memory of its own, and uses each number 16 times.
//   - Tensor unit: tiles of halves (f16), of which a warp multiplies 16 rows and 8 at once, or, on Metal, matrices of
//     8 by 8.
//
// The kernels are in internal/gpu/kernels/src/examples.cc. Those that models use have the same steps and
// more of them: docs/gpu.md has what each gained. The times are the best of three passes, without copies to the device
// and back.
//
// Each product is compared with the CPU's, whose sums have another order: no number may differ by more than
// rounding explains. The matrices are of numbers that halves hold exactly, so that this goes for all three.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"cria/internal/gpu"
	"cria/internal/place"
	"cria/internal/tensor"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "gpu_matmul:", err)
		os.Exit(1)
	}
}

// sizeMax is matrices of 1 GiB each, as floats.
const sizeMax = 1 << 14

func run(w io.Writer, args ...string) error {
	flags := flag.NewFlagSet("gpu_matmul", flag.ContinueOnError)
	n := flags.Int("n", 2048, "rows and columns of the matrices")
	device := flags.String("device", "cuda", "cuda or metal")
	library := flags.String("library", "", "the driver's library")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *n < 1 || *n > sizeMax {
		return fmt.Errorf("-n is %d, want 1 to %d", *n, sizeMax)
	}
	dev, err := place.Open(*device, place.Libraries{CUDA: *library, Metal: *library})
	if err != nil {
		return err
	}
	defer func() { _ = dev.Close() }() // of its memory nothing is needed any more
	return compare(w, dev, newProduct(*n))
}

// A way is a kernel that multiplies.
type way struct {
	name, kernel string
	rows, cols   int     // of the product that a block makes
	halves       bool    // whether it multiplies halves, on a tensor unit
	roundings    float64 // of a sum, for each of its terms
}

// Tensor units cut 16 products and the sum before them off below 2^-23 of the largest, or finer, and round the sum: 35
// roundings, of 2^-24, to 16 terms.
var ways = []way{
	{"naive", "matmul_naive", 1, threads, false, 1},
	{"tiled", "matmul_tiled", 16, 16, false, 1},
	{"tensor unit", "matmul_tensor", 64, 64, true, 35. / 16},
}

const threads = 256

// matmulArgs are the arguments of the kernels, as their source lists them.
type matmulArgs struct {
	X, W, Y  gpu.Ptr
	N, Pitch int32
}

// compare measures the CPU, and then all ways.
func compare(w io.Writer, dev gpu.Device, p *product) error {
	fmt.Fprintf(w, "%s: two matrices of %d rows and columns\n", dev.Info().Name, p.n)
	took, _ := best(func() error { p.onCPU(); return nil })
	p.print(w, fmt.Sprintf("CPU, %d threads", runtime.GOMAXPROCS(0)), took, "")
	floats, err := p.upload(dev, false)
	if err != nil {
		return err
	}
	for _, by := range ways {
		args := floats
		if by.halves && dev.Info().Tensors == gpu.NoTensors {
			fmt.Fprintf(w, "  %-16s none that is used\n", by.name)
			continue
		}
		if by.halves {
			if args, err = p.upload(dev, true); err != nil {
				return err
			}
		}
		took, err := p.onGPU(dev, by, args)
		if err != nil {
			return fmt.Errorf("%s: %w", by.name, err)
		}
		share, err := p.check(by.roundings)
		if err != nil {
			return fmt.Errorf("%s: %w", by.name, err)
		}
		p.print(w, by.name, took, fmt.Sprintf(", off by %.2g of what rounding may do", share))
	}
	return nil
}

// upload returns arguments with the matrices, and with memory for the product.
func (p *product) upload(dev gpu.Device, halves bool) (args matmulArgs, err error) {
	x, w := tensor.Bytes(p.x), tensor.Bytes(p.w)
	if halves {
		x, w = tensor.Bytes(halvesOf(p.x)), tensor.Bytes(halvesOf(p.w))
	}
	args.N, args.Pitch = int32(p.n), int32(p.pitch)
	if args.X, err = put(dev, x); err != nil {
		return args, err
	}
	if args.W, err = put(dev, w); err != nil {
		return args, err
	}
	args.Y, err = dev.Alloc(int64(4 * len(p.got)))
	return args, err
}

// onGPU multiplies on the device, and fetches the product.
func (p *product) onGPU(dev gpu.Device, by way, args matmulArgs) (time.Duration, error) {
	var pass gpu.Pass
	blocks := [3]int{(p.n + by.cols - 1) / by.cols, (p.n + by.rows - 1) / by.rows, 1}
	gpu.Add(&pass, by.kernel, blocks, threads, 0, &args)
	took, err := best(func() error { return dev.Run(&pass) })
	if err != nil {
		return 0, err
	}
	return took, dev.Download(tensor.Bytes(p.got), args.Y)
}

// put returns a copy of data on the device.
func put(dev gpu.Device, data []byte) (gpu.Ptr, error) {
	p, err := dev.Alloc(int64(len(data)))
	if err != nil {
		return 0, err
	}
	return p, dev.Upload(p, data)
}

// best returns the shortest time of three, after one for which caches are cold and kernels are translated.
func best(f func() error) (time.Duration, error) {
	shortest := time.Duration(0)
	for i := range 4 {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		if took := time.Since(start); i == 1 || i > 1 && took < shortest {
			shortest = took
		}
	}
	return max(shortest, 1), nil // a clock may not see a small product at all
}
