//go:build !purego

package kernel

func quantize(q Q8, x []float32, group int) { quantizeGeneric(q, x, group) }

func dotRowsQ8(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	dotRowsQ8Generic(dst, w, ws, x, n, group)
}

func packQ8(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	packQ8Generic(p, w, ws, rows, n, group)
}

func tileQ8(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	tileQ8Generic(dst, stride, p, x, n, group, vectors)
}
