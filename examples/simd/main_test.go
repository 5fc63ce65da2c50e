package main

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	for _, n := range []string{"1", "15", "16", "1000"} {
		var out bytes.Buffer
		if err := run(&out, "-n", n, "-rounds", "1"); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != 2+len(ways) || !strings.HasPrefix(lines[0], "n = "+n+", ") {
			t.Errorf("-n %s prints\n%s", n, out.String())
		}
	}
	for _, args := range [][]string{{"-n", "0"}, {"-n", "-1"}, {"-rounds", "0"}, {"16"}} {
		if err := run(&bytes.Buffer{}, args...); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// TestWays compares the lanes and the kernel bit by bit, and all three with float64.
func TestWays(t *testing.T) {
	for n := 1; n < 100; n++ {
		x, y := vector(n, uint64(n)), vector(n, uint64(n)+1000)
		exact := exactly(x, y)
		for _, way := range ways {
			// At most n roundings of partial sums below n, each by half of 2^-23 in parts of one.
			if got := float64(way.dot(x, y)); math.Abs(got-exact) > float64(n*n)*0x1p-24 {
				t.Errorf("n = %d: %s gives %v, want %v", n, way.name, got, exact)
			}
		}
		if a, b := lanes(x, y), withKernel(x, y); math.Float32bits(a) != math.Float32bits(b) {
			t.Errorf("n = %d: lanes %v, kernel %v", n, a, b)
		}
	}
}

// TestOrder has three numbers whose sum depends on the order: the plain loop
// loses the 1, which has a lane of its own in the other definition.
func TestOrder(t *testing.T) {
	x := make([]float32, 32)
	y := make([]float32, 32)
	x[0], x[1], x[16] = 1e8, 1, -1e8
	y[0], y[1], y[16] = 1, 1, 1
	if p, l := plain(x, y), lanes(x, y); p != 0 || l != 1 {
		t.Errorf("plain %v, want 0; lanes %v, want 1", p, l)
	}
}
