package safetensors_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"cria/internal/safetensors"
)

func own(t *safetensors.Tensor) ([]byte, error) { return t.Data, nil }

func TestWrite(t *testing.T) {
	list := []safetensors.Tensor{
		{Name: "z", Type: safetensors.F32, Shape: []int{2, 1}, Data: []byte{1, 2, 3, 4, 5, 6, 7, 8}},
		{Name: "a <&>", Type: safetensors.F16, Shape: []int{1}, Data: []byte{1, 2}},
		{Name: "empty", Type: safetensors.BF16, Shape: []int{0, 3}},
		{Name: "eight", Type: safetensors.F8E4M3, Data: []byte{9}},
	}
	var out bytes.Buffer
	var last, total int64
	err := safetensors.Write(&out, map[string]string{"format": "pt"}, list, own, func(d, n int64) { last, total = d, n })
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(out.Len()); last != n || total != n {
		t.Errorf("progress ends with %d of %d for %d bytes", last, total, n)
	}
	if at := bytes.LastIndexByte(out.Bytes()[:out.Len()-11], ' ') + 1; at%64 != 0 {
		t.Errorf("the data begins at byte %d, want a multiple of 64", at)
	}
	f, err := safetensors.Parse("x", out.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range list {
		got := f.Tensors[i]
		if got.Name != want.Name || got.Type != want.Type || !slices.Equal(got.Shape, want.Shape) ||
			!bytes.Equal(got.Data, want.Data) {
			t.Errorf("tensor %d is %+v, want %+v", i, got, want)
		}
	}
	if f.Metadata["format"] != "pt" {
		t.Errorf("metadata %q", f.Metadata)
	}
}

// A writer that fails after so many bytes.
type full int

var errFull = errors.New("the disk is full")

func (f *full) Write(b []byte) (int, error) {
	if len(b) > int(*f) {
		return 0, errFull
	}
	*f -= full(len(b))
	return len(b), nil
}

func TestWriteErrors(t *testing.T) {
	f32 := func(name string, bytes int) safetensors.Tensor {
		return safetensors.Tensor{Name: name, Type: safetensors.F32, Shape: []int{1}, Data: make([]byte, bytes)}
	}
	for _, c := range []struct {
		want string
		list []safetensors.Tensor
	}{
		{"a: a tensor cannot have this name", []safetensors.Tensor{f32("a", 4), f32("a", 4)}},
		{"__metadata__: a tensor cannot", []safetensors.Tensor{f32("__metadata__", 4)}},
		{"cannot have this name", []safetensors.Tensor{f32("\xff", 4)}},
		{"a: has 3 bytes, want 4", []safetensors.Tensor{f32("a", 3)}},
		{"a: [1] of Q4 do not make a tensor", []safetensors.Tensor{{Name: "a", Type: "Q4", Shape: []int{1}}}},
		{"a: [-1] of F32", []safetensors.Tensor{{Name: "a", Type: safetensors.F32, Shape: []int{-1}}}},
	} {
		err := safetensors.Write(io.Discard, nil, c.list, own, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	for _, room := range []full{0, 100, 3 << 20} {
		big := safetensors.Tensor{Name: "a", Type: safetensors.F32, Shape: []int{1 << 20}, Data: make([]byte, 4<<20)}
		err := safetensors.Write(&room, nil, []safetensors.Tensor{big}, own, nil)
		if !errors.Is(err, errFull) {
			t.Errorf("error %v, want %v", err, errFull)
		}
	}
	mine := errors.New("mine")
	err := safetensors.Write(io.Discard, nil, []safetensors.Tensor{f32("a", 4)},
		func(*safetensors.Tensor) ([]byte, error) { return nil, mine }, nil)
	if !errors.Is(err, mine) {
		t.Errorf("error %v, want %v", err, mine)
	}
}

// FuzzParse checks that any bytes give a *FormatError, or a file whose tensors
// lie in it side by side, and that comes back from what is written of it.
func FuzzParse(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(file(`{}`, 0))
	f.Add(file(`{"__metadata__":null,`+entry("a", "F32", "1", 0, 4)+`}`, 4))
	f.Add(file(`{`+entry("b", "BF16", "2,1", 0, 4)+`,`+entry("a", "F4", "6", 4, 7)+`} `, 7))
	f.Add(file(`{`+entry("b", "?", "7", 0, 4)+`,`+entry("\\ud800", "F16", "", 4, 6)+`} `, 6))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := safetensors.Parse("fuzz", data)
		if err != nil {
			if e := (*safetensors.FormatError)(nil); !errors.As(err, &e) {
				t.Fatalf("error %v, want a FormatError", err)
			}
			return
		}
		end, known := int64(len(data)), true
		for _, x := range slices.Backward(file.Tensors) {
			if x.Offset+x.Bytes != end || int64(len(x.Data)) != x.Bytes || cap(x.Data) != len(x.Data) {
				t.Fatalf("%q has %d of %d bytes from %d, want up to %d", x.Name, len(x.Data), x.Bytes, x.Offset, end)
			}
			end = x.Offset
			known = known && (x.Type == safetensors.F32 || x.Type == safetensors.F16 || x.Type == safetensors.BF16)
			if m, err := x.Mat(); err == nil && len(m.Data) != m.Rows*m.Cols*m.Type.Size() {
				t.Fatalf("%q: %d bytes for %d x %d", x.Name, len(m.Data), m.Rows, m.Cols)
			}
		}
		var out bytes.Buffer
		if err := safetensors.Write(&out, file.Metadata, file.Tensors, own, nil); err != nil {
			if known {
				t.Fatal(err)
			}
			return
		}
		again, err := safetensors.Parse("again", out.Bytes())
		if err != nil || len(again.Tensors) != len(file.Tensors) || !maps.Equal(again.Metadata, file.Metadata) {
			t.Fatalf("written and read again: %+v, %v, want %+v", again, err, file)
		}
		for i, x := range file.Tensors {
			y := again.Tensors[i]
			if x.Name != y.Name || x.Type != y.Type || !slices.Equal(x.Shape, y.Shape) || !bytes.Equal(x.Data, y.Data) {
				t.Fatalf("tensor %d is %q %s %v after writing, was %q %s %v", i, y.Name, y.Type, y.Shape,
					x.Name, x.Type, x.Shape)
			}
		}
	})
}
