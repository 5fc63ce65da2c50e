//go:build purego || !amd64

package kernel

func hasPanels() bool { return false }

func hasFloatPanels() bool { return false }

func flipPanels() bool { return false }

func dotPanels(Blocks, []float32, []byte, Q8, []float32, int) {}

func dotPanelsQ8([]float32, []byte, Q8, int, int) {}

func dotPanelsFloats[W Weight]([]float32, []W, []float32, int) {}
