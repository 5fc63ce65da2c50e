package hf

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A FieldError says which field of a file is not what it should be, and why.
type FieldError struct {
	Name   string // the file's name
	Field  string // "rope_scaling.factor"; empty if it is the file as a whole
	Reason string
}

func (e *FieldError) Error() string {
	parts := []string{"hf"}
	for _, s := range []string{e.Name, e.Field, e.Reason} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ": ")
}

// fileBytesMax is several times the largest that is published: a
// tokenizer_config.json that lists thousands of added tokens.
const fileBytesMax = 64 << 20

// An object is what stands between two braces. A field that is null is as one
// that is absent. Objects of one file share the first error.
type object struct {
	fields map[string]json.RawMessage
	path   string // what its fields' names begin with: "rope_scaling."
	err    **FieldError
	outer  *object // where to look for what is absent here, or nil
}

// parse returns the object that a file is.
func parse(name string, data []byte) (*object, error) {
	if len(data) > fileBytesMax {
		return nil, &FieldError{name, "", fmt.Sprintf("has %d bytes, more than %d", len(data), fileBytesMax)}
	}
	o := &object{err: new(*FieldError)}
	if err := json.Unmarshal(data, &o.fields); err != nil {
		return nil, &FieldError{name, "", err.Error()}
	}
	if o.fields == nil {
		return nil, &FieldError{name, "", "is null, want an object"}
	}
	return o, nil
}

// fault returns the first error, with the file's name.
func (o *object) fault(name string) error {
	if *o.err == nil {
		return nil
	}
	(*o.err).Name = name
	return *o.err
}

func (o *object) fail(key, format string, args ...any) {
	if *o.err == nil {
		*o.err = &FieldError{Field: o.path + key, Reason: fmt.Sprintf(format, args...)}
	}
}

// get returns a field's text, or nil if it is absent, and the object that has it.
func (o *object) get(key string) (json.RawMessage, *object) {
	for at := o; at != nil; at = at.outer {
		if raw, ok := at.fields[key]; ok && string(raw) != "null" {
			return raw, at
		}
	}
	return nil, o
}

// decode reads a field into a value of the type that want describes, and reports whether it is there and is one.
func (o *object) decode(key string, value any, want string) bool {
	raw, at := o.get(key)
	if raw == nil {
		return false
	}
	if json.Unmarshal(raw, value) != nil {
		at.fail(key, "is %.60s, want %s", raw, want)
		return false
	}
	return true
}

// int returns an integer from lo to hi, or fallback if there is none.
func (o *object) int(key string, fallback, lo, hi int) int {
	raw, at := o.get(key)
	if raw == nil {
		return fallback
	}
	n, ok := integer(raw)
	if !ok || n < lo || n > hi {
		at.fail(key, "is %.60s, want an integer from %d to %d", raw, lo, hi)
		return fallback
	}
	return n
}

// integer reads 32 or 32.0.
func integer(raw json.RawMessage) (int, bool) {
	n, err := strconv.Atoi(string(raw))
	if err == nil {
		return n, true
	}
	x, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || x != math.Trunc(x) || math.Abs(x) > math.MaxInt32 {
		return 0, false
	}
	return int(x), true
}

// required is int for a field that must be there.
func (o *object) required(key string, hi int) int {
	n := o.int(key, 0, 1, hi)
	if n == 0 {
		o.fail(key, "is not there, want an integer from 1 to %d", hi)
	}
	return n
}

// float returns a finite number, or fallback if there is none.
func (o *object) float(key string, fallback float64) float64 {
	x := fallback
	if !o.decode(key, &x, "a number") {
		return fallback
	}
	return x
}

// positive is float for a number that must be above zero. 0 means that it is absent.
func (o *object) positive(key string, fallback float64) float64 {
	x := o.float(key, fallback)
	if raw, at := o.get(key); raw != nil && x <= 0 {
		at.fail(key, "is %g, want a number above 0", x)
	}
	return x
}

// optional returns a number, or nil if there is none.
func (o *object) optional(key string) *float64 {
	var x float64
	if !o.decode(key, &x, "a number") {
		return nil
	}
	return &x
}

func (o *object) bool(key string) bool {
	var b bool
	return o.decode(key, &b, "true or false") && b
}

// maybe returns a truth value, or nil if there is none.
func (o *object) maybe(key string) *bool {
	var b bool
	if !o.decode(key, &b, "true or false") {
		return nil
	}
	return &b
}

func (o *object) string(key string) string {
	var s string
	o.decode(key, &s, "a string")
	return s
}

func (o *object) strings(key string, lenMax int) []string {
	var list []string
	if o.decode(key, &list, "a list of strings") && len(list) > lenMax {
		o.fail(key, "has %d entries, more than %d", len(list), lenMax)
	}
	return list
}

func (o *object) floats(key string, lenMax int) []float64 {
	var list []float64
	if o.decode(key, &list, "a list of numbers") && len(list) > lenMax {
		o.fail(key, "has %d entries, more than %d", len(list), lenMax)
	}
	return list
}

// ids returns tokens: one, or a list of them.
func (o *object) ids(key string) []int {
	raw, at := o.get(key)
	if raw == nil {
		return nil
	}
	list := []json.RawMessage{raw}
	if raw[0] == '[' {
		list = nil
		o.decode(key, &list, "a list of tokens")
	}
	if len(list) > idsMax {
		at.fail(key, "has %d tokens, more than %d", len(list), idsMax)
		return nil
	}
	var ids []int
	for _, raw := range list {
		id, ok := integer(raw)
		if !ok || id < 0 || id >= vocabMax {
			at.fail(key, "has %.60s, want tokens from 0 to %d", raw, vocabMax-1)
			return nil
		}
		ids = append(ids, id)
	}
	return ids
}

// object returns the object that a field is, or nil if it is absent.
func (o *object) object(key string) *object {
	inner := &object{err: o.err}
	if !o.decode(key, &inner.fields, "an object") {
		return nil
	}
	_, at := o.get(key)
	inner.path = at.path + key + "."
	return inner
}
