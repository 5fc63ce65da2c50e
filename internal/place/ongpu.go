package place

import (
	"fmt"

	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// OnGPU puts the last p.Layers layers of a model on a device and the others on the processor. The place closes the
// device; if there is an error, it is closed already.
func OnGPU(c *model.Config, w *model.Weights, dev gpu.Device, p Plan) (*Place, error) {
	place, err := onGPU(c, w, dev, p)
	if err != nil {
		_ = dev.Close() // the first error is the one to report
	}
	return place, err
}

func onGPU(c *model.Config, w *model.Weights, dev gpu.Device, p Plan) (*Place, error) {
	if p.Layers < 0 || p.Layers > c.NLayers {
		return nil, fmt.Errorf("%d layers for the device, want 0 to %d", p.Layers, c.NLayers)
	}
	if err := fit(c, w, dev, p); err != nil {
		return nil, err
	}
	here, there := p.KV, p.KV
	here.Layers, there.Layers = c.NLayers-p.Layers, p.Layers
	b, err := gpu.New(dev, gpu.Sizes{Rows: p.Rows, SeqLen: p.SeqLen}, there)
	if err != nil {
		return nil, err
	}
	cache, err := kv.NewAway(here, b.CopyPage)
	if err != nil {
		return nil, err
	}
	if p.Shared {
		b.ShareWeights()
	}
	if err := upload(b, w, here.Layers, load.DeviceWeights(c, w, p.Layers), p.Progress); err != nil {
		return nil, err
	}
	place := &Place{Backend: b, Cache: cache, GPU: b, Name: dev.Info().Name}
	if p.Shared {
		place.Name += ", weights in shared memory"
	}
	if here.Layers > 0 {
		host := newCPU(c, p)
		place.Backend, place.Pool = newSplit(w, host, b, here.Layers), host.Pool
		place.Name += fmt.Sprintf(" for the last %d of %d layers", p.Layers, c.NLayers)
	}
	return place, nil
}

// fit returns an error if a device has not enough memory.
func fit(c *model.Config, w *model.Weights, dev gpu.Device, p Plan) error {
	_, one := dev.(gpu.Mapper) // of a Mac, where both have the same memory
	plan := load.DevicePlan{KV: p.KV, Rows: p.Rows, SeqLen: p.SeqLen, Layers: p.Layers, Shared: p.Shared && !one}
	need := load.DeviceMemory(c, w, plan)
	free, err := dev.Memory()
	if err != nil || need.Total() <= free {
		return err
	}
	what := "not even the classifier would fit"
	if n := load.DeviceLayers(c, w, plan, free); n >= 0 {
		what = fmt.Sprintf("%d of its %d layers would fit", n, c.NLayers)
	}
	return fmt.Errorf("%s has %d bytes free, and the model needs %d (weights %d, keys and values %d, state %d); %s",
		dev.Info().Name, free, need.Total(), need.Weights, need.KV, need.State, what)
}

// upload moves the matrices of a model to its GPU, of the layers from first on. Norms go when they are needed.
func upload(b *gpu.Backend, w *model.Weights, first int, all int64, progress func(done, all int64)) error {
	if progress == nil {
		progress = func(_, _ int64) {}
	}
	list := []*tensor.Mat{&w.Output}
	if first == 0 {
		list = append(list, &w.TokenEmbed)
	}
	done := int64(0)
	told := func(bytes int) {
		done = min(done+int64(bytes), all)
		progress(done, all)
	}
	var err error
	for i := range w.Layers[first:] {
		l := &w.Layers[first+i]
		if l.Experts == nil {
			list = append(list, l.Matrices()...)
			continue
		}
		list = append(list, &l.WQ, &l.WK, &l.WV, &l.WO, &l.Router)
		if err = b.LoadExperts(l.Experts, told); err != nil {
			return err
		}
	}
	if err = b.Load(list, told); err == nil {
		progress(all, all)
	}
	return err
}
