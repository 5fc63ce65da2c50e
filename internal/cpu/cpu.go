// Package cpu computes the verbs of the forward pass on the processor: the
// loops of package kernel over the workers of package par. Results have the
// bits that package ref gives them, whatever the number of workers, because
// work is split by rows, heads and tokens, never inside a sum.
package cpu

import (
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/par"
	"cria/internal/tensor"
)

// Sizes is the most that a backend will be asked for.
type Sizes struct {
	Rows    int // tokens in a batch
	Cols    int // the widest input of a matrix: max(Dim, HiddenDim, NHeads*HeadDim)
	Heads   int // query heads
	KVHeads int
	HeadDim int
	SeqLen  int // positions of a sequence
}

// Options is how a backend works.
type Options struct {
	Threads int // workers, at least 1
	Grain   int // rows of a matrix handed out at once; 0 lets the backend choose
}

// A Backend implements the verbs of package model. Only one goroutine may call it at a time.
type Backend struct {
	Pool  *par.Pool
	grain int

	sizes     Sizes
	h         tensor.Acts // [Rows][Cols] normalized inputs of a product
	quantized quantized   // the same, quantized
	after     tensor.Acts // [Rows][Dim] a product that is normalized before it is added; nil until then

	scratch []scratch // of each worker

	// The work in hand, which tasks read.
	embed   embedArgs
	norm    normArgs
	product productArgs
	rope    ropeArgs
	attend  attendArgs
	glu     gluArgs
	tasks   struct{ embed, norm, quantize, project, rope, attend, glu *par.Task }
}

// scratch is what one worker needs for itself.
type scratch struct {
	panel   []float32      // rowsPacked rows of a matrix, packed
	panelQ8 kernel.PanelQ8 // PanelRowsQ8 rows of a matrix of Q8, packed
	out     []float32      // [Rows][rowsPackedMax] results on their way to a sum
	q       []float32      // [vectorsMax][Pad(HeadDim)] scaled queries
	a       []float32      // [vectorsMax][Pad(HeadDim)] weighted sums of values
	p       []float32      // [vectorsMax][Pad(SeqLen)] scores, then their exponentials
	kv      []float32      // one page of keys, packed
	page    []float32      // one page of keys or values, decoded
	blocks  *blockScratch  // nil until it is needed
}

// rowsPackedMax is the most rows of a matrix that are packed together for a batch.
const rowsPackedMax = 64

// panelBytes is how large packed rows may be, to stay in the second-level cache
// with what else is there.
const panelBytes = 512 << 10

// rowsPacked returns how many rows of n numbers are packed together for a batch:
// the vectors of the batch are read once for all of them.
func rowsPacked(n int) int {
	return max(16, min(rowsPackedMax, panelBytes/(4*tensor.Pad(n))&^15))
}

// New returns a backend with its workers running. Close ends them.
func New(s Sizes, o Options) *Backend {
	b := &Backend{
		Pool: par.New(o.Threads), grain: o.Grain, sizes: s,
		h: tensor.NewActs(s.Rows, s.Cols),
		quantized: quantized{small: kernel.Q8{
			Q:      tensor.Make[int8](s.Rows * (s.Cols + kernel.PitchMore)),
			Scales: make([]float32, s.Rows*s.Cols), Sums: make([]int32, s.Rows*s.Cols),
		}},
	}
	vectors, head := vectorsMax(s.Heads/s.KVHeads), tensor.Pad(s.HeadDim)
	b.scratch = make([]scratch, b.Pool.Workers())
	for i := range b.scratch {
		b.scratch[i] = scratch{
			panel: make([]float32, max(panelBytes/4, 16*tensor.Pad(s.Cols))),
			panelQ8: kernel.PanelQ8{
				W: make([]int8, 2*kernel.PanelRowsQ8*s.Cols), Scales: make([]float32, kernel.PanelRowsQ8*s.Cols),
			},
			out: make([]float32, max(s.Rows, 16)*rowsPackedMax),
			q:   make([]float32, vectors*head),
			a:   make([]float32, vectors*head),
			p:   make([]float32, vectors*tensor.Pad(s.SeqLen)),
			kv:  make([]float32, kv.PagePos*head), page: make([]float32, kv.PagePos*head),
		}
	}
	b.attend.items = make([]item, 0, s.Rows*s.KVHeads)
	t := &b.tasks
	t.embed = par.NewTask("Embed", b.doEmbed)
	t.norm = par.NewTask("Norm", b.doNorm)
	t.quantize = par.NewTask("Quantize", b.doQuantize)
	t.project = par.NewTask("Project", b.doProject)
	t.rope = par.NewTask("RopeStore", b.doRope)
	t.attend = par.NewTask("Attend", b.doAttend)
	t.glu = par.NewTask("GLU", b.doGLU)
	return b
}

