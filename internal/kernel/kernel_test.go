package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/cpuid"
)

// eachISA runs f once for every instruction set that this machine has, with
// and without its int8 instructions. Generic is among them.
func eachISA(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	oldISA, oldDot, oldMatrix := isa, int8Dot, int8Matrix
	defer func() { isa, int8Dot, int8Matrix = oldISA, oldDot, oldMatrix }()
	for _, set := range cpuid.Supported() {
		for _, dot := range []bool{false, true} {
			if err := Use(set, dot); err != nil || dot && set != cpuid.AVX512 && set != cpuid.NEON {
				continue
			}
			t.Run(Name(), f)
			if int8Matrix && set != cpuid.AVX2 {
				int8Matrix = false
				t.Run(Name(), f)
			}
		}
	}
}

// guard returns n random numbers at any alignment, with NaN on both sides: a
// kernel that reads one element too far returns NaN, and check sees one that
// wrote too far.
func guard(rng *rand.Rand, n, offset int) (inside []float32, check func(t *testing.T)) {
	const margin = 32
	buf := make([]float32, margin+offset+n+margin)
	for i := range buf {
		buf[i] = float32(math.NaN())
	}
	inside = buf[margin+offset:][:n:n]
	for i := range inside {
		inside[i] = number(rng)
	}
	return inside, func(t *testing.T) {
		t.Helper()
		for i, f := range buf {
			if (i < margin+offset || i >= margin+offset+n) && f == f {
				t.Fatalf("guard %d of a slice of %d was overwritten", i-margin-offset, n)
			}
		}
	}
}

// padded is guard with zeros after the numbers up to a multiple of 16.
func padded(rng *rand.Rand, n, offset int) (inside []float32, check func(t *testing.T)) {
	all, check := guard(rng, (n+15)&^15, offset)
	clear(all[n:])
	return all, check
}

// number returns a random number, now and then a very large, very small or zero one.
func number(rng *rand.Rand) float32 {
	f := float32(rng.NormFloat64())
	switch rng.IntN(24) {
	case 0:
		return 0
	case 1:
		return float32(math.Copysign(0, -1))
	case 2:
		return f * 0x1p-126
	case 3:
		return f * 0x1p60
	case 4:
		return f * 0x1p-70
	}
	return f
}

// specials are the numbers that go wrong first.
var specials = []float32{
	0, float32(math.Copysign(0, -1)), 1, -1, float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.NaN()),
	math.MaxFloat32, -math.MaxFloat32, 0x1p-126, -0x1p-126, 0x1p-149, -0x1p-149, 0x1.fffffep-127,
	65504, 65519.996, 65520, -65520, 0x1p-24, 0x1p-25, 0x1.8p-25, 0x1p-14, 0x1.ffcp-15, 87.33654, -87.33654, -87.3366,
	88.376, 88.377, 89, 90, -100, 1e30, 0.5, 1.5, 2.5, -0.5, 127, 128, -128,
}

// same reports whether two results have the same bits; one NaN is as good as another.
func same(x, y float32) bool {
	return math.Float32bits(x) == math.Float32bits(y) || x != x && y != y
}

func wantSame(t *testing.T, got, want []float32, format string, args ...any) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s: [%d] = %v (%#x), want %v (%#x)", fmt.Sprintf(format, args...), i,
				got[i], math.Float32bits(got[i]), want[i], math.Float32bits(want[i]))
		}
	}
}

// lengths are all up to a few vectors, and some longer ones.
func lengths() []int {
	var list []int
	for n := range 83 {
		list = append(list, n)
	}
	return append(list, 96, 127, 128, 144, 172, 255, 256, 288, 300, 1024, 1040, 2100)
}
