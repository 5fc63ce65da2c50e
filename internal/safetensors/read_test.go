package safetensors_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/safetensors"
	"cria/internal/tensor"
)

// file returns a file with a header and so many bytes of data: 0, 1, 2, ...
func file(header string, dataBytes int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range dataBytes {
		b = append(b, byte(i))
	}
	return b
}

func TestParse(t *testing.T) {
	header := `{"b":{"shape":[2,2],"dtype":"BF16","data_offsets":[4,12]},"__metadata__":{"format":"pt"},` +
		`"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"none":{"dtype":"F16","shape":[0,9],"data_offsets":[12,12]},` +
		`"scalar":{"dtype":"I64","shape":[],"data_offsets":[12,20]}}    `
	// Whatever the alignment of the file in memory, the tensors are aligned.
	for offset := range 8 {
		data := append(make([]byte, offset), file(header, 20)...)[offset:]
		f, err := safetensors.Parse("x", data)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, x := range f.Tensors {
			names = append(names, x.Name)
		}
		if want := []string{"a", "b", "none", "scalar"}; !slices.Equal(names, want) || f.Metadata["format"] != "pt" {
			t.Fatalf("tensors %q, metadata %q, want %q in this order", names, f.Metadata, want)
		}
		b, err := f.Tensors[1].Mat()
		if err != nil || b.Type != tensor.BF16 || b.Rows != 2 || b.Cols != 2 {
			t.Fatalf("b is %+v, %v", b, err)
		}
		if got := b.U16(); !slices.Equal(got, []uint16{0x0504, 0x0706, 0x0908, 0x0b0a}) {
			t.Errorf("offset %d: b = %x", offset, got)
		}
		a, err := f.Tensors[0].Mat()
		if err != nil || a.Rows != 1 || a.Cols != 1 || len(a.F32()) != 1 {
			t.Errorf("a is %+v, %v", a, err)
		}
		if _, err := f.Tensors[3].Mat(); err == nil || !strings.Contains(err.Error(), "scalar: is of type I64") {
			t.Errorf("a matrix of I64: error %v", err)
		}
	}
}

// entry is a tensor of a header.
func entry(name, dtype, shape string, lo, hi uint64) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":[%s],"data_offsets":[%d,%d]}`, name, dtype, shape, lo, hi)
}

