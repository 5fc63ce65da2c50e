package gguf

import (
	"encoding/binary"
	"io"

	"cria/internal/tensor"
)

// WriteAs is Write for any version and byte order.
func WriteAs(w io.Writer, version int, order binary.ByteOrder, kv []KV, list []Tensor) error {
	return write(w, dialect{version, order}, kv, list, func(t *Tensor) ([]byte, error) { return t.Data, nil }, nil)
}

// Swaps returns which bytes of a block of type d are which in the other byte order.
func Swaps(d tensor.DType) []byte {
	b := make([]byte, d.Size())
	for i := range b {
		b[i] = byte(i)
	}
	swap(b, d)
	return b
}

// The limits that tests go beyond.
const (
	HeadBytes      = headBytes
	HeaderBytesMax = headerBytesMax
)
