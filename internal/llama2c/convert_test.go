package llama2c_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/float"
	"cria/internal/llama2c"
	"cria/internal/tensor"
)

// convert returns the converted file and the report.
func convert(t testing.TB, src *llama2c.File, opt llama2c.Options) (*llama2c.File, llama2c.Report) {
	t.Helper()
	var b bytes.Buffer
	report, err := llama2c.Convert(&b, src, opt, nil)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, b.Bytes()), report
}

func options(h llama2c.Header) llama2c.Options {
	return llama2c.Options{Version: h.Version, Type: h.Type, Group: h.Group}
}

// value returns element i of m.
func value(m *tensor.Mat, i int) float32 {
	switch m.Type {
	case tensor.F16:
		return float.F16ToF32(m.U16()[i])
	case tensor.BF16:
		return float.BF16ToF32(m.U16()[i])
	case tensor.Q8:
		return float32(m.I8()[i]) * m.Scales[i/m.Group]
	}
	return m.F32()[i]
}

// From every form to every form: the values are those of the source within what the
// new type can hold, norms stay as they are, and to f32 every value is exact.
func TestConvertAll(t *testing.T) {
	for from, h := range forms(small) {
		src := parse(t, fixture.Tiny(t, h, 6))
		for to, g := range forms(small) {
			if g.SharedClassifier != h.SharedClassifier {
				continue
			}
			dst, report := convert(t, src, options(g))
			if dst.Header != g {
				t.Errorf("%s to %s: header %+v, want %+v", from, to, dst.Header, g)
			}
			if len(report.Ranges) != 0 {
				t.Errorf("%s to %s: report %+v, want nothing", from, to, report)
			}
			compare(t, from+" to "+to, src, dst)
		}
	}
}

// compare checks every value of dst against the one in src.
func compare(t *testing.T, what string, src, dst *llama2c.File) {
	t.Helper()
	mats := make(map[string]tensor.Mat)
	for _, x := range src.Tensors {
		mats[x.Name] = x.Mat
	}
	for _, x := range dst.Tensors {
		m, ok := mats[x.Name]
		if !ok || m.Rows != x.Mat.Rows || m.Cols != x.Mat.Cols {
			t.Fatalf("%s: %s is %d x %d, in the source %d x %d", what, x.Name, x.Mat.Rows, x.Mat.Cols, m.Rows, m.Cols)
		}
		for i := range m.Rows * m.Cols {
			got, want := value(&x.Mat, i), value(&m, i)
			var tol float64 // half a step of the new type
			abs := math.Abs(float64(want))
			switch x.Mat.Type {
			case tensor.F16:
				tol = max(abs*0x1p-11, 0x1p-25)
			case tensor.BF16:
				tol = abs * 0x1p-8
			case tensor.Q8:
				// Half a scale, and one rounding each of the scale, quotient and product.
				tol = float64(x.Mat.Scales[i/x.Mat.Group])/2 + 3*abs*0x1p-24
			}
			if m.Type == x.Mat.Type && m.Group == x.Mat.Group {
				tol = 0
			}
			if !(math.Abs(float64(got)-float64(want)) <= tol) {
				t.Fatalf("%s: %s element %d is %g, want %g ± %g", what, x.Name, i, got, want, tol)
			}
		}
	}
}

// A form that holds no less gives the source back, byte for byte.
func TestConvertBack(t *testing.T) {
	for _, shared := range []bool{false, true} {
		h := small
		h.SharedClassifier = shared
		for _, way := range [][]llama2c.Header{
			{as(h, 1, tensor.F32, 0), as(h, 0, tensor.F32, 0)},
			{as(h, 1, tensor.F32, 0), as(h, 3, tensor.F32, 0)},
			{as(h, 0, tensor.F32, 0), as(h, 1, tensor.F32, 0)},
			{as(h, 3, tensor.F16, 0), as(h, 1, tensor.F32, 0)},
			{as(h, 3, tensor.BF16, 0), as(h, 0, tensor.F32, 0)},
			{as(h, 2, tensor.Q8, 3), as(h, 2, tensor.Q8, 3)},
		} {
			data := fixture.Tiny(t, way[0], 7)
			there, _ := convert(t, parse(t, data), options(way[1]))
			back, _ := convert(t, there, options(way[0]))
			if !bytes.Equal(write(t, back), data) {
				t.Errorf("%+v there and back gives other bytes", way)
			}
		}
	}
}

