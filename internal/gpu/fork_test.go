package gpu_test

import (
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/tensor"
)

// TestFork: sequences that share a page, and then write to it, do not notice each other, in all types of cache.
func TestFork(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
		tr := trial{"fork", shape(32, 48, 2, 2, 1, 16, 50, 64), tensor.F32, 0, typ}
		testFork(t, device(t), tr)
	}
}

func testFork(t *testing.T, dev gpu.Device, tr trial) {
	t.Helper()
	m := onGPU(t, dev, tr.config, tr.weigh(t), tr.kv)
	tokens := check.Tokens(24, 50)
	other := append(append([]int32{}, tokens[:12]...), check.Tokens(12, 47)...)
	want := m.feed(t, m.state.Cache.NewSeq(0), other, 7)

	seq := m.state.Cache.NewSeq(0)
	m.feed(t, seq, tokens[:12], 5)
	fork := seq.Fork()
	m.feed(t, seq, tokens[12:], 1)
	check.Equal(t, m.feed(t, fork, other[12:], 1), want[12:], tr.kv.String())
}

// TestMixedBatch runs two sequences in one batch, and wants what each gives alone.
func TestMixedBatch(t *testing.T) {
	tr := trial{"mixed", shape(32, 64, 2, 2, 1, 16, 50, 64), tensor.Q8_0, 0, tensor.F16}
	m := onGPU(t, device(t), tr.config, tr.weigh(t), tr.kv)
	texts := [][]int32{check.Tokens(9, 50), check.Tokens(14, 43)[3:]}
	var want [2][][]float32
	var rows []kv.Row
	for i, text := range texts {
		seq := m.state.Cache.NewSeq(0)
		want[i] = m.feed(t, seq, text, 1)
		seq.Truncate(0)
		if err := seq.Grow(len(text)); err != nil {
			t.Fatal(err)
		}
		for pos, token := range text {
			rows = append(rows, kv.Row{Seq: seq, Token: token, Pos: pos, Logits: pos%2 == i})
		}
	}
	logits := model.Forward(m.backend, &m.config, m.weights, m.state, rows)
	n := 0
	for _, row := range rows {
		if row.Logits {
			i := row.Pos % 2
			check.Equal(t, [][]float32{logits.Row(n)}, want[i][row.Pos:row.Pos+1], "together")
			n++
		}
	}
}
