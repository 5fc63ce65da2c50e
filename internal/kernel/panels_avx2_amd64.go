//go:build !purego

package kernel

func dotPanelsAVX2(f Blocks, dst *float32, w *byte, x Q8, sums []float32, each, count int) {
	q, xs, xSums := ptr(x.Q), ptr(x.Scales), ptr(x.Sums)
	switch f {
	case Q4_0:
		panelsQ40AVX2(dst, w, q, xs, xSums, each, count)
	case Q5_0:
		panelsQ50AVX2(dst, w, q, xs, xSums, each, count)
	case Q8_0:
		panelsQ80AVX2(dst, w, q, xs, xSums, each, count)
	case IQ4_NL:
		panelsIQ4NLAVX2(dst, w, q, xs, xSums, each, count)
	case Q4_1:
		panelsQ41AVX2(dst, w, q, xs, xSums, ptr(sums), each, count)
	case Q5_1:
		panelsQ51AVX2(dst, w, q, xs, xSums, ptr(sums), each, count)
	case MXFP4:
		panelsMXFP4AVX2(dst, w, q, xs, xSums, each, count)
	case IQ4_XS:
		panelsIQ4XSAVX2(dst, w, q, xs, xSums, each, count)
	case Q2_K:
		panelsQ2KAVX2(dst, w, q, xs, ptr(sums), each, count)
	case Q3_K:
		panelsQ3KAVX2(dst, w, q, xs, xSums, each, count)
	case Q4_K:
		panelsQ4KAVX2(dst, w, q, xs, ptr(sums), each, count)
	case Q5_K:
		panelsQ5KAVX2(dst, w, q, xs, ptr(sums), each, count)
	case Q6_K:
		panelsQ6KAVX2(dst, w, q, xs, xSums, each, count)
	}
}

//go:noescape
func panelsQ40AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsQ50AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsQ80AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsIQ4NLAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsQ41AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, mins *float32, count, panels int)

//go:noescape
func panelsQ51AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, mins *float32, count, panels int)

//go:noescape
func panelsMXFP4AVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsIQ4XSAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsQ8AVX2(dst *float32, w *byte, x *int8, xs *float32, group, groups, panels int)

//go:noescape
func panelsQ2KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)

//go:noescape
func panelsQ3KAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)

//go:noescape
func panelsQ4KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)

//go:noescape
func panelsQ5KAVX2(dst *float32, w *byte, x *int8, xs, mins *float32, count, panels int)

//go:noescape
func panelsQ6KAVX2(dst *float32, w *byte, x *int8, xs *float32, sums *int32, count, panels int)
