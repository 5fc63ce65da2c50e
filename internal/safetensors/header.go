package safetensors

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"
)

// Limits on what a header may claim. The first is part of the format. The
// others are several times what the largest published models have (DeepSeek V3:
// 91 thousand tensors in all of its shards).
const (
	headerBytesMax = 100_000_000
	tensorsMax     = 1 << 20
	dimsMax        = 16
	dimMax         = math.MaxInt32 // fits an int everywhere
)

// prefixBytes is the size of the number before the header.
const prefixBytes = 8

// headerBytes returns the length of the header of a file of size bytes that begins with data.
func headerBytes(data []byte, size int64) (int64, error) {
	if size < prefixBytes || len(data) < prefixBytes {
		return 0, fault(0, "header length", "needs %d bytes, but the file has %d", prefixBytes, size)
	}
	n := binary.LittleEndian.Uint64(data)
	switch {
	case n > headerBytesMax:
		return 0, fault(0, "header length", "%d exceeds the limit of %d", n, headerBytesMax)
	case int64(n) > size-prefixBytes:
		return 0, fault(0, "header length", "%d, but the file ends at byte %d", n, size)
	}
	return int64(n), nil
}

// parseHeader reads a header and checks it against the size of the file.
func parseHeader(header []byte, size int64) (*File, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, fault(prefixBytes, "header", `does not begin with "{"`)
	}
	d, f := newDecoder(header, prefixBytes), &File{}
	d.header(f)
	if d.err != nil {
		return nil, d.err
	}
	if err := f.place(prefixBytes+int64(len(header)), size); err != nil {
		return nil, err
	}
	return f, nil
}

// place turns offsets in the data into offsets in the file, sorts the tensors
// by them, and checks that they fill the file from byte start to size.
func (f *File) place(start, size int64) error {
	slices.SortStableFunc(f.Tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(a.Offset, b.Offset), cmp.Compare(a.Bytes, b.Bytes))
	})
	end := int64(0)
	for i := range f.Tensors {
		t := &f.Tensors[i]
		switch name := quote(t.Name); {
		case t.Offset < end:
			return fault(start+t.Offset, name, "overlaps %s, which ends at byte %d",
				quote(f.Tensors[i-1].Name), start+end)
		case t.Offset > end:
			return fault(start+end, name, "%d bytes before it belong to no tensor", t.Offset-end)
		case t.Bytes > size-start-t.Offset:
			return fault(start+t.Offset, name, "needs bytes %d to %d, but the file ends at byte %d",
				start+t.Offset, uint64(start)+uint64(t.Offset)+uint64(t.Bytes), size)
		}
		end = t.Offset + t.Bytes
		t.Offset += start
	}
	if start+end != size {
		return fault(start+end, "end of file", "the file has %d bytes, but its header describes %d",
			size, start+end)
	}
	return nil
}

// header reads all of it. No value may be of another kind than the format
// says, so nothing is nested deeper than the functions here.
func (d *decoder) header(f *File) {
	seen := map[string]bool{}
	d.delim('{', "header")
	for d.more() {
		name := d.string("tensor name")
		switch {
		case seen[name]:
			d.fail(quote(name), "is there twice")
		case name == "__metadata__":
			f.Metadata = d.strings(name)
		case len(f.Tensors) == tensorsMax:
			d.fail("header", "more than %d tensors", tensorsMax)
		default:
			f.Tensors = append(f.Tensors, d.tensor(name))
		}
		seen[name] = true
	}
	d.delim('}', "header")
	d.end("header")
}

// tensor reads what is said of one, and checks that shape and type agree with
// the number of its bytes.
func (d *decoder) tensor(name string) Tensor {
	t, field := Tensor{Name: name}, quote(name)
	var offsets []int64
	seen := map[string]bool{}
	d.delim('{', field)
	for d.more() {
		key := d.string(field)
		if seen[key] {
			d.fail(field, "%s is there twice", quote(key))
		}
		seen[key] = true
		switch key {
		case "dtype":
			t.Type = Type(d.string(field))
		case "shape":
			for _, n := range d.ints(field+": shape", dimsMax, dimMax) {
				t.Shape = append(t.Shape, int(n))
			}
		case "data_offsets":
			offsets = d.ints(field+": data_offsets", 2, math.MaxInt64)
		default:
			d.fail(field, "%s is not dtype, shape or data_offsets", quote(key))
		}
	}
	d.delim('}', field)
	if d.err != nil {
		return t
	}
	if len(seen) < 3 || len(offsets) != 2 || offsets[0] > offsets[1] {
		d.fail(field, "has type %s, shape %v, offsets %v: want all three, and two offsets in order",
			quote(string(t.Type)), t.Shape, offsets)
		return t
	}
	t.Offset, t.Bytes = offsets[0], offsets[1]-offsets[0]
	if _, known := bits[t.Type]; !known {
		return t // of which nobody can say the size; Mat refuses it
	}
	want, ok := t.Type.bytes(t.Shape)
	if !ok || want != t.Bytes {
		d.fail(field, "shape %v of %s is not what bytes %d to %d of the data can hold",
			t.Shape, t.Type, offsets[0], offsets[1])
	}
	return t
}
