package llama2c

import (
	"iter"
	"math"
	"strconv"
	"strings"

	"cria/internal/tensor"
)

// A kind says how the numbers of an entry are stored.
type kind uint8

const (
	matrix kind = iota // in the header's type
	norm               // f32
	table              // f32, written for older readers, never read
)

// An entry is a tensor of the file, or one per layer, which then lie side by side.
type entry struct {
	name       string // a * stands for the number of the layer
	kind       kind
	rows, cols int
}

// layout lists what follows the header, in file order. It is the only place
// that states a shape: reading, writing and the size of a file come from it.
func (h *Header) layout() []entry {
	dim, hidden, vocab := h.Dim, h.HiddenDim, h.VocabSize
	headDim := dim / h.NHeads
	kvDim := h.NKVHeads * headDim

	embed := entry{"tok_embeddings.weight", matrix, vocab, dim}
	attnNorm := entry{"layers.*.attention_norm.weight", norm, 1, dim}
	attn := []entry{
		{"layers.*.attention.wq.weight", matrix, dim, dim},
		{"layers.*.attention.wk.weight", matrix, kvDim, dim},
		{"layers.*.attention.wv.weight", matrix, kvDim, dim},
		{"layers.*.attention.wo.weight", matrix, dim, dim},
	}
	ffnNorm := entry{"layers.*.ffn_norm.weight", norm, 1, dim}
	ffn := []entry{
		{"layers.*.feed_forward.w1.weight", matrix, hidden, dim},
		{"layers.*.feed_forward.w2.weight", matrix, dim, hidden},
		{"layers.*.feed_forward.w3.weight", matrix, hidden, dim},
	}
	finalNorm := entry{"norm.weight", norm, 1, dim}
	freqs := []entry{
		{freqsCos, table, h.SeqLen, headDim / 2},
		{freqsSin, table, h.SeqLen, headDim / 2},
	}

	var list []entry
	if h.Version == 0 {
		list = append(append([]entry{embed, attnNorm}, attn...), ffnNorm)
		list = append(append(append(list, ffn...), finalNorm), freqs...)
	} else {
		list = append(append([]entry{attnNorm, ffnNorm, finalNorm, embed}, attn...), ffn...)
	}
	if !h.SharedClassifier {
		list = append(list, entry{"output.weight", matrix, vocab, dim})
	}
	return list
}

// tensorName returns the name of the entry's tensor in a layer.
func (e *entry) tensorName(layer int) string {
	return strings.Replace(e.name, "*", strconv.Itoa(layer), 1)
}

// count returns how many tensors the entry stands for.
func (e *entry) count(h *Header) int {
	if strings.Contains(e.name, "*") {
		return h.NLayers
	}
	return 1
}

func (e *entry) dtype(h *Header) tensor.DType {
	if e.kind == matrix {
		return h.Type
	}
	return tensor.F32
}

// bytes returns the size of one tensor in the file, and whether it fits an int64.
func (e *entry) bytes(h *Header) (int64, bool) {
	t := e.dtype(h)
	values, ok := tensor.Mul(int64(e.rows), int64(e.cols), int64(t.Size()))
	if t != tensor.Q8 || !ok {
		return values, ok
	}
	// One scale of 4 bytes for each group: at most four times the values.
	scales, ok := tensor.Mul(int64(e.rows), int64(e.cols/h.Group), 4)
	return values + scales, ok && values <= math.MaxInt64-scales
}

// FileSize returns how many bytes a file with this header has. The error is
// a *FormatError if there can be no such file.
func (h *Header) FileSize() (int64, error) {
	if err := h.check(); err != nil {
		return 0, err
	}
	return h.end()
}

// end returns where the last tensor ends.
func (h *Header) end() (int64, error) {
	end := h.size()
	for _, e := range h.layout() {
		one, ok := e.bytes(h)
		all, fits := tensor.Mul(one, int64(e.count(h)))
		if !ok || !fits || all > math.MaxInt64-end {
			return 0, h.fault(end, e.name, "%d of %d x %d do not fit a file of 2^63 bytes",
				e.count(h), e.rows, e.cols)
		}
		end += all
	}
	return end, nil
}

// A slot is the place of one tensor in a file.
type slot struct {
	entry
	name          string
	offset, bytes int64
}

// slots yields every tensor's place in file order. FileSize must have succeeded.
func (h *Header) slots() iter.Seq[slot] {
	return func(yield func(slot) bool) {
		offset := h.size()
		for _, e := range h.layout() {
			bytes, _ := e.bytes(h)
			for layer := range e.count(h) {
				if !yield(slot{e, e.tensorName(layer), offset, bytes}) {
					return
				}
				offset += bytes
			}
		}
	}
}
