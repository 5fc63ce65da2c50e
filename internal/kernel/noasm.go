//go:build purego || !(amd64 || arm64)

package kernel

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32, _ []W) {
	dotRowsGeneric(dst, w, x, n, tails)
}

func decodeF16(dst []float32, w []F16)      { decodeGeneric(dst, w) }
func decodeBF16(dst []float32, w []BF16)    { decodeGeneric(dst, w) }
func encodeF16(dst []F16, x []float32)      { encodeF16Generic(dst, x) }
func maxOf(x []float32) float32             { return maxGeneric(x) }
func swiGLU(gate, up []float32)             { swiGLUGeneric(gate, up) }
func quantize(q Q8, x []float32, group int) { quantizeGeneric(q, x, group) }

func decodeQ8(dst []float32, q []int8, scales []F16, n int, _ []int8) {
	decodeQ8Generic(dst, q, scales, n)
}

func dotHeadQ8(*Heads[int8], int, []float32, []float32, *Heads[int8], int) bool { return false }

func addHeadQ8(*Heads[int8], int, []float32, []float32, int, *Heads[int8], int) bool { return false }

func adamW(*AdamW, []float32, []float32, []float32, []float32) int { return 0 }

func expSum(x []float32, max float32) float32                           { return expSumGeneric(x, max) }
func rotate(x, cos, sin []float32)                                      { rotateGeneric(x, cos, sin) }
func scale(dst, x, norm []float32, s float32)                           { scaleGeneric(dst, x, norm, s) }
func divide(dst, x []float32, d float32)                                { divideGeneric(dst, x, d) }
func addRows[W float32 | F16](dst []float32, v []W, p []float32, _ []W) { addRowsGeneric(dst, v, p) }

func pack[W Weight](_ []float32, _ []W, _ int) int { return 0 }

func tile(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	tileGeneric(dst, stride, panels, panel, x, xStride, n, vectors)
}

func outer(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, cols, depth int) {
	addOuterGeneric(c, cStride, a, aRow, aCol, b, outerCols, outerRows, cols, depth)
}

func dotRowsQ8(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	dotRowsQ8Generic(dst, w, ws, x, n, group)
}

func packQ8(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	packQ8Generic(p, w, ws, rows, n, group)
}

func tileQ8(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	tileQ8Generic(dst, stride, p, x, n, group, vectors)
}

func addRowsMany[W float32 | F16](_ []float32, _ int, _ []W, _ []float32, _, _, _ int, _ []W) int {
	return 0
}

func unpack(Blocks, []int8, []float32, []float32, []byte) bool { return false }

func unpackSuper(Blocks, []int8, []int16, []float32, []float32, []byte) bool { return false }

func sums16(sums []int32, q []int8) { sums16Generic(sums, q) }

func dotSuper(dst *[PanelRowsSuper]float32, p PanelSuper, x Q8, count, offset int) {
	dotSuperGeneric(dst, p, x, count, offset)
}

func dotBlocks(Blocks, []float32, []byte, Q8, int) bool { return false }

func dotSuperBlocks(Blocks, []float32, []byte, Q8, []float32, int) bool { return false }

func tileSuper(Blocks, []float32, int, PanelSuper, Q8, int, int) int { return 0 }

// sumPairs has no kernel here, and there is none that wants them.
func sumPairs([]int32, []int8) {}

func packBlocks(Blocks, PanelQ8, []byte, int) bool { return false }

// tilePacked has nothing to do, as no panels are packed.
func tilePacked(Blocks, []float32, int, PanelQ8, Q8, int, int) {}

// addTile has no kernel here.
func addTile(_ []float32, _ int, _ []float32, _, _, _ int) int { return 0 }

func tileRows[W Weight](_ []float32, _, _ int, _ []W, _ []float32, _, _, _ int, _ []byte) bool {
	return false
}
