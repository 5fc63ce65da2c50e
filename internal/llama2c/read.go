package llama2c

import (
	"encoding/binary"
	"unsafe"

	"cria/internal/tensor"
)

// A File is a checkpoint: its header and its tensors in file order.
type File struct {
	Header
	Tensors []Tensor
}

// A Tensor is a named matrix of a file. A vector is a matrix of one row.
type Tensor struct {
	Name   string
	Offset int64 // in the file
	Mat    tensor.Mat
}

// Parse reads the checkpoint in data, which must be the whole file. The error
// is a *FormatError; name is used in it, nowhere else.
//
// Tensors are views of data, which must live and stay unchanged as long as
// they do. Only numbers that are not aligned in memory, or lie in the other
// byte order than this machine's, are copied.
func Parse(name string, data []byte) (*File, error) {
	h, err := ParseHeader(name, data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	f := &File{Header: *h}
	if f.Tensors, err = h.Outline(); err != nil {
		return nil, named(err, name)
	}
	for i := range f.Tensors {
		f.Tensors[i].fill(data)
	}
	return f, nil
}

// Outline returns the tensors that Parse finds in a file with header h, without
// their data. The error is a *FormatError if there can be no such file.
func (h *Header) Outline() ([]Tensor, error) {
	if _, err := h.FileSize(); err != nil {
		return nil, err
	}
	var list []Tensor
	for s := range h.slots() {
		if s.kind != table {
			list = append(list, Tensor{s.name, s.offset, s.shape(h)})
		}
	}
	return list, nil
}

// shape returns the tensor's matrix without data.
func (s *slot) shape(h *Header) tensor.Mat {
	m := tensor.Mat{Type: s.dtype(h), Rows: s.rows, Cols: s.cols}
	if m.Type == tensor.Q8 {
		m.Group = h.Group
	}
	return m
}

// fill sets t's data to the tensor's bytes: the values, then the scales if there are any.
func (t *Tensor) fill(file []byte) {
	size := t.Mat.Type.Size()
	lo, values := int(t.Offset), t.Mat.Rows*t.Mat.Cols
	hi := lo + values*size
	t.Mat.Data = native(file[lo:hi:hi], size)
	if t.Mat.Type == tensor.Q8 {
		end := hi + 4*(values/t.Mat.Group)
		t.Mat.Scales = tensor.View[float32](native(file[hi:end:end], 4))
	}
}

// bigEndian says that this machine's byte order is not that of files.
var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// native returns b, numbers of size bytes as they are in a file, as this machine
// reads them: itself, or a copy where alignment or byte order ask for one.
func native(b []byte, size int) []byte {
	isAligned := uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) == 0
	if size == 1 || isAligned && !bigEndian {
		return b
	}
	c := tensor.Bytes(make([]float32, (len(b)+3)/4))[:len(b)] // aligned to 4
	copy(c, b)
	if bigEndian {
		swap(c, size)
	}
	return c
}

// swap reverses the bytes of each number of size 2 or 4.
func swap(b []byte, size int) {
	for i := 0; i+size <= len(b); i += size {
		if size == 2 {
			b[i], b[i+1] = b[i+1], b[i]
		} else {
			b[i], b[i+1], b[i+2], b[i+3] = b[i+3], b[i+2], b[i+1], b[i]
		}
	}
}
