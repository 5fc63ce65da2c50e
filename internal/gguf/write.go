package gguf

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"cria/internal/tensor"
)

// chunkBytes is how much is written between two reports of progress.
const chunkBytes = 1 << 20

// Write writes a file of version 3 with the metadata kv and the tensors of list,
// by name, type and dims, in their order. It asks data for the bytes of each,
// once, in that order, and has written them when it asks for the next, so that a
// buffer can be used again. They are as Tensor.Data says. If progress is not nil
// it is called now and then with the bytes written so far and the size of the file.
//
// Tensors are aligned to what general.alignment in kv says, or 32. After an
// error, what has been written is no file.
func Write(w io.Writer, kv []KV, list []Tensor,
	data func(t *Tensor) ([]byte, error), progress func(done, total int64)) error {
	return write(w, dialect{versionMax, binary.LittleEndian}, kv, list, data, progress)
}

func write(w io.Writer, d dialect, kv []KV, list []Tensor,
	data func(t *Tensor) ([]byte, error), progress func(done, total int64)) error {
	p, err := makePlan(d, kv, list)
	if err != nil {
		return err
	}
	out := &output{w: bufio.NewWriterSize(w, chunkBytes), total: p.total, progress: progress}
	out.write(p.header)
	for i := range list {
		if out.err != nil {
			break
		}
		t := &list[i]
		b, err := data(t)
		if err == nil && int64(len(b)) != p.bytes[i] {
			err = fmt.Errorf("has %d bytes, want %d", len(b), p.bytes[i])
		}
		if err != nil {
			return fmt.Errorf("gguf: tensor %s: %w", quote(t.Name), err)
		}
		out.tensor(b, dtypes[t.Type], d.order == binary.BigEndian)
		out.write(make([]byte, padding(p.bytes[i], p.align)))
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("gguf: writing: %w", out.err)
	}
	return nil
}

// A plan is what a file will be.
type plan struct {
	header []byte // with its padding
	align  int64
	bytes  []int64 // of each tensor, without padding
	total  int64
}

// makePlan checks all that goes into a file but the tensors' data, and encodes the header.
func makePlan(d dialect, kv []KV, list []Tensor) (*plan, error) {
	f := &File{KV: kv, keys: map[string]int{}, tensors: map[string]int{}}
	e := &encoder{dialect: d}
	e.b = append(e.b, magic...)
	e.number(uint32(d.version))
	e.count(len(list))
	e.count(len(kv))
	for i, x := range kv {
		if _, twice := f.keys[x.Key]; twice || x.Key == "" || len(x.Key) > keyBytesMax {
			return nil, fmt.Errorf("gguf: key %s: is there twice, empty or too long", quote(x.Key))
		}
		f.keys[x.Key] = i
		e.string(x.Key)
		if err := e.kv(x.Value); err != nil {
			return nil, fmt.Errorf("gguf: key %s: %w", quote(x.Key), err)
		}
	}
	p := &plan{}
	var err error
	if p.align, err = f.alignment(); err != nil {
		return nil, err
	}
	end := int64(0)
	for i := range list {
		t := &list[i]
		if _, twice := f.tensors[t.Name]; twice || t.Name == "" || len(t.Name) > nameBytesMax {
			return nil, t.fault("is there twice, or its name is empty or longer than %d bytes", nameBytesMax)
		}
		f.tensors[t.Name] = i
		n, err := t.check()
		if err != nil {
			return nil, err
		}
		e.tensor(t, end)
		p.bytes = append(p.bytes, n)
		end += n + padding(n, p.align)
		if end < 0 {
			return nil, t.fault("ends behind byte 2^63")
		}
	}
	if len(list) > 0 {
		e.b = append(e.b, make([]byte, padding(int64(len(e.b)), p.align))...)
	}
	if len(kv) > keysMax || len(list) > tensorsMax || len(e.b) > headerBytesMax {
		return nil, fmt.Errorf("gguf: %d keys, %d tensors and a header of %d bytes: a file has at most %d, %d and %d",
			len(kv), len(list), len(e.b), keysMax, tensorsMax, headerBytesMax)
	}
	p.header, p.total = e.b, int64(len(e.b))+end
	return p, nil
}

