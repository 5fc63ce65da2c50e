//go:build !purego

package kernel

func dotPanelsVNNI(f Blocks, dst *float32, w *byte, x Q8, sums []float32, each, count int) {
	switch f {
	case Q4_0:
		panelsQ40VNNI(dst, w, x, 0, each, count)
	case Q5_0:
		panelsQ50VNNI(dst, w, x, 0, each, count)
	case Q8_0:
		panelsQ80VNNI(dst, w, x, 0, each, count)
	case IQ4_NL:
		panelsIQ4NLVNNI(dst, w, x, 0, each, count)
	case Q4_1:
		panelsQ41VNNI(dst, w, x, ptr(sums), each, count)
	case Q5_1:
		panelsQ51VNNI(dst, w, x, ptr(sums), each, count)
	case MXFP4:
		panelsMXFP4VNNI(dst, w, x, 0, each, count)
	case IQ4_XS:
		panelsIQ4XSVNNI(dst, w, x, 0, each, count)
	case Q2_K:
		panelsQ2KVNNI(dst, w, x, ptr(sums), 0, each, count)
	case Q3_K:
		panelsQ3KVNNI(dst, w, x, 0, each, count)
	case Q4_K:
		panelsQ4KVNNI(dst, w, x, ptr(sums), 0, each, count)
	case Q5_K:
		panelsQ5KVNNI(dst, w, x, ptr(sums), 0, each, count)
	case Q6_K:
		panelsQ6KVNNI(dst, w, x, 0, each, count)
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
func panelsQ41VNNI(dst *float32, w *byte, x Q8, mins *float32, count, blocks int)

//go:noescape
func panelsQ51VNNI(dst *float32, w *byte, x Q8, mins *float32, count, blocks int)

//go:noescape
func panelsMXFP4VNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsIQ4XSVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsQ8VNNI(dst *float32, w *byte, x Q8, group, groups, blocks int)

//go:noescape
func panelsQ2KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func panelsQ3KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)

//go:noescape
func panelsQ4KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func panelsQ5KVNNI(dst *float32, w *byte, x Q8, sums *float32, size, count, blocks int)

//go:noescape
func panelsQ6KVNNI(dst *float32, w *byte, x Q8, size, count, blocks int)