// Every number of 16 bits goes to f32 and comes back, but that NaN comes back quiet.
func TestConvertEveryHalf(t *testing.T) {
	h := llama2c.Header{Dim: 256, HiddenDim: 2, NLayers: 1, NHeads: 2, NKVHeads: 1, VocabSize: 256, SeqLen: 1}
	for _, c := range []struct {
		h          llama2c.Header
		inf, quiet uint16
	}{
		{as(h, 3, tensor.F16, 0), 0x7c00, 0x200},
		{as(h, 3, tensor.BF16, 0), 0x7f80, 0x40},
	} {
		src := parse(t, fixture.Tiny(t, c.h, 13))
		last := len(src.Tensors) - 1 // output.weight
		all := make([]uint16, 1<<16)
		for i := range all {
			all[i] = uint16(i)
		}
		src.Tensors[last].Mat.Data = tensor.Bytes(all)
		f32, report := convert(t, src, llama2c.Options{Version: 1})
		// Inf's complement is the mask of the mantissa: what is not 0 in it is NaN, of either sign.
		nans := int64(2 * (^c.inf & 0x7fff))
		want := llama2c.Range{Tensor: "output.weight", Inf: 2, NaN: nans}
		if len(report.Ranges) != 1 || report.Ranges[0] != want {
			t.Errorf("%v: report %+v, want %+v", c.h.Type, report.Ranges, want)
		}
		back, _ := convert(t, f32, options(c.h))
		for i, got := range back.Tensors[last].Mat.U16() {
			want := uint16(i)
			if want&0x7fff > c.inf {
				want |= c.quiet
			}
			if got != want {
				t.Fatalf("%v: %#04x comes back as %#04x, want %#04x", c.h.Type, i, got, want)
			}
		}
	}
}

// stories260K through f16 and back: what an f16 file holds is its own rounding.
func TestConvertStory(t *testing.T) {
	src := parse(t, modelFile(t, "stories260K.v0.bin"))
	for _, typ := range []tensor.DType{tensor.F16, tensor.BF16} {
		half, report := convert(t, src, llama2c.Options{Version: 3, Type: typ})
		if len(report.Ranges) != 0 {
			t.Errorf("%v: report %+v, want nothing", typ, report)
		}
		compare(t, "stories260K as "+typ.String(), src, half)
		back, _ := convert(t, half, llama2c.Options{Version: 0})
		compare(t, "back to f32", half, back)
		again, _ := convert(t, back, llama2c.Options{Version: 3, Type: typ})
		if !bytes.Equal(write(t, again), write(t, half)) {
			t.Errorf("%v: a second rounding changes the file", typ)
		}
	}
	v1, _ := convert(t, src, llama2c.Options{Version: 1})
	if !bytes.Equal(write(t, v1), modelFile(t, "stories260K.v1.bin")) {
		t.Error("version 0 converted to 1 is not the file that export.py wrote")
	}
}

