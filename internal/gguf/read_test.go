package gguf_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/tensor"

	"github.com/google/go-cmp/cmp"
)

// Each file is what its name says, and is refused for that.
var badFiles = []struct {
	name string
	data []byte
	want string // in the error
}{
	{"empty", nil, "byte 0: magic: needs bytes 0 to 4, but the file ends at byte 0"},
	{"another format", []byte("JUNKJUNKJUNK"), `byte 0: magic: "JUNK", want "GGUF"`},
	{"magic only", []byte("GGUF"), "byte 4: version: needs bytes 4 to 8"},
	{"version 0", enc(raw("GGUF"), uint32(0), uint64(0), uint64(0)), "byte 4: version: 0, this program knows 1 to 3"},
	{"version 4", enc(raw("GGUF"), uint32(4), uint64(0), uint64(0)), "byte 4: version: 4, this program"},
	{"big-endian version 4", enc(raw("GGUF"), uint32(4<<24)), "byte 4: version: 4, this program"},
	{"no counts", enc(raw("GGUF"), uint32(3), uint64(0)), "byte 16: n_kv: needs bytes 16 to 24"},

	{"key behind the end", head(0, 1, uint64(30), raw("abc"), make([]byte, 20)), "key 0: needs bytes 32 to 62"},
	{"empty key", head(0, 1, "", kUint8, uint8(1)), "key 0: is empty"},
	{"key twice", head(0, 2, "a", kUint8, uint8(1), "a", kUint8, uint8(1)),
		"byte 38: a: is there twice, as key 0 and key 1"},
	{"long key", head(0, 1, strings.Repeat("k", 1<<16), kUint8, uint8(1)), "key 0: 65536 exceeds the limit of 65535"},
	{"evil key", head(0, 1, "\x1b[2J", uint32(13), uint8(1)), `"\x1b[2J": is of type 13, want 0 to 12`},
	{"bool of 2", head(0, 1, "a", kBool, uint8(2)), "byte 37: a: has a bool of 2"},
	{"bool of 2 in an array", head(0, 1, "a", kArray, kBool, uint64(2), uint8(1), uint8(2)),
		"byte 50: a: has a bool of 2"},
	{"array of unknown things", head(0, 1, "a", kArray, uint32(77), uint64(0)), "byte 37: a: is of type 77"},
	{"arrays too deep", head(0, 1, "a", kArray, bytes.Repeat(enc(kArray, uint64(1)), 5)),
		"byte 85: a: has arrays in arrays, deeper than 4"},

	{"alignment of 48", head(0, 1, "general.alignment", kUint32, uint32(48)),
		"byte 24: general.alignment: is 48, want a power of two from 8 to 1048576"},
	{"alignment of text", head(0, 1, "general.alignment", kString, "32"),
		"byte 24: general.alignment: is of type string, want an integer"},

	{"tensor without name", head(1, 0, info("", tF32, 0, 1)), "tensor 0: has no name"},
	{"long name", head(1, 0, info(strings.Repeat("n", 65), tF32, 0, 1)), "tensor 0: 65 exceeds the limit of 64"},
	{"tensor twice", withData(head(2, 0, info("a", tF32, 0, 1), info("a", tF32, 32, 1)), 64),
		"byte 57: a: is there twice, as tensor 0 and tensor 1"},
	{"five dimensions", head(1, 0, info("a", tF32, 0, 1, 1, 1, 1, 1)), "byte 33: a: has 5 dimensions, want at most 4"},
	{"part of a block", withData(head(1, 0, info("a", tQ4K, 0, 128, 2)), 144), "a: rows of dims [128 2] do not fill"},
	{"scalar of blocks", withData(head(1, 0, info("a", tQ4K, 0)), 144), "a: rows of dims [] do not fill"},
	{"huge dimension", head(1, 0, info("a", tF32, 0, 1<<31)), "dimension 0 is 2147483648, want 1 to 2147483647"},
	{"no data", head(1, 0, info("a", tF32, 0, 1)), "byte 64: a: has 4 bytes, but the file ends at byte 57"},
	{"short data", withData(head(1, 0, info("a", tF32, 0, 9)), 35),
		"byte 64: a: has 36 bytes, but the file ends at byte 99"},
	{"offset in the middle", withData(head(1, 0, info("a", tF32, 4, 1)), 64), "a: begins 4 bytes behind the header"},
	{"offset behind the end", withData(head(1, 0, info("a", tF32, 64, 1)), 32),
		"a: has 4 bytes, but the file ends at byte 96"},
	{"overlap", withData(head(2, 0, info("a", tF32, 0, 9), info("b", tF32, 32, 1)), 64),
		"b: overlaps a, which ends at byte 132"},
	{"the same bytes", withData(head(2, 0, info("b", tF32, 0, 9), info("a", tF32, 0, 9)), 64), "a: overlaps b"},
	{"unknown type behind the end", withData(head(1, 0, info("a", 99, 1<<20, 1)), 32), "a: begins 1048576 bytes behind"},
}

