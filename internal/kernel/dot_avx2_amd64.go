//go:build !purego

package kernel

//go:noescape
func dotRowsF32AVX2(dst, w, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func dotRowsF16AVX2(dst *float32, w *F16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func dotRowsBF16AVX2(dst *float32, w *BF16, x *float32, rows, n int, tails *[16][Lanes]float32, ahead int)

//go:noescape
func tile3AVX2(dst *float32, stride int, panel, x *float32, xStep, blocks int)

//go:noescape
func decodeF16AVX2(dst *float32, w *F16, blocks int)

//go:noescape
func decodeBF16AVX2(dst *float32, w *BF16, blocks int)

//go:noescape
func encodeF16AVX2(dst *F16, x *float32, blocks int)

// threesBytes is how much of the first-level cache is for vectors; the rest is for a pair of rows.
const threesBytes = 20 << 10

// tileAVX2 takes three vectors at a time through pairs of rows, as many threes as the first-level cache holds
// through a pair before the next; the last one or two vectors go by themselves.
func tileAVX2(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	blocks, step := (n+Lanes-1)/Lanes, PanelLen(n)
	some := max(1, threesBytes/(12*max(n, 1))) * 3
	for v := 0; v < vectors; v += some {
		last := min(v+some, vectors)
		for pair := range 2 * panels {
			p := panel[pair/2*step+pair%2*2*Lanes:]
			for v := v; v < last; {
				took, outStep, inStep := 3, stride, xStride
				if last-v < 3 {
					took, outStep, inStep = 1, 0, 0
				}
				tile3AVX2(&dst[v*stride+2*pair], outStep, &p[0], &x[v*xStride], inStep, blocks)
				v += took
			}
		}
	}
}
