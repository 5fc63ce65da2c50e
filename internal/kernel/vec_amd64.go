//go:build !purego

package kernel

func maxOf(x []float32) float32 {
	switch isa {
	default:
		return maxGeneric(x)
	}
}

func expSum(x []float32, max float32) float32 {
	switch isa {
	default:
		return expSumGeneric(x, max)
	}
}

func swiGLU(gate, up []float32) {
	switch isa {
	default:
		swiGLUGeneric(gate, up)
	}
}

func scale(dst, x, norm []float32, s float32) {
	switch isa {
	default:
		scaleGeneric(dst, x, norm, s)
	}
}

func addRows[W float32 | F16](dst []float32, v []W, p []float32) {
	switch isa {
	default:
		addRowsGeneric(dst, v, p)
	}
}
