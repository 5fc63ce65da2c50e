// Command f16 shows what becomes of numbers in 16 bits: float32 to binary16 (f16)
// and to bfloat16 (bf16), and back.
//
//	go run ./examples/f16                      the numbers below
//	go run ./examples/f16 0.1 65519.99 1e-7    numbers of your own
//
// An f16 has 5 bits of exponent and 10 of fraction: three good digits, from 6e-8
// to 65504. A bf16 is the upper half of a float32: its whole range, but two
// digits. Both round to the nearest, of two equally near ones to the even.
//
// What to look for in the table:
//
//   - 65504 is the largest f16. 65519.99 still rounds down to it; 65520 is halfway
//     to 65536, which an f16 cannot hold, and becomes infinite. That is why cria
//     convert looks at every weight and refuses such a checkpoint, or saturates.
//   - Below 6.1e-5 an f16 is subnormal: its last bit stays at 6e-8, so that the
//     error no longer shrinks with the number. At 3e-8, half of the last bit, it is 0.
//   - bf16 keeps 1e6 and 1e-8, at eight times f16's error in between. Only what
//     is within half a percent of the largest float32 becomes infinite.
//
// It prints the same on every machine; the test beside it has the whole output.
package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"strconv"

	"cria/internal/float"
)

func main() {
	if err := run(os.Stdout, os.Args[1:]...); err != nil {
		fmt.Fprintln(os.Stderr, "f16:", err)
		os.Exit(1)
	}
}

// samples are the numbers that the table shows if there are no others.
var samples = []float32{
	1, 0.1, 1.0 / 3, 1 + 0x1p-11, 1 + 0x3p-11, -2.71828, // ties go to the even neighbour
	1000.5, 65504, 65519.99, 65520, 1e6, 3.4e38, // the upper end
	0x1p-14, 0x1p-14 - 0x1p-24, 1e-5, 1e-6, // normal, and then subnormal
	0x1p-24, 0x3p-25, 0x1p-25, 1e-8, // the lower end
}

func run(w io.Writer, args ...string) error {
	numbers := samples
	if len(args) > 0 {
		numbers = nil
	}
	for _, arg := range args {
		x, err := strconv.ParseFloat(arg, 32)
		if err != nil {
			return fmt.Errorf("%q is not a float32: %w", arg, err)
		}
		numbers = append(numbers, float32(x))
	}
	fmt.Fprintf(w, "%-14s | %-6s %-14s %-9s | %-6s %-14s %s\n",
		"float32", "f16", "is", "error", "bf16", "is", "error")
	for _, x := range numbers {
		h, b := float.F16(x), float.BF16(x)
		f16, bf16 := float.F16ToF32(h), float.BF16ToF32(b)
		fmt.Fprintf(w, "%-14.9g | 0x%04x %-14.9g %-9s | 0x%04x %-14.9g %s\n",
			x, h, f16, relative(x, f16), b, bf16, relative(x, bf16))
	}
	exact16, exactB16 := roundTrips()
	_, err := fmt.Fprintf(w, "There and back unchanged: %d of 65536 f16, %d of 65536 bf16.\n", exact16, exactB16)
	return err
}

// relative returns the error of y as an approximation of x, in parts of x.
func relative(x, y float32) string {
	switch {
	case x == y:
		return "0"
	case math.IsInf(float64(y), 0):
		return "overflow"
	case y == 0:
		return "lost"
	}
	return fmt.Sprintf("%.1e", math.Abs((float64(y)-float64(x))/float64(x)))
}

// roundTrips counts the 16-bit patterns that come back from float32 as they
// were. All do, but for the NaN that are signalling, which become quiet.
func roundTrips() (f16, bf16 int) {
	for i := range 1 << 16 {
		h := uint16(i)
		if float.F16(float.F16ToF32(h)) == h {
			f16++
		}
		if float.BF16(float.BF16ToF32(h)) == h {
			bf16++
		}
	}
	return f16, bf16
}
