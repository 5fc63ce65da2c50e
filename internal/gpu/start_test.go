package gpu_test

import (
	"testing"

	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/tensor"
)

// TestStart: passes that are started with the token that the pass before picks, before the host knows it, pick what
// passes do whose tokens it knows.
func TestStart(t *testing.T) { testStart(t, device(t)) }

func testStart(t *testing.T, dev gpu.Device) {
	t.Helper()
	tr := trial{"start", shape(32, 64, 2, 2, 1, 16, 50, 160), tensor.Q8_0, 0, tensor.F16}
	m := onGPU(t, dev, tr.config, tr.weigh(t), tr.kv)
	if !m.gpu.Starts() {
		t.Skip("this device does not start passes")
	}
	const n = 140 // more than a split, so that launches change on the way
	var want []int32
	seq, token := m.state.Cache.NewSeq(0), int32(7)
	for range n {
		m.gpu.PickNext(gpu.Choice{})
		m.one(t, seq, token)
		token = m.gpu.Picked(nil)
		want = append(want, token)
	}
	seq.Truncate(0)
	m.gpu.StartNext(gpu.Choice{})
	m.one(t, seq, 7)
	for i := range n {
		if i+1 < n {
			m.gpu.StartNext(gpu.Choice{})
			m.one(t, seq, gpu.Follows)
		}
		if got := m.gpu.Wait(); got != want[i] {
			t.Fatalf("token %d is %d, want %d", i, got, want[i])
		}
	}
	if m.gpu.Err() != nil {
		t.Fatal(m.gpu.Err())
	}
}

// one runs one token whose logits are wanted.
func (m *machine) one(t *testing.T, seq *kv.Seq, token int32) {
	t.Helper()
	pos := seq.Len()
	if err := seq.Grow(1); err != nil {
		t.Fatal(err)
	}
	rows := []kv.Row{{Seq: seq, Token: token, Pos: pos, Logits: true}}
	model.Forward(m.backend, &m.config, m.weights, m.state, rows)
}
