package gpu_test

import (
	"math"
	"slices"
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/tensor"
)

// TestPick: the device picks the first of the largest logits, and none if one is not finite.
func TestPick(t *testing.T) {
	tr := trial{"pick", shape(32, 48, 1, 2, 1, 16, 1100, 64), tensor.F32, 0, tensor.F32}
	w := tr.weigh(t)
	// Every second row of the classifier is its neighbour: each logit is there twice.
	out := w.Output.F32()
	for r := 1; r < w.Output.Rows; r += 2 {
		copy(out[r*32:][:32], out[(r-1)*32:][:32])
	}
	m := onGPU(t, device(t), tr.config, w, tr.kv)
	seq := m.state.Cache.NewSeq(0)
	for _, token := range check.Tokens(5, tr.config.VocabSize) {
		seq.Truncate(0)
		logits := m.feed(t, seq, []int32{token}, 1)[0]
		want := int32(slices.Index(logits, slices.Max(logits)))
		m.gpu.PickNext(gpu.Choice{})
		seq.Truncate(0)
		m.feed(t, seq, []int32{token}, 1)
		if got := m.gpu.Picked(nil); got != want || want%2 != 0 {
			t.Errorf("picked %d, want %d", got, want)
		}
	}
}

// TestPickNaN wants logits back of which one is no number.
func TestPickNaN(t *testing.T) {
	tr := trial{"pick", shape(32, 48, 1, 2, 1, 16, 70, 64), tensor.F32, 0, tensor.F32}
	w := tr.weigh(t)
	w.Output.Data = slices.Clone(w.Output.Data) // not the embedding's
	w.Output.F32()[69*32] = float32(math.NaN())
	m := onGPU(t, device(t), tr.config, w, tr.kv)
	m.gpu.PickNext(gpu.Choice{})
	m.feed(t, m.state.Cache.NewSeq(0), []int32{1}, 1)
	logits := make([]float32, 70)
	if got := m.gpu.Picked(logits); got != -1 {
		t.Errorf("picked %d, want none", got)
	}
	if logits[68] == 0 || logits[69] == logits[69] {
		t.Errorf("logits %v", logits[66:])
	}
}
