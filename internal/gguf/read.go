package gguf

import (
	"encoding/binary"
	"errors"
	"io"
	"unsafe"

	"cria/internal/tensor"
)

// A File is the content of a file, or of all shards of a model.
type File struct {
	Name      string // for errors
	Version   int
	BigEndian bool
	KV        []KV
	Tensors   []Tensor // in the order of the header

	keys    map[string]int // index into KV
	tensors map[string]int // index into Tensors
}

// A KV is a piece of metadata.
type KV struct {
	Key string
	// Value is a uint8, int8, uint16, int16, uint32, int32, uint64, int64,
	// float32, float64, bool or string, a slice of one of them, or an []any of slices.
	Value  any
	offset int64 // of the key in the file
}

// A Tensor is a named array of numbers.
type Tensor struct {
	Name   string
	Type   Type
	Dims   []int // at least 1 each; Dims[0] is the length of a row
	Offset int64 // in the file
	Bytes  int64 // in the file; 0 if the type was never published
	// Data is nil if only the header was read, or cria does not compute with the
	// type. Numbers of 2 and 4 bytes are aligned and in this machine's byte
	// order; blocks are always little-endian.
	Data []byte

	file string // its name, for errors
}

// Parse reads the file in data, which must be the whole file. The error is a
// *FormatError; name is used in errors only.
//
// Tensors and strings are views of data, which must live and stay unchanged as
// long as they do. Only numbers that are not aligned in memory, or lie in the
// other byte order, are copied: all tensors of a file in the other byte order.
func Parse(name string, data []byte) (*File, error) {
	f, err := parseHeader(name, data, int64(len(data)))
	if err != nil {
		return nil, named(err, name)
	}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		if d, ok := dtypes[t.Type]; ok {
			lo, hi := int(t.Offset), int(t.Offset+t.Bytes)
			t.Data = native(data[lo:hi:hi], d, f.BigEndian)
		}
	}
	return f, nil
}

// headBytes is how much of a file ReadHeader reads at first: the whole header,
// if there is no vocabulary in it.
const headBytes = 1 << 16

// ReadHeader reads and checks everything but the tensors' data of a file of
// size bytes. The error is a *FormatError, or from r; name is used in errors only.
func ReadHeader(name string, r io.ReaderAt, size int64) (*File, error) {
	for n := int64(headBytes); ; n *= 4 {
		head := make([]byte, max(min(n, size, headerBytesMax), 0))
		if read, err := r.ReadAt(head, 0); read < len(head) {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF // it is shorter than its size says
			}
			return nil, err
		}
		f, err := parseHeader(name, head, size)
		if !errors.Is(err, errShort) {
			return f, named(err, name)
		}
	}
}

// bigEndian says that this machine's byte order is not that of most files.
var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// native returns b, elements of type d from a file, as Tensor.Data promises:
// itself, or a copy where alignment or byte order ask for one.
func native(b []byte, d tensor.DType, isBigEndianFile bool) []byte {
	address := uintptr(unsafe.Pointer(unsafe.SliceData(b)))
	isAligned := d.IsBlocks() || address%uintptr(d.Size()) == 0
	if isAligned && !isSwapped(d, isBigEndianFile) {
		return b
	}
	c := tensor.Bytes(make([]float32, (len(b)+3)/4))[:len(b):len(b)] // aligned to 4
	copy(c, b)
	if isSwapped(d, isBigEndianFile) {
		swap(c, d)
	}
	return c
}

// isSwapped reports whether elements of type d lie in another byte order in a
// file than in Tensor.Data.
func isSwapped(d tensor.DType, isBigEndianFile bool) bool {
	if d.IsBlocks() {
		return isBigEndianFile
	}
	return isBigEndianFile != bigEndian
}

// swaps lists the numbers of more than a byte in the blocks of a type. Scales of
// Q3_K, Q4_K and Q5_K are packed by bytes, and so are all quants but the fifth bits.
var swaps = map[tensor.DType][]struct{ at, size int }{
	tensor.F32: {{0, 4}}, tensor.F16: {{0, 2}}, tensor.BF16: {{0, 2}},
	tensor.Q4_0: {{0, 2}}, tensor.Q4_1: {{0, 2}, {2, 2}},
	tensor.Q5_0: {{0, 2}, {2, 4}}, tensor.Q5_1: {{0, 2}, {2, 2}, {4, 4}}, tensor.Q8_0: {{0, 2}},
	tensor.Q2_K: {{80, 2}, {82, 2}}, tensor.Q3_K: {{108, 2}}, tensor.Q6_K: {{208, 2}},
	tensor.Q4_K: {{0, 2}, {2, 2}}, tensor.Q5_K: {{0, 2}, {2, 2}},
	tensor.IQ4_NL: {{0, 2}}, tensor.IQ4_XS: {{0, 2}, {2, 2}},
}

// swap turns elements of type d from one byte order into the other.
func swap(b []byte, d tensor.DType) {
	for _, s := range swaps[d] {
		for i := s.at; i < len(b); i += d.Size() {
			for lo, hi := i, i+s.size-1; lo < hi; lo, hi = lo+1, hi-1 {
				b[lo], b[hi] = b[hi], b[lo]
			}
		}
	}
}

// New returns a file with metadata and tensors that may be looked up.
func New(name string, kv []KV, list []Tensor) *File {
	f := &File{Name: name, Version: versionMax, KV: kv, Tensors: list, keys: map[string]int{}, tensors: map[string]int{}}
	for i := range kv {
		f.keys[kv[i].Key] = i
	}
	for i := range list {
		f.tensors[list[i].Name] = i
	}
	return f
}
