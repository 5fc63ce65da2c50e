// Package place puts a model on what computes it, the processor or a GPU: it checks that there is memory, makes the
// backend and the cache of keys and values, and uploads weights.
package place

import (
	"fmt"

	"cria/internal/cpu"
	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/tensor"
)

// A Plan says how a model is to be run.
type Plan struct {
	KV     kv.Shape    // of the cache
	Rows   int         // tokens in a batch
	SeqLen int         // positions of a sequence
	CPU    cpu.Options // of what the processor computes
	// Progress is told, if it is not nil, how many bytes of weights of how many are on a GPU.
	Progress func(done, all int64)
}

// A Backend computes until it is closed.
type Backend interface {
	model.Backend
	Close()
}

// A Place is where a model runs.
type Place struct {
	Backend Backend
	Cache   *kv.Cache
	Pool    *par.Pool    // of the processor; nil if it computes nothing
	GPU     *gpu.Backend // nil if there is none
	Name    string       // for people: "cpu", or the device's
}

// Err returns what went wrong on the GPU in a forward pass.
func (p *Place) Err() error {
	if p.GPU == nil {
		return nil
	}
	return p.GPU.Err()
}

// OnCPU puts a model on the processor.
func OnCPU(c *model.Config, p Plan) (*Place, error) {
	cache, err := kv.New(p.KV)
	if err != nil {
		return nil, err
	}
	b := newCPU(c, p)
	return &Place{Backend: b, Cache: cache, Pool: b.Pool, Name: "cpu"}, nil
}

func newCPU(c *model.Config, p Plan) *cpu.Backend {
	return cpu.New(cpu.Sizes{
		Rows: p.Rows, Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
		Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: p.SeqLen,
	}, p.CPU)
}

// OnGPU puts a model on a device, which the place closes; if there is an error, it is closed already.
func OnGPU(c *model.Config, w *model.Weights, dev gpu.Device, p Plan) (*Place, error) {
	place, err := onGPU(c, w, dev, p)
	if err != nil {
		_ = dev.Close() // the first error is the one to report
	}
	return place, err
}

func onGPU(c *model.Config, w *model.Weights, dev gpu.Device, p Plan) (*Place, error) {
	if c.NExperts > 0 {
		return nil, fmt.Errorf("mixtures of experts run on the CPU only")
	}
	need := load.DeviceMemory(c, w, p.KV, p.Rows, p.SeqLen)
	free, err := dev.Memory()
	if err != nil {
		return nil, err
	}
	name := dev.Info().Name
	if need.Total() > free {
		return nil, fmt.Errorf("%s has %d bytes free, and the model needs %d (weights %d, keys and values %d, state %d)",
			name, free, need.Total(), need.Weights, need.KV, need.State)
	}
	b, err := gpu.New(dev, gpu.Sizes{Rows: p.Rows, SeqLen: p.SeqLen}, p.KV)
	if err != nil {
		return nil, err
	}
	cache, err := kv.NewAway(p.KV, b.CopyPage)
	if err != nil {
		return nil, err
	}
	return &Place{Backend: b, Cache: cache, GPU: b, Name: name}, upload(b, w, need.Weights, p.Progress)
}

// upload moves the matrices of a model to its GPU. Norms go when they are needed.
func upload(b *gpu.Backend, w *model.Weights, all int64, progress func(done, all int64)) error {
	if progress == nil {
		progress = func(_, _ int64) {}
	}
	list := []*tensor.Mat{&w.TokenEmbed, &w.Output}
	for i := range w.Layers {
		list = append(list, w.Layers[i].Matrices()...)
	}
	done := int64(0)
	err := b.Load(list, func(bytes int) {
		done = min(done+int64(bytes), all)
		progress(done, all)
	})
	if err == nil {
		progress(all, all)
	}
	return err
}
