package bench

import (
	"time"

	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/tensor"
)

// copyBytes is how much a measurement of a device's memory copies: many times what its caches hold.
const copyBytes = 1 << 30

// NewGPURunner returns a runner on a device, which it closes.
func NewGPURunner(
	c model.Config, w *model.Weights, kvType tensor.DType, room Room, dev gpu.Device,
) (*Runner, error) {
	shape := room.shape(&c, kvType)
	b, err := gpu.New(dev, gpu.Sizes{Rows: room.rows(), SeqLen: room.Positions}, shape)
	if err != nil {
		return nil, err
	}
	cache, err := kv.NewAway(shape, b.CopyPage)
	if err != nil {
		return nil, err
	}
	ceiling, err := copier(dev)
	if err != nil {
		return nil, err
	}
	r := &Runner{
		Config: c, Weights: w, Backend: b, KV: kvType, Device: dev.Info().Name,
		ceiling: ceiling, failed: b.Err, close: b.Close,
	}
	return r, r.start(cache, room)
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
