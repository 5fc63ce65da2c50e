// Package convert writes the tensors of a model to a GGUF file, some of them in other types.
package convert

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"
	"sync/atomic"

	"cria/internal/gguf"
	"cria/internal/newfile"
	"cria/internal/par"
	"cria/internal/tensor"
)

// quantizationVersion is the version of the block formats (GGML_QNT_VERSION).
const quantizationVersion = 2

// A Tensor is what becomes one of a file.
type Tensor struct {
	Name string
	Dims []int        // Dims[0] is the length of a row
	Mats []tensor.Mat // on top of each other
	// Row returns which row of Mats becomes row r of the file; nil stands for r.
	Row func(r int) int
}

// Options say what becomes of a model.
type Options struct {
	KV       []gguf.KV      // the metadata
	FileType uint32         // general.file_type
	Types    []tensor.DType // of each of the tensors
	Requant  bool           // blocks may become other blocks
	Threads  int            // at least 1; the bytes are the same for every number

	// Importance returns what quant.Encode calls so for a tensor: a number for each
	// column, or for each column of each expert. nil stands for none of all.
	Importance func(name string) []float32
}

// Write writes a file at path, which appears when all of it is there,
// and needs memory for the largest tensor in its new type. If progress is not nil
// it is called now and then with the bytes of new tensors that are done and that there will be.
//
// An error names the first tensor that has infinities or NaN, or numbers beyond its
// new type, and then no file is written; so it is with blocks that would become
// others without Requant.
func Write(
	ctx context.Context, path string, from []Tensor, opt *Options, progress func(done, total int64),
) error {
	list, err := opt.newTensors(from)
	if err != nil {
		return err
	}
	c := &converter{ctx: ctx, opt: opt, pool: par.New(opt.Threads), progress: progress}
	defer c.pool.Close()
	c.task = par.NewTask("convert", c.rows)
	c.scratch = make([]scratch, opt.Threads)
	for i := range list {
		c.total += list[i].Bytes
	}
	next := 0
	return newfile.Write(ctx, path, func(w io.Writer) error {
		return gguf.Write(w, opt.metadata(), list, func(*gguf.Tensor) ([]byte, error) {
			next++
			return c.tensor(&from[next-1], opt.Types[next-1])
		}, nil)
	})
}

// newTensors returns what will be in the new file.
func (o *Options) newTensors(from []Tensor) ([]gguf.Tensor, error) {
	if len(o.Types) != len(from) {
		panic(fmt.Sprintf("convert.Write: %d types for %d tensors", len(o.Types), len(from)))
	}
	var list []gguf.Tensor
	for i := range from {
		t := &from[i]
		for _, m := range t.Mats {
			isLossy := m.Type.IsBlocks() || m.Type == tensor.Q8
			if isLossy && m.Type != o.Types[i] && o.Types[i] != tensor.F32 && !o.Requant {
				return nil, &RequantError{t.Name, m.Type, o.Types[i]}
			}
		}
		typ, ok := gguf.TypeOf(o.Types[i])
		if !ok {
			panic(fmt.Sprintf("convert.Write: %s in %v", t.Name, o.Types[i]))
		}
		list = append(list, gguf.Tensor{Name: t.Name, Type: typ, Dims: t.Dims,
			Bytes: int64(t.rows()) * int64(o.Types[i].RowSize(t.Dims[0]))})
	}
	return list, nil
}

// rows returns how many rows t has.
func (t *Tensor) rows() int {
	n := 0
	for i := range t.Mats {
		n += t.Mats[i].Rows
	}
	return n
}

// row returns what becomes row r.
func (t *Tensor) row(r int) (*tensor.Mat, int) {
	if t.Row != nil {
		r = t.Row(r)
	}
	i := 0
	for r >= t.Mats[i].Rows {
		r -= t.Mats[i].Rows
		i++
	}
	return &t.Mats[i], r
}

// A RequantError is the refusal to quantize what was quantized before: errors add up.
type RequantError struct {
	Tensor   string
	From, To tensor.DType
}

func (e *RequantError) Error() string {
	return fmt.Sprintf("convert: %s is %v already, and would lose more as %v than the original", e.Tensor, e.From, e.To)
}

// metadata returns those for the new file: without those of shards.
func (o *Options) metadata() []gguf.KV {
	var list []gguf.KV
	set := []gguf.KV{
		{Key: "general.quantization_version", Value: uint32(quantizationVersion)},
		{Key: "general.file_type", Value: o.FileType},
	}
	for _, kv := range o.KV {
		switch kv.Key {
		case "split.no", "split.count", "split.tensors.count":
			continue
		}
		if i := slices.IndexFunc(set, func(s gguf.KV) bool { return s.Key == kv.Key }); i >= 0 {
			kv = set[i]
			set = slices.Delete(set, i, i+1)
		}
		list = append(list, kv)
	}
	return append(list, set...)
}