// The tables that a version 0 file gets are those of model.py, but for the last bit.
func TestFreqs(t *testing.T) {
	v1 := parse(t, modelFile(t, "stories260K.v1.bin"))
	var b bytes.Buffer
	if _, err := llama2c.Convert(&b, v1, llama2c.Options{Version: 0}, nil); err != nil {
		t.Fatal(err)
	}
	got, want := b.Bytes(), modelFile(t, "stories260K.v0.bin")
	if len(got) != len(want) {
		t.Fatalf("the file has %d bytes, want %d", len(got), len(want))
	}
	tables := len(want) - 2*4*v1.SeqLen*v1.Dim/v1.NHeads/2 // the last things in the file
	if !bytes.Equal(got[:tables], want[:tables]) {
		t.Error("header or tensors differ")
	}
	for i := tables; i < len(want); i += 4 {
		x := math.Float32frombits(binary.LittleEndian.Uint32(got[i:]))
		y := math.Float32frombits(binary.LittleEndian.Uint32(want[i:]))
		if !(math.Abs(float64(x-y)) <= 0x1p-24) { // numbers up to 1: their last bit
			t.Fatalf("byte %d: %g, want %g", i, x, y)
		}
	}
}

// Quantizing babyllama gives the file that another converter made. That one did not round
// the quotient to f32 as export.py does: where this makes it end in .5, q may differ by 1.
func TestQuantizeReal(t *testing.T) {
	src := parse(t, modelFile(t, "babyllama-tok105-model5000.bin"))
	got, _ := convert(t, src, llama2c.Options{Version: 2, Type: tensor.Q8, Group: 32})
	want := parse(t, modelFile(t, "babyllama.v2.gs32.bin"))
	if got.Header != want.Header {
		t.Errorf("header %+v, want %+v", got.Header, want.Header)
	}
	mats := make(map[string]tensor.Mat)
	for _, x := range src.Tensors {
		mats[x.Name] = x.Mat
	}
	for n, x := range want.Tensors {
		g, m := got.Tensors[n].Mat, mats[x.Name]
		if x.Mat.Type == tensor.F32 && !bytes.Equal(g.Data, x.Mat.Data) {
			t.Errorf("%s differs", x.Name)
		}
		if !slices.Equal(g.Scales, x.Mat.Scales) {
			t.Errorf("%s: scales differ", x.Name)
		}
		for i, q := range x.Mat.Data {
			if g.Data[i] == q {
				continue
			}
			quotient := float64(m.F32()[i] / g.Scales[i/g.Group])
			if math.Abs(quotient-math.Trunc(quotient)) != 0.5 || max(int8(q)-int8(g.Data[i]), int8(g.Data[i])-int8(q)) != 1 {
				t.Errorf("%s element %d: %g is %d, want %d", x.Name, i, quotient, int8(g.Data[i]), int8(q))
			}
		}
	}
}

// one is a model whose classifier, its last tensor, is a single row of 4 numbers.
var one = llama2c.Header{Version: 1, Dim: 4, HiddenDim: 4, NLayers: 1, NHeads: 1, NKVHeads: 1,
	VocabSize: 1, SeqLen: 1}

// withOutput returns the model one with these numbers in output.weight.
func withOutput(t *testing.T, x ...float32) *llama2c.File {
	t.Helper()
	f := parse(t, fixture.Tiny(t, one, 8))
	f.Tensors[len(f.Tensors)-1].Mat.Data = tensor.Bytes(x)
	return f
}

