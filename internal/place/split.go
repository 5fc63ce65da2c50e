package place

import (
	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/tensor"
)

// A split computes the first layers on the processor, and the others and the classifier on a GPU. In each pass the
// residual stream crosses the bus once; each half has the keys and values of its layers, in pages of the same numbers.
type split struct {
	host   Backend
	gpu    *gpu.Backend
	layers int           // of the host
	first  *tensor.Mat   // the first matrix of the GPU, unless it has no layer
	now    model.Backend // whose turn it is in this pass
}

func newSplit(w *model.Weights, host Backend, b *gpu.Backend, layers int) *split {
	s := &split{host: host, gpu: b, layers: layers}
	if layers < len(w.Layers) {
		s.first = &w.Layers[layers].WQ
	}
	return s
}

// cross lets the GPU go on where the host is.
func (s *split) cross(x tensor.Acts, rows []kv.Row) {
	s.now = s.gpu
	s.gpu.Resume(x, rows)
}

// Embed begins a pass on the host.
func (s *split) Embed(x tensor.Acts, table *tensor.Mat, scale float32, rows []kv.Row) {
	s.now = s.host
	s.host.Embed(x, table, scale, rows)
}

// NormProject crosses before the GPU's first layer.
func (s *split) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	if ps[0].W == s.first {
		s.cross(x, rows)
	}
	s.now.NormProject(ps, x, norm, eps, rows)
}

// own returns the number of a layer in the cache of whose turn it is.
func (s *split) own(layer int) int {
	if layer >= s.layers {
		return layer - s.layers
	}
	return layer
}

// RopeStore writes to the cache of the layer's half.
func (s *split) RopeStore(q, k, v tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	s.now.RopeStore(q, k, v, at, cache, s.own(layer), rows)
}

// Attend reads the cache of the layer's half.
func (s *split) Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	s.now.Attend(a, q, at, cache, s.own(layer), rows)
}

// ProjectAdd runs where the layer is.
func (s *split) ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	s.now.ProjectAdd(p, a, norm, eps, rows)
}

// GLU runs where the layer is.
func (s *split) GLU(gate, up tensor.Acts, act tensor.Activation, rows []kv.Row) {
	s.now.GLU(gate, up, act, rows)
}

// Logits ends a pass on the GPU.
func (s *split) Logits(
	dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, softcap float32, rows []kv.Row,
) {
	if s.first == nil {
		s.cross(x, rows)
	}
	s.now.Logits(dst, w, x, norm, eps, softcap, rows)
}

// Mix runs where the layer is.
func (s *split) Mix(x tensor.Acts, m *tensor.Mixture, rows []kv.Row) bool {
	mixer, ok := s.now.(model.Mixer)
	return ok && mixer.Mix(x, m, rows)
}

// Close closes both halves.
func (s *split) Close() {
	s.host.Close()
	s.gpu.Close()
}
