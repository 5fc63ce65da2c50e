package gguf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"cria/internal/gguf"
	"cria/internal/tensor"

	"github.com/google/go-cmp/cmp"
)

// A file in any version and byte order says what was written.
func TestRoundTrip(t *testing.T) {
	kv, list := everything(), oneOfEach(t)
	for version := 1; version <= 3; version++ {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			data := encode(t, version, order, kv, list)
			for shift := range 4 { // the data's alignment in memory
				shifted := append(make([]byte, shift, shift+len(data)), data...)[shift:]
				f, err := gguf.Parse("x", shifted)
				if err != nil {
					t.Fatalf("version %d, %v: %v", version, order, err)
				}
				if f.Version != version || f.BigEndian != (order == binary.BigEndian) {
					t.Errorf("version %d, %v: read as %d, big-endian %v", version, order, f.Version, f.BigEndian)
				}
				compare(t, f, kv, list)
			}
			f, err := gguf.ReadHeader("x", bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			for i := range f.Tensors {
				if f.Tensors[i].Data != nil {
					t.Errorf("ReadHeader: %s has data", f.Tensors[i].Name)
				}
				f.Tensors[i].Data = list[i].Data
			}
			compare(t, f, kv, list)
		}
	}
}

// compare checks that f has these metadata and tensors, each aligned to 64 bytes.
func compare(t *testing.T, f *gguf.File, kv []gguf.KV, list []gguf.Tensor) {
	t.Helper()
	if len(f.KV) != len(kv) || len(f.Tensors) != len(list) {
		t.Fatalf("%d keys and %d tensors, want %d and %d", len(f.KV), len(f.Tensors), len(kv), len(list))
	}
	for i, want := range kv {
		if got := f.KV[i]; got.Key != want.Key || !cmp.Equal(got.Value, want.Value) {
			t.Errorf("%s is %#v, want %s, %#v", got.Key, got.Value, want.Key, want.Value)
		}
	}
	for i, want := range list {
		got := f.Tensors[i]
		if got.Name != want.Name || got.Type != want.Type || !slices.Equal(got.Dims, want.Dims) ||
			!bytes.Equal(got.Data, want.Data) || got.Bytes != int64(len(want.Data)) || got.Offset%64 != 0 {
			t.Errorf("tensor %d is %+v, want %+v", i, got, want)
		}
		if m, err := got.Mat(); err != nil || m.Rows*m.Type.RowSize(m.Cols) != len(want.Data) {
			t.Errorf("%s is a matrix %d x %d of %v, %v", got.Name, m.Rows, m.Cols, m.Type, err)
		}
		if f.Tensor(want.Name) != &f.Tensors[i] {
			t.Errorf("Tensor does not find %s", want.Name)
		}
	}
}

// The bytes of a small file, by hand.
func TestWriteBytes(t *testing.T) {
	list := []gguf.Tensor{
		{Name: "a", Dims: []int{3, 1}, Data: tensor.Bytes([]float32{1, 2, -3})},    // f32
		{Name: "b", Type: 1, Dims: []int{1}, Data: tensor.Bytes([]uint16{0x3c00})}, // f16
	}
	want := head(2, 2, "k", kArray, kString, uint64(2), "x", "yz", "l", kBool, uint8(1),
		info("a", tF32, 0, 3, 1), info("b", 1, 32, 1))
	want = withData(want, 0)
	want = append(want, enc(float32(1), float32(2), float32(-3), make([]byte, 20), uint16(0x3c00), make([]byte, 30))...)
	var out bytes.Buffer
	var last, total int64
	kv := []gguf.KV{{Key: "k", Value: []string{"x", "yz"}}, {Key: "l", Value: true}}
	if err := gguf.Write(&out, kv, list, own, func(d, n int64) { last, total = d, n }); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("wrote\n%q, want\n%q", out.Bytes(), want)
	}
	if n := int64(len(want)); last != n || total != n {
		t.Errorf("progress ends with %d of %d for %d bytes", last, total, n)
	}
}

// Swapping has to turn round the numbers of a block that are published as such, no other byte.
func TestSwaps(t *testing.T) {
	fields := map[tensor.DType]string{ // bytes of each field, in their order
		tensor.F32: "4", tensor.F16: "2", tensor.BF16: "2",
		tensor.Q4_0: "2", tensor.Q4_1: "22", tensor.Q5_0: "24", tensor.Q5_1: "224", tensor.Q8_0: "2",
		tensor.Q2_K: strings.Repeat("1", 16+64) + "22", tensor.Q3_K: strings.Repeat("1", 32+64+12) + "2",
		tensor.Q4_K: "22", tensor.Q5_K: "22", tensor.Q6_K: strings.Repeat("1", 128+64+16) + "2",
		tensor.IQ4_NL: "2", tensor.IQ4_XS: "22", tensor.MXFP4: "",
	}
	for _, d := range all {
		want := make([]byte, 0, d.Size())
		for _, size := range fields[d] {
			lo := len(want)
			for i := range int(size - '0') {
				want = append(want, byte(lo+int(size-'0')-1-i))
			}
		}
		for i := len(want); i < d.Size(); i++ {
			want = append(want, byte(i))
		}
		if got := gguf.Swaps(d); !bytes.Equal(got, want) {
			t.Errorf("%v: swapped %v, want %v", d, got, want)
		}
	}
}