// A converter holds the state of one call of Write.
type converter struct {
	ctx         context.Context
	opt         *Options
	pool        *par.Pool
	task        *par.Task
	progress    func(done, total int64)
	done, total int64     // bytes of whole tensors
	scratch     []scratch // of each worker

	// Of the tensor at hand.
	src        *Tensor
	dst        tensor.Mat
	importance []float32
	perExpert  int          // rows that share importance
	rowsDone   atomic.Int64 // by anyone
	bad        atomic.Int64 // the first row that does not fit its type, or MaxInt64
	buf        []byte
}

type scratch struct{ x, y []float32 }

// tensor returns the bytes of t in a type.
func (c *converter) tensor(t *Tensor, typ tensor.DType) ([]byte, error) {
	rows, cols := t.rows(), t.Dims[0]
	size := int64(rows) * int64(typ.RowSize(cols))
	defer c.finish(size)
	if len(t.Mats) == 1 && t.Row == nil && t.Mats[0].Type == typ {
		return t.Mats[0].Data, nil
	}
	if err := c.setImportance(t, rows); err != nil {
		return nil, err
	}
	if size > math.MaxInt-4 {
		return nil, fmt.Errorf("%d bytes are more than this machine addresses", size)
	}
	if int64(cap(c.buf)) < size {
		c.buf = tensor.Bytes(make([]float32, (size+3)/4)) // aligned for any type
	}
	c.src = t
	c.dst = tensor.Mat{Type: typ, Rows: rows, Cols: cols, Data: c.buf[:size]}
	c.rowsDone.Store(0)
	c.bad.Store(math.MaxInt64)
	const elements = 1 << 14 // of a piece: about a millisecond
	c.pool.Run(c.task, rows, max(1, elements/cols))
	if err := context.Cause(c.ctx); err != nil {
		return nil, err
	}
	if row := c.bad.Load(); row != math.MaxInt64 {
		return nil, c.complaint(int(row))
	}
	return c.dst.Data, nil
}

// finish counts the bytes of a tensor.
func (c *converter) finish(size int64) {
	c.done += size
	if c.progress != nil {
		c.progress(c.done, c.total)
	}
}

// setImportance looks up the importance of t's columns.
func (c *converter) setImportance(t *Tensor, rows int) error {
	c.importance, c.perExpert = nil, rows
	if c.opt.Importance == nil {
		return nil
	}
	c.importance = c.opt.Importance(t.Name)
	if len(t.Dims) > 2 {
		c.perExpert = t.Dims[1]
	}
	if n := rows / c.perExpert * t.Dims[0]; c.importance != nil && len(c.importance) != n {
		return fmt.Errorf("there is importance for %d columns, want %d", len(c.importance), n)
	}
	return nil
}

// rows converts some rows of the tensor at hand.
func (c *converter) rows(w, lo, hi int) {
	s := &c.scratch[w]
	cols := c.dst.Cols
	s.x, s.y = slices.Grow(s.x[:0], cols)[:cols], slices.Grow(s.y[:0], cols)[:cols]
	for r := lo; r < hi; r++ {
		if c.ctx.Err() != nil || c.bad.Load() < int64(r) {
			return
		}
		var importance []float32
		if c.importance != nil {
			importance = c.importance[r/c.perExpert*cols:][:cols]
		}
		m, from := c.src.row(r)
		if m.Type == c.dst.Type {
			copy(rowBytes(&c.dst, r), rowBytes(m, from))
			continue
		}
		decodeRow(s.x, m, from)
		encodeRow(&c.dst, r, s.x, importance)
		decodeRow(s.y, &c.dst, r)
		if !areFinite(s.x) || !areFinite(s.y) {
			c.markBad(int64(r))
		}
	}
	rows := c.rowsDone.Add(int64(hi - lo))
	if w == 0 && c.progress != nil {
		c.progress(c.done+rows*int64(c.dst.Type.RowSize(c.dst.Cols)), c.total)
	}
}

// markBad keeps the first row that is bad.
func (c *converter) markBad(r int64) {
	for {
		old := c.bad.Load()
		if old <= r || c.bad.CompareAndSwap(old, r) {
			return
		}
	}
}

// complaint returns what is wrong with a row.
func (c *converter) complaint(r int) error {
	x := make([]float32, c.dst.Cols)
	m, from := c.src.row(r)
	decodeRow(x, m, from)
	var largest float32
	for i, v := range x {
		if !areFinite(x[i : i+1]) {
			return fmt.Errorf("row %d, column %d is %v: no model has that", r, i, v)
		}
		largest = max(largest, v, -v)
	}
	return fmt.Errorf("row %d has numbers up to %g, too large for %v", r, largest, c.dst.Type)
}
