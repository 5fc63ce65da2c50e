//go:build !purego

package kernel

import "cria/internal/cpuid"

func hasPanels() bool { return isa == cpuid.AVX512 && int8Dot }

func dotPanels(f Blocks, dst []float32, panels []byte, x Q8, sums []float32, n int) {
	out, w, each, count := ptr(dst), ptr(panels), n/blocks[f].len, len(dst)/PanelRowsQ8
	if count == 0 || each == 0 {
		return
	}
	switch f {
	case Q4_0:
		panelsQ40VNNI(out, w, x, 0, each, count)
	case Q5_0:
		panelsQ50VNNI(out, w, x, 0, each, count)
	case Q8_0:
		panelsQ80VNNI(out, w, x, 0, each, count)
	case IQ4_NL:
		panelsIQ4NLVNNI(out, w, x, 0, each, count)
	case Q4_K:
		panelsQ4KVNNI(out, w, x, ptr(sums), 0, each, count)
	case Q5_K:
		panelsQ5KVNNI(out, w, x, ptr(sums), 0, each, count)
	case Q6_K:
		panelsQ6KVNNI(out, w, x, 0, each, count)
	}
}

func dotPanelsQ8(dst []float32, panels []byte, x Q8, n, group int) {
	if len(dst) > 0 {
		panelsQ8VNNI(ptr(dst), ptr(panels), x, group, n/group, len(dst)/PanelRowsQ8)
	}
}

//go:noescape
func panelsQ40VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsQ50VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsQ80VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsIQ4NLVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsQ8VNNI(dst *float32, w *byte, x Q8, group, groups, blocks int)

//go:noescape
func panelsQ4KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func panelsQ5KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func panelsQ6KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

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
