package gpu_test

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/cuda"
	"cria/internal/gpu/sim"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// device opens the simulated GPU, or a real one: by the driver that CRIA_CUDA_LIBRARY names, or a Mac's, if
// there is a CRIA_METAL.
func device(t testing.TB) gpu.Device {
	t.Helper()
	if os.Getenv("CRIA_METAL") != "" {
		return openMetal(t, os.Getenv("CRIA_METAL_LIBRARY"))
	}
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

// maxRows is the largest batch in these tests.
const maxRows = 70

// A machine is a model on a backend.
type machine struct {
	backend model.Backend
	gpu     *gpu.Backend // nil for the reference
	config  model.Config
	weights *model.Weights
	state   *model.State
}

func onRef(t testing.TB, c model.Config, w *model.Weights, typ tensor.DType) *machine {
	t.Helper()
	cache, err := kv.New(c.KVShape(3*c.SeqLen, typ))
	if err != nil {
		t.Fatal(err)
	}
	return &machine{ref.Backend{}, nil, c, w, model.NewState(&c, cache, c.SeqLen, maxRows, maxRows)}
}

func onGPU(t testing.TB, dev gpu.Device, c model.Config, w *model.Weights, typ tensor.DType) *machine {
	t.Helper()
	shape := c.KVShape(3*c.SeqLen, typ)
	b, err := gpu.New(dev, gpu.Sizes{Rows: maxRows, SeqLen: c.SeqLen}, shape)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	cache, err := kv.NewAway(shape, b.CopyPage)
	if err != nil {
		t.Fatal(err)
	}
	return &machine{b, b, c, w, model.NewState(&c, cache, c.SeqLen, maxRows, maxRows)}
}

// feed runs tokens through a sequence in chunks and returns the logits of every one.
func (m *machine) feed(t testing.TB, seq *kv.Seq, tokens []int32, chunk int) [][]float32 {
	t.Helper()
	same := check.Machine{Backend: m.backend, Config: &m.config, Weights: m.weights, State: m.state}
	all := same.Feed(t, seq, tokens, chunk)
	if m.gpu != nil && m.gpu.Err() != nil {
		t.Fatal(m.gpu.Err())
	}
	return all
}

// distance returns ‖got-want‖ / ‖want‖.
func distance(got, want []float32) float64 {
	var d, n float64
	for i := range want {
		e := float64(got[i]) - float64(want[i])
		d += e * e
		n += float64(want[i]) * float64(want[i])
	}
	return math.Sqrt(d / n)
}

// bound is how far logits may be from the reference's, relative to their size. Rounding: the
// products of a layer are sums of at most widest terms in another order, each of which is off by
// at most widest·2^-24 of the sum of magnitudes; the errors of different products are
// independent, and norms, softmax and activations may make them a few times larger.
// Halves: an input is off by at most 2^-11 of itself, or 2^-16 as two of 8 bits, and 4 times are allowed for;
// queries and weights of attention alike.
// Codes: an input next to the middle of two codes may get the other one, off by 1/127 of the largest
// of a group, which is at most about 4 times its mean size. We allow for 32 in each product;
// TestProducts has a bound without them.
func bound(tr *trial) float64 {
	c, typ := &tr.config, tr.typ
	products := math.Sqrt(float64(7 * c.NLayers))
	e := 8 * 0x1p-24 * float64(max(c.Dim, c.HiddenDim)) * products
	if tr.kv == tensor.F16 && c.HeadDim >= 64 {
		e += 4 * 0x1p-11 * math.Sqrt(2*float64(c.NLayers))
	}
	switch typ {
	case tensor.F16:
		e += 4 * 0x1p-11 * products
	case tensor.BF16:
		e += 4 * 0x1p-16 * products
	}
	if typ == tensor.Q8 || typ.IsBlocks() {
		e += math.Sqrt(32) * 4 / 127 / math.Sqrt(float64(c.Dim)) * products
	}
	return e
}

// A trial is a random model of an odd shape.
type trial struct {
	name   string
	config model.Config
	typ    tensor.DType
	group  int
	kv     tensor.DType
}

func shape(dim, hidden, layers, heads, kvHeads, headDim, vocab, seqLen int) model.Config {
	return model.Config{
		Dim: dim, HiddenDim: hidden, NLayers: layers, NHeads: heads, NKVHeads: kvHeads, HeadDim: headDim,
		VocabSize: vocab, SeqLen: seqLen, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
}

func trials() []trial {
	list := []trial{
		{"f32", shape(30, 44, 2, 3, 1, 10, 37, 160), tensor.F32, 0, tensor.F32},
		{"f16", shape(42, 50, 2, 6, 3, 8, 41, 160), tensor.F16, 0, tensor.F16},
		{"bf16", shape(42, 50, 2, 2, 2, 22, 41, 160), tensor.BF16, 0, tensor.Q8_0},
		{"q8-2", shape(30, 44, 2, 3, 3, 10, 37, 160), tensor.Q8, 2, tensor.F32},
		{"q8-12", shape(36, 60, 2, 3, 1, 12, 37, 160), tensor.Q8, 12, tensor.F32},
		{"q8-32", shape(96, 160, 2, 6, 2, 16, 50, 160), tensor.Q8, 32, tensor.F16},
		{"cache-q8_0", shape(60, 44, 2, 3, 1, 48, 37, 160), tensor.F32, 0, tensor.Q8_0},
		{"mixed-types", shape(96, 160, 2, 3, 1, 32, 37, 160), tensor.Q8_0, 0, tensor.F32},
		{"flash-64", shape(64, 80, 1, 3, 1, 64, 37, 160), tensor.F32, 0, tensor.F16},
		{"flash-128", shape(64, 80, 2, 2, 2, 128, 37, 160), tensor.F32, 0, tensor.F16},
		{"wide", shape(2080, 96, 1, 2, 1, 130, 37, 160), tensor.F16, 0, tensor.F32},
	}
	for typ := tensor.Q4_0; typ <= tensor.MXFP4; typ++ {
		c := shape(96, 160, 1, 3, 1, 32, 37, 160)
		if typ.BlockLen() == 256 {
			c = shape(256, 512, 1, 2, 1, 128, 20, 160)
		}
		list = append(list, trial{typ.String(), c, typ, 0, tensor.F32})
	}
	return list
}

// families are what the relatives of Llama have beside it.
func families() []trial {
	list := []trial{}
	add := func(name string, set func(c *model.Config)) {
		c := shape(30, 44, 3, 3, 1, 10, 37, 160)
		set(&c)
		list = append(list, trial{name, c, tensor.F32, 0, tensor.F32})
	}
	add("halves", func(c *model.Config) { c.Rope.Halves = true })
	add("partial", func(c *model.Config) { c.Rope.Dim = 6 })
	add("window", func(c *model.Config) { c.Window = 9 })
	add("window-of-pages", func(c *model.Config) { c.Window, c.LocalRope = 133, &model.Rope{Theta: 77} })
	add("caps", func(c *model.Config) {
		c.Activation, c.EmbedScale, c.AttnScale, c.AttnSoftcap, c.FinalSoftcap = tensor.GELU, 5.5, 0.3, 2.5, 1.5
	})
	local := slices.Clone(list[3:])
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.BF16, tensor.Q8} { // these have no blocks
		list = append(list, mixture(typ, shape(36, 60, 2, 3, 1, 12, 37, 160)))
	}
	for typ := tensor.Q4_0; typ <= tensor.MXFP4; typ++ {
		c := shape(96, 160, 2, 3, 1, 32, 37, 160)
		if typ.BlockLen() == 256 {
			c = shape(256, 256, 1, 2, 1, 128, 20, 160)
		}
		list = append(list, mixture(typ, c))
	}
	for _, tr := range local { // with attention on tensor units
		tr.name, tr.kv, tr.config.HeadDim = "flash-"+tr.name, tensor.F16, 64
		list = append(list, tr)
	}
	return list
}

// mixture returns a trial of a mixture of 5, 22 or 39 experts, of which each token uses two or three.
func mixture(typ tensor.DType, c model.Config) trial {
	c.NExperts, c.NExpertsUsed, c.NormExperts = 5+int(typ)%3*17, 2+int(typ)%2, typ%2 == 0
	tr := trial{"experts-" + typ.String(), c, typ, 0, tensor.F32}
	if typ == tensor.Q8 {
		tr.group = 12
	}
	return tr
}

// weigh adds to a trial's weights what its family has.
func (tr *trial) weigh(t testing.TB) *model.Weights {
	t.Helper()
	c := &tr.config
	w, err := load.Synthetic(c, tr.typ, tr.group, tr.name != "f32", 7)
	if err != nil {
		t.Fatal(err)
	}
	if tr.name == "mixed-types" {
		tr.mix(t, w)
	}
	rng := rand.New(rand.NewPCG(3, 4))
	vector := func(n int) []float32 {
		x := make([]float32, n)
		for i := range x {
			x[i] = rng.Float32()
		}
		return x
	}
	for i := range w.Layers {
		l := &w.Layers[i]
		l.IsLocal = c.Window > 0 && i%2 == 0
		if tr.name == "caps" {
			l.AttnPostNorm, l.FFNPostNorm = vector(c.Dim), vector(c.Dim)
			l.QNorm, l.KNorm = vector(c.HeadDim), vector(c.HeadDim)
			l.BQ, l.BO = vector(c.NHeads*c.HeadDim), vector(c.Dim)
			l.BK, l.BV = vector(c.NKVHeads*c.HeadDim), vector(c.NKVHeads*c.HeadDim)
		}
	}
	return w
}

// mix gives products of one input matrices of several types: some take the same codes, some floats.
func (tr *trial) mix(t testing.TB, w *model.Weights) {
	t.Helper()
	for typ, of := range map[tensor.DType]func(l *model.Layer) []*tensor.Mat{
		tensor.Q4_0: func(l *model.Layer) []*tensor.Mat { return []*tensor.Mat{&l.WV, &l.W1} },
		tensor.F16:  func(l *model.Layer) []*tensor.Mat { return []*tensor.Mat{&l.WK, &l.W3} },
	} {
		other, err := load.Synthetic(&tr.config, typ, 0, true, 9)
		if err != nil {
			t.Fatal(err)
		}
		for i := range w.Layers {
			from := of(&other.Layers[i])
			for j, m := range of(&w.Layers[i]) {
				*m = *from[j]
			}
		}
	}
}

// all returns every trial; in short tests, of those that differ by the type of their weights only one of each kind.
func all() []trial {
	return slices.DeleteFunc(append(trials(), families()...), func(tr trial) bool {
		return testing.Short() && tr.typ.IsBlocks() && tr.typ != tensor.Q8_0 && tr.typ != tensor.Q4_1 && tr.typ != tensor.Q4_K
	})
}

// TestForward holds logits against the reference, and one prompt at once against token by
// token and any chunks, bit for bit.
func TestForward(t *testing.T) {
	for _, tr := range all() {
		t.Run(tr.name, func(t *testing.T) {
			testForward(t, device(t), tr, tr.weigh(t), tr.length())
		})
	}
}

// TestSharedWeights: weights in memory of the host give the same bits, in all the ways there are to lay them out.
func TestSharedWeights(t *testing.T) {
	for _, tr := range trials() {
		if tr.name != "f32" && tr.typ != tensor.Q8_0 && tr.typ != tensor.Q4_K && tr.name != "q8-12" {
			continue
		}
		w, tokens := tr.weigh(t), check.Tokens(9, tr.config.VocabSize)
		m := onGPU(t, device(t), tr.config, w, tr.kv)
		want := m.feed(t, m.state.Cache.NewSeq(0), tokens, 4)
		m = onGPU(t, device(t), tr.config, w, tr.kv)
		m.gpu.ShareWeights()
		check.Equal(t, m.feed(t, m.state.Cache.NewSeq(0), tokens, 4), want, tr.name)
	}
}

// length returns how many tokens a trial is given: to see more than a split of attention, more than a page of a cache,
// or more vectors than a warp multiplies at once.
func (tr *trial) length() int {
	long := []string{"f32", "cache-q8_0", "window-of-pages"}
	switch isLong := slices.Contains(long, tr.name) || strings.HasPrefix(tr.name, "flash"); {
	case testing.Short() && tr.typ != tensor.F32:
		return 8
	case isLong && (!testing.Short() || tr.name == "f32"):
		return 140
	case tr.typ == tensor.F32 || tr.kv != tensor.F32:
		return 35
	}
	return 20
}

// fewAlone is how many tokens are a batch each, at the beginning of a text and at its end: most of the time goes there.
const fewAlone = 10

// within wants logits to be as near the reference's as a trial's bound says.
func within(t *testing.T, tr *trial, got, want [][]float32) {
	t.Helper()
	limit, worst := bound(tr), 0.0
	for i := range want {
		d := distance(got[i], want[i])
		worst = max(worst, d)
		if !(d <= limit) {
			t.Fatalf("token %d: logits are %g from the reference's, want at most %g", i, d, limit)
		}
	}
	t.Logf("%.2g, of %.2g", worst, limit)
}

// testForward runs n tokens.
func testForward(t *testing.T, dev gpu.Device, tr trial, w *model.Weights, n int) {
	t.Helper()
	tokens := check.Tokens(n, tr.config.VocabSize)
	r := onRef(t, tr.config, w, tr.kv)
	want := r.feed(t, r.state.Cache.NewSeq(0), tokens, maxRows)
	m := onGPU(t, dev, tr.config, w, tr.kv)
	seq, alone := m.state.Cache.NewSeq(0), max(0, n-fewAlone) // from there on tokens are alone in their batch
	got := append(m.feed(t, seq, tokens[:alone], maxRows), m.feed(t, seq, tokens[alone:], 1)...)
	within(t, &tr, got, want)
	some := tokens[:min(fewAlone, n)]
	again := m.feed(t, m.state.Cache.NewSeq(0), some, 1)
	check.Equal(t, again, got[:len(again)], "alone")
	if strings.HasPrefix(tr.name, "flash") { // whose splits are joined in another kernel
		some = tokens
	}
	again = m.feed(t, m.state.Cache.NewSeq(0), some, 5)
	check.Equal(t, again, got[:len(again)], "chunks of 5")
}
