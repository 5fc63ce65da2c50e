package train

import (
	"math"
	"testing"
)

func TestRate(t *testing.T) {
	const warmup, steps, high, low = 100, 1000, 5e-4, 5e-5
	rate := func(step int) float64 { return Rate(step, warmup, steps, high, low) }
	for _, c := range []struct {
		step int
		want float64
	}{
		{1, high / 100}, {50, high / 2}, {100, high},
		{550, (high + low) / 2}, // halfway down
		{1000, low}, {1001, low}, {math.MaxInt32, low},
	} {
		if got := rate(c.step); math.Abs(got-c.want) > 1e-15 {
			t.Errorf("step %d: %v, want %v", c.step, got, c.want)
		}
	}
	for step := 2; step <= steps; step++ {
		before, got := rate(step-1), rate(step)
		if rises := step <= warmup; rises != (got > before) {
			t.Errorf("step %d: %v after %v", step, got, before)
		}
		// No steeper than the line up, or the wave in its middle.
		if math.Abs(got-before) > max(high/warmup, math.Pi/2*(high-low)/(steps-warmup))*1.000001 {
			t.Errorf("step %d jumps from %v to %v", step, before, got)
		}
	}
}

func TestRateAtLimits(t *testing.T) {
	for _, c := range []struct {
		step, warmup, steps int
		want                float64
	}{
		{1, 0, 1, 0.25}, {1, 1, 1, 1}, {1, 0, 0, 0.25}, // a single step
		{1, 0, 1 << 30, 1},                // no warm-up
		{5, 10, 10, 0.5}, {10, 10, 10, 1}, // nothing but warm-up
		{5, 10, 3, 0.5}, {11, 10, 3, 0.25}, // which is longer than the training
		{math.MaxInt32, 1, math.MaxInt32, 0.25}, // far away
	} {
		if got := Rate(c.step, c.warmup, c.steps, 1, 0.25); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("Rate(%d, %d, %d) = %v, want %v", c.step, c.warmup, c.steps, got, c.want)
		}
	}
}

// TestRateBits has the bits of one machine, which all others must have.
func TestRateBits(t *testing.T) {
	h := uint64(0)
	for step := 1; step <= 5000; step++ {
		h = h*0x9e3779b97f4a7c15 + math.Float64bits(Rate(step, 321, 4567, 3e-4, 1.7e-5))
	}
	if want := uint64(0x7bf0435e5aa57e7c); h != want {
		t.Errorf("the rates have hash %#x, want %#x", h, want)
	}
}