// output returns output.weight.
func output(f *llama2c.File) (x []float32) {
	m := f.Tensors[len(f.Tensors)-1].Mat
	for i := range m.Rows * m.Cols {
		x = append(x, value(&m, i))
	}
	return x
}

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// Numbers at the ends of a type's range, and what becomes of them.
func TestConvertRange(t *testing.T) {
	const bf16Max, bf16Inf = 0x1.fep127, 0x1.ffp127 // the largest, and where infinity begins
	for _, c := range []struct {
		typ      tensor.DType
		saturate bool
		in, out  []float32
		report   string // without the tensor's name; empty: nothing
		refused  bool
	}{
		{tensor.F16, false, []float32{65504, 65519.996, -65519.996, 0x1p-25}, []float32{65504, 65504, -65504, 0}, "", false},
		{tensor.F16, false, []float32{65520, 1, -70000, 3e38}, nil, "3 3e+38 0 0", true},
		{tensor.F16, true, []float32{65520, 1, -70000, 3e38}, []float32{65504, 1, -65504, 65504}, "3 3e+38 0 0", false},
		{tensor.F16, false, []float32{1, inf, -inf, nan}, []float32{1, inf, -inf, nan}, "0 0 2 1", false},
		{tensor.F16, true, []float32{1, inf, -inf, -65520}, []float32{1, inf, -inf, -65504}, "1 65520 2 0", false},
		{tensor.F16, false, []float32{nan, inf, 65520, 1}, nil, "1 65520 1 1", true},
		{tensor.BF16, false, []float32{bf16Max, math.Nextafter32(bf16Inf, 0), 1e38, 0x1p-149},
			[]float32{bf16Max, bf16Max, 0x1.2cp126, 0}, "", false},
		{tensor.BF16, false, []float32{bf16Inf, -math.MaxFloat32, 1, 2}, nil, "2 3.4028235e+38 0 0", true},
		{tensor.BF16, true, []float32{bf16Inf, -math.MaxFloat32, 1, 2}, []float32{bf16Max, -bf16Max, 1, 2},
			"2 3.4028235e+38 0 0", false},
		{tensor.BF16, false, []float32{nan, -inf, 1, 2}, []float32{nan, -inf, 1, 2}, "0 0 1 1", false},
		{tensor.Q8, false, []float32{127, -127, 0.5, 1.5}, []float32{127, -127, 0, 2}, "", false},
		{tensor.Q8, false, []float32{-127, 2.5, -2.5, 3.5}, []float32{-127, 2, -2, 4}, "", false},
		{tensor.Q8, false, []float32{0, 0, 0, 0}, []float32{0, 0, 0, 0}, "", false},
		{tensor.Q8, false, []float32{0x1p-149, 0, 0, 0}, []float32{0, 0, 0, 0}, "", false}, // the scale rounds to 0
		{tensor.Q8, false, []float32{180 * 0x1p-149, 0, 0, 0}, []float32{127 * 0x1p-149, 0, 0, 0}, "", false},
		{tensor.Q8, false, []float32{1, inf, 2, 3}, nil, "0 0 1 0", true},
		{tensor.Q8, true, []float32{1, nan, 2, -inf}, nil, "0 0 1 1", true},
	} {
		name := fmt.Sprintf("%v of %v, saturate %v", c.typ, c.in, c.saturate)
		opt := llama2c.Options{Version: 3, Type: c.typ, Saturate: c.saturate}
		if c.typ == tensor.Q8 {
			opt.Version, opt.Group = 2, 4
		}
		var b bytes.Buffer
		report, err := llama2c.Convert(&b, withOutput(t, c.in...), opt, nil)
		if got := describe(report); got != c.report {
			t.Errorf("%s: report %q, want %q", name, got, c.report)
		}
		if _, isRange := errors.AsType[*llama2c.RangeError](err); isRange != c.refused {
			t.Errorf("%s: error %v, want refused %v", name, err, c.refused)
			continue
		}
		if c.refused {
			if _, err := llama2c.Parse("refused", b.Bytes()); err == nil {
				t.Errorf("%s: what was written before the refusal passes for a checkpoint", name)
			}
			continue
		}
		if got := output(parse(t, b.Bytes())); fmt.Sprint(got) != fmt.Sprint(c.out) { // NaN is not NaN
			t.Errorf("%s: %v, want %v", name, got, c.out)
		}
	}
}

// describe returns the counts of a report on output.weight alone.
func describe(r llama2c.Report) (s string) {
	for _, x := range r.Ranges {
		if x.Tensor != "output.weight" {
			return "a range of " + x.Tensor
		}
		s += fmt.Sprint(x.Overflow, x.Largest, x.Inf, x.NaN)
	}
	return s
}

