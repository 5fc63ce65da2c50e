package place

import (
	"cria/internal/cpu"
	"cria/internal/model"
	"cria/internal/tensor"
)

// smallBytes is up to how many bytes codes are repacked even if nobody asks: they stay in the last-level cache, where
// not memory is the limit but instructions, and are repacked in milliseconds.
const smallBytes = 64 << 20

// repacked returns the matrices of a model that the processor has a second time, in the order in which it reads them.
func repacked(w *model.Weights, all bool) []*tensor.Mat {
	mats := w.Matrices()
	if all {
		return mats
	}
	bytes := int64(0)
	for _, m := range mats {
		if m.Type == tensor.F32 || m.Type == tensor.F16 || m.Type == tensor.BF16 {
			return nil
		}
		bytes += m.Bytes()
	}
	if bytes > smallBytes {
		return nil
	}
	return mats
}

// PanelBytes returns how much memory that takes beside the weights: as much again for all, which is what Plan.Repack
// says, or without, if the model is small and has no floats.
func PanelBytes(w *model.Weights, all bool) int64 { return cpu.PanelBytes(repacked(w, all)) }
