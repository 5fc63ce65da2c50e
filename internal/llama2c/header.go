package llama2c

import (
	"encoding/binary"
	"fmt"

	"cria/internal/tensor"
)

// Limits on what a header may ask for, several times what the largest
// published models have (Llama 3.1 405B: dim 16384, hidden_dim 53248, 126
// layers; vocabularies of 256 Ki tokens; contexts of 10 Mi).
const (
	dimMax       = 1 << 17
	hiddenDimMax = 1 << 19
	layersMax    = 1 << 11
	headsMax     = 1 << 13
	vocabMax     = 1 << 22
	seqLenMax    = 1 << 26
)

const (
	magic        = 0x616b3432 // "ak42"
	versionMax   = 3
	headerBytes0 = 28  // version 0
	headerBytes  = 256 // all others
	versionAt    = 4
	sharedAt     = 36
	extraAt      = 37 // version 2: group_size; version 3: type
)

// fileTypes are the element types of version 3 by the number that stands for them.
var fileTypes = [...]tensor.DType{tensor.F32, tensor.F16, tensor.BF16}

// A Header says which version of the format a file has, and the sizes of the model.
type Header struct {
	Version           int
	Dim, HiddenDim    int
	NLayers           int
	NHeads, NKVHeads  int
	VocabSize, SeqLen int
	SharedClassifier  bool         // there is no output.weight: tok_embeddings.weight serves
	Type              tensor.DType // of the matrices; norms are F32
	Group             int          // version 2: elements that share a scale
}

// A dimension is one of the seven int32 that all versions have.
type dimension struct {
	name string
	n    *int
	max  int
}

// dimensions lists them in file order.
func (h *Header) dimensions() [7]dimension {
	return [7]dimension{
		{"dim", &h.Dim, dimMax},
		{"hidden_dim", &h.HiddenDim, hiddenDimMax},
		{"n_layers", &h.NLayers, layersMax},
		{"n_heads", &h.NHeads, headsMax},
		{"n_kv_heads", &h.NKVHeads, headsMax},
		{"vocab_size", &h.VocabSize, vocabMax},
		{"seq_len", &h.SeqLen, seqLenMax},
	}
}

// dimensionAt returns where dimension i stands in the file.
func (h *Header) dimensionAt(i int) int64 {
	if h.Version == 0 {
		return 4 * int64(i)
	}
	return 8 + 4*int64(i)
}

// size returns the bytes of the header itself: the first tensor follows.
func (h *Header) size() int64 {
	if h.Version == 0 {
		return headerBytes0
	}
	return headerBytes
}

// ParseHeader reads the header of a file of size bytes from its start: data
// must hold the first 256 bytes, or the whole file if it is shorter. It returns a
// *FormatError unless the header is sound and the file has exactly the size
// that it describes. name is used in errors only.
func ParseHeader(name string, data []byte, size int64) (*Header, error) {
	h, err := decodeHeader(data)
	if err == nil {
		err = h.check()
	}
	if err == nil {
		err = h.checkSize(size)
	}
	if err != nil {
		return nil, named(err, name)
	}
	return h, nil
}

// A fields reads the fields of a header and keeps the first error.
type fields struct {
	data []byte
	err  error
}

// at returns the n bytes of a field, or zeros if the data ends before.
func (f *fields) at(offset int64, n int, field string) []byte {
	if f.err == nil && int64(len(f.data)) < offset+int64(n) {
		f.err = &FormatError{Offset: offset, Field: field,
			Reason: fmt.Sprintf("needs %d bytes, but the file ends at byte %d", n, len(f.data))}
	}
	if f.err != nil {
		return make([]byte, n)
	}
	return f.data[offset:][:n]
}

func (f *fields) int32(offset int64, field string) int {
	return int(int32(binary.LittleEndian.Uint32(f.at(offset, 4, field))))
}

// fail records that a field is wrong.
func (f *fields) fail(offset int64, field, format string, args ...any) {
	if f.err == nil {
		f.err = &FormatError{Offset: offset, Field: field, Reason: fmt.Sprintf(format, args...)}
	}
}

// decodeHeader reads the fields as they are; sizes are checked later.
func decodeHeader(data []byte) (*Header, error) {
	f, h := &fields{data: data}, &Header{Version: 0, Type: tensor.F32}
	if uint32(f.int32(0, "magic")) == magic {
		h.Version = f.int32(versionAt, "version")
		if h.Version < 1 || h.Version > versionMax {
			f.fail(versionAt, "version", "%d, this program knows 1 to %d", h.Version, versionMax)
			return nil, f.err
		}
	}
	for i, d := range h.dimensions() {
		*d.n = f.int32(h.dimensionAt(i), d.name)
	}
	if h.Version == 0 {
		h.SharedClassifier = h.VocabSize >= 0
		h.VocabSize = max(h.VocabSize, -h.VocabSize)
		return h, f.err
	}
	decodeExtra(f, h)
	return h, f.err
}

// decodeExtra reads what follows the dimensions in versions 1 to 3.
func decodeExtra(f *fields, h *Header) {
	shared := f.at(sharedAt, 1, "shared_classifier")[0]
	if shared > 1 {
		f.fail(sharedAt, "shared_classifier", "%d, want 0 or 1", shared)
	}
	h.SharedClassifier = shared == 1
	end := int64(extraAt)
	switch h.Version {
	case 2:
		h.Type, h.Group = tensor.Q8, f.int32(extraAt, "group_size")
		end += 4
	case 3:
		t := int(f.at(extraAt, 1, "type")[0])
		if t >= len(fileTypes) {
			f.fail(extraAt, "type", "%d, want 0 (f32), 1 (f16) or 2 (bf16)", t)
			return
		}
		h.Type = fileTypes[t]
		end++
	}
	for i, b := range f.at(end, headerBytes-int(end), "reserved") {
		if b != 0 {
			f.fail(end+int64(i), "reserved", "%d, want 0: something is stored here that this program does not know", b)
		}
	}
}

// encode returns the header as it stands in a file. h must have passed check.
func (h *Header) encode() []byte {
	b := make([]byte, h.size())
	for i, d := range h.dimensions() {
		binary.LittleEndian.PutUint32(b[h.dimensionAt(i):], uint32(*d.n))
	}
	if h.Version == 0 {
		if !h.SharedClassifier {
			binary.LittleEndian.PutUint32(b[h.dimensionAt(5):], uint32(-h.VocabSize))
		}
		return b
	}
	binary.LittleEndian.PutUint32(b, magic)
	binary.LittleEndian.PutUint32(b[versionAt:], uint32(h.Version))
	if h.SharedClassifier {
		b[sharedAt] = 1
	}
	switch h.Version {
	case 2:
		binary.LittleEndian.PutUint32(b[extraAt:], uint32(h.Group))
	case 3:
		for i, t := range fileTypes {
			if t == h.Type {
				b[extraAt] = byte(i)
			}
		}
	}
	return b
}
