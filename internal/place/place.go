// Package place puts a model on what computes it, the processor or a GPU: it checks that there is memory, makes the
// backend and the cache of keys and values, and uploads weights.
package place

import (
	"cria/internal/cpu"
	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/par"
)

// A Plan says how a model is to be run.
type Plan struct {
	KV     kv.Shape    // of the cache
	Rows   int         // tokens in a batch
	SeqLen int         // positions of a sequence
	CPU    cpu.Options // of what the processor computes
	Repack *bool       // whether the processor has weights also in the order in which it reads them; nil: where that pays
	Layers int         // that a GPU computes, the last, and the classifier after them
	Shared bool        // whether a GPU reads weights from the host's memory, and not from its own
	// Progress is told, if it is not nil, how many bytes of weights of how many are on a GPU.
	Progress func(done, all int64)
}

// Batch returns how many tokens of a prompt go through the network at once on a device, if nobody says otherwise. The
// processor's caches are full then; a GPU has multiprocessors to keep busy.
func Batch(device string) int {
	if device == "cpu" {
		return 256
	}
	return 2048
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
func OnCPU(c *model.Config, w *model.Weights, p Plan) (*Place, error) {
	cache, err := kv.New(p.KV)
	if err != nil {
		return nil, err
	}
	b := newCPU(c, p)
	cpu.Repack(repacked(w, p.Repack), b.Pool)
	return &Place{Backend: b, Cache: cache, Pool: b.Pool, Name: "cpu"}, nil
}

func newCPU(c *model.Config, p Plan) *cpu.Backend {
	return cpu.New(cpu.Sizes{
		Rows: p.Rows, Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
		Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: p.SeqLen,
	}, p.CPU)
}