func TestBadFiles(t *testing.T) {
	for _, c := range badFiles {
		refused(t, c.name, c.data, c.want)
	}
}

// refused checks that data give a *FormatError that says want, whichever way they are read.
func refused(t *testing.T, name string, data []byte, want string) {
	t.Helper()
	f, err := gguf.Parse("x.gguf", data)
	var format *gguf.FormatError
	if !errors.As(err, &format) || f != nil || format.Name != "x.gguf" {
		t.Errorf("%s: %v, error %v, want a FormatError", name, f, err)
	} else if !strings.Contains(err.Error(), want) {
		t.Errorf("%s: error %q does not say %q", name, err, want)
	}
	_, headerErr := gguf.ReadHeader("x.gguf", bytes.NewReader(data), int64(len(data)))
	if fmt.Sprint(headerErr) != fmt.Sprint(err) {
		t.Errorf("%s: ReadHeader says %v, Parse %v", name, headerErr, err)
	}
}

// Of a file that is cut anywhere no part is read.
func TestTruncated(t *testing.T) {
	for version := 1; version <= 3; version++ {
		list := oneOfEach(t)
		list = list[:len(list)-1]                                                        // so that the file ends with
		list = append(list, gguf.Tensor{Name: "z", Dims: []int{16}, Data: list[1].Data}) // a tensor, not padding
		list[len(list)-1].Data = make([]byte, 64)
		whole := encode(t, version, binary.BigEndian, everything(), list)
		for n := range whole {
			if _, err := gguf.Parse("x", whole[:n]); err == nil {
				t.Fatalf("version %d: %d bytes of %d: no error", version, n, len(whole))
			}
		}
	}
}

// A file that is shorter than its size says is an error, not a panic.
func TestReadHeaderShort(t *testing.T) {
	whole := encode(t, 3, binary.LittleEndian, everything(), nil)
	for n := range whole {
		_, err := gguf.ReadHeader("x", bytes.NewReader(whole[:n]), int64(len(whole)))
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes of %d: error %v", n, len(whole), err)
		}
	}
	if _, err := gguf.ReadHeader("x", bytes.NewReader(whole), -1); err == nil {
		t.Error("a file of -1 bytes: no error")
	}
}

