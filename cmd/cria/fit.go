package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/place"
	"cria/internal/train"
)

// fitCmd compares the memory that a model needs with the memory that there is.
type fitCmd struct {
	headerFlags
	planFlags
	deviceFlags
	Sessions int  `placeholder:"N" default:"1" help:"Conversations at once, each with a full context (${default})."`
	JSON     bool `name:"json" help:"Write one object."`
	Train    bool `help:"Compute what training the model takes, in f32: parameters x 16 bytes and activations. The data, 4 bytes for each token, comes on top."`
	Batch    int  `placeholder:"N" default:"8" help:"With --train, sequences at once (${default})."`
	Seq      int  `placeholder:"N" help:"With --train, tokens of a sequence (default: the model's context)."`
}

// Help is shown by --help.
func (*fitCmd) Help() string {
	return "Of a file, only the header is read. The exit code is 1 if the model does not fit."
}

// A fitLine is what --json writes.
type fitLine struct {
	Weights   int64  `json:"weights_bytes"`
	KV        int64  `json:"kv_bytes"`
	State     int64  `json:"state_bytes"`
	Total     int64  `json:"total_bytes"`
	Memory    *int64 `json:"memory_bytes"` // null if this system does not tell
	Fits      *bool  `json:"fits"`
	Context   int    `json:"context"`
	Sessions  int    `json:"sessions"`
	Threads   int    `json:"threads"`
	CacheType string `json:"cache_type"`
	Shared    int64  `json:"shared_weights_bytes,omitempty"` // in this machine's memory, for a GPU
	Layers    *int   `json:"gpu_layers,omitempty"`
	LayersFit *int   `json:"gpu_layers_fit,omitempty"` // -1: not even the classifier
}

