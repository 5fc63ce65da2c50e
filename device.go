package cria

import (
	"errors"
	"fmt"
	"strings"

	"cria/internal/cpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/place"
)

// ErrDevice is what errors about a device have in common: there is none, or not enough of its memory, or it
// failed. No model ever runs on another device than it was opened for.
var ErrDevice = errors.New("cria: the device cannot be used")

// WithDevice sets what a model runs on: "cpu", the default, "cuda", the first GPU of NVIDIA, or "metal", the one of
// a Mac with a processor of Apple, which nobody has tried yet.
// There all weights, keys and values are in the device's memory, unless WithGPULayers leaves some to the processor.
func WithDevice(name string) Option { return func(o *options) { o.device = name } }

// WithCUDALibrary names the library of NVIDIA's driver, if it is not where the system looks for it.
func WithCUDALibrary(path string) Option { return func(o *options) { o.libraries.CUDA = path } }

// WithMetalLibrary names a library in the place of Metal's: for tests, because a Mac has these where they belong.
func WithMetalLibrary(path string) Option { return func(o *options) { o.libraries.Metal = path } }

// WithGPULayers lets a GPU compute the last n layers of a model and the classifier, and the processor the others: for
// models that the device has no room for. Keys and values are where their layer is. The default is all layers; an
// error about memory says how many would fit.
func WithGPULayers(n int) Option {
	return func(o *options) { o.gpuLayers, o.splits = n, true }
}

// WithGPUMemory says in what memory a GPU reads weights: "private", the default, its own, or "shared", this
// machine's, without a copy in its own: for weights that are larger, at the speed of the bus.
func WithGPUMemory(kind string) Option { return func(o *options) { o.gpuMemory = kind } }

// WithProgress sets a function that is told, while a model is opened, how many bytes of weights of
// how many are on the device.
func WithProgress(f func(done, all int64)) Option { return func(o *options) { o.progress = f } }

// place puts the model on what o asks for.
func (m *Model) place(o options, shape kv.Shape) (err error) {
	plan := place.Plan{
		Repack: o.repack,
		KV:     shape, Rows: m.batch, SeqLen: m.context, Progress: o.progress,
		CPU: cpu.Options{Threads: o.threads, Grain: o.grain}, Layers: m.config.NLayers,
	}
	switch o.device {
	case "cpu":
		m.at, err = place.OnCPU(&m.config, m.weights, plan)
	case "cuda", "metal":
		m.at, err = m.onGPU(o, plan)
	default:
		return fmt.Errorf("%w: device is %q, want cpu, cuda or metal", ErrBadOption, o.device)
	}
	if err != nil {
		return err
	}
	m.state = model.NewState(&m.config, m.at.Cache, m.context, m.batch, 1)
	if o.trace {
		m.at.StartTrace()
	}
	return nil
}

// onGPU puts the model on the GPU that o asks for.
func (m *Model) onGPU(o options, plan place.Plan) (*place.Place, error) {
	switch o.gpuMemory {
	case "private":
	case "shared":
		plan.Shared = true
	default:
		return nil, fmt.Errorf("%w: GPU memory is %q, want private or shared", ErrBadOption, o.gpuMemory)
	}
	if o.splits {
		plan.Layers = o.gpuLayers
	}
	if plan.Layers < 0 || plan.Layers > m.config.NLayers {
		return nil, fmt.Errorf("%w: GPU layers are %d, want 0 to %d", ErrBadOption, plan.Layers, m.config.NLayers)
	}
	dev, err := place.Open(o.device, o.libraries)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	at, err := place.OnGPU(&m.config, m.weights, dev, plan)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDevice, err)
	}
	m.device = o.device
	return at, nil
}

// Device says what the model runs on, for people: "cpu (avx2)", "cuda (NVIDIA H200)", "cuda (NVIDIA H200
// for the last 20 of 32 layers), cpu (avx2)".
func (m *Model) Device() string {
	var list []string
	if m.at.GPU != nil {
		list = append(list, fmt.Sprintf("%s (%s)", m.device, m.at.Name))
	}
	if m.at.Pool != nil {
		list = append(list, fmt.Sprintf("cpu (%s)", Kernels()))
	}
	return strings.Join(list, ", ")
}

// deviceErr returns what went wrong on the device in a forward pass.
func (m *Model) deviceErr() error {
	if err := m.at.Err(); err != nil {
		return fmt.Errorf("%w: %w", ErrDevice, err)
	}
	return nil
}
