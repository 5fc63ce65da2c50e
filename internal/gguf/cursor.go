package gguf

import (
	"encoding/binary"
	"errors"
	"unsafe"
)

// Limits on what a header may claim, many times what published models have (20 MB
// for a vocabulary of 256 Ki tokens and its merges, 50 keys, a thousand tensors).
// Those on keys, names and dimensions are part of the format.
const (
	headerBytesMax = 1 << 28
	keysMax        = 1 << 16
	tensorsMax     = 1 << 20
	arrayDepthMax  = 4
	keyBytesMax    = 1<<16 - 1
	nameBytesMax   = 64
	dimsMax        = 4
)

// A dialect is how numbers lie in a file.
type dialect struct {
	version int
	order   binary.ByteOrder
}

// countBytes returns the size of a count.
func (d dialect) countBytes() int {
	if d.version == 1 {
		return 4
	}
	return 8
}

// errShort says that the header goes on behind the bytes at hand.
var errShort = errors.New("gguf: the header is longer")

// A cursor reads a header from its start. After an error it yields zeros.
type cursor struct {
	dialect
	data []byte // the file, or a part of it from its start
	size int64  // of the file
	at   int
	err  error
}

// has checks that n more bytes are there.
func (c *cursor) has(n int64, field string) bool {
	if c.err != nil {
		return false
	}
	switch end := int64(c.at) + n; {
	case end > c.size:
		c.fail(field, "needs bytes %d to %d, but the file ends at byte %d", c.at, end, c.size)
	case end > headerBytesMax:
		c.fail(field, "makes the header longer than %d bytes", headerBytesMax)
	case end > int64(len(c.data)):
		c.err = errShort
	}
	return c.err == nil
}

// fail records the first error, at the place that was reached.
func (c *cursor) fail(field, format string, args ...any) {
	if c.err == nil {
		c.err = fault(int64(c.at), field, format, args...)
	}
}

// bytes returns the next n bytes, or nil.
func (c *cursor) bytes(n int, field string) []byte {
	if !c.has(int64(n), field) {
		return nil
	}
	c.at += n
	return c.data[c.at-n : c.at : c.at]
}

func (c *cursor) uint32(field string) uint32 {
	if b := c.bytes(4, field); b != nil {
		return c.order.Uint32(b)
	}
	return 0
}

func (c *cursor) uint64(field string) uint64 {
	if b := c.bytes(8, field); b != nil {
		return c.order.Uint64(b)
	}
	return 0
}

// uint reads a count of any size.
func (c *cursor) uint(field string) uint64 {
	if c.countBytes() == 4 {
		return uint64(c.uint32(field))
	}
	return c.uint64(field)
}

// count reads how many things follow, of at least itemBytes each, and checks
// that there is room for them.
func (c *cursor) count(field string, limit, itemBytes int) int {
	at := c.at
	n := c.uint(field)
	if n > uint64(limit) {
		c.at = at
		c.fail(field, "%d exceeds the limit of %d", n, limit)
	}
	if c.err != nil || !c.has(int64(n)*int64(itemBytes), field) {
		return 0
	}
	return int(n)
}

// string reads a string. It is a view of the data.
func (c *cursor) string(field string, limit int) string {
	b := c.bytes(c.count(field, limit, 1), field)
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// kind reads the number of a kind.
func (c *cursor) kind(field string) int {
	at := c.at
	k := c.uint32(field)
	if k >= uint32(len(kinds)) {
		c.at = at
		c.fail(field, "is of type %d, want 0 to %d", k, len(kinds)-1)
		return 0
	}
	return int(k)
}

// value reads a value of kind k.
func (c *cursor) value(k int, field string, depth int) any {
	switch k {
	case kindString:
		return c.string(field, headerBytesMax)
	case kindArray:
		return c.array(field, depth+1)
	}
	b := c.bytes(kinds[k].size, field)
	if b == nil {
		return nil
	}
	c.checkBools(k, b, field)
	return kinds[k].read(b, c.order)
}

// array reads the kind, the count and the elements of an array.
func (c *cursor) array(field string, depth int) any {
	if depth > arrayDepthMax {
		c.fail(field, "has arrays in arrays, deeper than %d", arrayDepthMax)
		return nil
	}
	k := c.kind(field)
	switch k {
	case kindString:
		list := make([]string, c.count(field, headerBytesMax, c.countBytes()))
		for i := 0; i < len(list) && c.err == nil; i++ {
			list[i] = c.string(field, headerBytesMax)
		}
		return list
	case kindArray:
		list := make([]any, c.count(field, headerBytesMax, 4+c.countBytes()))
		for i := 0; i < len(list) && c.err == nil; i++ {
			list[i] = c.array(field, depth+1)
		}
		return list
	}
	n := c.count(field, headerBytesMax, kinds[k].size)
	b := c.bytes(n*kinds[k].size, field)
	c.checkBools(k, b, field)
	if c.err != nil {
		return nil
	}
	return kinds[k].readAll(b, n, c.order)
}

// checkBools checks that the bools in b, the bytes just read, are 0 or 1.
func (c *cursor) checkBools(k int, b []byte, field string) {
	if k != kindBool {
		return
	}
	for i, x := range b {
		if x > 1 {
			c.at -= len(b) - i
			c.fail(field, "has a bool of %d, want 0 or 1", x)
			return
		}
	}
}