// A header of any length is read without the data behind it.
func TestReadHeaderLong(t *testing.T) {
	tokens := make([]string, 3*gguf.HeadBytes/9)
	for i := range tokens {
		tokens[i] = "x"
	}
	list := []gguf.Tensor{{Name: "a", Dims: []int{4}, Data: make([]byte, 16)}}
	whole := encode(t, 3, binary.LittleEndian, []gguf.KV{{Key: "t", Value: tokens}}, list)
	f, err := gguf.ReadHeader("x", bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := f.Strings("t"); err != nil || len(got) != len(tokens) {
		t.Errorf("%d tokens, %v, want %d", len(got), err, len(tokens))
	}
	// A header that claims to be longer than any is refused before it is read.
	endless := endlessFile(head(0, 1, "a", kArray, kUint8, uint64(gguf.HeaderBytesMax)))
	_, err = gguf.ReadHeader("x", endless, 1<<60)
	if err == nil || !strings.Contains(err.Error(), "a: makes the header longer") {
		t.Errorf("error %v", err)
	}
}

// An endlessFile begins with these bytes.
type endlessFile []byte

func (e endlessFile) ReadAt(b []byte, offset int64) (int, error) {
	copy(b, e[min(offset, int64(len(e))):])
	return len(b), nil
}

// A file may have tensors that cria cannot compute with; only their use is an error.
func TestUnsupportedTypes(t *testing.T) {
	f, err := gguf.Parse("m.gguf", withData(head(3, 0,
		info("a", 16, 0, 256), info("b", 4, 96, 3), info("c", tF32, 96, 1)), 128))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		"gguf: m.gguf: tensor a: type iq2_xxs is not supported (cria reads f32, f16, q4_0, q4_1, q5_0, q5_1, q8_0, " +
			"q2_k, q3_k, q4_k, q5_k, q6_k, iq4_nl, iq4_xs, bf16, mxfp4)",
		"gguf: m.gguf: tensor b: type number 4 is not supported (cria",
		"<nil>",
	} {
		if _, err := f.Tensors[i].Mat(); !strings.HasPrefix(fmt.Sprint(err), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if a, b := f.Tensors[0], f.Tensors[1]; a.Bytes != 66 || a.Data != nil || b.Bytes != 0 || b.Data != nil {
		t.Errorf("read as %+v and %+v", a, b)
	}
}

func TestMatRows(t *testing.T) {
	m, err := (&gguf.Tensor{Name: "a", Type: 1, Dims: []int{4, 3, 2}}).Mat()
	if err != nil || m.Rows != 6 || m.Cols != 4 || m.Type != tensor.F16 {
		t.Errorf("%d x %d of %v, %v", m.Rows, m.Cols, m.Type, err)
	}
	m, err = (&gguf.Tensor{Name: "a", Dims: []int{1, 1 << 20, 1 << 20}}).Mat()
	if err == nil {
		t.Errorf("2^40 rows make a matrix of %d x %d", m.Rows, m.Cols)
	}
}

func TestLookup(t *testing.T) {
	f, err := gguf.Parse("x.gguf", encode(t, 3, binary.LittleEndian, everything(), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		lookup func(string) (any, bool, error)
		key    string
		want   any
	}{
		{of(f.String), "general.architecture", "llama"}, {of(f.String), "a.empty", ""},
		{of(f.Bool), "a.bool", true},
		{of(f.Uint), "a.uint8", uint64(255)}, {of(f.Uint), "a.uint64", uint64(math.MaxUint64)},
		{of(f.Float), "a.float32", float64(float32(1e-5))}, {of(f.Float), "a.float64", math.Pi},
		{of(f.Strings), "b.string", []string{"<s>", "", "▁the", "\xff"}},
		{of(f.Bools), "b.bool", []bool{true, false}},
		{of(f.Ints), "b.int32", []int64{1, -2, 3}}, {of(f.Ints), "b.uint8", []int64{1, 2}},
		{of(f.Floats), "b.float32", []float32{0.5, -1}},
	} {
		if got, ok, err := c.lookup(c.key); err != nil || !ok || !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, %v, %v, want %v", c.key, got, ok, err, c.want)
		}
		if got, ok, err := c.lookup("nothing"); err != nil || ok {
			t.Errorf("nothing: %v, %v, %v", got, ok, err)
		}
	}
	for _, c := range []struct {
		lookup    func(string) (any, bool, error)
		key, want string
	}{
		{of(f.String), "a.bool", "gguf: x.gguf: byte 340: a.bool: is of type bool, want a string"},
		{of(f.Bool), "a.uint8", "a.uint8: is of type uint8 (255), want a bool"},
		{of(f.Uint), "a.int8", "a.int8: is of type int8 (-128), want an integer from 0"},
		{of(f.Uint), "b.uint8", "b.uint8: is of type array of uint8, want an integer"},
		{of(f.Float), "a.uint8", "a.uint8: is of type uint8 (255), want a float"},
		{of(f.Strings), "b.array", "b.array: is of type array of array, want an array of strings"},
		{of(f.Ints), "b.uint64", "b.uint64: is of type array of uint64, want an array of integers"},
		{of(f.Ints), "b.bool", "b.bool: is of type array of bool, want"},
		{of(f.Ints), "a.uint8", "a.uint8: is of type uint8 (255), want"},
		{of(f.Floats), "b.float64", "b.float64: is of type array of float64, want"},
	} {
		_, ok, err := c.lookup(c.key)
		if ok || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want %q", err, c.want)
		}
	}
	if f.Value("a.uint8") != uint8(255) || f.Value("nothing") != nil || f.Tensor("nothing") != nil {
		t.Error("Value or Tensor")
	}
}

// of returns a lookup function whose result is of any type.
func of[T any](lookup func(string) (T, bool, error)) func(string) (any, bool, error) {
	return func(key string) (any, bool, error) { return lookup(key) }
}

// Files that others wrote are read, and are written again byte for byte.
func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		path                 string
		nKV, nTensors        int
		tokens               int
		firstToken           string
		blockCount, bosToken uint64
	}{
		{"models/stories260K.gguf", 19, 48, 512, "<unk>", 5, 1},
		{"vectors/ggml-vocab-llama-spm.gguf", 22, 0, 32000, "<unk>", 32, 1},
		{"vectors/ggml-vocab-gpt-2.gguf", 16, 0, 50257, "!", 12, 50256},
		{"vectors/ggml-vocab-deepseek-llm.gguf", 23, 0, 102400, "!", 30, 100000},
	} {
		data := read(t, c.path)
		f, err := gguf.Parse(c.path, data)
		if err != nil {
			t.Fatal(err)
		}
		if f.Version != 3 || f.BigEndian || len(f.KV) != c.nKV || len(f.Tensors) != c.nTensors {
			t.Errorf("%s: version %d, %d keys, %d tensors", c.path, f.Version, len(f.KV), len(f.Tensors))
		}
		tokens, _, err := f.Strings("tokenizer.ggml.tokens")
		if err != nil || len(tokens) != c.tokens || tokens[0] != c.firstToken {
			t.Errorf("%s: %d tokens, %v", c.path, len(tokens), err)
		}
		architecture, _, _ := f.String("general.architecture")
		for key, want := range map[string]uint64{
			architecture + ".block_count": c.blockCount, "tokenizer.ggml.bos_token_id": c.bosToken} {
			if got, ok, err := f.Uint(key); got != want || !ok || err != nil {
				t.Errorf("%s: %s is %d, %v, want %d", c.path, key, got, err, want)
			}
		}
		var out bytes.Buffer
		if err := gguf.Write(&out, f.KV, f.Tensors, own, nil); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out.Bytes(), data) {
			t.Errorf("%s: written again it has other bytes", c.path)
		}
	}
}

