package convert

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria/internal/gguf"
	"cria/internal/quant"
	"cria/internal/tensor"
)

// cols is what all types have room for in a row.
const cols = 512

// types are all that files have.
var types = []tensor.DType{
	tensor.F32, tensor.F16, tensor.BF16, tensor.Q4_0, tensor.Q4_1, tensor.Q5_0, tensor.Q5_1, tensor.Q8_0, tensor.Q2_K,
	tensor.Q3_K, tensor.Q4_K, tensor.Q5_K, tensor.Q6_K, tensor.IQ4_NL, tensor.IQ4_XS, tensor.MXFP4,
}

// sample returns a file with a matrix for each type, and one of three experts.
func sample(t testing.TB) (*gguf.File, []tensor.DType) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	var list []gguf.Tensor
	data := map[string][]byte{}
	add := func(name string, dims ...int) {
		n := 1
		for _, d := range dims {
			n *= d
		}
		x := make([]float32, n)
		for i := range x {
			x[i] = float32(rng.IntN(2001)-1000) / 1024 * float32(1+i%7)
		}
		list = append(list, gguf.Tensor{Name: name, Dims: dims})
		data[name] = tensor.Bytes(x)
	}
	for _, typ := range types {
		add("to."+typ.String(), cols, 70)
	}
	add("experts", cols, 11, 3)
	add("norm", cols)
	kv := []gguf.KV{
		{Key: "general.name", Value: "sample"}, {Key: "general.file_type", Value: uint32(0)},
		{Key: "split.no", Value: uint16(0)}, {Key: "split.count", Value: uint16(1)},
	}
	own := func(t *gguf.Tensor) ([]byte, error) { return data[t.Name], nil }
	var b bytes.Buffer
	if err := gguf.Write(&b, kv, list, own, nil); err != nil {
		t.Fatal(err)
	}
	return parse(t, b.Bytes()), append(slices.Clone(types), tensor.Q4_K, tensor.F32)
}

// from returns the tensors of a file.
func from(t testing.TB, f *gguf.File) []Tensor {
	t.Helper()
	var list []Tensor
	for i := range f.Tensors {
		m, err := f.Tensors[i].Mat()
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Tensor{Name: f.Tensors[i].Name, Dims: f.Tensors[i].Dims, Mats: []tensor.Mat{m}})
	}
	return list
}

