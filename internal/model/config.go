// Package model is the heart: what a Llama is, and its forward pass.
//
// Every shape comment in this package uses these letters. Arrays are
// row-major: the last index is contiguous in memory.
//
//	T  tokens in this call            D  model width, Config.Dim
//	H  query heads, Config.NHeads     F  feed-forward width, Config.HiddenDim
//	G  key/value heads, NKVHeads      V  vocabulary, Config.VocabSize
//	K  width of one head, HeadDim     P  positions a sequence may have, SeqLen
package model

import (
	"fmt"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// Config is the blueprint of a model. A family that is no plain Llama sets some of
// the fields of the second group; those that are zero ask for nothing.
type Config struct {
	Dim, HiddenDim, NLayers   int
	NHeads, NKVHeads, HeadDim int
	VocabSize, SeqLen         int
	Rope                      Rope
	NormEps                   float32

	Activation   tensor.Activation // of the feed-forward network
	EmbedScale   float32           // of the embedding; 0: 1
	AttnScale    float32           // of scores; 0: 1/sqrt(HeadDim)
	AttnSoftcap  float32           // of scores (Gemma 2)
	FinalSoftcap float32           // of logits
	Window       int               // positions that a token sees in layers that are Local; 0: all
	LocalRope    *Rope             // of layers that are Local, if it is another
	NExperts     int               // of a mixture of experts (Jiang et al. 2024, Mixtral)
	NExpertsUsed int               // of them, by each token
	NormExperts  bool              // the weights of those used are divided by their sum
}

// Check returns an error if no model can have this configuration.
func (c *Config) Check() error {
	for _, f := range []struct {
		name string
		n    int
	}{
		{"Dim", c.Dim}, {"HiddenDim", c.HiddenDim}, {"NLayers", c.NLayers}, {"NHeads", c.NHeads},
		{"NKVHeads", c.NKVHeads}, {"HeadDim", c.HeadDim}, {"VocabSize", c.VocabSize}, {"SeqLen", c.SeqLen},
	} {
		if f.n <= 0 {
			return fmt.Errorf("model: %s is %d, want at least 1", f.name, f.n)
		}
	}
	if c.NHeads%c.NKVHeads != 0 {
		return fmt.Errorf("model: NHeads %d is no multiple of NKVHeads %d", c.NHeads, c.NKVHeads)
	}
	if c.HeadDim%2 != 0 {
		return fmt.Errorf("model: HeadDim %d is odd; rotary embeddings turn pairs", c.HeadDim)
	}
	if c.NExperts < 0 || c.NExpertsUsed < 0 || c.NExpertsUsed > c.NExperts || c.NExperts > 0 && c.NExpertsUsed == 0 {
		return fmt.Errorf("model: NExpertsUsed is %d of %d experts", c.NExpertsUsed, c.NExperts)
	}
	if c.Window < 0 {
		return fmt.Errorf("model: Window is %d", c.Window)
	}
	if err := c.Rope.check(c.HeadDim); err != nil || c.LocalRope == nil {
		return err
	}
	return c.LocalRope.check(c.HeadDim)
}

// KVShape returns the shape of a cache with room for a number of positions.
func (c *Config) KVShape(positions int, t tensor.DType) kv.Shape {
	return kv.Shape{Layers: c.NLayers, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, Pages: kv.PagesFor(positions), Type: t}
}

// Weights are a model's parameters: read-only, shared, usually views of a mapped file.
type Weights struct {
	TokenEmbed tensor.Mat // [V][D]
	Layers     []Layer
	FinalNorm  []float32  // [D]
	Output     tensor.Mat // [V][D]; may be TokenEmbed again
}

// Layer is the parameters of one layer. What a family does not have is nil.
type Layer struct {
	AttnNorm       []float32 // [D]
	WQ, WK, WV, WO tensor.Mat
	FFNNorm        []float32 // [D]
	W1, W2, W3     tensor.Mat

	BQ, BK, BV, BO []float32 // [H*K], [G*K], [G*K], [D] biases
	QNorm, KNorm   []float32 // [K] norms of each head
	AttnPostNorm   []float32 // [D] norm of what attention adds
	FFNPostNorm    []float32 // [D] norm of what the feed-forward network adds
	IsLocal        bool      // whether a token sees Config.Window positions only

	Router  tensor.Mat // [NExperts][D]
	Experts []Expert   // instead of W1, W2 and W3
}

// Matrices returns those that every token is multiplied by; of experts there are others.
func (l *Layer) Matrices() []*tensor.Mat {
	return []*tensor.Mat{&l.WQ, &l.WK, &l.WV, &l.WO, &l.W1, &l.W2, &l.W3}
}

// Matrices returns all that tokens are multiplied by.
func (w *Weights) Matrices() []*tensor.Mat {
	list := []*tensor.Mat{&w.Output}
	for i := range w.Layers {
		l := &w.Layers[i]
		list = append(list, l.Matrices()...)
		for j := range l.Experts {
			e := &l.Experts[j]
			list = append(list, &e.W1, &e.W2, &e.W3)
		}
	}
	return list
}

// Expert is one feed-forward network of a mixture.
type Expert = tensor.Expert
