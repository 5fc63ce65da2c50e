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

	"cria/internal/float"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Config is the blueprint of a model.
type Config struct {
	Dim, HiddenDim, NLayers   int
	NHeads, NKVHeads, HeadDim int
	VocabSize, SeqLen         int
	RopeTheta                 float64 // base of the rotary embedding's wavelengths
	NormEps                   float32
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
	return nil
}

// NewRope returns the rotations for positions 0 to seqLen-1.
func (c *Config) NewRope(seqLen int) *tensor.Rope {
	half := c.HeadDim / 2
	r := &tensor.Rope{Cos: make([]float32, seqLen*half), Sin: make([]float32, seqLen*half), Half: half}
	for i := range half {
		freq := float.Pow(c.RopeTheta, -2*float64(i)/float64(c.HeadDim))
		for pos := range seqLen {
			sin, cos := float.SinCos(float64(pos) * freq)
			r.Cos[pos*half+i], r.Sin[pos*half+i] = float32(cos), float32(sin)
		}
	}
	return r
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

// Layer is the parameters of one layer.
type Layer struct {
	AttnNorm       []float32 // [D]
	WQ, WK, WV, WO tensor.Mat
	FFNNorm        []float32 // [D]
	W1, W2, W3     tensor.Mat
}
