package cria

import (
	"errors"
	"fmt"

	"cria/internal/cpu"
	"cria/internal/gpu"
	"cria/internal/gpu/cuda"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// ErrDevice is what errors about a device have in common: there is none, or not enough of its memory, or it
// failed. No model ever runs on another device than it was opened for.
var ErrDevice = errors.New("cria: the device cannot be used")

// WithDevice sets what a model runs on: "cpu", the default, or "cuda", the first GPU of NVIDIA.
// There all weights, keys and values are in the device's memory; the threads of WithThreads do nothing.
func WithDevice(name string) Option { return func(o *options) { o.device = name } }

// WithCUDALibrary names the library of NVIDIA's driver, if it is not where the system looks for it.
func WithCUDALibrary(path string) Option { return func(o *options) { o.cudaLibrary = path } }

// WithProgress sets a function that is told, while a model is opened, how many bytes of weights of
// how many are on the device.
func WithProgress(f func(done, all int64)) Option { return func(o *options) { o.progress = f } }

// A backend computes until it is closed.
type backend interface {
	model.Backend
	Close()
}

// startCPU makes the backend on the processor.
func (m *Model) startCPU(o options, shape kv.Shape) error {
	cache, err := kv.New(shape)
	if err != nil {
		return err
	}
	c := &m.config
	b := cpu.New(cpu.Sizes{
		Rows: m.batch, Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
		Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: m.context,
	}, cpu.Options{Threads: o.threads, Grain: o.grain})
	m.backend, m.pool, m.device = b, b.Pool, fmt.Sprintf("cpu (%s)", Kernels())
	m.state = model.NewState(c, cache, m.context, m.batch, 1)
	if o.trace {
		m.pool.StartTrace()
	}
	return nil
}

// startCUDA makes the backend on a GPU, and uploads the weights.
func (m *Model) startCUDA(o options, shape kv.Shape) error {
	if m.config.NExperts > 0 {
		return fmt.Errorf("%w: mixtures of experts run on the CPU only", ErrDevice)
	}
	if o.trace {
		return fmt.Errorf("%w: traces are of threads of the CPU", ErrBadOption)
	}
	dev, err := cuda.Open(o.cudaLibrary, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	if err := m.startGPU(o, shape, dev); err != nil {
		_ = dev.Close() // the first error is the one to report
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	return nil
}

func (m *Model) startGPU(o options, shape kv.Shape, dev gpu.Device) error {
	sizes := gpu.Sizes{Rows: m.batch, SeqLen: m.context}
	need := load.DeviceMemory(&m.config, m.weights, shape, sizes.Rows, sizes.SeqLen)
	free, err := dev.Memory()
	if err != nil {
		return err
	}
	if need.Total() > free {
		return fmt.Errorf("%s has %d bytes free, and the model needs %d (weights %d, keys and values %d, state %d)",
			dev.Info().Name, free, need.Total(), need.Weights, need.KV, need.State)
	}
	b, err := gpu.New(dev, sizes, shape)
	if err != nil {
		return err
	}
	cache, err := kv.NewAway(shape, b.CopyPage)
	if err != nil {
		return err
	}
	m.backend, m.gpu, m.device = b, b, fmt.Sprintf("cuda (%s)", dev.Info().Name)
	m.state = model.NewState(&m.config, cache, m.context, m.batch, 1)
	if o.progress == nil {
		o.progress = func(_, _ int64) {}
	}
	done := int64(0)
	err = b.Load(matrices(m.weights), func(bytes int) {
		done = min(done+int64(bytes), need.Weights)
		o.progress(done, need.Weights)
	})
	o.progress(need.Weights, need.Weights) // norms go when they are needed
	return err
}

// matrices lists those of a model.
func matrices(w *model.Weights) []*tensor.Mat {
	list := []*tensor.Mat{&w.TokenEmbed, &w.Output}
	for i := range w.Layers {
		list = append(list, w.Layers[i].Matrices()...)
	}
	return list
}

// Device says what the model runs on, for people: "cpu (avx2)", "cuda (NVIDIA H200)".
func (m *Model) Device() string { return m.device }

// deviceErr returns what went wrong on the device in a forward pass.
func (m *Model) deviceErr() error {
	if m.gpu == nil || m.gpu.Err() == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrDevice, m.gpu.Err())
}
