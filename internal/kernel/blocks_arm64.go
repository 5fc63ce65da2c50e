//go:build !purego

package kernel

func unpack(Blocks, []int8, []float32, []float32, []byte) bool { return false }

func unpackSuper(Blocks, []int8, []int16, []float32, []float32, []byte) bool { return false }

func sums16(sums []int32, q []int8) { sums16Generic(sums, q) }

func dotSuper(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	dotSuperGeneric(dst, p, x, count, offset)
}
