package load

import (
	"unsafe"

	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/tensor"
)

// Memory is what running a model takes, in bytes.
type Memory struct {
	Weights int64 // the mapped file, or the synthetic weights
	KV      int64 // keys and values
	State   int64 // activations, tables and scratch
}

// Total returns the sum.
func (m Memory) Total() int64 { return m.Weights + m.KV + m.State }

// ContextDefault is how many positions a sequence has room for if nobody says
// it and the model has more: keys and values of 128k of them take more memory than most models.
const ContextDefault = 8192

// Plan says how a model is to be run.
type Plan struct {
	SeqLen    int // positions of a sequence
	Sequences int // as many of them at once
	Batch     int // tokens in a forward pass
	Threads   int
	KV        tensor.DType
	Score     bool // whether whole texts are scored: see ScoreRows
	LLMInt8   bool // whether matrices become int8, whose bytes are not counted
}

// scoreBytes bounds the logits that are kept when a text is scored: those of a
// batch would take 134 MB for 256 tokens of a vocabulary of 131072.
const scoreBytes = 32e6

// ScoreRows returns how many tokens of a batch can be scored at once.
func ScoreRows(c *model.Config, batch int) int {
	return max(1, min(batch, scoreBytes/(4*tensor.Pitch(c.VocabSize))))
}

// MemoryFor computes what a model with a file of weightBytes takes under a plan.
func MemoryFor(c *model.Config, weightBytes int64, p Plan) Memory {
	shape := c.KVShape(p.SeqLen, p.KV)
	shape.Pages *= p.Sequences
	attn, kvDim, widest := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim, max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim)
	pad := func(n int) int64 { return int64(tensor.Pitch(n)) }
	rows := 4 * (pad(c.Dim) + 2*pad(attn) + 2*pad(kvDim) + 2*pad(c.HiddenDim)) // State
	rows += 4*pad(widest) + 9*int64(widest)                                    // the backend's h and q8
	if p.LLMInt8 {
		rows += 6 * pad(widest) // outliers and where they are
	}
	worker := max(512<<10, 4*16*pad(widest)) + 16*5*int64(widest) + 4*64*int64(max(p.Batch, 16)) // packed rows and results
	worker += 4 * int64(max(32, c.NHeads/c.NKVHeads)) * (2*pad(c.HeadDim) + pad(p.SeqLen))       // queries and scores
	worker += 2 * 4 * kv.PagePos * pad(c.HeadDim)                                                // a page, twice
	logits := 1
	if p.Score {
		logits += ScoreRows(c, p.Batch)
	}
	rope := 4 * int64(p.SeqLen) * int64(c.HeadDim)
	return Memory{
		Weights: weightBytes,
		KV:      shape.Bytes(),
		State:   int64(p.Batch)*rows + 4*int64(logits)*pad(c.VocabSize) + int64(p.Threads)*worker + rope,
	}
}

// A DevicePlan says how a model is to be run on a device: a GPU.
type DevicePlan struct {
	KV     kv.Shape // of the whole cache
	Rows   int      // tokens in a forward pass
	SeqLen int      // positions of a sequence
	Layers int      // that the device computes, the last, and the classifier after them
	Shared bool     // whether weights are in memory of the host
}

// DeviceMemory computes what a model takes of a device's memory: matrices, keys and values of the layers
// that it computes, and activations.
func DeviceMemory(c *model.Config, w *model.Weights, p DevicePlan) Memory {
	m := Memory{}
	if !p.Shared {
		m.Weights = DeviceWeights(c, w, p.Layers)
	}
	shape := p.KV
	shape.Layers = p.Layers
	m.KV = shape.Bytes()
	pad := func(n int) int64 { return int64(tensor.Pitch(n)) }
	attn, kvDim := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	acts := 4 * (pad(c.Dim) + 2*pad(attn) + 2*pad(kvDim) + 2*pad(c.HiddenDim))
	inputs := 13 * (pad(c.Dim) + pad(attn) + pad(c.HiddenDim)) // normalized, quantized, scales and sums
	const scratch = 160 << 20                                  // what attention leaves, uploads, the driver's own
	rope := 4 * int64(p.SeqLen) * int64(c.HeadDim)
	if used := int64(c.NExpertsUsed); used > 0 { // what each token's experts make, and the input of the last product
		acts += 4*int64(tensor.Pitch(c.NExperts)) + used*(4*(2*pad(c.HiddenDim)+pad(c.Dim))+13*pad(c.HiddenDim)+32)
	}
	m.State = int64(p.Rows)*(acts+inputs+4*int64(kv.PagesFor(p.SeqLen))) + 4*pad(c.VocabSize) + rope + scratch
	return m
}

