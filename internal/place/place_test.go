package place

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"cria/internal/check"
	"cria/internal/cpu"
	"cria/internal/gpu"
	"cria/internal/gpu/cuda"
	"cria/internal/gpu/sim"
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

const maxRows = 9

func config() model.Config {
	return model.Config{
		Dim: 32, HiddenDim: 64, NLayers: 3, NHeads: 2, NKVHeads: 1, HeadDim: 16, VocabSize: 50, SeqLen: 64,
		Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
}

func synthetic(t *testing.T, c *model.Config, typ tensor.DType) *model.Weights {
	t.Helper()
	w, err := load.Synthetic(c, typ, 0, false, 7)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// device opens the simulated GPU, or a real one by the driver that CRIA_CUDA_LIBRARY names.
func device(t *testing.T) gpu.Device {
	t.Helper()
	library := os.Getenv("CRIA_CUDA_LIBRARY")
	if library == "" {
		library = sim.Library(t)
	}
	dev, err := cuda.Open(library, 0)
	if err != nil {
		t.Fatal(err)
	}
	return dev
}

func planOf(c *model.Config, typ tensor.DType, layers int) Plan {
	return Plan{
		KV: c.KVShape(3*c.SeqLen, typ), Rows: maxRows, SeqLen: c.SeqLen, Layers: layers, CPU: cpu.Options{Threads: 1},
	}
}

// put puts a model where a plan says; -1 layers are none on a GPU.
func put(t *testing.T, c *model.Config, w *model.Weights, p Plan) *Place {
	t.Helper()
	var at *Place
	var err error
	if p.Layers < 0 {
		at, err = OnCPU(c, w, p)
	} else {
		at, err = OnGPU(c, w, device(t), p)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(at.Backend.Close)
	return at
}

// A runner is a model in its place.
type runner struct {
	c     model.Config
	w     *model.Weights
	at    *Place
	b     model.Backend
	state *model.State
}

func newRunner(c model.Config, w *model.Weights, at *Place) *runner {
	return &runner{c, w, at, at.Backend, model.NewState(&c, at.Cache, c.SeqLen, maxRows, maxRows)}
}

// feed appends tokens to a sequence in chunks and returns the logits of every one.
func (r *runner) feed(t *testing.T, seq *kv.Seq, tokens []int32, chunk int) [][]float32 {
	t.Helper()
	same := check.Machine{Backend: r.b, Config: &r.c, Weights: r.w, State: r.state}
	all := same.Feed(t, seq, tokens, chunk)
	if err := r.at.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// A lower half is a backend of the processor alone that keeps what it would classify.
type lowerHalf struct {
	model.Backend
	streams [][]float32
}

func (b *lowerHalf) Logits(
	_ tensor.Acts, _ *tensor.Mat, x tensor.Acts, _ []float32, _, _ float32, rows []kv.Row,
) {
	for i := range rows {
		b.streams = append(b.streams, append([]float32{}, x.Row(i)...))
	}
}

// An upper half is a GPU alone that begins with these streams in place of an embedding.
type upperHalf struct {
	*gpu.Backend
	streams [][]float32
}

func (b *upperHalf) Embed(x tensor.Acts, _ *tensor.Mat, _ float32, rows []kv.Row) {
	for i := range rows {
		copy(x.Row(i), b.streams[i])
	}
	b.streams = b.streams[len(rows):]
	b.Resume(x, rows)
}

// TestSplit: the logits of a model whose last layers are on a GPU are, bit for bit, what a GPU alone makes with
// these layers of what the processor alone makes with the others, whatever the chunks and the type of the cache.
func TestSplit(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
		for layers := range config().NLayers {
			t.Run(fmt.Sprintf("%v-%d", typ, layers), func(t *testing.T) { testSplit(t, config(), typ, layers) })
		}
	}
}

// TestSplitExperts: so are those of a mixture of experts.
func TestSplitExperts(t *testing.T) {
	c := config()
	c.NExperts, c.NExpertsUsed = 5, 2
	testSplit(t, c, tensor.F16, 1)
}

func testSplit(t *testing.T, c model.Config, typ tensor.DType, layers int) {
	t.Helper()
	w, tokens := synthetic(t, &c, tensor.Q8_0), check.Tokens(40, c.VocabSize) // more than a page
	lower, upper := c, c
	lower.NLayers, upper.NLayers = c.NLayers-layers, layers
	lowerWeights, upperWeights := *w, *w
	lowerWeights.Layers, upperWeights.Layers = w.Layers[:lower.NLayers], w.Layers[lower.NLayers:]

	low := newRunner(lower, &lowerWeights, put(t, &lower, &lowerWeights, planOf(&lower, typ, -1)))
	half := &lowerHalf{Backend: low.b}
	low.b = half
	low.feed(t, low.state.Cache.NewSeq(0), tokens, 4)
	high := newRunner(upper, &upperWeights, put(t, &upper, &upperWeights, planOf(&upper, typ, layers)))
	high.b = &upperHalf{high.at.GPU, half.streams}
	want := high.feed(t, high.state.Cache.NewSeq(0), tokens, maxRows)

	both := newRunner(c, w, put(t, &c, w, planOf(&c, typ, layers)))
	for _, chunk := range []int{1, 7} {
		got := both.feed(t, both.state.Cache.NewSeq(0), tokens, chunk)
		check.Equal(t, got, want, fmt.Sprintf("chunks of %d", chunk))
	}
}

// TestSplitFork: sequences that share a page of both halves, and then write to it, do not notice each other.
func TestSplitFork(t *testing.T) {
	c := config()
	w := synthetic(t, &c, tensor.F16)
	r := newRunner(c, w, put(t, &c, w, planOf(&c, tensor.Q8_0, 1)))
	tokens := check.Tokens(24, c.VocabSize)
	other := append(append([]int32{}, tokens[:12]...), check.Tokens(12, 47)...)
	want := r.feed(t, r.state.Cache.NewSeq(0), other, 7)

	seq := r.state.Cache.NewSeq(0)
	r.feed(t, seq, tokens[:12], 5)
	fork := seq.Fork()
	r.feed(t, seq, tokens[12:], 1)
	check.Equal(t, r.feed(t, fork, other[12:], 1), want[12:], "fork")
}

// TestNoRoom: what does not fit is refused before anything is uploaded, and the error says how many layers would fit.
func TestNoRoom(t *testing.T) {
	c := load.Shapes["7B"]
	w := &model.Weights{Layers: make([]model.Layer, c.NLayers)}
	p := planOf(&c, tensor.F32, c.NLayers)
	p.KV.Pages = 4 // 128 positions: 2 MB of a layer
	p.Progress = func(_, _ int64) { t.Error("something was uploaded") }
	for i := range w.Layers { // 160 MB: 5 of them fit into the GB that the simulated GPU has
		w.Layers[i].WQ = tensor.Mat{Type: tensor.F32, Rows: 1, Cols: 40e6}
	}
	for _, test := range []struct {
		layers, pages int
		want          string
	}{
		{c.NLayers, 4, "5 of its 32 layers would fit"},
		{6, 4, "5 of its 32 layers would fit"},
		{6, 1 << 20, "0 of its 32 layers would fit"},
	} {
		p.Layers, p.KV.Pages = test.layers, test.pages
		dev, err := cuda.Open(sim.Library(t), 0) // whose memory is known
		if err != nil {
			t.Fatal(err)
		}
		_, err = OnGPU(&c, w, dev, p)
		if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "bytes free") {
			t.Errorf("%d layers: %v, want %q", test.layers, err, test.want)
		}
	}
}

// TestShared: weights that are larger than the device's memory are in the host's.
func TestShared(t *testing.T) {
	c := config()
	c.NLayers = 22
	w := synthetic(t, &c, tensor.F32)
	p := planOf(&c, tensor.F32, c.NLayers)
	dev, err := cuda.Open(sim.Library(t), 0) // of which a part is taken
	if err != nil {
		t.Fatal(err)
	}
	plan := load.DevicePlan{KV: p.KV, Rows: p.Rows, SeqLen: p.SeqLen, Layers: p.Layers, Shared: true}
	need := load.DeviceMemory(&c, w, plan)
	free, err := dev.Memory()
	if err == nil {
		_, err = dev.Alloc(free - need.Total())
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := fit(&c, w, dev, p); err == nil {
		t.Error("private weights fit")
	}
	p.Shared = true
	at, err := OnGPU(&c, w, dev, p)
	if err != nil {
		t.Fatal(err)
	}
	defer at.Backend.Close()
	r := newRunner(c, w, at)
	got := r.feed(t, r.state.Cache.NewSeq(0), check.Tokens(3, c.VocabSize), 2)
	if len(got) != 3 || !strings.Contains(at.Name, "shared memory") {
		t.Errorf("%d rows of logits on %s", len(got), at.Name)
	}
}

// TestExpertsMemory counts the memory of all experts on a device, and of those that a token uses where bytes read are
// counted.
func TestExpertsMemory(t *testing.T) {
	c := config()
	one := load.DeviceWeights(&c, synthetic(t, &c, tensor.F32), 1)
	c.NExperts, c.NExpertsUsed = 5, 2
	w := synthetic(t, &c, tensor.F32)
	network, router := int64(4*3*c.Dim*c.HiddenDim), int64(4*c.Dim*c.NExperts)
	if got, want := load.DeviceWeights(&c, w, 1), one+4*network+router; got != want {
		t.Errorf("%d bytes on the device, want %d", got, want)
	}
	all, read := load.DeviceWeights(&c, w, c.NLayers)-w.TokenEmbed.Bytes(), load.WeightBytes(&c, w)
	if want := all - 3*network*int64(c.NLayers); read != want {
		t.Errorf("a token reads %d bytes, want %d", read, want)
	}
	p := planOf(&c, tensor.F32, c.NLayers)
	var done, told int64
	p.Progress = func(d, all int64) { done, told = d, all }
	put(t, &c, w, p)
	if done != told || told != load.DeviceWeights(&c, w, c.NLayers) {
		t.Errorf("%d of %d bytes were told", done, told)
	}
}

// TestRepacked: all is repacked or nothing if somebody says so, and without a word small models of codes.
func TestRepacked(t *testing.T) {
	c, yes, no := config(), true, false
	codes, floats := synthetic(t, &c, tensor.Q8_0), synthetic(t, &c, tensor.F32)
	all := PanelBytes(codes, &yes)
	if kernel.Blocks.PanelSize(kernel.Q8_0, 32) > 0 != (all > 0) {
		t.Fatalf("PanelBytes of all = %d", all)
	}
	for _, test := range []struct {
		name    string
		weights *model.Weights
		all     *bool
		want    int64
	}{
		{"codes", codes, nil, all}, {"no codes", codes, &no, 0}, {"floats", floats, nil, 0}, {"no floats", floats, &no, 0},
	} {
		if got := PanelBytes(test.weights, test.all); got != test.want {
			t.Errorf("PanelBytes of %s = %d, want %d", test.name, got, test.want)
		}
	}
}

// TestBadLayers wants numbers in range.
func TestBadLayers(t *testing.T) {
	c := config()
	w := synthetic(t, &c, tensor.F32)
	for _, layers := range []int{-1, 4} {
		if _, err := OnGPU(&c, w, device(t), planOf(&c, tensor.F32, layers)); err == nil ||
			!strings.Contains(err.Error(), "want 0 to 3") {
			t.Errorf("%d layers: %v", layers, err)
		}
	}
}
