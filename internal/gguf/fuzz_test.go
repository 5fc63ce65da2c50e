package gguf_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"os"
	"slices"
	"testing"
	"unsafe"

	"cria/internal/gguf"
)

// FuzzParse checks that any bytes give a *FormatError, whether the whole file or
// its header is read, or a file whose tensors lie in it side by side, and that
// what is written of it is read as the same and written as the same.
func FuzzParse(f *testing.F) {
	for version := 1; version <= 3; version++ {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			f.Add(encode(f, version, order, everything(), oneOfEach(f)))
			f.Add(encode(f, version, order, nil, oneOfEach(f)[:1]))
			f.Add(encode(f, version, order, split(1, 2, 3), nil))
		}
	}
	for _, c := range slices.Concat(badFiles, holes) {
		if len(c.data) < 1<<12 {
			f.Add(c.data)
		}
	}
	f.Add(withData(head(2, 0, info("a", 16, 0, 256), info("b", 4, 96, 3)), 128))
	// Where there is no real file, its metadata are no seed.
	if data, err := os.ReadFile("../../../shared/data/models/stories260K.gguf"); err == nil {
		real, err := gguf.Parse("x", data)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(encode(f, 3, binary.LittleEndian, real.KV[3:], real.Tensors[1:2]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := gguf.Parse("fuzz", data)
		header, headerErr := gguf.ReadHeader("fuzz", bytes.NewReader(data), int64(len(data)))
		if (err == nil) != (headerErr == nil) {
			t.Fatalf("Parse says %v, ReadHeader %v", err, headerErr)
		}
		if err != nil {
			for _, err := range []error{err, headerErr} {
				if e := (*gguf.FormatError)(nil); !errors.As(err, &e) {
					t.Fatalf("error %v, want a FormatError", err)
				}
			}
			return
		}
		checkTensors(t, file, data)
		if len(header.KV) != len(file.KV) || len(header.Tensors) != len(file.Tensors) {
			t.Fatalf("ReadHeader gives %d keys and %d tensors, Parse %d and %d", len(header.KV), len(header.Tensors),
				len(file.KV), len(file.Tensors))
		}
		checkWritten(t, file)
	})
}

// checkTensors checks that tensors lie in data, where their offsets say, and not over each other.
func checkTensors(t *testing.T, f *gguf.File, data []byte) {
	list := slices.Clone(f.Tensors)
	slices.SortStableFunc(list, func(a, b gguf.Tensor) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Bytes, b.Bytes))
	})
	end := int64(0)
	for _, x := range list {
		if x.Offset < end || x.Offset > int64(len(data)) || x.Bytes > int64(len(data))-x.Offset {
			t.Fatalf("%q has %d bytes from %d, of %d, and %d end there", x.Name, x.Bytes, x.Offset, len(data), end)
		}
		end = x.Offset + x.Bytes
		m, err := x.Mat()
		if err != nil {
			continue // of an unsupported type, or of too many rows
		}
		if int64(len(x.Data)) != x.Bytes || m.Rows*m.Type.RowSize(m.Cols) != len(m.Data) || cap(x.Data) != len(x.Data) {
			t.Fatalf("%q: %d bytes of %d for %d x %d", x.Name, len(x.Data), x.Bytes, m.Rows, m.Cols)
		}
		if at := address(x.Data) - address(data); at < uintptr(len(data)) && at != uintptr(x.Offset) {
			t.Fatalf("%q is a view of byte %d, want %d", x.Name, at, x.Offset)
		}
	}
}

func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }

// checkWritten writes f, unless it has what is never written, reads it again and writes that.
func checkWritten(t *testing.T, f *gguf.File) {
	for i := range f.Tensors {
		if _, err := f.Tensors[i].Mat(); err != nil {
			return
		}
	}
	var first, second bytes.Buffer
	if err := gguf.Write(&first, f.KV, f.Tensors, own, nil); err != nil {
		t.Fatal(err)
	}
	again, err := gguf.Parse("again", first.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := gguf.Write(&second, again.KV, again.Tensors, own, nil); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Fatalf("written %q, read and written again %q", first.Bytes(), second.Bytes())
	}
	for i, x := range f.Tensors {
		y := again.Tensors[i]
		if x.Name != y.Name || x.Type != y.Type || !slices.Equal(x.Dims, y.Dims) || !bytes.Equal(x.Data, y.Data) {
			t.Fatalf("tensor %d is %q %v %v after writing, was %q %v %v", i, y.Name, y.Type, y.Dims, x.Name, x.Type, x.Dims)
		}
	}
}