func TestParseErrors(t *testing.T) {
	prefix := func(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }
	a := entry("a", "F32", "1", 0, 4)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"empty", nil, "byte 0: header length: needs 8 bytes, but the file has 0"},
		{"seven bytes", make([]byte, 7), "has 7"},
		{"no header", prefix(0), `byte 8: header: does not begin with "{"`},
		{"beyond the file", append(prefix(3), "{}"...), "byte 0: header length: 3, but the file ends at byte 10"},
		{"largest length", append(prefix(1<<64-1), "{}"...), "exceeds the limit of 100000000"},
		{"above the limit", append(prefix(100_000_001), "{}"...), "exceeds the limit of 100000000"},
		{"space first", file(` {}`, 0), `does not begin with "{"`},
		{"an array", file(`[]`, 0), `does not begin with "{"`},
		{"no end", file(`{`, 0), "is not JSON"},
		{"comma", file(`{`+a+`,}`, 4), "is not JSON"},
		{"trailing text", file(`{}{}`, 0), "something follows"},
		{"data without tensors", file(`{}`, 1), "end of file: the file has 11 bytes, but its header describes 10"},
		{"metadata twice", file(`{"__metadata__":{},"__metadata__":{}}`, 0), "__metadata__: is there twice"},
		{"metadata key twice", file(`{"__metadata__":{"a":"","a":""}}`, 0), "a is there twice"},
		{"metadata number", file(`{"__metadata__":{"a":1}}`, 0), "__metadata__: want a string"},
		{"metadata string", file(`{"__metadata__":"a"}`, 0), "__metadata__: is not an object"},
		{"tensor twice", file(`{`+a+`,`+a+`}`, 4), "a: is there twice"},
		{"tensor twice, escaped", file(`{`+a+`,`+strings.Replace(a, `"a"`, `"\u0061"`, 1)+`}`, 4), "a: is there twice"},
		{"tensor is null", file(`{"a":null}`, 0), `a: want "{"`},
		{"nothing said", file(`{"a":{}}`, 0), "want all three"},
		{"no shape", file(`{"a":{"dtype":"F32","data_offsets":[0,4]}}`, 4), "want all three"},
		{"dtype twice", file(`{"a":{"dtype":"F32","dtype":"F32"}}`, 4), "dtype is there twice"},
		{"other field", file(`{"a":{"strides":[1]}}`, 4), "strides is not dtype, shape or data_offsets"},
		{"deep", file(`{"a":{"shape":`+strings.Repeat("[", 1<<16), 0), "a: shape: number 0 is not an integer"},
		{"three offsets", file(`{"a":{"data_offsets":[0,4,8]}}`, 8), "more than 2 numbers"},
		{"one offset", file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}`, 4), "two offsets in order"},
		{"offsets backwards", file(`{`+entry("a", "F32", "1", 4, 0)+`}`, 4), "two offsets in order"},
		{"17 dimensions", file(`{`+entry("a", "F32", "1"+strings.Repeat(",1", 16), 0, 4)+`}`, 4), "more than 16 numbers"},
		{"negative", file(`{`+entry("a", "F32", "-1", 0, 4)+`}`, 4), "number 0 is not an integer from 0 to 2147483647"},
		{"fraction", file(`{`+entry("a", "F32", "1.0", 0, 4)+`}`, 4), "not an integer"},
		{"exponent", file(`{`+entry("a", "F32", "1e0", 0, 4)+`}`, 4), "not an integer"},
		{"string", file(`{`+entry("a", "F32", `"1"`, 0, 4)+`}`, 4), "not an integer"},
		{"offset of 2^63", file(`{`+entry("a", "F32", "1", 0, 1<<63)+`}`, 4), "not an integer"},
		{"product of 2^64", file(`{`+entry("a", "F32", "1073741824,1073741824,4", 0, 0)+`}`, 0), "is not what bytes 0 to 0"},
		{"other size", file(`{`+entry("a", "F32", "2", 0, 4)+`}`, 4), "shape [2] of F32 is not what bytes 0 to 4"},
		{"half a byte", file(`{`+entry("a", "F4", "3", 0, 1)+`}`, 1), "shape [3] of F4"},
		{"beyond the end", file(`{`+a+`}`, 3), "needs bytes 62 to 66, but the file ends at byte 65"},
		{"far beyond the end", file(`{`+entry("a", "x", "", 0, 1<<63-1)+`}`, 3), "but the file ends at byte"},
		{"data left over", file(`{`+a+`}`, 5), "end of file"},
		{"hole before", file(`{`+entry("a", "F32", "1", 1, 5)+`}`, 5), "1 bytes before it belong to no tensor"},
		{"hole between", file(`{`+a+`,`+entry("b", "F32", "1", 5, 9)+`}`, 9), "b: 1 bytes before it"},
		{"overlap", file(`{`+a+`,`+entry("b", "F32", "1", 3, 7)+`}`, 7), "b: overlaps a, which ends at byte"},
		{"the same bytes", file(`{`+a+`,`+entry("b", "F32", "1", 0, 4)+`}`, 4), "b: overlaps a"},
		{"nothing, inside", file(`{`+a+`,`+entry("b", "F32", "0", 2, 2)+`}`, 4), "b: overlaps a"},
		{"evil name", file(`{"\u001b[2J":null}`, 0), `"\x1b[2J": want`},
	} {
		f, err := safetensors.Parse("x.safetensors", c.data)
		var format *safetensors.FormatError
		if !errors.As(err, &format) || f != nil || format.Name != "x.safetensors" {
			t.Errorf("%s: %v, error %v, want a FormatError", c.name, f, err)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %q does not say %q", c.name, err, c.want)
		}
		_, headerErr := safetensors.ReadHeader("x.safetensors", bytes.NewReader(c.data), int64(len(c.data)))
		if fmt.Sprint(headerErr) != fmt.Sprint(err) {
			t.Errorf("%s: ReadHeader says %v, Parse %v", c.name, headerErr, err)
		}
	}
}

// A file that is shorter than its size says is an error, not a panic.
func TestReadHeaderShort(t *testing.T) {
	whole := file(`{`+entry("a", "F32", "1", 0, 4)+`}`, 4)
	for n := range len(whole) - 4 {
		if _, err := safetensors.ReadHeader("x", bytes.NewReader(whole[:n]), int64(len(whole))); err == nil {
			t.Errorf("%d bytes of %d: no error", n, len(whole))
		}
	}
}

func TestMatShapes(t *testing.T) {
	for _, c := range []struct {
		shape      []int
		rows, cols int
	}{{nil, 1, 1}, {[]int{5}, 1, 5}, {[]int{5, 6}, 5, 6}, {[]int{2, 3, 4}, 6, 4}, {[]int{0, 4}, 0, 4}} {
		m, err := (&safetensors.Tensor{Type: safetensors.F16, Shape: c.shape}).Mat()
		if err != nil || m.Rows != c.rows || m.Cols != c.cols {
			t.Errorf("%v: %d x %d, %v, want %d x %d", c.shape, m.Rows, m.Cols, err, c.rows, c.cols)
		}
	}
	if m, err := (&safetensors.Tensor{Type: safetensors.F16, Shape: []int{1 << 20, 1 << 20, 1}}).Mat(); err == nil {
		t.Errorf("2^40 rows make a matrix of %d x %d", m.Rows, m.Cols)
	}
}

func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		dir     string
		typ     safetensors.Type
		tensors int
		shape   []int // of lm_head.weight
	}{
		{"tinystories-656k", safetensors.F32, 20, []int{2048, 128}},
		{"random/tiny_llama3", safetensors.BF16, 21, []int{256, 64}},
		{"random/tiny_qwen3", safetensors.BF16, 25, []int{256, 64}},
	} {
		path := filepath.Join(fixture.Path(t, "models"), filepath.FromSlash(c.dir), "model.safetensors")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := safetensors.Parse(path, data)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Tensors) != c.tensors {
			t.Errorf("%s: %d tensors, want %d", c.dir, len(f.Tensors), c.tensors)
		}
		for _, x := range f.Tensors {
			if x.Name == "lm_head.weight" && !slices.Equal(x.Shape, c.shape) {
				t.Errorf("%s: lm_head.weight is %v, want %v", c.dir, x.Shape, c.shape)
			}
			if _, err := x.Mat(); err != nil || x.Type != c.typ {
				t.Errorf("%s: %s of %s, %v", c.dir, x.Name, x.Type, err)
			}
		}
	}
}
