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
	Waits    bool        // whether the next pass begins when the token before it is known, and not before
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
	r, err := newRunner(c, w, kvType, room, at, ceiling)
	if err == nil {
		r.waits = o.Waits
	}
	return r, err
}

// starts reports whether the device can begin a pass before the one before has ended.
func (r *Runner) starts() bool { return r.at.GPU != nil && r.at.Pool == nil && r.at.GPU.Starts() }

// generateStarted appends n tokens to one sequence, which the device picks. Unless the host waits for each, a pass
// begins before the one before has ended.
func (r *Runner) generateStarted(n int) {
	b, token := r.at.GPU, int32(0)
	for i := range n {
		row := r.next(r.seqs[0], true)
		if i > 0 && r.waits {
			row.Token = max(token, 0)
		} else if i > 0 {
			row.Token = gpu.Follows
		}
		r.rows[0] = row
		b.StartNext(gpu.Choice{})
		model.Forward(r.at.Backend, &r.Config, r.Weights, r.state, r.rows[:1])
		if r.waits || i > 0 {
			token = b.Wait()
		}
	}
	if !r.waits {
		b.Wait()
	}
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
