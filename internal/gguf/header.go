package gguf

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
)

const (
	magic        = "GGUF"
	versionMax   = 3
	alignmentKey = "general.alignment"
	alignment    = 32 // where that key is not there
	alignmentMin = 8  // part of the format
	alignmentMax = 1 << 20
	dimMax       = math.MaxInt32 // fits an int everywhere
)

// parseHeader reads the header from data, the start of a file of size bytes. The
// error is errShort if data is not the whole file and more of it is needed.
func parseHeader(name string, data []byte, size int64) (*File, error) {
	c := &cursor{data: data, size: size}
	c.begin()
	f := &File{Name: name, Version: c.version, BigEndian: c.order == binary.BigEndian}
	nTensors := c.count("n_tensors", tensorsMax, 16+c.countBytes())
	nKV := c.count("n_kv", keysMax, 4+c.countBytes())
	c.readKV(f, nKV)
	align := c.alignment(f)
	c.readTensors(f, nTensors)
	if c.err == nil {
		c.err = f.place(int64(c.at), size, align)
	}
	if c.err != nil {
		return nil, c.err
	}
	return f, nil
}

// begin reads the magic and the version, and finds the byte order.
func (c *cursor) begin() {
	c.order = binary.LittleEndian
	if b := c.bytes(len(magic), "magic"); b != nil && string(b) != magic {
		c.at = 0
		c.fail("magic", "%q, want %q: this is no GGUF file", b, magic)
	}
	b := c.bytes(4, "version")
	if b == nil {
		return
	}
	little, big := binary.LittleEndian.Uint32(b), binary.BigEndian.Uint32(b)
	switch {
	case little >= 1 && little <= versionMax:
		c.version = int(little)
	case big >= 1 && big <= versionMax:
		c.version, c.order = int(big), binary.BigEndian
	default:
		c.at -= 4
		c.fail("version", "%d, this program knows 1 to %d", min(little, big), versionMax)
	}
}

// readKV reads n pieces of metadata.
func (c *cursor) readKV(f *File, n int) {
	f.keys = map[string]int{}
	for i := 0; i < n && c.err == nil; i++ {
		at := c.at
		key := c.string("key "+strconv.Itoa(i), keyBytesMax)
		field := quote(key)
		if first, twice := f.keys[key]; twice {
			c.at = at
			c.fail(field, "is there twice, as key %d and key %d", first, i)
		} else if key == "" {
			c.fail("key "+strconv.Itoa(i), "is empty")
		}
		f.keys[key] = i
		f.KV = append(f.KV, KV{key, c.value(c.kind(field), field, 0), int64(at)})
	}
}

// alignment returns what the data of tensors is aligned to.
func (c *cursor) alignment(f *File) int64 {
	if c.err != nil {
		return alignment
	}
	n, err := f.alignment()
	c.err = err
	return n
}

// alignment returns what f's metadata says that tensors are aligned to.
func (f *File) alignment() (int64, error) {
	n, ok, err := f.Uint(alignmentKey)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return alignment, nil
	case n&(n-1) != 0 || n < alignmentMin || n > alignmentMax:
		return 0, f.fault(alignmentKey, "is %d, want a power of two from %d to %d", n, alignmentMin, alignmentMax)
	}
	return int64(n), nil
}

// readTensors reads what the header says of n tensors.
func (c *cursor) readTensors(f *File, n int) {
	f.tensors = map[string]int{}
	for i := 0; i < n && c.err == nil; i++ {
		at := c.at
		name := c.string("tensor "+strconv.Itoa(i), nameBytesMax)
		if first, twice := f.tensors[name]; twice {
			c.at = at
			c.fail(quote(name), "is there twice, as tensor %d and tensor %d", first, i)
		} else if name == "" {
			c.fail("tensor "+strconv.Itoa(i), "has no name")
		}
		f.tensors[name] = i
		f.Tensors = append(f.Tensors, c.tensor(name))
		f.Tensors[i].file = f.Name
	}
}

// tensor reads what follows a tensor's name. Its Offset is not yet that in the file.
func (c *cursor) tensor(name string) Tensor {
	t, field, at := Tensor{Name: name}, quote(name), c.at
	nDims := c.uint32(field)
	if nDims > dimsMax {
		c.at = at
		c.fail(field, "has %d dimensions, want at most %d", nDims, dimsMax)
		return t
	}
	for i := range nDims {
		at = c.at
		d := c.uint(field)
		if c.err == nil && (d < 1 || d > dimMax) {
			c.at = at
			c.fail(field, "dimension %d is %d, want 1 to %d", i, d, dimMax)
		}
		t.Dims = append(t.Dims, int(d))
	}
	t.Type = Type(c.uint32(field))
	if c.err != nil {
		return t
	}
	var err error
	if t.Bytes, err = t.Type.bytes(t.Dims); err != nil {
		c.fail(field, "%v", err)
	}
	at = c.at
	offset := c.uint64(field)
	if offset > uint64(c.size) {
		c.at = at
		c.fail(field, "begins %d bytes behind the header, but the file has %d bytes", offset, c.size)
	}
	t.Offset = int64(offset)
	return t
}

// padding returns how many bytes are missing from n to a multiple of align.
func padding(n, align int64) int64 { return -n & (align - 1) }

// place turns offsets in the data into offsets in the file, and checks that the
// tensors lie in the file, aligned, and not over each other.
func (f *File) place(headerEnd, size, align int64) error {
	start := headerEnd + padding(headerEnd, align)
	order := make([]*Tensor, len(f.Tensors))
	for i := range f.Tensors {
		t := &f.Tensors[i]
		order[i] = t
		if t.Offset&(align-1) != 0 {
			return fault(start+t.Offset, quote(t.Name), "begins %d bytes behind the header, want a multiple of %d",
				t.Offset, align)
		}
		t.Offset += start
		if t.Offset > size || t.Bytes > size-t.Offset {
			return fault(t.Offset, quote(t.Name), "has %d bytes, but the file ends at byte %d", t.Bytes, size)
		}
	}
	slices.SortStableFunc(order, func(a, b *Tensor) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Bytes, b.Bytes))
	})
	for i := 1; i < len(order); i++ {
		a, b := order[i-1], order[i]
		if a.Offset+a.Bytes > b.Offset {
			return fault(b.Offset, quote(b.Name), "overlaps %s, which ends at byte %d", quote(a.Name), a.Offset+a.Bytes)
		}
	}
	return nil
}
