package imatrix

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// parseDat reads the older form.
func parseDat(name string, data []byte) (*File, error) {
	c := &cursor{name: name, data: data}
	n := c.count("number of entries", 12) // each has a name, calls and values
	f := &File{}
	for i := 0; i < n && c.err == nil; i++ {
		e := Entry{Name: c.string(fmt.Sprintf("name of entry %d", i))}
		calls := c.int32("calls of " + e.Name)
		values := c.count("values of "+e.Name, 4)
		for range values {
			e.Sums = append(e.Sums, math.Float32frombits(binary.LittleEndian.Uint32(c.take("value", 4))))
		}
		e.Counts = []float32{float32(max(1, calls))}
		if c.err == nil {
			f.Entries = append(f.Entries, e)
		}
	}
	if n == 0 && c.err == nil {
		c.fail("has no entries")
	}
	if c.err == nil && c.at < len(data) {
		f.Chunks = max(0, int(c.int32("number of chunks")))
	}
	if c.err == nil && c.at < len(data) {
		if s := c.string("dataset"); s != "" {
			f.Datasets = []string{s}
		}
	}
	if c.err == nil && c.at < len(data) {
		c.fail("there are %d bytes behind the end", len(data)-c.at)
	}
	return f, c.err
}

// A cursor reads a file from front to back, and keeps the first error.
type cursor struct {
	name string
	data []byte
	at   int
	err  error
}

func (c *cursor) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("imatrix: %s: byte %d: %s", c.name, c.at, fmt.Sprintf(format, args...))
	}
}

// take returns the next n bytes, or zeros after an error, of which there are then few.
func (c *cursor) take(what string, n int) []byte {
	if n > len(c.data)-c.at {
		c.fail("%s needs %d bytes, but the file ends at byte %d", what, n, len(c.data))
	}
	if c.err != nil {
		return make([]byte, 4)
	}
	b := c.data[c.at:][:n]
	c.at += n
	return b
}

func (c *cursor) int32(what string) int32 { return int32(binary.LittleEndian.Uint32(c.take(what, 4))) }

// count returns how many things of at least size bytes follow. It is 0 after an error.
func (c *cursor) count(what string, size int) int {
	n := c.int32(what)
	switch {
	case c.err != nil:
		return 0
	case n < 0 || int64(n)*int64(size) > int64(len(c.data)-c.at):
		c.at -= 4
		c.fail("%s is %d, but the file ends at byte %d", what, n, len(c.data))
		return 0
	}
	return int(n)
}

func (c *cursor) string(what string) string {
	n := c.count("length of the "+what, 1)
	if c.err != nil {
		return ""
	}
	return strings.Clone(string(c.take(what, n)))
}

// WriteDat writes the older form, which keeps one number for each column, as if a
// call were a chunk, and the first dataset.
func (f *File) WriteDat(w io.Writer) error {
	var b []byte
	number := func(n int) { b = binary.LittleEndian.AppendUint32(b, uint32(n)) }
	text := func(s string) { number(len(s)); b = append(b, s...) }
	number(len(f.Entries))
	calls := max(1, f.Chunks)
	for i := range f.Entries {
		e := &f.Entries[i]
		if err := e.check(); err != nil {
			return fmt.Errorf("imatrix: %q: %w", e.Name, err)
		}
		text(e.Name)
		number(calls)
		number(len(e.Sums))
		for _, x := range e.means() {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x*float32(calls)))
		}
	}
	number(f.Chunks)
	dataset := ""
	if len(f.Datasets) > 0 {
		dataset = f.Datasets[0]
	}
	text(dataset)
	_, err := w.Write(b)
	return err
}
