package main

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

// TestRun multiplies matrices that fill tiles and such that do not. run itself compares the products.
func TestRun(t *testing.T) {
	for device, library := range map[string]string{"cuda": sim.Library(t), "metal": sim.MetalLibrary(t)} {
		for _, n := range []string{"1", "32", "83"} {
			var out bytes.Buffer
			if err := run(&out, "-n", n, "-device", device, "-library", library); err != nil {
				t.Fatalf("%s: %s: %v", device, n, err)
			}
			if lines := strings.Count(out.String(), "\n"); lines != 5 {
				t.Errorf("%s: %s: %d lines, want 5:\n%s", device, n, lines, out.String())
			}
			if got, want := strings.Count(out.String(), "GFLOP/s"), 4; got != want {
				t.Errorf("%s: %d ways are measured, want %d:\n%s", device, got, want, out.String())
			}
		}
	}
}

// TestCheck wants the CPU's product to be within a bound of sums in double precision, and wrong numbers to be outside.
func TestCheck(t *testing.T) {
	p := newProduct(50)
	p.onCPU()
	for i := range p.got {
		sum := 0.0
		for k := range p.n {
			sum += float64(p.x[i/p.n*p.pitch+k]) * float64(p.w[i%p.n*p.pitch+k])
		}
		p.got[i] = float32(sum)
	}
	if _, err := p.check(1); err != nil {
		t.Fatal(err)
	}
	right := p.got[2*50+7]
	for _, wrong := range []float32{right + 0x1p-12, right - 0x1p-12, float32(math.NaN()), float32(math.Inf(1))} {
		p.got[2*50+7] = wrong
		if _, err := p.check(1); err == nil || !strings.HasPrefix(err.Error(), "row 2, column 7 is ") {
			t.Errorf("%g in place of %g: %v", wrong, right, err)
		}
	}
}

func TestBadInput(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "-n is 0", "-n 16385": "-n is 16385", "-library nothing.so": "nothing.so", "-x": "not defined",
		"-device abacus": `device is "abacus"`,
	} {
		var out bytes.Buffer
		err := run(&out, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", args, err, want)
		}
	}
}