// Close ends the workers.
func (b *Backend) Close() { b.Pool.Close() }

type embedArgs struct {
	x     tensor.Acts
	table *tensor.Mat
	scale float32
	rows  []kv.Row
}

// Embed sets x[t] to scale times the row of table that belongs to rows[t].Token.
func (b *Backend) Embed(x tensor.Acts, table *tensor.Mat, scale float32, rows []kv.Row) {
	b.embed = embedArgs{x, table, scale, rows}
	b.Pool.Run(b.tasks.embed, len(rows), 16)
}

func (b *Backend) doEmbed(_, lo, hi int) {
	a := &b.embed
	for t := lo; t < hi; t++ {
		x := a.x.Row(t)
		decodeRow(x, a.table, int(a.rows[t].Token))
		for i := range x {
			x[i] *= a.scale
		}
	}
}

// decodeRow sets dst to row r of m.
func decodeRow(dst []float32, m *tensor.Mat, r int) {
	switch m.Type {
	case tensor.F32:
		copy(dst, m.F32()[r*m.Cols:])
	case tensor.F16:
		kernel.DecodeF16(dst, tensor.View[kernel.F16](m.Data)[r*m.Cols:])
	case tensor.BF16:
		kernel.DecodeBF16(dst, tensor.View[kernel.BF16](m.Data)[r*m.Cols:])
	case tensor.Q8:
		scales := m.Scales[r*(m.Cols/m.Group):]
		for i, q := range m.I8()[r*m.Cols:][:m.Cols] {
			dst[i] = float32(q) * scales[i/m.Group]
		}
	default:
		size := m.Type.RowSize(m.Cols)
		formats[m.Type].Decode(dst, m.Data[r*size:][:size])
	}
}

type normArgs struct {
	dst, x tensor.Acts
	w      []float32
	eps    float32
	rows   []kv.Row
}

// rmsNorm sets h[t] to rmsnorm(x[t]).
func (b *Backend) rmsNorm(x tensor.Acts, w []float32, eps float32, rows []kv.Row) tensor.Acts {
	h := b.acts(x.N)
	b.norm = normArgs{dst: h, x: x, w: w, eps: eps, rows: rows}
	b.Pool.Run(b.tasks.norm, len(rows), 4)
	return h
}

// acts returns h as vectors of n numbers, whose padding is zero.
func (b *Backend) acts(n int) tensor.Acts {
	return tensor.Acts{Data: b.h.Data, N: n, Stride: tensor.Pitch(n)}
}

func (b *Backend) doNorm(_, lo, hi int) {
	a := &b.norm
	for t := lo; t < hi; t++ {
		dst := a.dst.Data[t*a.dst.Stride:][:a.dst.Stride]
		kernel.RMSNorm(dst, a.x.Data[t*a.x.Stride:][:a.x.Stride], a.w, a.eps)
		clear(dst[a.dst.N:])
	}
}

type ropeArgs struct {
	q, k, v tensor.Acts
	at      *tensor.Attention
	cache   *kv.Cache
	layer   int
	rows    []kv.Row
}

// RopeStore normalizes and turns q and k, and writes k and v to the cache.
func (b *Backend) RopeStore(
	q, k, v tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row,
) {
	b.rope = ropeArgs{q, k, v, at, cache, layer, rows}
	b.Pool.Run(b.tasks.rope, len(rows), 4)
}

