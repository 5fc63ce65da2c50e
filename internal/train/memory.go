package train

import (
	"math"
	"unsafe"

	"cria/internal/kernel"
	"cria/internal/model"
	"cria/internal/tensor"
)

// Memory is what training a model takes, in bytes.
type Memory struct {
	Params      int64 // parameters, gradients and two moments
	Activations int64 // what grows with the batch: activations, their gradients, logits, rotations
	Scratch     int64 // what each thread has for itself, and the optimizer's lists
}

// Total returns the sum.
func (m Memory) Total() int64 { return m.Params + m.Activations + m.Scratch }

// BytesPerParam is a parameter, its gradient and its two moments.
const BytesPerParam = 4 * 4

// memoryMax stands for every amount that exceeds it, so that sums do not overflow.
const memoryMax = 1 << 60

// MemoryFor computes what NewModel, NewPass and NewAdamW allocate, from the
// configuration of a model that a checkpoint can hold. The data, 4 bytes for
// each token, is not in it, nor is the runtime's own. An amount beyond 2^60
// bytes is given as 2^60.
func MemoryFor(c *model.Config, shared bool, s Sizes, threads int) Memory {
	params, pieces := 0.0, 0.0 // which may exceed an integer
	for _, p := range parts(c, shared, &view{}) {
		n := float64(p.Rows) * float64(p.Cols)
		params += tensor.Lanes * math.Ceil(n/tensor.Lanes)
		pieces += math.Ceil(n / pieceLen)
	}
	list := pieces * float64(unsafe.Sizeof(piece{})+unsafe.Sizeof(float64(0)))
	return Memory{
		Params:      atMost(BytesPerParam * params),
		Activations: atMost(4 * activationsLen(c, s)),
		Scratch:     atMost(float64(threads)*scratchBytes(c, s.Seq) + list),
	}
}

func atMost(n float64) int64 { return int64(min(n, memoryMax)) }

// activationsLen returns how many numbers a Pass keeps of a batch. It is a
// float64 because it may exceed an integer.
func activationsLen(c *model.Config, s Sizes) float64 {
	pad := func(n int) float64 { return float64(tensor.Pitch(n)) }
	dim, hidden, attn, kv := pad(c.Dim), pad(c.HiddenDim), pad(c.NHeads*c.HeadDim), pad(c.NKVHeads*c.HeadDim)
	tokens := float64(s.Batch) * float64(s.Seq)
	probs := float64(c.NHeads) * float64(tensor.Pad(s.Seq))
	layer := 4*dim + 2*attn + 2*kv + 3*hidden + probs // layerActs
	once := 4*dim + 2*attn + 2*kv + 2*hidden          // Pass: x, h and gradients
	once += 1 + 2                                     // inverse, and losses, which are float64
	rope := 3 * float64(s.Seq) * float64(c.HeadDim/2) // cosines, and sines both ways
	return tokens*(float64(c.NLayers)*layer+once) + min(lossChunk, tokens)*pad(c.VocabSize) + rope
}

// scratchBytes returns what one worker has for itself.
func scratchBytes(c *model.Config, seq int) float64 {
	k, widest := tensor.Pad(c.HeadDim), max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim)
	panels := float64((seq+kernel.PanelRows-1)/kernel.PanelRows) * float64(kernel.PanelLen(k))
	n := float64(rowsPacked/kernel.PanelRows*kernel.PanelLen(widest) + tensor.Pad(max(c.Dim, c.HiddenDim)))
	n += 7*float64(seq)*float64(k) + queriesBlock*(float64(k)+float64(tensor.Pad(seq))) + 2*panels // headScratch
	return 4*n + float64(unsafe.Sizeof(scratch{}))
}
