// Package load turns files into models and back: only it knows both file formats
// and what a model is. Every weight's shape is stated here, once, and checked.
package load

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"cria/internal/float"
	"cria/internal/model"
	"cria/internal/tensor"
)

// Shapes are the configurations of published models, for measurements without
// a download: Karpathy's TinyStories models, TinyLlama-1.1B and Llama-2-7B.
var Shapes = map[string]model.Config{
	"260K": shape(64, 172, 5, 8, 4, 512, 512),
	"15M":  shape(288, 768, 6, 6, 6, 32000, 256),
	"42M":  shape(512, 1376, 8, 8, 8, 32000, 1024),
	"110M": shape(768, 2048, 12, 12, 12, 32000, 1024),
	"1.1B": shape(2048, 5632, 22, 32, 4, 32000, 2048),
	"7B":   shape(4096, 11008, 32, 32, 32, 32000, 4096),
}

// SharedClassifier reports whether the classifier of a published model of such a
// shape is its embedding: that of the TinyStories models is, that of the larger ones is not.
func SharedClassifier(c *model.Config) bool { return c.Dim <= 768 }

// shape returns a configuration from the numbers of a llama2.c header.
func shape(dim, hidden, layers, heads, kvHeads, vocab, seqLen int) model.Config {
	return model.Config{
		Dim: dim, HiddenDim: hidden, NLayers: layers, NHeads: heads, NKVHeads: kvHeads, HeadDim: dim / heads,
		VocabSize: vocab, SeqLen: seqLen, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
}

// Synthetic returns random weights: norms near 1, matrices such that the size
// of activations stays about the same from layer to layer. The rows of large
// matrices repeat: nobody should read its stories, only time them. group is for
// Q8 only and must divide Dim, HiddenDim and NHeads*HeadDim. If shared, the
// classifier is the embedding. The routers of experts are f32, as in files.
func Synthetic(c *model.Config, t tensor.DType, group int, shared bool, seed uint64) (*model.Weights, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	attn := c.NHeads * c.HeadDim
	if t == tensor.Q8 && (group <= 0 || c.Dim%group != 0 || c.HiddenDim%group != 0 || attn%group != 0) {
		return nil, fmt.Errorf("load: group %d does not divide %d, %d and %d", group, c.Dim, c.HiddenDim, attn)
	}
	if len := t.BlockLen(); c.Dim%len != 0 || c.HiddenDim%len != 0 || attn%len != 0 {
		return nil, fmt.Errorf("load: %d, %d and %d are no multiples of the %d elements of a block of %v",
			c.Dim, c.HiddenDim, attn, len, t)
	}
	s := newSynthesizer(seed)
	mat := func(rows, cols int) tensor.Mat { return s.mat(t, rows, cols, group) }
	w := &model.Weights{
		TokenEmbed: mat(c.VocabSize, c.Dim), FinalNorm: s.norm(c.Dim), Layers: make([]model.Layer, c.NLayers),
	}
	w.Output = w.TokenEmbed
	if !shared {
		w.Output = mat(c.VocabSize, c.Dim)
	}
	kvDim := c.NKVHeads * c.HeadDim
	for l := range w.Layers {
		w.Layers[l] = model.Layer{
			AttnNorm: s.norm(c.Dim), WQ: mat(attn, c.Dim), WK: mat(kvDim, c.Dim), WV: mat(kvDim, c.Dim), WO: mat(c.Dim, attn),
			FFNNorm: s.norm(c.Dim),
		}
		layer, network := &w.Layers[l], func() model.Expert {
			return model.Expert{W1: mat(c.HiddenDim, c.Dim), W2: mat(c.Dim, c.HiddenDim), W3: mat(c.HiddenDim, c.Dim)}
		}
		if c.NExperts == 0 {
			n := network()
			layer.W1, layer.W2, layer.W3 = n.W1, n.W2, n.W3
			continue
		}
		layer.Router = s.mat(tensor.F32, c.NExperts, c.Dim, 0)
		for range c.NExperts {
			layer.Experts = append(layer.Experts, network())
		}
	}
	return w, nil
}

// SyntheticModel returns a model of a published shape as if it came from a file, with
// Synthetic's weights in f16.
func SyntheticModel(shape string) (*Model, error) {
	c, ok := Shapes[shape]
	if !ok {
		return nil, fmt.Errorf("load: no shape %q: want one of %s", shape, strings.Join(ShapeNames(), ", "))
	}
	shared := SharedClassifier(&c)
	w, err := Synthetic(&c, tensor.F16, 0, shared, 1)
	return &Model{Path: shape, Format: "synthetic", Family: "llama", Config: c, Weights: w, IsTied: shared}, err
}

// A synthesizer makes random numbers quickly: it draws a block of them once and
// copies stretches of it.
type synthesizer struct {
	rng   *rand.Rand
	block []float32
}

func newSynthesizer(seed uint64) *synthesizer {
	s := &synthesizer{rng: rand.New(rand.NewPCG(seed, 0)), block: make([]float32, 1<<18)}
	for i := range s.block {
		s.block[i] = s.rng.Float32()*2 - 1
	}
	return s
}

// norm returns n numbers near 1.
func (s *synthesizer) norm(n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = 1 + 0.1*s.block[s.rng.IntN(len(s.block))]
	}
	return x
}

