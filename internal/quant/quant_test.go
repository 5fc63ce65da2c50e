package quant_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
	"cria/internal/quant"
)

// exact lists the formats that, without importance, follow the reference byte for byte;
// Q8_0 and MXFP4 do so with it, too.
var exact = []quant.Format{quant.Q4_0, quant.Q4_1, quant.Q5_0, quant.Q5_1, quant.Q8_0, quant.MXFP4}

// golden is a file of testdata; see its README.md.
type golden struct {
	x, importance []float32
	blocks        []byte
	decoded       []float32
	weighed       []byte // blocks under the importance
}

func readGolden(t *testing.T, f quant.Format) golden {
	t.Helper()
	read := func(name string) []byte {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	g := golden{x: floats(read("x.f32")), importance: floats(read("importance.f32"))}
	data := read(f.String() + ".bin")
	size := len(g.x) / f.BlockLen() * f.BlockSize()
	if want := 2*size + 4*len(g.x); len(data) != want {
		t.Fatalf("%v.bin has %d bytes, want %d", f, len(data), want)
	}
	g.blocks, g.weighed = data[:size], data[len(data)-size:]
	g.decoded = floats(data[size : len(data)-size])
	return g
}

func floats(b []byte) []float32 {
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
	}
	return x
}

func encode(f quant.Format, x, importance []float32) []byte {
	blocks := make([]byte, len(x)/f.BlockLen()*f.BlockSize())
	quant.Encode(f, blocks, x, importance)
	return blocks
}

func decode(f quant.Format, blocks []byte) []float32 {
	x := make([]float32, len(blocks)/f.BlockSize()*f.BlockLen())
	quant.Decode(f, x, blocks)
	return x
}

// misses returns the squared error of y, which stands for x, under the weights that
// Encode documents, for each 256 elements. rowPower is 0 if blocks weigh themselves.
func misses(x, y, importance []float32, n int, rowPower float64) []float64 {
	sums := make([]float64, len(x)/256)
	power := rowPower
	for i, v := range x {
		if i%n == 0 && rowPower == 0 {
			power = meanSquare(x[i : i+n])
		}
		w := 1.5*power + float64(v)*float64(v)
		if importance != nil {
			w = float64(importance[i]) * math.Sqrt(power+float64(v)*float64(v))
		}
		r := float64(v) - float64(y[i])
		sums[i/256] += w * r * r
	}
	return sums
}

func meanSquare(x []float32) float64 {
	var sum float64
	for _, v := range x {
		sum += float64(v) * float64(v)
	}
	return sum / float64(len(x))
}

// TestGolden compares with ggml: what its blocks decode to, the blocks of the exact
// encoders, and the errors of the others.
func TestGolden(t *testing.T) {
	for _, f := range allFormats {
		g := readGolden(t, f)
		for i, v := range decode(f, g.blocks) {
			if !sameBits(v, g.decoded[i]) {
				t.Fatalf("%v: element %d decodes to %g, want %g", f, i, v, g.decoded[i])
			}
		}
		plain, weighed := encode(f, g.x, nil), encode(f, g.x, g.importance)
		if slices.Contains(exact, f) && !bytes.Equal(plain, g.blocks) {
			t.Errorf("%v: the blocks are not those of the reference", f)
		}
		if (f == quant.Q8_0 || f == quant.MXFP4) && !bytes.Equal(weighed, g.weighed) {
			t.Errorf("%v: with an importance, the blocks are not those of the reference", f)
		}
		rowPower := 0.0
		if f.BlockLen() == 32 {
			rowPower = meanSquare(g.x)
		}
		n := f.BlockLen()
		compare(t, f, "plain", misses(g.x, decode(f, plain), nil, n, 0),
			misses(g.x, g.decoded, nil, n, 0))
		compare(t, f, "weighed", misses(g.x, decode(f, weighed), g.importance, n, rowPower),
			misses(g.x, decode(f, g.weighed), g.importance, n, rowPower))
	}
}

