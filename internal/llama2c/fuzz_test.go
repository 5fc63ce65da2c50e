package llama2c_test

import (
	"bytes"
	"errors"
	"testing"
	"unsafe"

	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

// FuzzParse checks that any bytes give a *FormatError or a file whose tensors
// lie inside them, without overlap, and that is written as it was read.
func FuzzParse(f *testing.F) {
	tiny := llama2c.Header{Version: 1, Dim: 4, HiddenDim: 4, NLayers: 1, NHeads: 2, NKVHeads: 1,
		VocabSize: 2, SeqLen: 2}
	for _, h := range []llama2c.Header{as(tiny, 0, tensor.F32, 0), tiny, as(tiny, 2, tensor.Q8, 2),
		as(tiny, 2, tensor.Q8, 1), as(tiny, 3, tensor.F16, 0), as(tiny, 3, tensor.BF16, 0)} {
		data := fixture.Tiny(f, h, 1)
		f.Add(data)
		f.Add(data[:len(data)-1])
		h.SharedClassifier = true
		f.Add(fixture.Tiny(f, h, 1))
	}
	f.Add([]byte(nil))
	f.Add([]byte("24ka"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := llama2c.Parse("fuzz", data)
		h, headerErr := llama2c.ParseHeader("fuzz", data[:min(len(data), 256)], int64(len(data)))
		if (err == nil) != (headerErr == nil) {
			t.Fatalf("Parse says %v, ParseHeader %v", err, headerErr)
		}
		if err != nil {
			if e := (*llama2c.FormatError)(nil); !errors.As(err, &e) {
				t.Fatalf("error %v, want a FormatError", err)
			}
			return
		}
		if *h != file.Header {
			t.Fatalf("ParseHeader gives %+v, Parse %+v", *h, file.Header)
		}
		checkViews(t, file, data)
		// The tables of version 0 are written anew: only the size is sure.
		got := write(t, file)
		if len(got) != len(data) || file.Version > 0 && !bytes.Equal(got, data) {
			t.Fatalf("writing what was read gives %d other bytes for %d", len(got), len(data))
		}
	})
}

// checkViews checks that every tensor has its full length and, if it is a view,
// lies in data where its offset says, behind the one before.
func checkViews(t *testing.T, f *llama2c.File, data []byte) {
	end, sum := int64(0), int64(0)
	for _, x := range f.Tensors {
		if x.Offset < end {
			t.Fatalf("%s at %d overlaps what ends at %d", x.Name, x.Offset, end)
		}
		end = x.Offset + x.Mat.Bytes()
		sum += x.Mat.Bytes()
		if end > int64(len(data)) {
			t.Fatalf("%s ends at %d, beyond the file's %d", x.Name, end, len(data))
		}
		if len(x.Mat.Data) != x.Mat.Rows*x.Mat.Cols*x.Mat.Type.Size() {
			t.Fatalf("%s has %d bytes for %d x %d", x.Name, len(x.Mat.Data), x.Mat.Rows, x.Mat.Cols)
		}
		if x.Mat.Type == tensor.Q8 && len(x.Mat.Scales)*x.Mat.Group != x.Mat.Rows*x.Mat.Cols {
			t.Fatalf("%s has %d scales for %d x %d", x.Name, len(x.Mat.Scales), x.Mat.Rows, x.Mat.Cols)
		}
		// A copy has bytes of its own; a view has those of the file.
		start, base := address(x.Mat.Data), address(data)
		isView := start >= base && start < base+uintptr(len(data))
		if isView && start-base != uintptr(x.Offset) {
			t.Fatalf("%s is a view of byte %d, want %d", x.Name, start-base, x.Offset)
		}
		if isView && len(x.Mat.Data) != cap(x.Mat.Data) {
			t.Fatalf("%s can be extended over what follows it", x.Name)
		}
	}
	if sum > int64(len(data)) {
		t.Fatalf("tensors hold %d bytes of a file of %d", sum, len(data))
	}
}

func address(b []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(b))) }