func manyKeys(n int) []gguf.KV {
	list := make([]gguf.KV, n)
	for i := range list {
		list[i] = gguf.KV{Key: fmt.Sprint(i), Value: true}
	}
	return list
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
	if typ, ok := gguf.TypeOf(tensor.Q8); ok {
		t.Errorf("type %v stands for q8, which has scales of its own", typ)
	}
	nested := []any{[]any{[]any{[]any{}}}} // as deep as it can be
	for _, c := range []struct {
		want string
		kv   []gguf.KV
		list []gguf.Tensor
	}{
		{want: "key a: is there twice", kv: []gguf.KV{{Key: "a", Value: true}, {Key: "a", Value: true}}},
		{want: "empty", kv: []gguf.KV{{Value: true}}},
		{want: "too long", kv: []gguf.KV{{Key: strings.Repeat("k", 1<<16), Value: true}}},
		{want: "key a: is of type int, which no file", kv: []gguf.KV{{Key: "a", Value: 1}}},
		{want: "key a: is of type <nil>, which no file", kv: []gguf.KV{{Key: "a"}}},
		{want: "key a: has a value of type bool in an array", kv: []gguf.KV{{Key: "a", Value: []any{true}}}},
		{want: "more than 4 arrays in each other", kv: []gguf.KV{{Key: "a", Value: []any{nested}}}},
		{want: "general.alignment: is 48, want a power", kv: []gguf.KV{{Key: "general.alignment", Value: uint32(48)}}},
		{want: "a: is there twice", list: []gguf.Tensor{
			{Name: "a", Data: make([]byte, 4)}, {Name: "a", Data: make([]byte, 4)}}},
		{want: "longer than 64 bytes", list: []gguf.Tensor{{Name: strings.Repeat("n", 65)}}},
		{want: "its name is empty", list: []gguf.Tensor{{}}},
		{want: "a: has dims [2 0]", list: []gguf.Tensor{{Name: "a", Dims: []int{2, 0}}}},
		{want: "a: has dims [-1]", list: []gguf.Tensor{{Name: "a", Dims: []int{-1}}}},
		{want: "a: has 5 dimensions", list: []gguf.Tensor{{Name: "a", Dims: []int{1, 1, 1, 1, 1}}}},
		{want: "a: rows of dims [255 256] do not fill blocks of 256, as q4_k",
			list: []gguf.Tensor{{Name: "a", Type: 12, Dims: []int{255, 256}}}},
		{want: "b: ends behind byte 2^63", list: []gguf.Tensor{
			{Name: "a", Dims: []int{1 << 30, 1 << 30}}, {Name: "b", Dims: []int{1 << 30, 1 << 30}}}},
		{want: "a: dims [2147483647 2147483647] of f32 do not fit",
			list: []gguf.Tensor{{Name: "a", Dims: []int{1<<31 - 1, 1<<31 - 1}}}},
		{want: "gguf: 65537 keys, 0 tensors and", kv: manyKeys(1<<16 + 1)},
		{want: "a: has 3 bytes, want 4", list: []gguf.Tensor{{Name: "a", Data: make([]byte, 3)}}},
		{want: "a: type iq2_xxs is not supported (cria reads f32, f16, q4_0,",
			list: []gguf.Tensor{{Name: "a", Type: 16, Dims: []int{256}}}},
	} {
		err := gguf.Write(io.Discard, c.kv, c.list, own, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if err := gguf.Write(io.Discard, []gguf.KV{{Key: "a", Value: nested}}, nil, own, nil); err != nil {
		t.Errorf("four arrays in each other: %v", err)
	}
	big := gguf.Tensor{Name: "a", Dims: []int{1 << 20}, Data: make([]byte, 4<<20)}
	for _, room := range []full{0, 100, 3 << 20} {
		if err := gguf.Write(&room, nil, []gguf.Tensor{big}, own, nil); !errors.Is(err, errFull) {
			t.Errorf("error %v, want %v", err, errFull)
		}
	}
	err := gguf.Write(io.Discard, nil, []gguf.Tensor{big},
		func(t *gguf.Tensor) ([]byte, error) { return nil, fmt.Errorf("of %s: %w", t.Name, errFull) }, nil)
	if !errors.Is(err, errFull) {
		t.Errorf("error %v, want %v", err, errFull)
	}
}
