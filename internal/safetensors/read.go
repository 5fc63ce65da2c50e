package safetensors

import (
	"encoding/binary"
	"errors"
	"io"
	"unsafe"

	"cria/internal/tensor"
)

// A File is the content of a file.
type File struct {
	Metadata map[string]string // may be nil
	Tensors  []Tensor          // in the order of their bytes
}

// A Tensor is a named array of numbers.
type Tensor struct {
	Name   string
	Type   Type
	Shape  []int
	Offset int64 // in the file
	Bytes  int64 // in the file
	// Data is nil if only the header was read. Numbers of 2 and 4 bytes in
	// the types F32, F16 and BF16 are aligned and in this machine's byte order;
	// others are as in the file.
	Data []byte
}

// Parse reads the file in data, which must be the whole file. The error is a
// *FormatError; name is used in it, nowhere else.
//
// Tensors are views of data, which must live and stay unchanged as long as
// they do. Only numbers that are not aligned in memory, or lie in the other
// byte order than this machine's, are copied.
func Parse(name string, data []byte) (*File, error) {
	n, err := headerBytes(data, int64(len(data)))
	if err != nil {
		return nil, named(err, name)
	}
	f, err := parseHeader(data[prefixBytes:][:n], int64(len(data)))
	if err != nil {
		return nil, named(err, name)
	}
	for i := range f.Tensors {
		t := &f.Tensors[i]
		lo, hi := int(t.Offset), int(t.Offset+t.Bytes)
		t.Data = native(data[lo:hi:hi], t.Type.matSize())
	}
	return f, nil
}

// ReadHeader reads and checks everything but the tensors' data of a file of
// size bytes. The error is a *FormatError, or from r; name is used in it only.
func ReadHeader(name string, r io.ReaderAt, size int64) (*File, error) {
	prefix := make([]byte, min(max(size, 0), prefixBytes))
	if err := readAt(r, prefix, 0); err != nil {
		return nil, err
	}
	n, err := headerBytes(prefix, size)
	if err != nil {
		return nil, named(err, name)
	}
	header := make([]byte, n)
	if err := readAt(r, header, prefixBytes); err != nil {
		return nil, err
	}
	f, err := parseHeader(header, size)
	return f, named(err, name)
}

// readAt fills b. A file that ends before is shorter than its size says.
func readAt(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF):
		return io.ErrUnexpectedEOF
	default:
		return err
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
	c := tensor.Bytes(make([]float32, (len(b)+3)/4))[:len(b):len(b)] // aligned to 4
	copy(c, b)
	if bigEndian {
		swap(c, size)
	}
	return c
}

// swap reverses the bytes of each number of size 2 or 4.
func swap(b []byte, size int) {
	for i := 0; i+size <= len(b); i += size {
		for lo, hi := i, i+size-1; lo < hi; lo, hi = lo+1, hi-1 {
			b[lo], b[hi] = b[hi], b[lo]
		}
	}
}