func parse(t testing.TB, data []byte) *gguf.File {
	t.Helper()
	f, err := gguf.Parse("sample", data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// written returns what Write writes.
func written(t testing.TB, f *gguf.File, opt Options, progress func(done, total int64)) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.gguf")
	opt.KV = f.KV
	if err := Write(context.Background(), path, from(t, f), &opt, progress); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestThreads wants one file, whatever the number of threads and the processor.
func TestThreads(t *testing.T) {
	const want = "8800930e5193333f2cadb908713d845563f9d11010898e124c8380dfb5788fd0"
	f, to := sample(t)
	for _, threads := range []int{1, 2, 7} {
		var done, total int64
		data := written(t, f, Options{FileType: 15, Types: to, Threads: threads}, func(d, n int64) {
			if d < done || d > n {
				t.Errorf("%d threads: %d of %d bytes are done, after %d", threads, d, n, done)
			}
			done, total = d, n
		})
		if done != total || total == 0 {
			t.Errorf("%d threads: %d of %d bytes are done in the end", threads, done, total)
		}
		if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != want {
			t.Errorf("%d threads: SHA-256 is %x, want %s", threads, sum, want)
		}
	}
}

// TestContent wants metadata and rows to be what they should be.
func TestContent(t *testing.T) {
	f, to := sample(t)
	g := parse(t, written(t, f, Options{FileType: 15, Types: to, Threads: 2}, nil))
	var keys []string
	for _, kv := range g.KV {
		keys = append(keys, kv.Key)
	}
	if want := "general.name general.file_type general.quantization_version"; strings.Join(keys, " ") != want {
		t.Errorf("keys %q, want %s", keys, want)
	}
	if g.Value("general.file_type") != uint32(15) || g.Value("general.quantization_version") != uint32(2) {
		t.Errorf("metadata %v", g.KV)
	}
	for i := range g.Tensors {
		have, err := g.Tensors[i].Mat()
		if err != nil {
			t.Fatal(err)
		}
		from, err := f.Tensors[i].Mat()
		if err != nil {
			t.Fatal(err)
		}
		name, dims := g.Tensors[i].Name, g.Tensors[i].Dims
		if name != f.Tensors[i].Name || have.Type != to[i] || !slices.Equal(dims, f.Tensors[i].Dims) {
			t.Errorf("tensor %s, %v, %v", name, have.Type, dims)
		}
		x, y := make([]float32, cols), make([]float32, cols)
		var loss, power float64
		for r := range have.Rows {
			decodeRow(x, &from, r)
			decodeRow(y, &have, r)
			for j := range x {
				loss += float64(x[j]-y[j]) * float64(x[j]-y[j])
				power += float64(x[j]) * float64(x[j])
			}
			if have.Type.IsBlocks() {
				want := make([]byte, have.Type.RowSize(cols))
				quant.Encode(format(have.Type), want, x, nil)
				if !bytes.Equal(rowBytes(&have, r), want) {
					t.Fatalf("%s: row %d is not the blocks of its numbers", g.Tensors[i].Name, r)
				}
			}
		}
		if most := mostLoss(have.Type); loss > most*power || most > 0 && loss == 0 && have.Type != tensor.F16 {
			t.Errorf("%v: a share of %g of the squares is lost, want at most %g", have.Type, loss/power, most)
		}
	}
}

// mostLoss returns which share of the squares of random numbers a type may lose.
func mostLoss(t tensor.DType) float64 {
	switch t {
	case tensor.F32:
		return 0
	case tensor.F16:
		return 1e-7
	case tensor.BF16, tensor.Q8_0:
		return 1e-4
	case tensor.Q2_K:
		return 0.1
	default:
		return 0.03
	}
}

// TestAgain quantizes what is quantized already.
func TestAgain(t *testing.T) {
	f, to := sample(t)
	g := parse(t, written(t, f, Options{Types: to, Threads: 1}, nil))
	written(t, g, Options{Types: to, Threads: 1}, nil) // nothing changes
	all := slices.Repeat([]tensor.DType{tensor.Q8_0}, len(to))
	path := filepath.Join(t.TempDir(), "out.gguf")
	var refusal *RequantError
	err := Write(context.Background(), path, from(t, g), &Options{Types: all, Threads: 1}, nil)
	if !errors.As(err, &refusal) || refusal.Tensor != "to.q4_0" {
		t.Errorf("error %v, want a refusal", err)
	}
	h := parse(t, written(t, g, Options{Types: all, Threads: 2, Requant: true}, nil))
	for i := range h.Tensors {
		if m, err := h.Tensors[i].Mat(); err != nil || m.Type != tensor.Q8_0 {
			t.Errorf("%s is %v, %v", h.Tensors[i].Name, m.Type, err)
		}
	}
}

// TestImportance wants each expert's own, and another file for another importance.
func TestImportance(t *testing.T) {
	f, to := sample(t)
	importance := make([]float32, 3*cols)
	for i := range importance {
		importance[i] = float32(1 + i%5 + i/cols)
	}
	opt := Options{Types: to, Threads: 3, Importance: func(name string) []float32 {
		if name == "experts" {
			return importance
		}
		return nil
	}}
	have, err := parse(t, written(t, f, opt, nil)).Tensor("experts").Mat()
	if err != nil {
		t.Fatal(err)
	}
	src, err := f.Tensor("experts").Mat()
	if err != nil {
		t.Fatal(err)
	}
	for r := range have.Rows {
		want := make([]byte, have.Type.RowSize(cols))
		quant.Encode(quant.Q4_K, want, src.F32()[r*cols:][:cols], importance[r/11*cols:][:cols])
		if !bytes.Equal(rowBytes(&have, r), want) {
			t.Fatalf("row %d is not what its expert's importance makes of it", r)
		}
	}
	importance = importance[1:]
	path := filepath.Join(t.TempDir(), "out.gguf")
	err = Write(context.Background(), path, from(t, f), &opt, nil)
	if err == nil || !strings.Contains(err.Error(), "1535") {
		t.Errorf("error %v, want one about 1535 columns", err)
	}
}

// TestRefused has numbers that no file should have, and stops in the middle. What was at the target stays.
func TestRefused(t *testing.T) {
	for _, c := range []struct {
		to   tensor.DType
		x    float32
		want string
	}{
		{tensor.Q4_K, float32(math.NaN()), "NaN"},
		{tensor.F32, float32(math.Inf(1)), ""}, // copied as it is
		{tensor.Q8_0, float32(math.Inf(-1)), "-Inf"},
		{tensor.F16, 65520, "65520, too large for f16"},
		{tensor.F16, 65519, ""},
		{tensor.Q8_0, 1e7, "too large for q8_0"},
		{tensor.BF16, 1e7, ""},
	} {
		f, to := sample(t)
		for i := range to {
			to[i] = c.to
		}
		m, err := f.Tensors[3].Mat()
		if err != nil {
			t.Fatal(err)
		}
		m.F32()[5*cols+9], m.F32()[60*cols] = c.x, c.x
		path := filepath.Join(t.TempDir(), "out.gguf")
		if err := os.WriteFile(path, []byte("before"), 0o666); err != nil {
			t.Fatal(err)
		}
		err = Write(context.Background(), path, from(t, f), &Options{Types: to, Threads: 2}, nil)
		if c.want == "" {
			if err != nil {
				t.Errorf("%v of %g: %v", c.to, c.x, err)
			}
			continue
		}
		for _, text := range []string{c.want, f.Tensors[3].Name, "row 5"} {
			if err == nil || !strings.Contains(err.Error(), text) {
				t.Errorf("%v of %g: error %v, want %q in it", c.to, c.x, err, text)
			}
		}
		wantOnly(t, path)
	}
}

// wantOnly wants what was at path before, and nothing beside it.
func wantOnly(t *testing.T, path string) {
	t.Helper()
	if data, err := os.ReadFile(path); err != nil || string(data) != "before" {
		t.Errorf("the target is %q, %v", data, err)
	}
	if all, err := os.ReadDir(filepath.Dir(path)); err != nil || len(all) != 1 {
		t.Errorf("left behind: %v, %v", all, err)
	}
}

func TestInterrupted(t *testing.T) {
	f, to := sample(t)
	path := filepath.Join(t.TempDir(), "out.gguf")
	if err := os.WriteFile(path, []byte("before"), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err := Write(ctx, path, from(t, f), &Options{Types: to, Threads: 2}, func(done, total int64) {
		if done > total/2 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	wantOnly(t, path)
}

// TestPieces writes a tensor that is there in several matrices of different types, with its rows in another order.
func TestPieces(t *testing.T) {
	f32 := tensor.Mat{Type: tensor.F32, Rows: 2, Cols: 4, Data: tensor.Bytes([]float32{1, 2, 3, 4, 5, 6, 7, 8})}
	q8 := tensor.Mat{Type: tensor.Q8, Rows: 1, Cols: 4, Group: 2, Data: []byte{1, 2, 255, 4}, Scales: []float32{0.5, 2}}
	back := func(r int) int { return 2 - r }
	list := []Tensor{{Name: "a", Dims: []int{4, 3}, Mats: []tensor.Mat{f32, q8}, Row: back}}
	path := filepath.Join(t.TempDir(), "out.gguf")
	opt := &Options{Types: []tensor.DType{tensor.F16}, Threads: 2}
	var refusal *RequantError
	if err := Write(context.Background(), path, list, opt, nil); !errors.As(err, &refusal) || refusal.From != tensor.Q8 {
		t.Errorf("error %v, want a refusal", err)
	}
	opt.Types[0] = tensor.F32 // loses nothing
	if err := Write(context.Background(), path, list, opt, nil); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parse(t, data).Tensors[0].Mat()
	if want := []float32{0.5, 1, -2, 8, 5, 6, 7, 8, 1, 2, 3, 4}; err != nil || !slices.Equal(m.F32(), want) {
		t.Errorf("%v, want %v; %v", m.F32(), want, err)
	}
}