// mat returns a matrix whose elements have variance 1/cols.
func (s *synthesizer) mat(t tensor.DType, rows, cols, group int) tensor.Mat {
	scale := float32(math.Sqrt(3 / float64(cols))) // the block is uniform on ±1: variance 1/3
	m := tensor.Mat{Type: t, Rows: rows, Cols: cols}
	n := rows * cols
	switch t {
	case tensor.F32:
		m.Data = tensor.Bytes(repeat(s, n, func(f float32) float32 { return f * scale }))
	case tensor.F16:
		m.Data = tensor.Bytes(repeat(s, n, func(f float32) uint16 { return float.F16(f * scale) }))
	case tensor.BF16:
		m.Data = tensor.Bytes(repeat(s, n, func(f float32) uint16 { return float.BF16(f * scale) }))
	case tensor.Q8:
		m.Group = group
		m.Data = tensor.Bytes(repeat(s, n, func(f float32) int8 { return int8(f * 127) }))
		m.Scales = repeat(s, n/group, func(f float32) float32 { return scale / 127 * (1 + 0.1*f) })
	default:
		m.Data = s.blocks(t, t.RowSize(n))
	}
	return m
}

// halves says where a block has binary16 scales, and whether the second is of minimums.
var halves = map[tensor.DType][]int{
	tensor.Q4_0: {0}, tensor.Q4_1: {0, 2}, tensor.Q5_0: {0}, tensor.Q5_1: {0, 2}, tensor.Q8_0: {0}, tensor.IQ4_NL: {0},
	tensor.Q2_K: {80, 82}, tensor.Q3_K: {108}, tensor.Q4_K: {0, 2}, tensor.Q5_K: {0, 2}, tensor.Q6_K: {208},
	tensor.IQ4_XS: {0},
}

// blocks returns blocks of random codes with small scales.
func (s *synthesizer) blocks(t tensor.DType, size int) []byte {
	data := tensor.Make[byte](size)
	first := data[:min(size, 1<<12*t.Size())]
	for i := range first {
		first[i] = byte(s.rng.Uint32())
	}
	for b := first; len(b) > 0; b = b[t.Size():] {
		for _, at := range halves[t] {
			binary.LittleEndian.PutUint16(b[at:], float.F16((1+s.rng.Float32())/4096))
		}
		if t == tensor.MXFP4 {
			b[0] = 128 - 8 + b[0]%4
		}
	}
	for done := len(first); done < size; {
		done += copy(data[done:], data[:done])
	}
	return data
}

// repeat returns n numbers of the block, converted, from a random place on.
func repeat[T int8 | uint16 | float32](s *synthesizer, n int, convert func(float32) T) []T {
	block := make([]T, min(n, len(s.block)))
	for i, at := 0, s.rng.IntN(len(s.block)); i < len(block); i++ {
		block[i] = convert(s.block[(at+i)%len(s.block)])
	}
	x := tensor.Make[T](n)
	for done := 0; done < n; {
		done += copy(x[done:], block)
	}
	return x
}

// ShapeNames returns the names of Shapes, from the smallest on.
func ShapeNames() []string {
	return slices.SortedFunc(maps.Keys(Shapes), func(a, b string) int {
		return cmp.Compare(Shapes[a].Dim, Shapes[b].Dim)
	})
}

// SyntheticBytes returns how many bytes the matrices of Synthetic take.
func SyntheticBytes(c *model.Config, t tensor.DType, group int, shared bool) int64 {
	attn, kvDim := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	n := int64(c.NLayers) * (int64(c.Dim)*int64(2*attn+2*kvDim) + 3*int64(c.Dim)*int64(c.HiddenDim))
	n += int64(c.VocabSize) * int64(c.Dim)
	if !shared {
		n += int64(c.VocabSize) * int64(c.Dim)
	}
	if t == tensor.Q8 {
		return n + 4*n/int64(group)
	}
	return n / int64(t.BlockLen()) * int64(t.Size())
}