// Run is called by kong.
func (c *fitCmd) Run(ctx context.Context, a *app) (err error) {
	m, err := c.header(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	switch {
	case c.CtxSize < 0 || c.CtxSize > m.Config.SeqLen:
		return misuse("--ctx-size: %d, want 1 to %d", c.CtxSize, m.Config.SeqLen)
	case c.Threads < 0:
		return misuse("--threads: %d, want at least 1", c.Threads)
	case c.BatchSize < 1:
		return misuse("--batch-size: %d, want at least 1", c.BatchSize)
	case c.Sessions < 1 || c.Sessions > 1<<16:
		return misuse("--sessions: %d, want 1 to %d", c.Sessions, 1<<16)
	}
	if c.Train {
		return c.runTrain(a, m)
	}
	plan := c.plan(&m.Config, c.Sessions)
	if c.Type == llmInt8 {
		if err := llmint8.Check(m.Weights); err != nil {
			return fmt.Errorf("%s: %w", c.name(), err)
		}
	}
	need := memoryFor(m, &plan, c.Type == llmInt8)
	need.Weights += c.panels(m, c.Type == llmInt8)
	have, what, memErr := a.memory()
	var gpu *deviceFit
	if !c.isCPU() {
		if gpu, err = c.onDevice(m, plan); err != nil {
			return err
		}
		need, have, what, memErr = gpu.need, gpu.free, "free on "+gpu.name, nil
	}
	fits := memErr != nil || need.Total() <= have
	if memErr != nil {
		have = -1
	}
	switch err := c.write(a.stdout, m, plan, need, have, what, gpu); {
	case err != nil:
		return err
	case memErr != nil:
		a.note("this machine's memory is not known: %v", memErr)
	case !fits && gpu != nil:
		return fmt.Errorf("%s: %w; %s", c.name(), noRoom(need, have, what), gpu.text(&m.Config))
	case !fits:
		return fmt.Errorf("%s: %w", c.name(), noRoom(need, have, what))
	case gpu != nil:
		return a.checkMemory(load.Memory{Weights: gpu.shared})
	}
	return nil
}

// write says what a model needs and what there is; have is -1 if nobody knows.
func (c *fitCmd) write(
	w io.Writer, m *load.Model, plan load.Plan, need load.Memory, have int64, what string, gpu *deviceFit,
) error {
	if c.JSON {
		line := fitLine{Weights: need.Weights, KV: need.KV, State: need.State, Total: need.Total(), Context: plan.SeqLen,
			Sessions: plan.Sequences, Threads: plan.Threads, CacheType: plan.KV.String()}
		if have >= 0 {
			fits := need.Total() <= have
			line.Memory, line.Fits = &have, &fits
		}
		if gpu != nil {
			line.Layers, line.LayersFit, line.Shared = &gpu.layers, &gpu.fit, gpu.shared
		}
		return json.NewEncoder(w).Encode(line)
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "weights\t%s\t\n", bytesText(need.Weights))
	fmt.Fprintf(t, "keys and values\t%s\t  %d x %d tokens, %v\n",
		bytesText(need.KV), plan.Sequences, plan.SeqLen, plan.KV)
	fmt.Fprintf(t, "state\t%s\t  %d threads, batches of %d\n", bytesText(need.State), plan.Threads, plan.Batch)
	fmt.Fprintf(t, "total\t%s\t\n", bytesText(need.Total()))
	if have >= 0 {
		fmt.Fprintf(t, "memory\t%s\t  %s\n", bytesText(have), what)
	}
	if gpu != nil && gpu.shared > 0 {
		fmt.Fprintf(t, "shared weights\t%s\t  in this machine's memory\n", bytesText(gpu.shared))
	}
	if gpu != nil {
		fmt.Fprintf(t, "GPU layers\t%d\t  %s\n", gpu.layers, gpu.text(&m.Config))
	}
	return t.Flush()
}

// A deviceFit is what a model needs of a GPU's memory.
type deviceFit struct {
	need        load.Memory
	free        int64
	name        string
	shared      int64 // bytes of weights in this machine's memory
	layers, fit int   // those that are asked for, and that there is memory for; -1: not even for the classifier
}

// onDevice returns what a model needs of a GPU's memory, and what there is of it.
func (c *fitCmd) onDevice(m *load.Model, p load.Plan) (*deviceFit, error) {
	infos, err := place.List(c.Device, c.libraries())
	if err != nil {
		return nil, err
	}
	if len(infos) == 0 || infos[0].Unusable != "" {
		return nil, errors.New("no GPU can be used: see cria doctor")
	}
	plan := load.DevicePlan{KV: m.Config.KVShape(p.SeqLen, p.KV), Rows: p.Batch, SeqLen: p.SeqLen,
		Shared: c.shares()}
	plan.KV.Pages *= p.Sequences
	if plan.Layers, err = c.layers(&m.Config); err != nil {
		return nil, err
	}
	fit := &deviceFit{
		need: load.DeviceMemory(&m.Config, m.Weights, plan), free: infos[0].Free, name: infos[0].Name,
		layers: plan.Layers, fit: load.DeviceLayers(&m.Config, m.Weights, plan, infos[0].Free),
	}
	if plan.Shared {
		fit.shared = load.DeviceWeights(&m.Config, m.Weights, plan.Layers)
	}
	return fit, nil
}

// text says how many layers there is room for.
func (d *deviceFit) text(c *model.Config) string {
	if d.fit < 0 {
		return "not even the classifier fits"
	}
	return fmt.Sprintf("%d of %d layers fit", d.fit, c.NLayers)
}

// A fitTrainLine is what --train --json writes.
type fitTrainLine struct {
	Params      int64  `json:"params_bytes"`
	Activations int64  `json:"activations_bytes"`
	Scratch     int64  `json:"scratch_bytes"`
	Total       int64  `json:"total_bytes"`
	Memory      *int64 `json:"memory_bytes"` // null if this system does not tell
	Fits        *bool  `json:"fits"`
	Batch       int    `json:"batch"`
	Seq         int    `json:"seq"`
	Threads     int    `json:"threads"`
}

// runTrain compares the memory that training takes with the memory that there is.
func (c *fitCmd) runTrain(a *app, m *load.Model) error {
	sizes := train.Sizes{Batch: c.Batch, Seq: c.Seq}
	if sizes.Seq == 0 {
		sizes.Seq = m.Config.SeqLen
	}
	switch {
	case sizes.Batch < 1 || sizes.Batch > 1<<20:
		return misuse("--batch: %d, want 1 to %d", c.Batch, 1<<20)
	case sizes.Seq < 1 || sizes.Seq > m.Config.SeqLen:
		return misuse("--seq: %d, want 1 to %d", c.Seq, m.Config.SeqLen)
	}
	threads := max(1, c.threads())
	need := train.MemoryFor(&m.Config, m.IsTied, sizes, threads)
	have, what, memErr := a.memory()
	fits := memErr != nil || need.Total() <= have
	if c.JSON {
		line := fitTrainLine{Params: need.Params, Activations: need.Activations, Scratch: need.Scratch, Total: need.Total(),
			Batch: sizes.Batch, Seq: sizes.Seq, Threads: threads}
		if memErr == nil {
			line.Memory, line.Fits = &have, &fits
		}
		if err := json.NewEncoder(a.stdout).Encode(line); err != nil {
			return err
		}
	} else {
		t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(t, "parameters\t%s\t  weights, gradients, two moments: %d bytes each\n",
			bytesText(need.Params), train.BytesPerParam)
		fmt.Fprintf(t, "activations\t%s\t  %d x %d tokens\n", bytesText(need.Activations), sizes.Batch, sizes.Seq)
		fmt.Fprintf(t, "scratch\t%s\t  %d threads\n", bytesText(need.Scratch), threads)
		fmt.Fprintf(t, "total\t%s\t\n", bytesText(need.Total()))
		if memErr == nil {
			fmt.Fprintf(t, "memory\t%s\t  %s\n", bytesText(have), what)
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	if !fits {
		return fmt.Errorf("training %s: %w: it needs %s, and %s are %s", c.name(), errNoRoom,
			bytesText(need.Total()), bytesText(have), what)
	}
	return nil
}