// A refusal names the first tensor, and the report has them all in file order.
func TestRefusal(t *testing.T) {
	f := parse(t, fixture.Tiny(t, one, 9))
	var want []string
	for _, i := range []int{3, 4, 9} { // in version 1, 0 to 2 are norms
		f.Tensors[i].Mat.F32()[i-3] = 65520 + float32(i)
		want = append(want, f.Tensors[i].Name)
	}
	f.Tensors[0].Mat.F32()[1] = 1e30 // norms stay f32
	report, err := llama2c.Convert(io.Discard, f, llama2c.Options{Version: 3, Type: tensor.F16}, nil)
	text := "llama2c: tok_embeddings.weight: numbers beyond the range of f16: 1, " +
		"the largest 65523; more tensors with such numbers: 2"
	if err == nil || err.Error() != text {
		t.Errorf("error %v, want %s", err, text)
	}
	var got []string
	for _, r := range report.Ranges {
		got = append(got, r.Tensor)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("report on %v, want %v", got, want)
	}
}

func TestConvertErrors(t *testing.T) {
	src := parse(t, fixture.Tiny(t, small, 10))
	lacking := parse(t, fixture.Tiny(t, small, 10))
	lacking.Tensors = lacking.Tensors[1:]
	other := parse(t, fixture.Tiny(t, small, 10))
	other.Tensors[5].Mat.Rows--
	for _, c := range []struct {
		src  *llama2c.File
		opt  llama2c.Options
		want []string
	}{
		{src, llama2c.Options{Version: 4}, []string{"version", "4", "want 0 to 3"}},
		{src, llama2c.Options{Version: -1}, []string{"version", "-1"}},
		{src, llama2c.Options{Version: 0, Type: tensor.F16}, []string{"version 0", "f16"}},
		{src, llama2c.Options{Version: 1, Type: tensor.Q8, Group: 4}, []string{"version 1", "q8"}},
		{src, llama2c.Options{Version: 2, Type: tensor.F32}, []string{"version 2", "f32"}},
		{src, llama2c.Options{Version: 3, Type: tensor.Q8, Group: 4}, []string{"version 3", "q8"}},
		{src, llama2c.Options{Version: 3, Type: tensor.DType(99)}, []string{"version 3", "(99)"}},
		{src, llama2c.Options{Version: 3, Type: tensor.Q4_K}, []string{"version 3", "q4_k"}},
		{src, llama2c.Options{Version: 2, Type: tensor.Q8}, []string{"group_size", "0, want at least 1"}},
		{src, llama2c.Options{Version: 2, Type: tensor.Q8, Group: -3}, []string{"group_size", "-3"}},
		{src, llama2c.Options{Version: 2, Type: tensor.Q8, Group: 8}, []string{"8 does not divide", "36", "w2.weight"}},
		{src, llama2c.Options{Version: 2, Type: tensor.Q8, Group: 64}, []string{"64", "24", "tok_embeddings.weight"}},
		{lacking, llama2c.Options{Version: 0}, []string{"layers.0.attention_norm.weight", "not in the source"}},
		{other, llama2c.Options{Version: 0}, []string{"tok_embeddings.weight", "10 x 24", "11 x 24"}},
	} {
		var b bytes.Buffer
		_, err := llama2c.Convert(&b, c.src, c.opt, nil)
		for _, want := range c.want {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: error %v, want it to say %q", c.opt, err, want)
			}
		}
		if _, err := llama2c.Parse("x", b.Bytes()); err == nil {
			t.Errorf("%+v: what was written passes for a checkpoint", c.opt)
		}
	}
}

