package llama2c_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

// small is a model with all sizes different and its own classifier, in version 1.
var small = llama2c.Header{Version: 1, Dim: 24, HiddenDim: 36, NLayers: 2, NHeads: 6, NKVHeads: 3,
	VocabSize: 11, SeqLen: 5}

// as returns h in another form.
func as(h llama2c.Header, version int, t tensor.DType, group int) llama2c.Header {
	h.Version, h.Type, h.Group = version, t, group
	return h
}

// forms returns h in every version and type, with its own classifier and without.
// Groups of 3 leave scales misaligned.
func forms(h llama2c.Header) map[string]llama2c.Header {
	m := make(map[string]llama2c.Header)
	for _, shared := range []bool{false, true} {
		h.SharedClassifier = shared
		for _, h := range []llama2c.Header{as(h, 0, tensor.F32, 0), as(h, 1, tensor.F32, 0),
			as(h, 2, tensor.Q8, 4), as(h, 2, tensor.Q8, 3), as(h, 3, tensor.F32, 0),
			as(h, 3, tensor.F16, 0), as(h, 3, tensor.BF16, 0)} {
			m[fmt.Sprintf("v%d %v group %d shared %v", h.Version, h.Type, h.Group, shared)] = h
		}
	}
	return m
}

func parse(t testing.TB, data []byte) *llama2c.File {
	t.Helper()
	f, err := llama2c.Parse("test.bin", data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// write returns the bytes of a file.
func write(t testing.TB, f *llama2c.File) []byte {
	t.Helper()
	var b bytes.Buffer
	next := 0
	err := llama2c.Write(&b, &f.Header, func(name string) (tensor.Mat, error) {
		if f.Tensors[next].Name != name {
			t.Errorf("Write asks for %s, Parse gave %s there", name, f.Tensors[next].Name)
		}
		next++
		return f.Tensors[next-1].Mat, nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for name, h := range forms(small) {
		data := fixture.Tiny(t, h, 1)
		f := parse(t, data)
		if f.Header != h {
			t.Errorf("%s: Parse gives header %+v, want %+v", name, f.Header, h)
		}
		if size, err := h.FileSize(); err != nil || size != int64(len(data)) {
			t.Errorf("%s: FileSize is %d, %v, want %d", name, size, err, len(data))
		}
		if !bytes.Equal(write(t, f), data) {
			t.Errorf("%s: writing what was read gives other bytes", name)
		}
		// A slice at an odd address: everything is a copy, and has the same values.
		odd := parse(t, append(make([]byte, 1, 1+len(data)), data...)[1:])
		if !bytes.Equal(write(t, odd), data) {
			t.Errorf("%s: misaligned: writing what was read gives other bytes", name)
		}
	}
}

// The names, shapes and places of a version 0 and a version 2 file, worked out by hand.
func TestTensors(t *testing.T) {
	h := llama2c.Header{Dim: 8, HiddenDim: 12, NLayers: 2, NHeads: 2, NKVHeads: 1, VocabSize: 3, SeqLen: 5}
	for _, c := range []struct {
		h    llama2c.Header
		want string
	}{
		{h, `
28 tok_embeddings.weight 3x8
124 layers.0.attention_norm.weight 1x8
156 layers.1.attention_norm.weight 1x8
188 layers.0.attention.wq.weight 8x8
444 layers.1.attention.wq.weight 8x8
700 layers.0.attention.wk.weight 4x8
828 layers.1.attention.wk.weight 4x8
956 layers.0.attention.wv.weight 4x8
1084 layers.1.attention.wv.weight 4x8
1212 layers.0.attention.wo.weight 8x8
1468 layers.1.attention.wo.weight 8x8
1724 layers.0.ffn_norm.weight 1x8
1756 layers.1.ffn_norm.weight 1x8
1788 layers.0.feed_forward.w1.weight 12x8
2172 layers.1.feed_forward.w1.weight 12x8
2556 layers.0.feed_forward.w2.weight 8x12
2940 layers.1.feed_forward.w2.weight 8x12
3324 layers.0.feed_forward.w3.weight 12x8
3708 layers.1.feed_forward.w3.weight 12x8
4092 norm.weight 1x8
4204 output.weight 3x8
`}, // the tables take 2*4*5*2 bytes before the classifier
		{as(h, 2, tensor.Q8, 4), `
256 layers.0.attention_norm.weight 1x8
288 layers.1.attention_norm.weight 1x8
320 layers.0.ffn_norm.weight 1x8
352 layers.1.ffn_norm.weight 1x8
384 norm.weight 1x8
416 tok_embeddings.weight 3x8/4
464 layers.0.attention.wq.weight 8x8/4
592 layers.1.attention.wq.weight 8x8/4
720 layers.0.attention.wk.weight 4x8/4
784 layers.1.attention.wk.weight 4x8/4
848 layers.0.attention.wv.weight 4x8/4
912 layers.1.attention.wv.weight 4x8/4
976 layers.0.attention.wo.weight 8x8/4
1104 layers.1.attention.wo.weight 8x8/4
1232 layers.0.feed_forward.w1.weight 12x8/4
1424 layers.1.feed_forward.w1.weight 12x8/4
1616 layers.0.feed_forward.w2.weight 8x12/4
1808 layers.1.feed_forward.w2.weight 8x12/4
2000 layers.0.feed_forward.w3.weight 12x8/4
2192 layers.1.feed_forward.w3.weight 12x8/4
2384 output.weight 3x8/4
`}} {
		got := "\n"
		for _, x := range parse(t, fixture.Tiny(t, c.h, 2)).Tensors {
			got += fmt.Sprintf("%d %s %dx%d", x.Offset, x.Name, x.Mat.Rows, x.Mat.Cols)
			if x.Mat.Group != 0 {
				got += fmt.Sprintf("/%d", x.Mat.Group)
			}
			got += "\n"
		}
		if got != c.want {
			t.Errorf("version %d: tensors are%swant%s", c.h.Version, got, c.want)
		}
	}
}

// Every file that is cut short is refused, and the error says where it was cut.
func TestTruncated(t *testing.T) {
	for name, h := range forms(llama2c.Header{Dim: 12, HiddenDim: 24, NLayers: 2, NHeads: 6, NKVHeads: 3,
		VocabSize: 3, SeqLen: 5}) {
		data := fixture.Tiny(t, h, 3)
		tensors, err := h.Outline()
		if err != nil {
			t.Fatal(err)
		}
		for n := range data {
			_, err := llama2c.Parse("cut.bin", data[:n:n])
			var e *llama2c.FormatError
			if !errors.As(err, &e) {
				t.Fatalf("%s: cut to %d bytes: error %v, want a FormatError", name, n, err)
			}
			ends := fmt.Sprintf("ends at byte %d", n)
			if e.Name != "cut.bin" || e.Offset > int64(n) || !strings.Contains(e.Reason, ends) {
				t.Fatalf("%s: cut to %d bytes: error %q, want file, an offset before the cut, and %q", name, n, err, ends)
			}
			for len(tensors) > 1 && int64(n) >= tensors[1].Offset {
				tensors = tensors[1:]
			}
			// The tables of version 0 are no tensors: they stand between norm and output.
			isTable := h.Version == 0 && strings.HasPrefix(e.Field, "freqs_")
			if int64(n) >= tensors[0].Offset && e.Field != tensors[0].Name && !isTable {
				t.Fatalf("%s: cut to %d bytes: error %q, want it to name %s", name, n, err, tensors[0].Name)
			}
		}
		_, err = llama2c.Parse("long.bin", append(data, 0))
		for _, want := range []string{"long.bin", fmt.Sprint(len(data)), fmt.Sprint(len(data) + 1)} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: one byte more: error %v, want it to say %s", name, err, want)
			}
		}
	}
}

// Tiny is the same on every machine: other tests may quote what a model of it says.
func TestTiny(t *testing.T) {
	for _, c := range []struct {
		h    llama2c.Header
		seed uint64
		want uint32
	}{
		{small, 1, 0x3326667d},
		{small, 2, 0x63ec14ff},
		{as(small, 2, tensor.Q8, 4), 1, 0x928c4aa2},
	} {
		if got := crc32.ChecksumIEEE(fixture.Tiny(t, c.h, c.seed)); got != c.want {
			t.Errorf("version %d, seed %d: checksum %#x, want %#x", c.h.Version, c.seed, got, c.want)
		}
	}
	var sum, squares, n float64
	for _, x := range parse(t, fixture.Tiny(t, small, 1)).Tensors {
		if x.Mat.Rows == 1 {
			continue
		}
		for _, v := range x.Mat.F32() {
			sum += float64(v)
			squares += float64(v) * float64(v) * float64(x.Mat.Cols)
			n++
		}
	}
	// For n of about 8000 the mean of numbers with deviation 1/5 strays by 0.002, their spread by 1 %.
	if mean, spread := sum/n, math.Sqrt(squares/n); math.Abs(mean) > 0.01 || math.Abs(spread-1) > 0.05 {
		t.Errorf("mean %g and deviation %g/sqrt(columns), want 0 and 1", mean, spread)
	}
}

// The header alone, with the size of a file that is not read, is enough.
func TestParseHeader(t *testing.T) {
	for name, want := range forms(small) {
		data := fixture.Tiny(t, want, 4)
		h, err := llama2c.ParseHeader("x", data[:256], int64(len(data)))
		if err != nil || *h != want {
			t.Errorf("%s: ParseHeader gives %+v, %v, want %+v", name, h, err, want)
		}
		for _, size := range []int64{0, 27, 255, int64(len(data)) - 1, int64(len(data)) + 1, math.MaxInt64} {
			if _, err := llama2c.ParseHeader("x", data[:256], size); err == nil {
				t.Errorf("%s: ParseHeader accepts size %d, want %d only", name, size, len(data))
			}
		}
	}
}

// Where the fields of versions 1 to 3 stand; version 0 begins at dim, with 0.
const (
	versionAt = 4
	dimAt     = 8
	hiddenAt  = 12
	layersAt  = 16
	headsAt   = 20
	kvHeadsAt = 24
	vocabAt   = 28
	seqLenAt  = 32
	sharedAt  = 36
	extraAt   = 37
)

func TestBadHeaders(t *testing.T) {
	v0, v1 := as(small, 0, tensor.F32, 0), as(small, 1, tensor.F32, 0)
	v2, v3 := as(small, 2, tensor.Q8, 4), as(small, 3, tensor.F16, 0)
	int32s := func(x ...int32) (b []byte) {
		for _, v := range x {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
		return b
	}
	for _, c := range []struct {
		name   string
		h      llama2c.Header
		at     int
		put    []byte
		offset int64  // of the error
		text   string // in the error
	}{
		{"no magic", v1, 0, []byte("JUNK"), 0, "dim: 1263424842, want 1 to"},
		{"magic in the other byte order", v1, 0, []byte("ak42"), 0, "dim: 842296161, want 1 to"},
		{"GGUF", v0, 0, []byte("GGUF"), 0, `without the magic "ak42"`},
		{"version 0 with magic", v1, versionAt, int32s(0), versionAt, "version: 0, this program knows 1 to 3"},
		{"future version", v1, versionAt, int32s(4), versionAt, "version: 4, this program knows 1 to 3"},
		{"far future version", v1, versionAt, int32s(1 << 30), versionAt, "version: 1073741824"},
		{"negative version", v1, versionAt, int32s(-1), versionAt, "version: -1"},

		{"dim zero", v1, dimAt, int32s(0), dimAt, "dim: 0, want 1 to"},
		{"dim negative", v1, dimAt, int32s(-24), dimAt, "dim: -24, want 1 to"},
		{"dim limit", v1, dimAt, int32s(1<<17 + 6), dimAt, "dim: 131078, want 1 to 131072"},
		{"dim largest", v2, dimAt, int32s(math.MaxInt32), dimAt, "dim: 2147483647, want 1 to"},
		{"dim v0", v0, 0, int32s(0), 0, "dim: 0, want 1 to"},
		{"hidden_dim zero", v1, hiddenAt, int32s(0), hiddenAt, "hidden_dim: 0"},
		{"hidden_dim limit", v1, hiddenAt, int32s(1<<19 + 1), hiddenAt, "hidden_dim: 524289, want 1 to 524288"},
		{"hidden_dim v0", v0, 4, int32s(-1), 4, "hidden_dim: -1"},
		{"n_layers zero", v1, layersAt, int32s(0), layersAt, "n_layers: 0"},
		{"n_layers limit", v1, layersAt, int32s(2049), layersAt, "n_layers: 2049, want 1 to 2048"},
		{"n_layers v0", v0, 8, int32s(math.MinInt32), 8, "n_layers: -2147483648"},
		{"n_heads zero", v1, headsAt, int32s(0), headsAt, "n_heads: 0"},
		{"n_heads negative", v1, headsAt, int32s(-6), headsAt, "n_heads: -6"},
		{"n_heads limit", v1, headsAt, int32s(8193), headsAt, "n_heads: 8193, want 1 to 8192"},
		{"n_heads v0", v0, 12, int32s(5), 12, "n_heads: 5 does not divide dim 24"},
		{"n_kv_heads zero", v1, kvHeadsAt, int32s(0), kvHeadsAt, "n_kv_heads: 0"},
		{"n_kv_heads v0", v0, 16, int32s(4), 16, "n_kv_heads: 4 does not divide n_heads 6"},
		{"vocab_size zero", v1, vocabAt, int32s(0), vocabAt, "vocab_size: 0"},
		{"vocab_size negative", v1, vocabAt, int32s(-11), vocabAt, "vocab_size: -11"},
		{"vocab_size limit", v1, vocabAt, int32s(1<<22 + 1), vocabAt, "vocab_size: 4194305, want 1 to 4194304"},
		{"vocab_size v0 zero", v0, 20, int32s(0), 20, "vocab_size: 0"},
		{"vocab_size v0 smallest", v0, 20, int32s(math.MinInt32), 20, "2147483648, want 1 to 4194304"},
		{"seq_len zero", v1, seqLenAt, int32s(0), seqLenAt, "seq_len: 0"},
		{"seq_len limit", v1, seqLenAt, int32s(1<<26 + 1), seqLenAt, "seq_len: 67108865, want 1 to 67108864"},
		{"seq_len v0", v0, 24, int32s(-5), 24, "seq_len: -5"},

		{"n_heads does not divide", v1, headsAt, int32s(5), headsAt, "n_heads: 5 does not divide dim 24"},
		{"n_heads above dim", v1, headsAt, int32s(48), headsAt, "n_heads: 48 does not divide dim 24"},
		{"n_kv_heads does not divide", v1, kvHeadsAt, int32s(4), kvHeadsAt, "n_kv_heads: 4 does not divide n_heads 6"},
		{"n_kv_heads above n_heads", v1, kvHeadsAt, int32s(12), kvHeadsAt, "n_kv_heads: 12 does not divide n_heads 6"},
		{"odd heads", v1, headsAt, int32s(24, 3), headsAt, "24 heads of dim 24 are 1 wide"},
		{"odd heads of 3", v3, headsAt, int32s(8, 4), headsAt, "8 heads of dim 24 are 3 wide"},

		{"shared 2", v1, sharedAt, []byte{2}, sharedAt, "shared_classifier: 2, want 0 or 1"},
		{"shared 255", v2, sharedAt, []byte{255}, sharedAt, "shared_classifier: 255, want 0 or 1"},
		{"group zero", v2, extraAt, int32s(0), extraAt, "group_size: 0, want at least 1"},
		{"group negative", v2, extraAt, int32s(-4), extraAt, "group_size: -4, want at least 1"},
		{"group above dim", v2, extraAt, int32s(64), extraAt, "group_size: 64 does not divide the 24 columns of tok_emb"},
		{"group against dim", v2, extraAt, int32s(9), extraAt, "group_size: 9 does not divide the 24 columns"},
		{"group against hidden_dim", v2, extraAt, int32s(8), extraAt,
			"8 does not divide the 36 columns of layers.0.feed_forward.w2"},
		{"type 3", v3, extraAt, []byte{3}, extraAt, "type: 3, want 0 (f32), 1 (f16) or 2 (bf16)"},
		{"type 255", v3, extraAt, []byte{255}, extraAt, "type: 255, want"},
		{"v1 reserved", v1, extraAt, []byte{1}, extraAt, "reserved: 1, want 0"},
		{"v2 reserved", v2, 41, []byte{7}, 41, "reserved: 7, want 0"},
		{"v3 reserved", v3, 38, []byte{9}, 38, "reserved: 9, want 0"},
		{"last reserved", v3, 255, []byte{1}, 255, "reserved: 1, want 0"},

		{"a longer model", v1, layersAt, int32s(3), -1, "but the file ends at byte"},
		{"a shorter model", v1, layersAt, int32s(1), -1, "but its header describes"},
		{"the largest model", v1, dimAt, int32s(1<<17, 1<<19, 2048, 8192, 8192, 1<<22, 1<<26), 256,
			"needs bytes 256 to 524544"},
		{"other sign of vocab_size", v0, 20, int32s(11), -1, "but its header describes"},
		{"other classifier", v1, sharedAt, []byte{1}, -1, "but its header describes"},
		{"other type", v3, extraAt, []byte{0}, -1, "but the file ends at byte"},
		{"other group", v2, extraAt, int32s(12), -1, "but its header describes"},
	} {
		data := fixture.Tiny(t, c.h, 5)
		copy(data[c.at:], c.put)
		_, err := llama2c.Parse("bad.bin", data)
		var e *llama2c.FormatError
		if !errors.As(err, &e) {
			t.Errorf("%s: error %v, want a FormatError", c.name, err)
			continue
		}
		if c.offset >= 0 && e.Offset != c.offset {
			t.Errorf("%s: error %q is at byte %d, want %d", c.name, err, e.Offset, c.offset)
		}
		prefix := fmt.Sprintf("llama2c: bad.bin: byte %d: %s: ", e.Offset, e.Field)
		if !strings.HasPrefix(err.Error(), prefix) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %q, want it to begin with %q and say %q", c.name, err, prefix, c.text)
		}
	}
}

func TestRealFiles(t *testing.T) {
	for _, c := range []struct {
		file string
		want llama2c.Header
	}{
		{"stories260K.v0.bin", llama2c.Header{Version: 0, Dim: 64, HiddenDim: 172, NLayers: 5,
			NHeads: 8, NKVHeads: 4, VocabSize: 512, SeqLen: 512, SharedClassifier: true}},
		{"stories260K.v1.bin", llama2c.Header{Version: 1, Dim: 64, HiddenDim: 172, NLayers: 5,
			NHeads: 8, NKVHeads: 4, VocabSize: 512, SeqLen: 512, SharedClassifier: true}},
		{"babyllama-tok105-model5000.bin", llama2c.Header{Version: 0, Dim: 128, HiddenDim: 352, NLayers: 5,
			NHeads: 8, NKVHeads: 4, VocabSize: 105, SeqLen: 256, SharedClassifier: true}},
		{"babyllama.v2.gs32.bin", llama2c.Header{Version: 2, Dim: 128, HiddenDim: 352, NLayers: 5,
			NHeads: 8, NKVHeads: 4, VocabSize: 105, SeqLen: 256, SharedClassifier: true,
			Type: tensor.Q8, Group: 32}},
	} {
		data := modelFile(t, c.file)
		f := parse(t, data)
		if f.Header != c.want {
			t.Errorf("%s: header %+v, want %+v", c.file, f.Header, c.want)
		}
		if len(f.Tensors) != 2+9*f.NLayers {
			t.Errorf("%s: %d tensors, want %d", c.file, len(f.Tensors), 2+9*f.NLayers)
		}
		if f.Version > 0 && !bytes.Equal(write(t, f), data) {
			t.Errorf("%s: writing what was read gives other bytes", c.file)
		}
	}
}

// The two files of one model hold the same tensors, in another order.
func TestVersion0Is1(t *testing.T) {
	v0, v1 := parse(t, modelFile(t, "stories260K.v0.bin")), parse(t, modelFile(t, "stories260K.v1.bin"))
	mats := make(map[string]tensor.Mat)
	for _, x := range v0.Tensors {
		mats[x.Name] = x.Mat
	}
	for _, x := range v1.Tensors {
		m, ok := mats[x.Name]
		if !ok || m.Rows != x.Mat.Rows || m.Cols != x.Mat.Cols || !bytes.Equal(m.Data, x.Mat.Data) {
			t.Errorf("%s differs between version 0 and 1", x.Name)
		}
		delete(mats, x.Name)
	}
	for name := range mats {
		t.Errorf("%s is in version 0 only", name)
	}
}

// modelFile returns a file of the third-party models.
func modelFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(fixture.Path(t, "models", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
