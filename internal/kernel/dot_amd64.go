//go:build !purego

package kernel

func dotRows[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32) {
	switch isa {
	default:
		dotRowsGeneric(dst, w, x, n, tails)
	}
}

func tile(dst []float32, stride int, panel, x []float32, xStride, n, vectors int) {
	switch isa {
	default:
		tileGeneric(dst, stride, panel, x, xStride, n, vectors)
	}
}

func decodeF16(dst []float32, w []F16) {
	switch isa {
	default:
		decodeGeneric(dst, w)
	}
}

func decodeBF16(dst []float32, w []BF16) {
	switch isa {
	default:
		decodeGeneric(dst, w)
	}
}

func encodeF16(dst []F16, x []float32) {
	switch isa {
	default:
		encodeF16Generic(dst, x)
	}
}