// compare wants the errors to be lower on the whole, and nowhere much higher: no search
// of a grid is better than another one everywhere.
func compare(t *testing.T, f quant.Format, what string, got, want []float64) {
	t.Helper()
	product := 1.0
	for i := range got {
		product *= got[i] / want[i]
		if got[i] > 1.05*want[i] {
			t.Errorf("%v, %s: error %g in elements %d to %d, ggml's is %g", f, what, got[i], 256*i, 256*i+255, want[i])
		}
	}
	if product > 1 {
		t.Errorf("%v, %s: errors %g, ggml's are %g", f, what, got, want)
	}
}

// ggmlMisses is the squared error, plain and under the weights that Encode documents,
// that ggml leaves on the weights of TinyStories-656K taken as one row.
var ggmlMisses = map[quant.Format][2]float64{
	quant.Q4_0:   {1166.8, 832.229},
	quant.Q4_1:   {970.749, 646.782},
	quant.Q5_0:   {288.453, 201.825},
	quant.Q5_1:   {226.642, 150.713},
	quant.Q8_0:   {4.53826, 3.13467},
	quant.Q2_K:   {13888.7, 8659.13},
	quant.Q3_K:   {3603.08, 2343.7},
	quant.Q4_K:   {804.002, 528.046},
	quant.Q5_K:   {206.482, 139.3},
	quant.Q6_K:   {49.7002, 30.4871},
	quant.IQ4_NL: {916.905, 734.698},
	quant.IQ4_XS: {931.763, 724.583},
	quant.MXFP4:  {2119.12, 2672.89},
}

// TestModel compares errors on a trained model.
func TestModel(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "models", "tinystories-656k", "model.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	x := floats(data[8+binary.LittleEndian.Uint64(data):])
	x = x[:len(x)/256*256]
	for _, f := range allFormats {
		y := decode(f, encode(f, x, nil))
		var got [2]float64
		for _, e := range misses(x, y, nil, f.BlockLen(), 0) {
			got[1] += e
		}
		for i, v := range x {
			r := float64(v) - float64(y[i])
			got[0] += r * r
		}
		for i, want := range ggmlMisses[f] {
			if got[i] > want*(1+1e-5) { // the table's digits
				t.Errorf("%v: errors %.6g, plain and weighted; ggml's are %.6g", f, got, ggmlMisses[f])
				break
			}
		}
	}
}

// TestSameBytes holds the encoders with a search to one result on every machine. The
// sum changes when a search does.
func TestSameBytes(t *testing.T) {
	const want = "c88148c4f7c1e93b"
	h := sha256.New()
	for _, f := range allFormats {
		g := readGolden(t, f)
		h.Write(encode(f, g.x, nil))
		h.Write(encode(f, g.x, g.importance))
		h.Write(encode(f, g.x, g.importance[:256]))
	}
	if got := fmt.Sprintf("%x", h.Sum(nil)[:8]); got != want {
		t.Errorf("the blocks have checksum %s, want %s", got, want)
	}
}

// TestRows checks that every row is encoded by itself, under the same importance.
func TestRows(t *testing.T) {
	for _, f := range allFormats {
		g := readGolden(t, f)
		importance := g.importance[:512]
		both := encode(f, g.x, importance)
		apart := append(encode(f, g.x[:512], importance), encode(f, g.x[512:], importance)...)
		if !bytes.Equal(both, apart) {
			t.Errorf("%v: two rows differ from each alone", f)
		}
	}
}

// TestImportance checks that an importance lowers the error where it is high, and that
// one without a positive weight counts as one that is the same everywhere.
func TestImportance(t *testing.T) {
	for _, f := range allFormats {
		g := readGolden(t, f)
		x := g.x[:256]
		importance := make([]float32, len(x))
		for i := range importance {
			importance[i] = 0.01
			if i%8 == 0 {
				importance[i] = 10
			}
		}
		errorAt := func(blocks []byte) (sum float64) {
			for i, v := range decode(f, blocks) {
				if i%8 == 0 {
					sum += math.Pow(float64(v-x[i]), 2)
				}
			}
			return sum
		}
		flat := slices.Repeat([]float32{1}, len(x))
		before, after := errorAt(encode(f, x, flat)), errorAt(encode(f, x, importance))
		if ignores := f == quant.Q8_0 || f == quant.MXFP4; ignores != (before == after) || after > before {
			t.Errorf("%v: error %g where the importance is high, %g without", f, after, before)
		}
		bad := slices.Repeat([]float32{-1, 0, float32(math.NaN()), float32(math.Inf(-1))}, len(x)/4)
		if got := encode(f, x, bad); got == nil || errorAt(got) > 4*before {
			t.Errorf("%v: an importance of nothing gives error %g, not near %g", f, errorAt(got), before)
		}
	}
}

