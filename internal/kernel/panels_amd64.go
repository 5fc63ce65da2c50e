//go:build !purego

package kernel

import "cria/internal/cpuid"

func hasPanels() bool { return isa != cpuid.Generic }

func hasFloatPanels() bool { return isa == cpuid.AVX512 }

// flipPanels reports whether codes in panels are + 128: VNNI multiplies unsigned by signed numbers.
func flipPanels() bool { return isa == cpuid.AVX512 && int8Dot }

func dotPanels(f Blocks, dst []float32, panels []byte, x Q8, sums []float32, n int) {
	each, count := n/blocks[f].len, len(dst)/PanelRowsQ8
	switch {
	case count == 0 || each == 0:
	case isa == cpuid.AVX512 && int8Dot:
		dotPanelsVNNI(f, ptr(dst), ptr(panels), x, sums, each, count)
	default:
		dotPanelsAVX2(f, ptr(dst), ptr(panels), x, sums, each, count)
	}
}

func dotPanelsQ8(dst []float32, panels []byte, x Q8, n, group int) {
	switch count := len(dst) / PanelRowsQ8; {
	case count == 0:
	case isa == cpuid.AVX512 && int8Dot:
		panelsQ8VNNI(ptr(dst), ptr(panels), x, group, n/group, count)
	default:
		panelsQ8AVX2(ptr(dst), ptr(panels), ptr(x.Q), ptr(x.Scales), group, n/group, count)
	}
}

func dotPanelsFloats[W Weight](dst []float32, panels []W, x []float32, n int) {
	rows := len(dst)
	if rows == 0 {
		return
	}
	n = (n + Lanes - 1) &^ (Lanes - 1)
	switch w := any(panels).(type) {
	case []float32:
		dotPanelsF32AVX512(ptr(dst), ptr(w), ptr(x), rows, n)
	case []F16:
		dotPanelsF16AVX512(ptr(dst), ptr(w), ptr(x), rows, n)
	case []BF16:
		dotPanelsBF16AVX512(ptr(dst), ptr(w), ptr(x), rows, n)
	}
}

//go:noescape
func dotPanelsF32AVX512(dst, w, x *float32, rows, n int)

//go:noescape
func dotPanelsF16AVX512(dst *float32, w *F16, x *float32, rows, n int)

//go:noescape
func dotPanelsBF16AVX512(dst *float32, w *BF16, x *float32, rows, n int)
