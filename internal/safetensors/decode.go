package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
)

// A decoder reads JSON token by token, so that it sees names that are there
// twice. After an error it yields zeros.
type decoder struct {
	json *json.Decoder
	base int64 // where the JSON begins in the file
	err  error
}

func newDecoder(data []byte, base int64) *decoder {
	d := &decoder{json: json.NewDecoder(bytes.NewReader(data)), base: base}
	d.json.UseNumber()
	return d
}

// strings reads an object of strings, or null.
func (d *decoder) strings(field string) map[string]string {
	token := d.token(field)
	if token == nil || d.err != nil {
		return nil
	}
	if token != json.Delim('{') {
		d.fail(field, "is not an object")
		return nil
	}
	m := map[string]string{}
	for d.more() {
		key := d.string(field)
		if _, twice := m[key]; twice {
			d.fail(field, "%s is there twice", quote(key))
		}
		m[key] = d.string(field)
	}
	d.delim('}', field)
	return m
}

// ints reads an array of numbers from 0 to limit.
func (d *decoder) ints(field string, lenMax int, limit int64) []int64 {
	var list []int64
	d.delim('[', field)
	for d.more() {
		number, ok := d.token(field).(json.Number)
		n, err := strconv.ParseInt(string(number), 10, 64)
		switch {
		case d.err != nil:
		case !ok || err != nil || n < 0 || n > limit:
			d.fail(field, "number %d is not an integer from 0 to %d", len(list), limit)
		case len(list) == lenMax:
			d.fail(field, "has more than %d numbers", lenMax)
		}
		list = append(list, n)
	}
	d.delim(']', field)
	return list
}

func (d *decoder) more() bool { return d.err == nil && d.json.More() }

func (d *decoder) string(field string) string {
	s, ok := d.token(field).(string)
	if !ok {
		d.fail(field, "want a string")
	}
	return s
}

func (d *decoder) delim(want json.Delim, field string) {
	if d.token(field) != want {
		d.fail(field, "want %q", want)
	}
}

func (d *decoder) token(field string) json.Token {
	if d.err != nil {
		return nil
	}
	t, err := d.json.Token()
	if err != nil {
		d.fail(field, "is not JSON: %v", err)
		return nil
	}
	return t
}

// fail records the first error, at the end of the last token.
func (d *decoder) fail(field, format string, args ...any) {
	if d.err == nil {
		d.err = fault(d.base+d.json.InputOffset(), field, format, args...)
	}
}

// skip reads a value of any kind.
func (d *decoder) skip(field string) {
	var value json.RawMessage
	if d.err == nil {
		if err := d.json.Decode(&value); err != nil {
			d.fail(field, "is not JSON: %v", err)
		}
	}
}

// end checks that nothing follows but space.
func (d *decoder) end(field string) {
	if d.err == nil {
		if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
			d.fail(field, "something follows its last brace")
		}
	}
}
