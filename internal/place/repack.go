package place

import (
	"cria/internal/cpu"
	"cria/internal/model"
	"cria/internal/tensor"
)

// Up to how many bytes codes are repacked if nobody says whether.
const (
	// They stay in the last-level cache, where not memory is the limit but instructions, and are repacked in milliseconds.
	smallBytes = 64 << 20
	// Where rows take several times as long, a second is soon gained, but memory may be wanted for something else.
	slowBytes = 4 << 30
)

// repacked returns the matrices of a model that the processor has a second time, in the order in which it reads them:
// all or none, or if all is nil, of a model without floats, all if they are small, or those whose rows are slow.
func repacked(w *model.Weights, all *bool) []*tensor.Mat {
	mats := w.Matrices()
	if all != nil {
		if !*all {
			return nil
		}
		return mats
	}
	var slow []*tensor.Mat
	bytes, slowOnes := int64(0), int64(0)
	for _, m := range mats {
		if m.Type == tensor.F32 || m.Type == tensor.F16 || m.Type == tensor.BF16 {
			return nil
		}
		bytes += m.Bytes()
		if cpu.RowsAreSlow(m) {
			slow, slowOnes = append(slow, m), slowOnes+m.Bytes()
		}
	}
	switch {
	case bytes <= smallBytes:
		return mats
	case slowOnes <= slowBytes:
		return slow
	}
	return nil
}

// PanelBytes returns how much memory that takes by Plan.Repack: as much again for what is repacked.
func PanelBytes(w *model.Weights, all *bool) int64 { return cpu.PanelBytes(repacked(w, all)) }