// DeviceWeights returns the bytes of the last layers, and of what goes with them.
func DeviceWeights(c *model.Config, w *model.Weights, layers int) int64 {
	first := c.NLayers - layers
	n := w.Output.Bytes() + int64(4*len(w.FinalNorm))
	for i := range w.Layers[first:] {
		n += layerBytes(c.NExperts, &w.Layers[first+i])
	}
	if first == 0 && !isTied(c, w) {
		n += w.TokenEmbed.Bytes()
	}
	return n
}

// isTied reports whether the classifier is the embedding; of a published shape without data, whether it would be.
func isTied(c *model.Config, w *model.Weights) bool {
	if len(w.Output.Data) == 0 {
		return SharedClassifier(c)
	}
	return unsafe.SliceData(w.TokenEmbed.Data) == unsafe.SliceData(w.Output.Data)
}

// DeviceLayers returns how many of a model's layers fit into so much memory of a device, at most all; -1
// if the classifier alone does not.
func DeviceLayers(c *model.Config, w *model.Weights, p DevicePlan, free int64) int {
	for p.Layers = c.NLayers; p.Layers >= 0; p.Layers-- {
		if need := DeviceMemory(c, w, p); need.Total() <= free {
			break
		}
	}
	return p.Layers
}

// WeightBytes returns how many bytes of weights one token reads: everything but
// the embedding, of which it reads one row, unless that is the classifier too,
// and of experts those that it uses.
func WeightBytes(c *model.Config, w *model.Weights) int64 {
	n := w.Output.Bytes() + int64(4*len(w.FinalNorm))
	for i := range w.Layers {
		n += layerBytes(c.NExpertsUsed, &w.Layers[i])
	}
	return n
}

// layerBytes returns how many of them are a layer's, with so many experts.
func layerBytes(experts int, l *model.Layer) int64 {
	n := int64(0)
	for _, m := range append(l.Matrices(), &l.Router) {
		n += m.Bytes()
	}
	for j := range min(experts, len(l.Experts)) { // all are of one size, or nearly
		e := &l.Experts[j]
		n += e.W1.Bytes() + e.W2.Bytes() + e.W3.Bytes()
	}
	for _, x := range [][]float32{
		l.AttnNorm, l.FFNNorm, l.BQ, l.BK, l.BV, l.BO, l.QNorm, l.KNorm, l.AttnPostNorm, l.FFNPostNorm,
	} {
		n += int64(4 * len(x))
	}
	return n
}

// TypeOf returns the type that most of the weights have, or LLMInt8 if layers have it.
func TypeOf(w *model.Weights) tensor.DType {
	for i := range w.Layers {
		if l := &w.Layers[i]; l.WQ.Type == tensor.LLMInt8 {
			return tensor.LLMInt8
		}
	}
	count := map[tensor.DType]int64{}
	add := func(m *tensor.Mat) { count[m.Type] += int64(m.Rows) * int64(m.Cols) }
	add(&w.Output)
	for i := range w.Layers {
		l := &w.Layers[i]
		for _, m := range l.Matrices() {
			add(m)
		}
		for j := range l.Experts {
			add(&l.Experts[j].W1)
		}
	}
	most := w.Output.Type
	for t, n := range count {
		if n > count[most] || n == count[most] && t < most {
			most = t
		}
	}
	return most
}

// KVBytes returns how many bytes of keys and values a token at position pos reads.
func KVBytes(c *model.Config, t tensor.DType, pos int) int64 {
	return int64(pos+1) * c.KVShape(0, t).PosBytes()
}
