package bench

import (
	"time"

	"cria/internal/cpu"
	"cria/internal/gpu"
	"cria/internal/model"
	"cria/internal/place"
	"cria/internal/tensor"
)

// copyBytes is how much a measurement of a device's memory copies: many times what its caches hold.
const copyBytes = 1 << 30

// GPUOptions say how a model is run on a GPU.
type GPUOptions struct {
	Layers   int         // on it, the last
	Shared   bool        // whether it reads weights from the host's memory
	CPU      cpu.Options // of the others
	Progress func(done, all int64)
}

// NewGPURunner returns a runner on a device, which it closes, even if there is an error.
func NewGPURunner(
	c model.Config, w *model.Weights, kvType tensor.DType, room Room, dev gpu.Device, o GPUOptions,
) (*Runner, error) {
	plan := room.plan(&c, kvType)
	plan.Layers, plan.Shared, plan.CPU, plan.Progress = o.Layers, o.Shared, o.CPU, o.Progress
	at, err := place.OnGPU(&c, w, dev, plan)
	if err != nil {
		return nil, err
	}
	if at.Pool != nil { // two memories have no common ceiling
		return newRunner(c, w, kvType, room, at, nil)
	}
	ceiling, err := copier(dev, o.Shared)
	if err != nil {
		at.Backend.Close()
		return nil, err
	}
	return newRunner(c, w, kvType, room, at, ceiling)
}

// copier returns a function that copies memory of a device, or memory of the host to it, and returns GB/s, or 0
// if that failed. What is read and what is written counts, but of what crosses the bus, once.
func copier(dev gpu.Device, shared bool) (func() float64, error) {
	n, alloc, counts := int64(copyBytes), dev.Alloc, 2
	if shared {
		alloc, counts = dev.AllocShared, 1
	}
	free, err := dev.Memory()
	if err != nil {
		return nil, err
	}
	for n > 1<<20 && 4*n > free {
		n /= 2
	}
	src, err := alloc(n)
	if err != nil {
		return nil, err
	}
	dst, err := dev.Alloc(n)
	if err != nil {
		return nil, err
	}
	const times = 4 // that the wait at the end counts for little
	var pass gpu.Pass
	for range times {
		pass.Copies = append(pass.Copies, gpu.Copy{Dst: dst, Src: src, Bytes: n})
	}
	return func() float64 {
		start := time.Now()
		if err := dev.Run(&pass); err != nil {
			return 0
		}
		return float64(counts) * times * float64(n) / time.Since(start).Seconds() / 1e9
	}, nil
}
