package kernel

import "testing"

// TestFetch: all lengths there are no lines of, and memory stays as it is.
func TestFetch(t *testing.T) {
	eachISA(t, func(t *testing.T) {
		x := make([]float32, 100)
		for i := range x {
			x[i] = float32(i)
		}
		for n := range len(x) {
			fetch(x[:n])
		}
		fetch([]int8(nil))
		for i, f := range x {
			if f != float32(i) {
				t.Fatalf("x[%d] = %v", i, f)
			}
		}
	})
}