// TestEdges checks numbers that no model should have.
func TestEdges(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, f := range allFormats {
		for _, odd := range []float32{0, nan, inf, -inf, math.MaxFloat32, -math.MaxFloat32, 1e-45, 65504, 1e6} {
			for _, rest := range []float32{0, 1, -0.25, odd} {
				x := slices.Repeat([]float32{rest}, 256)
				x[7], x[100] = odd, odd
				for _, importance := range [][]float32{nil, slices.Repeat([]float32{1}, 256)} {
					y := decode(f, encode(f, x, importance))
					searches := !slices.Contains(exact, f) || importance != nil && f != quant.Q8_0 && f != quant.MXFP4
					if searches && !allFinite(y) {
						t.Errorf("%v: %g among %g gives %g", f, odd, rest, y[7])
					}
					if odd == 0 && rest == 0 && slices.Max(y) != 0 || odd == 0 && slices.Min(y) > rest+0.2 {
						t.Errorf("%v: zeros among %g decode to %g", f, rest, y[7])
					}
				}
			}
		}
	}
}

func allFinite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

func TestParse(t *testing.T) {
	for _, f := range allFormats {
		for _, name := range []string{f.String(), strings.ToUpper(f.String())} {
			if got, err := quant.Parse(name); got != f || err != nil {
				t.Errorf("Parse(%q) = %v, %v", name, got, err)
			}
		}
	}
	_, err := quant.Parse("q7_k")
	if err == nil || !strings.Contains(err.Error(), `"q7_k"`) || !strings.Contains(err.Error(), "mxfp4") {
		t.Errorf("Parse of an unknown name: %v", err)
	}
	if got := quant.Format(99).String(); got != "quant.Format(99)" {
		t.Errorf("Format(99) is %q", got)
	}
}

func TestLengths(t *testing.T) {
	for _, f := range allFormats {
		n, size := f.BlockLen(), f.BlockSize()
		for name, bad := range map[string]func(){
			"part of a block": func() { quant.Decode(f, make([]float32, n-1), make([]byte, size)) },
			"a byte less":     func() { quant.Decode(f, make([]float32, n), make([]byte, size-1)) },
			"a byte more":     func() { quant.Encode(f, make([]byte, size+1), make([]float32, n), nil) },
			"an element more": func() { quant.Encode(f, make([]byte, size), make([]float32, n+1), nil) },
			"part of a row":   func() { quant.Encode(f, make([]byte, 3*size), make([]float32, 3*n), make([]float32, 2*n)) },
			"an odd row":      func() { quant.Encode(f, make([]byte, size), make([]float32, n), make([]float32, n/2)) },
			"no importance":   func() { quant.Encode(f, make([]byte, size), make([]float32, n), []float32{}) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%v: %s does not panic", f, name)
					}
				}()
				bad()
			}()
		}
		quant.Decode(f, nil, nil)
		quant.Encode(f, nil, nil, []float32{})
	}
}

func BenchmarkEncode(b *testing.B) {
	benchmark(b, func(f quant.Format, x []float32, q []byte) { quant.Encode(f, q, x, nil) })
}
func BenchmarkDecode(b *testing.B) {
	benchmark(b, func(f quant.Format, x []float32, q []byte) { quant.Decode(f, x, q) })
}

func benchmark(b *testing.B, run func(f quant.Format, x []float32, q []byte)) {
	data, err := os.ReadFile("testdata/x.f32")
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range allFormats {
		b.Run(f.String(), func(b *testing.B) {
			x := slices.Repeat(floats(data)[:512], 8)
			q := encode(f, x, nil)
			for b.Loop() {
				run(f, x, q)
			}
			b.ReportMetric(float64(b.N)*float64(len(x))/b.Elapsed().Seconds()/1e6, "M/s")
		})
	}
}
