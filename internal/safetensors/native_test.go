package safetensors

import (
	"bytes"
	"testing"
)

// A machine of the other byte order reads and writes copies with the bytes
// of each number reversed.
func TestOtherByteOrder(t *testing.T) {
	defer func(b bool) { bigEndian = b }(bigEndian)
	bigEndian = true
	file := []byte{1, 2, 3, 4, 5, 6, 7, 8}
	for size, want := range map[int][]byte{
		1: file,
		2: {2, 1, 4, 3, 6, 5, 8, 7},
		4: {4, 3, 2, 1, 8, 7, 6, 5},
	} {
		got := native(file, size)
		if !bytes.Equal(got, want) || cap(got) != len(got) && size > 1 {
			t.Errorf("size %d: %d, want %d", size, got, want)
		}
	}
	list := []Tensor{{Name: "a", Type: F16, Shape: []int{4}, Data: file}}
	var out bytes.Buffer
	if err := Write(&out, nil, list, func(t *Tensor) ([]byte, error) { return t.Data, nil }, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte{2, 1, 4, 3, 6, 5, 8, 7}) {
		t.Errorf("written as %d", out.Bytes()[out.Len()-8:])
	}
	if f, err := Parse("x", out.Bytes()); err != nil || !bytes.Equal(f.Tensors[0].Data, file) {
		t.Errorf("read again: %+v, %v", f, err)
	}
}
