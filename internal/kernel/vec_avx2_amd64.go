//go:build !purego

package kernel

//go:noescape
func maxAVX2(x *float32, blocks int) float32

//go:noescape
func expSumAVX2(x *float32, blocks int, max float32, lanes *[Lanes]float32)

//go:noescape
func swiGLUAVX2(gate, up *float32, blocks int)

//go:noescape
func scaleAVX2(dst, x, norm *float32, blocks int, s float32)

//go:noescape
func divideAVX2(dst, x *float32, blocks int, d float32)

//go:noescape
func addRowsF32AVX2(dst, v, p *float32, n, rows, ahead int)

//go:noescape
func addRowsF16AVX2(dst *float32, v *F16, p *float32, n, rows, ahead int)

// maxOfAVX2 is maxAVX2 for any length.
func maxOfAVX2(x []float32) float32 {
	n := len(x) &^ 7
	rest := maxGeneric(x[n:])
	if n > 0 {
		rest = max(rest, maxAVX2(ptr(x), n/8))
	}
	return rest
}

// expSumTails is expSumAVX2 for any length.
func expSumTails(x []float32, top float32) float32 {
	var lanes, tail [Lanes]float32
	n := len(x) &^ (Lanes - 1)
	if n > 0 {
		expSumAVX2(ptr(x), n/Lanes, top, &lanes)
	}
	if n < len(x) {
		rest := copy(tail[:], x[n:])
		var sums [Lanes]float32
		expSumAVX2(&tail[0], 1, top, &sums)
		copy(x[n:], tail[:rest])
		for j, f := range tail[:rest] {
			lanes[j] += f
		}
	}
	return fold(&lanes)
}

// swiGLUTails is swiGLUAVX2 for any length.
func swiGLUTails(gate, up []float32) {
	n := len(up) &^ 7
	if n > 0 {
		swiGLUAVX2(ptr(gate), ptr(up), n/8)
	}
	swiGLUGeneric(gate[n:], up[n:])
}

// divideTails is divideAVX2 for any length.
func divideTails(dst, x []float32, d float32) {
	n := len(x) &^ 7
	if n > 0 {
		divideAVX2(ptr(dst), ptr(x), n/8, d)
	}
	divideGeneric(dst[n:], x[n:], d)
}

// scaleTails is scaleAVX2 for any length.
func scaleTails(dst, x, norm []float32, s float32) {
	n := len(x) &^ 7
	if n > 0 {
		scaleAVX2(ptr(dst), ptr(x), ptr(norm), n/8, s)
	}
	scaleGeneric(dst[n:], x[n:], norm[n:], s)
}