// check returns the bytes of t's data, or why t cannot be written.
func (t *Tensor) check() (int64, error) {
	if _, err := t.Mat(); err != nil {
		return 0, err
	}
	if len(t.Dims) > dimsMax {
		return 0, t.fault("has %d dimensions, want at most %d", len(t.Dims), dimsMax)
	}
	for _, d := range t.Dims {
		if d < 1 || d > dimMax {
			return 0, t.fault("has dims %v, want 1 to %d each", t.Dims, dimMax)
		}
	}
	n, err := t.Type.bytes(t.Dims)
	if err != nil {
		return 0, t.fault("%v", err)
	}
	return n, nil
}

// An encoder encodes a header.
type encoder struct {
	dialect
	b []byte
}

// number appends a number or a slice of numbers.
func (e *encoder) number(v any) {
	b, err := binary.Append(e.b, e.order, v)
	if err != nil {
		panic("gguf.encoder: " + err.Error())
	}
	e.b = b
}

func (e *encoder) count(n int) {
	if e.countBytes() == 4 {
		e.number(uint32(n))
	} else {
		e.number(uint64(n))
	}
}

func (e *encoder) string(s string) {
	e.count(len(s))
	e.b = append(e.b, s...)
}

// kv appends the kind of a value, and the value.
func (e *encoder) kv(v any) error {
	switch k, isArray := kindOf(v); {
	case k < 0:
		return fmt.Errorf("is of type %s, which no file can hold", kindName(v))
	case isArray:
		e.number(uint32(kindArray))
		return e.array(v, 1)
	default:
		e.number(uint32(k))
		if s, ok := v.(string); ok {
			e.string(s)
		} else {
			e.number(v)
		}
		return nil
	}
}

// array appends the kind, the count and the elements of an array.
func (e *encoder) array(v any, depth int) error {
	k, isArray := kindOf(v)
	if !isArray || depth > arrayDepthMax {
		return fmt.Errorf("has a value of type %s in an array, or more than %d arrays in each other",
			kindName(v), arrayDepthMax)
	}
	e.number(uint32(k))
	switch list := v.(type) {
	case []string:
		e.count(len(list))
		for _, s := range list {
			e.string(s)
		}
	case []any:
		e.count(len(list))
		for _, x := range list {
			if err := e.array(x, depth+1); err != nil {
				return err
			}
		}
	default:
		e.count(binary.Size(v) / kinds[k].size)
		e.number(v)
	}
	return nil
}

// tensor appends what the header says of t.
func (e *encoder) tensor(t *Tensor, offset int64) {
	e.string(t.Name)
	e.number(uint32(len(t.Dims)))
	for _, d := range t.Dims {
		e.count(d)
	}
	e.number(uint32(t.Type))
	e.number(uint64(offset))
}

// An output writes bytes, and keeps the first error.
type output struct {
	w           *bufio.Writer
	done, total int64
	progress    func(done, total int64)
	err         error
}

func (o *output) write(b []byte) {
	if len(b) == 0 || o.err != nil {
		return
	}
	_, o.err = o.w.Write(b)
	o.done += int64(len(b))
	if o.progress != nil {
		o.progress(o.done, o.total)
	}
}

// tensor writes elements of type d, in whole blocks.
func (o *output) tensor(b []byte, d tensor.DType, isBigEndianFile bool) {
	for chunk := range slices.Chunk(b, chunkBytes/d.Size()*d.Size()) {
		if isSwapped(d, isBigEndianFile) {
			chunk = bytes.Clone(chunk)
			swap(chunk, d)
		}
		o.write(chunk)
	}
}
