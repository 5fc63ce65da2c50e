package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"cria/internal/load"
)

// fitCmd compares the memory that a model needs with the memory that there is.
type fitCmd struct {
	headerFlags
	planFlags
	Sessions int  `placeholder:"N" default:"1" help:"Conversations at once, each with a full context (${default})."`
	JSON     bool `name:"json" help:"Write one object."`
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
}

// Run is called by kong.
func (c *fitCmd) Run(a *app) error {
	h, size, err := c.header()
	if err != nil {
		return err
	}
	switch {
	case c.CtxSize < 0 || c.CtxSize > h.SeqLen:
		return misuse("--ctx-size: %d, want 1 to %d", c.CtxSize, h.SeqLen)
	case c.Threads < 0:
		return misuse("--threads: %d, want at least 1", c.Threads)
	case c.BatchSize < 1:
		return misuse("--batch-size: %d, want at least 1", c.BatchSize)
	case c.Sessions < 1 || c.Sessions > 1<<16:
		return misuse("--sessions: %d, want 1 to %d", c.Sessions, 1<<16)
	}
	config, plan := load.Llama2cConfig(h), c.plan(h, c.Sessions)
	need := load.MemoryFor(&config, size, plan)
	have, what, memErr := a.memory()
	fits := memErr != nil || need.Total() <= have
	if c.JSON {
		line := fitLine{Weights: need.Weights, KV: need.KV, State: need.State, Total: need.Total(), Context: plan.SeqLen,
			Sessions: plan.Sequences, Threads: plan.Threads, CacheType: plan.KV.String()}
		if memErr == nil {
			line.Memory, line.Fits = &have, &fits
		}
		err = json.NewEncoder(a.stdout).Encode(line)
	} else {
		t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintf(t, "weights\t%s\t\n", bytesText(need.Weights))
		fmt.Fprintf(t, "keys and values\t%s\t  %d x %d tokens, %v\n",
			bytesText(need.KV), plan.Sequences, plan.SeqLen, plan.KV)
		fmt.Fprintf(t, "state\t%s\t  %d threads, batches of %d\n", bytesText(need.State), plan.Threads, plan.Batch)
		fmt.Fprintf(t, "total\t%s\t\n", bytesText(need.Total()))
		if memErr == nil {
			fmt.Fprintf(t, "memory\t%s\t  %s\n", bytesText(have), what)
		}
		err = t.Flush()
	}
	switch {
	case err != nil:
		return err
	case memErr != nil:
		a.note("this machine's memory is not known: %v", memErr)
	case !fits:
		return fmt.Errorf("%s: %w", c.name(), a.checkMemory(need))
	}
	return nil
}
