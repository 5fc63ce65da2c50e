package imatrix

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"cria/internal/gguf"

	"github.com/google/go-cmp/cmp"
)

func sample() *File {
	return &File{
		Entries: []Entry{
			{"blk.0.attn_q.weight", []float32{1, 2, 3, 4}, []float32{2}},
			{"blk.0.ffn_up_exps.weight", []float32{8, 16, 0, 0, 3, 6}, []float32{4, 0, 3}},
		},
		Datasets: []string{"a.txt"}, Chunks: 5, ChunkSize: 512,
	}
}

// forms returns sample in both forms.
func forms(t testing.TB) (newer, dat []byte) {
	t.Helper()
	var a, b bytes.Buffer
	if err := sample().Write(&a); err != nil {
		t.Fatal(err)
	}
	if err := sample().WriteDat(&b); err != nil {
		t.Fatal(err)
	}
	return a.Bytes(), b.Bytes()
}

func TestForms(t *testing.T) {
	newer, dat := forms(t)
	have, err := Parse("a", newer)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample(), have); diff != "" {
		t.Error(diff)
	}
	old, err := Parse("a", dat)
	if err != nil {
		t.Fatal(err)
	}
	if old.Chunks != 5 || !slices.Equal(old.Datasets, []string{"a.txt"}) || len(old.Entries) != 2 {
		t.Errorf("%+v", old)
	}
	for _, f := range []*File{have, old} {
		for name, want := range map[string][]float32{
			"blk.0.attn_q.weight": {0.5, 1, 1.5, 2}, "blk.0.ffn_up_exps.weight": {2, 4, 1, 1, 1, 2}, "output.weight": nil,
		} {
			if got := f.Importance(name); !slices.Equal(got, want) {
				t.Errorf("importance of %s is %v, want %v", name, got, want)
			}
		}
	}
}

// TestDatBytes has a file byte for byte, as the format is published.
func TestDatBytes(t *testing.T) {
	f := &File{Entries: []Entry{{"ab", []float32{6}, []float32{3}}}, Chunks: 2, Datasets: []string{"x"}}
	var b bytes.Buffer
	if err := f.WriteDat(&b); err != nil {
		t.Fatal(err)
	}
	const want = "\x01\x00\x00\x00" + "\x02\x00\x00\x00ab" + "\x02\x00\x00\x00" + "\x01\x00\x00\x00" + "\x00\x00\x80\x40" +
		"\x02\x00\x00\x00" + "\x01\x00\x00\x00x"
	if b.String() != want {
		t.Errorf("%q, want %q", b.String(), want)
	}
	// The end may be missing.
	for _, short := range []int{0, 5, 9} {
		if g, err := Parse("a", []byte(want[:len(want)-short])); err != nil || g.Importance("ab")[0] != 2 {
			t.Errorf("%d bytes less: %v", short, err)
		}
	}
}

func TestBad(t *testing.T) {
	newer, dat := forms(t)
	le := binary.LittleEndian
	change := func(data []byte, at int, x uint32) []byte {
		data = bytes.Clone(data)
		le.PutUint32(data[at:], x)
		return data
	}
	twice := func() []byte {
		f := sample()
		f.Entries[1].Name = f.Entries[0].Name
		var b bytes.Buffer
		if err := f.WriteDat(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	var model, lone bytes.Buffer
	if err := gguf.Write(&model, nil, nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	one := []gguf.Tensor{{Name: "a.in_sum2", Dims: []int{1}}}
	kv := []gguf.KV{{Key: "general.type", Value: "imatrix"}}
	zero := func(*gguf.Tensor) ([]byte, error) { return make([]byte, 4), nil }
	if err := gguf.Write(&lone, kv, one, zero, nil); err != nil {
		t.Fatal(err)
	}
	const value = 4 + 4 + len("blk.0.attn_q.weight") + 4 + 4
	for _, c := range []struct {
		data []byte
		want string
	}{
		{nil, "byte 0"},
		{dat[:50], "ends at byte 50"},
		{append(bytes.Clone(dat), 0), "1 bytes behind the end"},
		{change(dat, 0, 0), "no entries"},
		{change(dat, 0, 1<<30), "number of entries is 1073741824"},
		{change(dat, 0, 1<<31), "number of entries is -2147483648"},
		{change(dat, 4, 1<<30), "length of the name of entry 0"},
		{change(dat, value-4, 1<<29), "values of blk.0.attn_q.weight"},
		{change(dat, value, math.Float32bits(float32(math.NaN()))), `"blk.0.attn_q.weight": sum 0 is NaN`},
		{change(dat, value, math.Float32bits(-1)), "sum 0 is -1"},
		{change(dat, value+4, math.Float32bits(float32(math.Inf(1)))), "sum 1 is +Inf"},
		{twice(), "twice"},
		{newer[:90], "byte"},
		{model.Bytes(), `want "imatrix"`},
		{lone.Bytes(), "no a.counts"},
	} {
		if _, err := Parse("x.dat", c.data); err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.Contains(err.Error(), "x.dat") {
			t.Errorf("error %v, want %q in it", err, c.want)
		}
	}
}

// FuzzParse wants of any bytes an error, or a file that is written and read as the same.
func FuzzParse(f *testing.F) {
	newer, dat := forms(f)
	f.Add(newer)
	f.Add(dat)
	f.Add(dat[:len(dat)-9])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Parse("fuzz", data)
		if err != nil {
			return
		}
		for i := range file.Entries {
			e := &file.Entries[i]
			if n := len(file.Importance(e.Name)); n != len(e.Sums) {
				t.Fatalf("%q has importance for %d columns, want %d", e.Name, n, len(e.Sums))
			}
		}
		var b bytes.Buffer
		if err := file.Write(&b); err != nil {
			return // names that GGUF files cannot have
		}
		again, err := Parse("again", b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(file.Entries, again.Entries); diff != "" {
			t.Fatal(diff)
		}
	})
}
