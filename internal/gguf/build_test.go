package gguf_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"cria/internal/gguf"
	"cria/internal/tensor"
)

// A raw is bytes that have no count before them.
type raw string

// Numbers that stand for kinds of metadata and types of tensors in files.
const (
	kUint8  = uint32(0)
	kUint32 = uint32(4)
	kBool   = uint32(7)
	kString = uint32(8)
	kArray  = uint32(9)

	tF32 = uint32(0)
	tQ4K = uint32(12)
)

// enc returns parts as they lie in a little-endian file of version 3: numbers,
// strings with a count, and raw bytes.
func enc(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case raw:
			b = append(b, p...)
		case string:
			b = append(binary.LittleEndian.AppendUint64(b, uint64(len(p))), p...)
		default:
			var err error
			if b, err = binary.Append(b, binary.LittleEndian, p); err != nil {
				panic(err)
			}
		}
	}
	return b
}

// head returns a file of version 3 that begins with these counts, then parts.
func head(nTensors, nKV uint64, parts ...any) []byte {
	return append(enc(raw("GGUF"), uint32(3), nTensors, nKV), enc(parts...)...)
}

// info returns what a header says of a tensor.
func info(name string, typ uint32, offset uint64, dims ...uint64) raw {
	return raw(enc(name, uint32(len(dims)), dims, typ, offset))
}

// withData returns a header with its padding and so many bytes of data.
func withData(header []byte, n int) []byte {
	return append(header, make([]byte, -len(header)&31+n)...)
}

// everything is metadata of every kind.
func everything() []gguf.KV {
	return []gguf.KV{
		{Key: "general.architecture", Value: "llama"},
		{Key: "general.alignment", Value: uint32(64)},
		{Key: "a.uint8", Value: uint8(255)}, {Key: "a.int8", Value: int8(-128)},
		{Key: "a.uint16", Value: uint16(65535)}, {Key: "a.int16", Value: int16(-32768)},
		{Key: "a.uint32", Value: uint32(1<<32 - 1)}, {Key: "a.int32", Value: int32(-1 << 31)},
		{Key: "a.uint64", Value: uint64(1<<64 - 1)}, {Key: "a.int64", Value: int64(-1 << 63)},
		{Key: "a.float32", Value: float32(1e-5)}, {Key: "a.float64", Value: math.Pi},
		{Key: "a.bool", Value: true}, {Key: "a.empty", Value: ""},
		{Key: "b.uint8", Value: []uint8{1, 2}}, {Key: "b.int8", Value: []int8{-1}},
		{Key: "b.uint16", Value: []uint16{513}}, {Key: "b.int16", Value: []int16{-2}},
		{Key: "b.uint32", Value: []uint32{}}, {Key: "b.int32", Value: []int32{1, -2, 3}},
		{Key: "b.uint64", Value: []uint64{1 << 63}}, {Key: "b.int64", Value: []int64{-1 << 40}},
		{Key: "b.float32", Value: []float32{0.5, -1}}, {Key: "b.float64", Value: []float64{0.1}},
		{Key: "b.bool", Value: []bool{true, false}},
		{Key: "b.string", Value: []string{"<s>", "", "▁the", "\xff"}},
		{Key: "b.array", Value: []any{[]string{"a"}, []any{}, []int32{7}, []any{[]bool{true}}}},
	}
}

// all has the types that cria computes with.
var all = []tensor.DType{tensor.F32, tensor.F16, tensor.BF16, tensor.Q4_0, tensor.Q4_1, tensor.Q5_0, tensor.Q5_1,
	tensor.Q8_0, tensor.Q2_K, tensor.Q3_K, tensor.Q4_K, tensor.Q5_K, tensor.Q6_K, tensor.IQ4_NL, tensor.IQ4_XS,
	tensor.MXFP4}

// oneOfEach returns a tensor of each type, with data that are different everywhere.
func oneOfEach(t testing.TB) []gguf.Tensor {
	var list []gguf.Tensor
	next := byte(0)
	for i, d := range all {
		typ, ok := gguf.TypeOf(d)
		if !ok {
			t.Fatalf("no number stands for %v", d)
		}
		x := gguf.Tensor{Name: "blk." + d.String(), Type: typ, Dims: []int{d.BlockLen(), 3, 1 + i%2}}
		for range d.Size() * 3 * (1 + i%2) {
			x.Data = append(x.Data, next)
			next += 7
		}
		list = append(list, x)
	}
	return append(list, gguf.Tensor{Name: "scalar", Type: 0, Data: []byte{1, 2, 3, 4}})
}

// own returns a tensor's own data.
func own(t *gguf.Tensor) ([]byte, error) { return t.Data, nil }

// encode returns a file.
func encode(t testing.TB, version int, order binary.ByteOrder, kv []gguf.KV, list []gguf.Tensor) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := gguf.WriteAs(&out, version, order, kv, list); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
