package gpu

import (
	"fmt"
	"time"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// threads is how many threads a block has, unless a kernel says otherwise.
const threads = 256

// Sizes is the most that a backend will be asked for.
type Sizes struct {
	Rows   int // tokens in a batch
	SeqLen int // positions of a sequence
}

// A Backend implements the verbs of package model. Only one goroutine may call it at a
// time. A verb cannot return an error: Err says whether one of them met with one, and
// from then on nothing is computed.
type Backend struct {
	dev  Device
	info Info
	size Sizes
	err  error
	told func(bytes int) // of weights uploaded

	allocWeights func(n int64) (Ptr, error)
	shares       bool // whether they stay in memory of the host

	matrices map[*tensor.Mat]*matrix
	shared   map[*byte]*matrix   // by their bytes
	vectors  map[*float32]vector // norms, biases, tables and activations
	staging  Ptr

	trace *trace // nil unless it is wanted

	cache *cache
	table rowTable
	pass  Pass
	work  map[int]*workspace // for inputs of so many numbers
	verb  verb
	tiled map[[2]int]halfspace
	after Ptr // [Rows][Stride] a product that is normalized before it is added
	part  Ptr // what attention's splits leave

	layers map[*tensor.Expert]*experts // by their first
	mixing *mixing

	logits      Ptr
	logitsBytes int
	pick        picking
}

// New returns a backend on a device for a cache of a shape. The cache's memory is taken at once.
// Close gives the device back.
func New(dev Device, s Sizes, shape kv.Shape) (*Backend, error) {
	b := &Backend{
		dev: dev, info: dev.Info(), size: s, allocWeights: dev.Alloc,
		matrices: map[*tensor.Mat]*matrix{}, shared: map[*byte]*matrix{}, vectors: map[*float32]vector{},
		work: map[int]*workspace{}, tiled: map[[2]int]halfspace{}, layers: map[*tensor.Expert]*experts{},
	}
	if shape.HeadDim > headMax {
		return nil, fmt.Errorf("gpu: heads of %d numbers exceed %d", shape.HeadDim, headMax)
	}
	var err error
	if b.cache, err = newCache(dev, shape); err != nil {
		return nil, err
	}
	b.table.max = s.Rows * kv.PagesFor(s.SeqLen)
	return b, nil
}

// ShareWeights keeps the weights that are not loaded yet in memory of the host, where the device reads them.
func (b *Backend) ShareWeights() { b.shares, b.allocWeights = true, b.dev.AllocShared }

// Err returns the first error of any verb.
func (b *Backend) Err() error { return b.err }

func (b *Backend) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Backend) progress(bytes int) {
	if b.told != nil {
		b.told(bytes)
	}
}

// Close gives the device's memory back.
func (b *Backend) Close() { _ = b.dev.Close() }

// Load uploads matrices before they are needed, and tells progress, if it is not nil, how many bytes went.
func (b *Backend) Load(ms []*tensor.Mat, progress func(bytes int)) error {
	b.told = progress
	defer func() { b.told = nil }()
	for _, m := range ms {
		if b.matrix(m); b.err != nil {
			return b.err
		}
	}
	return nil
}

// A workspace is the inputs of products, normalized or quantized, of a batch.
type workspace struct {
	h, q, scales, sums Ptr
}

// input returns a workspace for vectors of n numbers.
func (b *Backend) input(n int) *workspace {
	w := b.work[n]
	if w == nil {
		w = b.newWorkspace(n, b.size.Rows)
		b.work[n] = w
	}
	return w
}

// newWorkspace returns one for so many vectors of n numbers; squares take these by squareVectors.
func (b *Backend) newWorkspace(n, vectors int) *workspace {
	all := int64(ceil(vectors, squareVectors)*squareVectors) * int64(tensor.Pitch(ceil(n, 32)*32))
	return &workspace{h: b.alloc(4 * all), q: b.alloc(all), scales: b.alloc(4 * all), sums: b.alloc(4 * all)}
}

// Embed sets x[t] to scale times the row of table that belongs to rows[t].Token. It begins a pass.
func (b *Backend) Embed(x tensor.Acts, table *tensor.Mat, scale float32, rows []kv.Row) {
	if b.err != nil {
		return
	}
	b.begin(rows)
	m := b.matrix(table)
	Add(&b.pass, "embed_"+m.name, [3]int{len(rows), 1, 1}, threads, 0, &embedArgs{
		X: b.acts(x), W: m.args, Rows: b.table.rows, Picked: b.picked() + 4, Stride: int32(x.Stride), Scale: scale,
	})
}

// Resume begins a pass in the middle of the network, with x as another backend left it.
func (b *Backend) Resume(x tensor.Acts, rows []kv.Row) {
	if b.err != nil {
		return
	}
	b.begin(rows)
	b.pass.Uploads = append(b.pass.Uploads, Transfer{tensor.Bytes(x.Data[:len(rows)*x.Stride]), b.acts(x)})
}

// begin begins a pass.
func (b *Backend) begin(rows []kv.Row) {
	if b.trace != nil {
		b.trace.began = time.Now()
	}
	b.pass.Reset()
	b.pass.Repeats = len(rows) == 1
	b.cache.move(&b.pass)
	b.table.fill(b, rows)
}

// RopeStore normalizes and turns each head of q and k, and writes k and v to the cache.
func (b *Backend) RopeStore(q, k, v tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	c := b.cache
	args := ropeArgs{
		Q: b.acts(q), K: b.acts(k), V: b.acts(v), Cos: b.vector(at.Rope.Cos), Sin: b.vector(at.Rope.Sin),
		QNorm: b.vector(at.QNorm), KNorm: b.vector(at.KNorm),
		Rows: b.table.rows, Pages: b.table.pages, Cache: c.codes, Scales: c.scales,
		Heads: int32(q.N / cache.HeadDim), KVHeads: int32(cache.KVHeads), Dim: int32(cache.HeadDim),
		Pad: int32(tensor.Pad(cache.HeadDim)), QStride: int32(q.Stride), KStride: int32(k.Stride),
		Half: int32(at.Rope.Half), cacheArg: c.args(layer), Eps: at.NormEps,
	}
	if at.Rope.Halves {
		args.Halves = 1
	}
	heads := int(args.Heads + 2*args.KVHeads)
	Add(&b.pass, "rope_store", [3]int{ceil(heads, ropeWarps), len(rows), 1}, 32*ropeWarps, 0, &args)
}

// GLU sets gate[t] = act(gate[t]) * up[t]. Of one token, the product before does it.
func (b *Backend) GLU(gate, up tensor.Acts, act tensor.Activation, rows []kv.Row) {
	then := int32(thenSiLU)
	if act == tensor.GELU {
		then = thenGELU
	}
	if b.joinGLU(b.acts(gate), b.acts(up), then) {
		return
	}
	Add(&b.pass, "glu", [3]int{ceil(gate.N, threads), len(rows), 1}, threads, 0, &gluArgs{
		Gate: b.acts(gate), Up: b.acts(up), N: int32(gate.N), Stride: int32(gate.Stride), Act: then,
	})
}

// ceil returns n/d, rounded up.
func ceil(n, d int) int { return (n + d - 1) / d }
