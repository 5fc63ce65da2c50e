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
	CPU      cpu.Options // of the others
	Progress func(done, all int64)
}

// NewGPURunner returns a runner on a device, which it closes, even if there is an error.
func NewGPURunner(
	c model.Config, w *model.Weights, kvType tensor.DType, room Room, dev gpu.Device, o GPUOptions,
) (*Runner, error) {
	plan := room.plan(&c, kvType)
	plan.Layers, plan.CPU, plan.Progress = o.Layers, o.CPU, o.Progress
	at, err := place.OnGPU(&c, w, dev, plan)
	if err != nil {
		return nil, err
	}
	if at.Pool != nil { // two memories have no common ceiling
		return newRunner(c, w, kvType, room, at, nil)
	}
	ceiling, err := copier(dev)
	if err != nil {
		at.Backend.Close()
		return nil, err
	}
	return newRunner(c, w, kvType, room, at, ceiling)
}

// copier returns a function that copies memory of a device and returns GB/s, or 0 if that failed.
func copier(dev gpu.Device) (func() float64, error) {
	n := int64(copyBytes)
	free, err := dev.Memory()
	if err != nil {
		return nil, err
	}
	for n > 1<<20 && 4*n > free {
		n /= 2
	}
	src, err := dev.Alloc(n)
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
		return 2 * times * float64(n) / time.Since(start).Seconds() / 1e9
	}, nil
}
