//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func adamWNEON(a *AdamW, w, dw, m, v *float32, blocks int)

// adamW takes a step with as many elements as make whole vectors, and returns their number.
func adamW(a *AdamW, w, g, m, v []float32) int {
	if isa != cpuid.NEON || len(w) < 4 {
		return 0
	}
	adamWNEON(a, ptr(w), ptr(g), ptr(m), ptr(v), len(w)/4)
	return len(w) &^ 3
}