// The weights of a GGUF file are those of the llama2.c checkpoint that it was made from.
func TestRealWeights(t *testing.T) {
	f, err := gguf.Parse("x", read(t, "models/stories260K.gguf"))
	if err != nil {
		t.Fatal(err)
	}
	checkpoint := read(t, "models/stories260K.v1.bin")
	for _, x := range f.Tensors {
		if !bytes.Contains(checkpoint, enc(tensor.View[float32](x.Data))) {
			t.Errorf("%s is not in the checkpoint", x.Name)
		}
	}
}

func read(t testing.TB, path string) []byte {
	data, err := os.ReadFile(filepath.Join(fixture.Dir(t), filepath.FromSlash(path)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// A vocabulary of the size of Llama 3's with its merges: what opening such a
// file costs before its weights are looked at.
func BenchmarkParseVocabulary(b *testing.B) {
	tokens, merges := make([]string, 128256), make([]string, 280147)
	for i := range tokens {
		tokens[i] = fmt.Sprint("token", i)
	}
	for i := range merges {
		merges[i] = fmt.Sprint("left", i, " right")
	}
	data := encode(b, 3, binary.LittleEndian, []gguf.KV{{Key: "t", Value: tokens}, {Key: "m", Value: merges},
		{Key: "y", Value: make([]int32, len(tokens))}}, nil)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := gguf.Parse("x", data); err != nil {
			b.Fatal(err)
		}
	}
}
