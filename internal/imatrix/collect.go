package imatrix

import (
	"context"
	"fmt"

	"cria/internal/cpu"
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// Options say how a text is read.
type Options struct {
	Threads int
	Batch   int  // tokens that are read at once
	Output  bool // the classifier counts, too
}

// Collect has a model read chunks of a text, each from the start of a context, and
// returns the squares of what its matrices are multiplied by. The sums are the same
// for all options. After each chunk it calls progress. Matrices that nothing was
// multiplied by, as those of experts that no token uses, are left out.
func Collect(
	ctx context.Context, m *load.Model, chunks [][]int32, opt Options, progress func(done int),
) (*File, error) {
	parts, err := m.Parts()
	if err != nil {
		return nil, err
	}
	most := 0
	for _, chunk := range chunks {
		most = max(most, len(chunk))
	}
	r, err := newReader(m, most, opt)
	if err != nil {
		return nil, err
	}
	defer r.backend.Close()
	for i, chunk := range chunks {
		if err := r.read(ctx, chunk); err != nil {
			return nil, err
		}
		progress(i + 1)
	}
	return &File{Entries: r.entries(parts), Chunks: len(chunks), ChunkSize: most}, nil
}

// A reader has a model read.
type reader struct {
	collector
	backend *cpu.Backend
	m       *load.Model
	cache   *kv.Cache
	state   *model.State
	rows    []kv.Row
	opt     Options
}

// newReader returns a reader of texts of a number of tokens.
func newReader(m *load.Model, tokens int, opt Options) (*reader, error) {
	c, batch := &m.Config, min(opt.Batch, tokens)
	cache, err := kv.New(c.KVShape(tokens, tensor.F32))
	if err != nil {
		return nil, err
	}
	widest := max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim)
	r := &reader{m: m, cache: cache, rows: make([]kv.Row, batch), opt: opt}
	logits := 1
	if opt.Output {
		logits = batch
	}
	r.state = model.NewState(c, cache, tokens, batch, logits)
	r.backend = cpu.New(cpu.Sizes{
		Rows: batch, Cols: widest, Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: tokens,
	}, cpu.Options{Threads: opt.Threads})
	r.collector = collector{Backend: r.backend, sums: map[*tensor.Mat]*sum{}, h: make([]float32, tensor.Pad(widest))}
	return r, nil
}

// read runs a text through the network, batch by batch.
func (r *reader) read(ctx context.Context, ids []int32) error {
	seq := r.cache.NewSeq(len(ids))
	defer seq.Truncate(0)
	for len(ids) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n, pos := min(len(ids), len(r.rows)), seq.Len()
		if err := seq.Grow(n); err != nil {
			return fmt.Errorf("imatrix: %w", err)
		}
		for i, id := range ids[:n] {
			r.rows[i] = kv.Row{Seq: seq, Token: id, Pos: pos + i, Logits: r.opt.Output}
		}
		model.Forward(&r.collector, &r.m.Config, r.m.Weights, r.state, r.rows[:n])
		ids = ids[n:]
	}
	return nil
}

// A collector is a backend that adds up the squares of what matrices are multiplied
// by, and has another backend compute.
type collector struct {
	model.Backend
	sums map[*tensor.Mat]*sum
	h    []float32 // a normalized vector
}

// A sum is of the squares of vectors. Products of one call share it, as they share what
// they are multiplied by. Squares are exact, and added in the order of the text.
type sum struct {
	columns []float64
	n       int // vectors
}

// of returns the sum of the matrices of products.
func (c *collector) of(ps ...tensor.Product) *sum {
	s := c.sums[ps[0].W]
	if s == nil {
		s = &sum{columns: make([]float64, ps[0].W.Cols)}
		for _, p := range ps {
			c.sums[p.W] = s
		}
	}
	return s
}

func (s *sum) add(x []float32) {
	for i, f := range x {
		s.columns[i] += float64(f) * float64(f)
	}
	s.n++
}

// NormProject counts the normalized vectors.
func (c *collector) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	s := c.of(ps...)
	for t := range rows {
		s.add(c.normalized(x, t, norm, eps))
	}
	c.Backend.NormProject(ps, x, norm, eps, rows)
}

// normalized returns rmsnorm(x[t]) as the backend computes it, until the next call.
func (c *collector) normalized(x tensor.Acts, t int, norm []float32, eps float32) []float32 {
	kernel.RMSNorm(c.h[:x.Stride], x.Data[t*x.Stride:][:x.Stride], norm, eps)
	return c.h[:x.N]
}

// ProjectAdd counts the vectors.
func (c *collector) ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	s := c.of(p)
	for t := range rows {
		s.add(a.Row(t))
	}
	c.Backend.ProjectAdd(p, a, norm, eps, rows)
}

// Logits counts the normalized vectors of rows that ask for logits.
func (c *collector) Logits(
	dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, softcap float32, rows []kv.Row,
) {
	for t, row := range rows {
		if row.Logits {
			c.of(tensor.Product{W: w}).add(c.normalized(x, t, norm, eps))
		}
	}
	c.Backend.Logits(dst, w, x, norm, eps, softcap, rows)
}

// entries returns what was collected, under the names of tensors in GGUF files.
func (r *reader) entries(parts []load.Part) []Entry {
	var list []Entry
	w := r.m.Weights
	for _, p := range parts {
		mats := p.Mats
		if len(mats) > 0 && mats[0] == &w.TokenEmbed && r.m.IsTied {
			mats = []*tensor.Mat{&w.Output}
		}
		if len(mats) > 0 && !p.IsExperts {
			mats = mats[:1] // the others have the same sum
		}
		if e := r.entry(p.Name, mats); e != nil {
			list = append(list, *e)
		}
	}
	return list
}

// entry returns the sums of matrices, or nil if there are none.
func (r *reader) entry(name string, mats []*tensor.Mat) *Entry {
	e := &Entry{Name: name}
	isThere := false
	for _, m := range mats {
		s := r.sums[m]
		if s == nil {
			s = &sum{columns: make([]float64, m.Cols)}
		}
		isThere = isThere || s.n > 0
		for _, x := range s.columns {
			e.Sums = append(e.Sums, float32(x))
		}
		e.Counts = append(e.Counts, float32(s.n))
	}
	if !isThere {
		return nil
	}
	return e
}