// Write asks for tensors and refuses those that do not fit.
func TestWriteErrors(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name string
		mat  tensor.Mat
		err  error
		want string
	}{
		{"callback", tensor.Mat{}, broken, "layers.0.attention_norm.weight: broken"},
		{"empty", tensor.Mat{}, nil, "is 0 x 0 of f32"},
		{"shape", tensor.Mat{Rows: 24, Cols: 1, Data: make([]byte, 96)}, nil,
			"is 24 x 1 of f32 in groups of 0, want 1 x 24"},
		{"type", tensor.Mat{Type: tensor.F16, Rows: 1, Cols: 24, Data: make([]byte, 48)}, nil, "of f16"},
		{"data", tensor.Mat{Rows: 1, Cols: 24, Data: make([]byte, 95)}, nil, "holds 95 bytes, want 96"},
		{"scales", tensor.Mat{Rows: 1, Cols: 24, Data: make([]byte, 92), Scales: []float32{1}}, nil,
			"holds 96 bytes, want 96"},
	} {
		err := llama2c.Write(io.Discard, &small, func(string) (tensor.Mat, error) { return c.mat, c.err }, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || c.err != nil && !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, want it to say %q", c.name, err, c.want)
		}
	}
	bad := small
	bad.NHeads = 5
	if err := llama2c.Write(io.Discard, &bad, nil, nil); err == nil || !strings.Contains(err.Error(), "n_heads: 5") {
		t.Errorf("a header that cannot be: error %v, want one on n_heads", err)
	}
}

// The bytes do not depend on how many goroutines convert.
func TestConvertProcs(t *testing.T) {
	h := llama2c.Header{Version: 1, Dim: 256, HiddenDim: 512, NLayers: 1, NHeads: 4, NKVHeads: 2,
		VocabSize: 1001, SeqLen: 4}
	src := parse(t, fixture.Tiny(t, h, 11))
	src.Tensors[3].Mat.F32()[256*1000+255] = 1e6 // the last of tok_embeddings
	opt := llama2c.Options{Version: 3, Type: tensor.F16, Saturate: true}
	var want []byte
	for _, procs := range []int{1, 2, 7} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		f, report := convert(t, src, opt)
		if len(report.Ranges) != 1 || report.Ranges[0].Overflow != 1 || report.Ranges[0].Largest != 1e6 {
			t.Errorf("%d processors: report %+v, want one number of 1e6", procs, report)
		}
		got := write(t, f)
		if want == nil {
			want = got
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%d processors: other bytes than with 1", procs)
		}
	}
}

func TestProgress(t *testing.T) {
	h := as(small, 2, tensor.Q8, 4)
	src := parse(t, fixture.Tiny(t, small, 12))
	want, err := h.FileSize()
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	_, err = llama2c.Convert(io.Discard, src, options(h), func(done, total int64) {
		if done <= last || total != want {
			t.Errorf("progress %d of %d after %d, want more of %d", done, total, last, want)
		}
		last = done
	})
	if err != nil || last != want {
		t.Errorf("the last progress is %d, %v, want %d", last, err, want)
	}
}

// A file appears whole or not at all.
func TestConvertFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "out.bin")
	src := withOutput(t, 1, 2, 3, 65520)
	half := llama2c.Options{Version: 3, Type: tensor.F16}
	ended, cancel := context.WithCancel(t.Context())
	cancel()

	if _, err := llama2c.ConvertFile(t.Context(), path, src, llama2c.Options{Version: 0}, nil); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parse(t, before)
	_, err = llama2c.ConvertFile(ended, path, src, llama2c.Options{Version: 1}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: error %v, want context.Canceled", err)
	}
	if _, err := llama2c.ConvertFile(t.Context(), path, src, half, nil); err == nil {
		t.Error("65520 as f16: no error")
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
		t.Errorf("after errors the old file is not what it was: %v", err)
	}
	half.Saturate = true
	if _, err := llama2c.ConvertFile(t.Context(), path, src, half, nil); err != nil {
		t.Error(err)
	}
	if after, err := os.ReadFile(path); err != nil || parse(t, after).Type != tensor.F16 {
		t.Errorf("the new file is not there: %v", err)
	}
	absent := filepath.Join(dir, "absent", "out.bin")
	if _, err := llama2c.ConvertFile(t.Context(), absent, src, half, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("in a folder that is not there: error %v, want os.ErrNotExist", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("the folder holds %v, %v, want out.bin only", left, err)
	}
}
