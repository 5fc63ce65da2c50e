package gpu_test

import (
	"strings"
	"testing"

	"cria/internal/check"
	"cria/internal/tensor"
)

// TestTrace: tracing changes no bit, and keeps a span of every launch of every pass.
func TestTrace(t *testing.T) {
	tr := trial{"trace", shape(32, 64, 2, 2, 1, 16, 50, 64), tensor.Q8_0, 0, tensor.F32}
	w, tokens := tr.weigh(t), check.Tokens(9, 50)
	m := onGPU(t, device(t), tr.config, w, tr.kv)
	want := m.feed(t, m.state.Cache.NewSeq(0), tokens, 4)
	m = onGPU(t, device(t), tr.config, w, tr.kv)
	if device, host := m.gpu.Spans(); device != nil || host != nil {
		t.Error("spans before StartTrace")
	}
	m.gpu.StartTrace()
	check.Equal(t, m.feed(t, m.state.Cache.NewSeq(0), tokens, 4), want, "traced")
	device, host := m.gpu.Spans()
	launches, attends := 0, 0
	for _, s := range host {
		if s.Name == "Run" {
			launches += s.Blocks
		}
	}
	for _, s := range device {
		if strings.HasPrefix(s.Name, "attend_") {
			attends++
		}
	}
	if len(host) != 2*3 || len(device) != launches || attends != 3*tr.config.NLayers {
		t.Errorf("%d spans of the host, %d of the device for %d launches, %d of them attend",
			len(host), len(device), launches, attends)
	}
}
