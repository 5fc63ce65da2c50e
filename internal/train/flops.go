package train

import "cria/internal/model"

// FLOPs returns the floating-point operations of one forward and backward pass
// over a full batch that a matrix library would count: two for each product,
// of matrices and of attention where a query sees a key, three times for the
// forward pass and the two products of its derivative. Norms, activations,
// softmax and the optimizer are not counted.
func FLOPs(c *model.Config, s Sizes) int64 {
	attn, kv := int64(c.NHeads*c.HeadDim), int64(c.NKVHeads*c.HeadDim)
	dim, hidden := int64(c.Dim), int64(c.HiddenDim)
	layer := 2*dim*(attn+kv) + 3*dim*hidden
	tokens := int64(s.Batch) * int64(s.Seq)
	products := tokens * (int64(c.NLayers)*layer + dim*int64(c.VocabSize))
	seen := int64(s.Seq) * int64(s.Seq+1) / 2 // pairs of a query and a key
	products += int64(c.NLayers) * int64(s.Batch) * seen * 2 * attn
	return 3 * 2 * products
}