func (b *Backend) doRope(worker, lo, hi int) {
	a := &b.rope
	for t := lo; t < hi; t++ {
		row := a.rows[t]
		a.turn(&b.scratch[worker], a.q.Row(t), a.at.QNorm, row.Pos)
		a.turn(&b.scratch[worker], a.k.Row(t), a.at.KNorm, row.Pos)
		store(a.cache, row, a.layer, kv.K, a.k.Row(t))
		store(a.cache, row, a.layer, kv.V, a.v.Row(t))
	}
}

// turn normalizes the heads of x if norm is not nil, and turns their pairs.
func (a *ropeArgs) turn(s *scratch, x, norm []float32, pos int) {
	r, dim := a.at.Rope, a.cache.HeadDim
	cos, sin := r.Cos[pos*r.Half:][:r.Half], r.Sin[pos*r.Half:][:r.Half]
	if norm == nil && !r.Halves && 2*r.Half == dim {
		kernel.Rotate(x, cos, sin)
		return
	}
	head := s.q[:tensor.Pad(dim)]
	clear(head[dim:])
	for ; len(x) > 0; x = x[dim:] {
		if norm != nil {
			copy(head, x[:dim])
			kernel.RMSNorm(x[:dim], head, norm, a.at.NormEps)
		}
		if r.Halves {
			copy(head, x[:dim])
			for i, f := range head[:r.Half] {
				x[2*i], x[2*i+1] = f, head[r.Half+i]
			}
		}
		kernel.Rotate(x[:2*r.Half], cos, sin)
	}
}

// store writes the keys or values of all heads of one row to the cache.
func store(c *kv.Cache, row kv.Row, layer int, part kv.Part, x []float32) {
	page, pos := row.Seq.Pages()[row.Pos/kv.PagePos], row.Pos%kv.PagePos
	at := pos * tensor.Pad(c.HeadDim)
	for g := range c.KVHeads {
		head := x[g*c.HeadDim:][:c.HeadDim]
		switch c.Type {
		case tensor.F32:
			copy(c.Block32(page, layer, part, g)[at:], head)
		case tensor.F16:
			kernel.EncodeF16(f16s(c.Block16(page, layer, part, g)[at:][:c.HeadDim]), head)
		case tensor.Q8_0:
			codes, scales := c.Block8(page, layer, part, g)
			encodeQ8(codes[at:][:c.HeadDim], f16s(scales[pos*c.Groups():][:c.Groups()]), head)
		}
	}
}

// encodeQ8 quantizes a head in groups.
func encodeQ8(codes []int8, scales []kernel.F16, head []float32) {
	var d [1]float32
	var sum [1]int32
	for i := range scales {
		first := i * kv.GroupLen
		n := min(kv.GroupLen, len(head)-first)
		kernel.Quantize(kernel.Q8{Q: codes[first:][:n], Scales: d[:], Sums: sum[:]}, head[first:][:n], n)
		kernel.EncodeF16(scales[i:i+1], d[:])
	}
}

// f16s returns the same bits under the kernels' name.
func f16s(x []uint16) []kernel.F16 { return tensor.View[kernel.F16](tensor.Bytes(x)) }

type gluArgs struct {
	gate, up tensor.Acts
	act      tensor.Activation
}

// GLU sets gate[t] = act(gate[t]) * up[t].
func (b *Backend) GLU(gate, up tensor.Acts, act tensor.Activation, rows []kv.Row) {
	b.glu = gluArgs{gate, up, act}
	b.Pool.Run(b.tasks.glu, len(rows), 4)
}

func (b *Backend) doGLU(_, lo, hi int) {
	for t := lo; t < hi; t++ {
		if gate, up := b.glu.gate.Row(t), b.glu.up.Row(t); b.glu.act == tensor.GELU {
			kernel.GeGLU(gate, up)
		} else {
			kernel.SwiGLU(gate, up)
		}
	}
}
