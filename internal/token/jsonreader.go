package token

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A jsonReader reads JSON (RFC 8259) in one pass, the large parts without encoding/json, which
// takes five times as long for a vocabulary of 128,000 pieces and the merges of those.
type jsonReader struct {
	data string
	at   int
	base int64 // of data in the file
}

func (r *jsonReader) fault(field, format string, args ...any) error {
	return &FormatError{Offset: r.base + int64(r.at), Field: field, Reason: fmt.Sprintf(format, args...)}
}

// peek returns the next byte that is no white space, 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.at < len(r.data); r.at++ {
		switch c := r.data[r.at]; c {
		case ' ', '\n', '\r', '\t':
		default:
			return c
		}
	}
	return 0
}

// take takes the next byte if it is c.
func (r *jsonReader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.at++
	return true
}

// end wants nothing more.
func (r *jsonReader) end(field string) error {
	if r.peek() != 0 || r.at < len(r.data) {
		return r.fault(field, "more follows the end of the value")
	}
	return nil
}

// object reads an object; f reads the value of a key.
func (r *jsonReader) object(field string, f func(key string) error) error {
	return r.list(field, "an object", '{', '}', func(int) error {
		key, err := r.string(field)
		if err != nil {
			return err
		}
		if !r.take(':') {
			return r.fault(field, "no colon after the key %.40q", key)
		}
		return f(key)
	})
}

// array reads an array; f reads the element i.
func (r *jsonReader) array(field string, f func(i int) error) error {
	return r.list(field, "an array", '[', ']', f)
}

func (r *jsonReader) list(field, what string, open, end byte, f func(i int) error) error {
	if !r.take(open) {
		return r.fault(field, "want %s", what)
	}
	if r.take(end) {
		return nil
	}
	for i := 0; ; i++ {
		if err := f(i); err != nil {
			return err
		}
		if r.take(end) {
			return nil
		}
		if !r.take(',') {
			return r.fault(field, "want a comma or the end of %s", what)
		}
	}
}

// string reads a string. If it can, it returns a part of the data.
func (r *jsonReader) string(field string) (string, error) {
	if r.peek() != '"' {
		return "", r.fault(field, "want a string")
	}
	start := r.at
	plain, ok := r.skipString()
	if !ok {
		return "", r.fault(field, "a string without an end")
	}
	if text := r.data[start+1 : r.at-1]; plain {
		return text, nil
	}
	var text string // has escapes, or is not ASCII: there may be errors in it
	if err := json.Unmarshal([]byte(r.data[start:r.at]), &text); err != nil {
		r.at = start
		return "", r.fault(field, "%v", err)
	}
	return text, nil
}

// The bytes that a jsonReader looks at when it passes over a string, and over anything else.
var inString, outside = func() (in, out [256]bool) {
	for c := range byte(' ') {
		in[c] = true
	}
	for _, c := range []byte(`"\\`) {
		in[c] = true
	}
	for _, c := range []byte("\"{}[], \n\r\t") {
		out[c] = true
	}
	return in, out
}()

// skipString goes behind a string, and reports whether that is its text as it stands, and whether it ends.
func (r *jsonReader) skipString() (plain, ok bool) {
	start, at := r.at+1, r.at+1
	plain = true
	for {
		var all byte // the bits of all bytes together
		for at < len(r.data) && !inString[r.data[at]] {
			all |= r.data[at]
			at++
		}
		if at >= len(r.data) {
			r.at = len(r.data)
			return false, false
		}
		plain = plain && (all < utf8.RuneSelf || utf8.ValidString(r.data[start:at]))
		switch r.data[at] {
		case '"':
			r.at = at + 1
			return plain, true
		case '\\':
			at++
		}
		plain = false
		at++
		start = at
	}
}

// int reads an integer.
func (r *jsonReader) int(field string) (int64, error) {
	r.peek()
	start := r.at
	for r.at < len(r.data) && strings.IndexByte("-+.eE0123456789", r.data[r.at]) >= 0 {
		r.at++
	}
	text := r.data[start:r.at]
	n, err := strconv.ParseInt(text, 10, 64)
	if digits := strings.TrimPrefix(text, "-"); err != nil || digits[0] == '+' || digits[0] == '0' && digits != "0" {
		r.at = start
		return 0, r.fault(field, "want an integer")
	}
	return n, nil
}

// raw returns the text of the next value, which may have errors inside.
func (r *jsonReader) raw(field string) (string, error) {
	r.peek()
	start, depth := r.at, 0
	for r.at < len(r.data) {
		c := r.data[r.at]
		if !outside[c] {
			r.at++
			continue
		}
		switch c {
		case '"':
			if _, ok := r.skipString(); !ok {
				return "", r.fault(field, "a string without an end")
			}
			if depth == 0 {
				return r.data[start:r.at], nil
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return r.data[start:r.at], nil
			}
			if depth == 0 {
				r.at++
				return r.data[start:r.at], nil
			}
		case ',', ' ', '\n', '\r', '\t':
			if depth == 0 {
				return r.data[start:r.at], nil
			}
		}
		r.at++
	}
	return r.data[start:], nil
}

// part returns a reader of the next value alone, which may have errors inside.
func (r *jsonReader) part(field string) (*jsonReader, error) {
	r.peek()
	start := r.at
	raw, err := r.raw(field)
	return &jsonReader{data: raw, base: r.base + int64(start)}, err
}

// value reads a value into what to points to.
func (r *jsonReader) value(field string, to any) error {
	r.peek()
	start := r.at
	raw, err := r.raw(field)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(raw), to); err != nil {
		fault := jsonFault(field, err).(*FormatError)
		fault.Offset += r.base + int64(start)
		return fault
	}
	return nil
}
