package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

func TestRun(t *testing.T) {
	overflows := 0
	for _, x := range samples(1000) {
		if size := math.Abs(float64(x)); size >= 65520 && !math.IsInf(size, 0) {
			overflows++
		}
	}
	want := fmt.Sprintf("the same as the CPU's\n%d of them were beyond 65504 and became infinite\n", overflows)
	for device, library := range map[string]string{"cuda": sim.Library(t), "metal": sim.MetalLibrary(t)} {
		var out bytes.Buffer
		if err := run(&out, "-n", "1000", "-device", device, "-library", library); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), ": 1000 numbers to f16 in ") || !strings.HasSuffix(out.String(), want) {
			t.Errorf("%s: printed %q, want %q", device, out.String(), want)
		}
	}
}

// TestCompare checks that a wrong half, a wrong number and a wrong count are found out.
func TestCompare(t *testing.T) {
	x := []float32{1, 65520, float32(math.Inf(1))}
	right := func() *results {
		return &results{
			halves: []uint16{0x3c00, 0x7c00, 0x7c00}, back: []float32{1, float32(math.Inf(1)), float32(math.Inf(1))},
			overflows: []uint8{1, 0},
		}
	}
	if n, err := right().compare(x); n != 1 || err != nil {
		t.Errorf("%d, %v of what is right", n, err)
	}
	for want, change := range map[string]func(r *results){
		"1 is 0x3c01 as f16, want 0x3c00":   func(r *results) { r.halves[0]++ },
		"f16 0x7c00 is 65504, want +Inf":    func(r *results) { r.back[1] = 65504 },
		"2 numbers became infinite, want 1": func(r *results) { r.overflows[1]++ },
	} {
		r := right()
		change(r)
		if _, err := r.compare(x); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestBadInput(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "-n is 0", "-library nothing.so": "nothing.so", "-x": "not defined",
		"-device abacus": `device is "abacus"`,
	} {
		var out bytes.Buffer
		err := run(&out, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", args, err, want)
		}
	}
}
