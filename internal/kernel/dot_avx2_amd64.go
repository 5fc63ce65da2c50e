//go:build !purego

package kernel

//go:noescape
func dotRowsF32AVX2(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsF16AVX2(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func dotRowsBF16AVX2(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32)

//go:noescape
func tile3AVX2(dst *float32, stride int, panel, x *float32, xStep, blocks int)

//go:noescape
func decodeF16AVX2(dst *float32, w *F16, blocks int)

//go:noescape
func decodeBF16AVX2(dst *float32, w *BF16, blocks int)

//go:noescape
func encodeF16AVX2(dst *F16, x *float32, blocks int)

// tileAVX2 takes three vectors at a time through all pairs of rows; the last one
// or two go by themselves.
func tileAVX2(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	blocks, step := (n+Lanes-1)/Lanes, PanelLen(n)
	for v := 0; v < vectors; {
		took, outStep, inStep := 3, stride, xStride
		if vectors-v < 3 {
			took, outStep, inStep = 1, 0, 0
		}
		for p := range panels {
			for pair := range 2 {
				tile3AVX2(&dst[v*stride+p*PanelRows+2*pair], outStep, &panel[p*step+pair*2*Lanes],
					&x[v*xStride], inStep, blocks)
			}
		}
		v += took
	}
}
