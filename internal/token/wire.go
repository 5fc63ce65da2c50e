package token

import (
	"encoding/binary"
	"fmt"
)

// A wire reads a message of protocol buffers, field by field, until the first
// error in the file. A field is a number, a type and a value: a varint (type
// 0), 8 bytes (1), a length and as many bytes (2) or 4 bytes (5).
type wire struct {
	data []byte // the file up to the end of the message
	off  int    // what has been read
	what string // the message, for errors
	err  **FormatError

	field, typ uint64 // in hand
	at, body   int    // where the field and its value begin
}

// next reads a field and reports whether there was one.
func (w *wire) next() bool {
	if *w.err != nil || w.off == len(w.data) {
		return false
	}
	w.at = w.off
	key := w.number()
	w.field, w.typ, w.body = key>>3, key&7, w.off
	switch w.typ {
	case 0:
		w.number()
	case 1:
		w.skip(8)
	case 2:
		n := w.number()
		w.body = w.off
		w.skip(n)
	case 5:
		w.skip(4)
	default:
		w.fault(w.at, "field %d has type %d, want 0, 1, 2 or 5", w.field, w.typ)
	}
	return *w.err == nil
}

// number reads a varint: 7 bits a byte, the lowest first.
func (w *wire) number() uint64 {
	v, n := binary.Uvarint(w.data[w.off:])
	if n <= 0 {
		w.fault(w.off, "a number does not end")
		return 0
	}
	w.off += n
	return v
}

func (w *wire) skip(n uint64) {
	if left := len(w.data) - w.off; n > uint64(left) {
		w.fault(w.at, "field %d needs %d bytes, but %d are left", w.field, n, left)
		return
	}
	w.off += int(n)
}

// has reports whether the field in hand is of a type; if not, that is an error.
func (w *wire) has(typ uint64, name string) bool {
	if w.typ != typ {
		w.fault(w.at, "%s has type %d, want %d", name, w.typ, typ)
	}
	return w.typ == typ && *w.err == nil
}

// varint returns the value of the field in hand.
func (w *wire) varint(name string) uint64 {
	if !w.has(0, name) {
		return 0
	}
	v, _ := binary.Uvarint(w.data[w.body:w.off])
	return v
}

// fixed32 returns the value of the field in hand.
func (w *wire) fixed32(name string) uint32 {
	if !w.has(5, name) {
		return 0
	}
	return binary.LittleEndian.Uint32(w.data[w.body:])
}

// bytes returns the value of the field in hand, which shares the file's memory.
func (w *wire) bytes(name string) []byte {
	if !w.has(2, name) {
		return nil
	}
	return w.data[w.body:w.off]
}

// message returns the message in hand, for reading.
func (w *wire) message(what string) wire {
	m := wire{what: what, err: w.err}
	if w.has(2, what) {
		m.data, m.off = w.data[:w.off], w.body
	}
	return m
}

// fault notes an error, unless there was one before.
func (w *wire) fault(offset int, format string, args ...any) {
	if *w.err == nil {
		*w.err = &FormatError{Offset: int64(offset), Field: w.what, Reason: fmt.Sprintf(format, args...)}
	}
}
