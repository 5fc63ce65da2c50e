//go:build !purego

package kernel

import "cria/internal/cpuid"

//go:noescape
func adamWAVX512(a *AdamW, w, dw, m, v *float32, blocks int)

//go:noescape
func adamWAVX2(a *AdamW, w, dw, m, v *float32, blocks int)

// adamW takes a step with as many elements as make whole vectors, and returns their number.
func adamW(a *AdamW, w, g, m, v []float32) int {
	switch {
	case isa == cpuid.AVX512 && len(w) >= 16:
		adamWAVX512(a, ptr(w), ptr(g), ptr(m), ptr(v), len(w)/16)
		return len(w) &^ 15
	case isa == cpuid.AVX2 && len(w) >= 8:
		adamWAVX2(a, ptr(w), ptr(g), ptr(m), ptr(v), len(w)/8)
		return len(w) &^ 7
	}
	return 0
}
