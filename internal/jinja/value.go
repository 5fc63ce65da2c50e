package jinja

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Values are nil, bool, int64, float64, str, []any, *dict, *namespace, *loop, callable
// and undefined. None but a namespace changes once it is there.
type (
	undefined struct{ name string }
	namespace struct{ vars map[string]any }
	loop      struct {
		items []any
		at    int
	}
	dict struct {
		keys   []any          // each a str or an int64
		values map[string]any // by keyText
	}
)

func newDict() *dict { return &dict{values: map[string]any{}} }

// keyText returns what a key is known by, and whether it can be one.
func keyText(key any) (string, bool) {
	switch key := key.(type) {
	case str:
		return key.s, true
	case int64:
		return "\xff" + strconv.FormatInt(key, 10), true // no text begins so
	}
	return "", false
}

func (d *dict) set(r *run, key, value any) {
	name, ok := keyText(key)
	if !ok {
		fail("line %d: %s is a key of a dictionary", r.line, kindOf(key))
	}
	r.pay(len(name) + valueBytes)
	if _, ok := d.values[name]; !ok {
		d.keys = append(d.keys, key)
	}
	d.values[name] = value
}

// get returns the value of a key, and whether it is there.
func (d *dict) get(key any) (any, bool) {
	name, ok := keyText(key)
	if !ok {
		return nil, false
	}
	v, ok := d.values[name]
	return v, ok
}

// of returns the value of a key that is there.
func (d *dict) of(key any) any {
	v, _ := d.get(key)
	return v
}

// list pays for a list.
func (r *run) list(items []any) []any {
	r.pay(valueBytes * len(items))
	return items
}

// fromGo returns what a variable's value is to a template.
func (r *run) fromGo(v any) any {
	switch v := v.(type) {
	case nil, bool, int64, float64:
		return v
	case int:
		return int64(v)
	case string:
		return text(v)
	case User:
		return userText(string(v))
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = r.fromGo(v[i])
		}
		return items
	case Map:
		d := newDict()
		for _, p := range v {
			d.set(r, text(p.Key), r.fromGo(p.Value))
		}
		return d
	}
	panic("jinja.Render: a variable of a type that it does not take")
}

// kindOf names a value's type, for errors.
func kindOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "none"
	case bool:
		return "a boolean"
	case int64:
		return "an integer"
	case float64:
		return "a float"
	case str:
		return "a string"
	case []any:
		return "a list"
	case *dict:
		return "a dictionary"
	case *namespace:
		return "a namespace"
	case *loop:
		return "a loop"
	case undefined:
		return "undefined (" + v.name + ")"
	}
	return "a function"
}

// truth is Python's.
func truth(v any) bool {
	switch v := v.(type) {
	case nil, undefined:
		return false
	case bool:
		return v
	case int64:
		return v != 0
	case float64:
		return v != 0
	case str:
		return v.s != ""
	case []any:
		return len(v) > 0
	case *dict:
		return len(v.keys) > 0
	}
	return true
}

// items returns the elements of a value that a loop can go through.
func (r *run) items(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case *dict:
		return r.list(v.keys)
	case str:
		var chars []any
		r.pay(valueBytes * len(v.s))
		for i := 0; i < len(v.s); {
			_, n := utf8.DecodeRuneInString(v.s[i:])
			chars = append(chars, v.cut(i, i+n))
			i += n
		}
		return chars
	case undefined:
		return nil
	}
	fail("line %d: a loop over %s", r.line, kindOf(v))
	return nil
}

// print returns how a value is written.
func (r *run) print(v any) str {
	switch v := v.(type) {
	case str:
		return v
	case undefined:
		return str{}
	}
	var b builder
	r.repr(&b, v)
	return b.str()
}

// repr writes a value as Python shows it.
func (r *run) repr(b *builder, v any) {
	r.enter()
	defer r.leave()
	switch v := v.(type) {
	case nil:
		b.add(r, text("None"))
	case bool:
		b.add(r, text(map[bool]string{true: "True", false: "False"}[v]))
	case int64:
		b.add(r, text(strconv.FormatInt(v, 10)))
	case float64:
		b.add(r, text(floatText(v)))
	case str:
		quoted := strings.NewReplacer("\\", "\\\\", "'", "\\'", "\n", "\\n", "\t", "\\t", "\r", "\\r").Replace(v.s)
		b.add(r, v.like("'"+quoted+"'"))
	case []any:
		b.add(r, text("["))
		for i, item := range v {
			if i > 0 {
				b.add(r, text(", "))
			}
			r.repr(b, item)
		}
		b.add(r, text("]"))
	case *dict:
		b.add(r, text("{"))
		for i, key := range v.keys {
			if i > 0 {
				b.add(r, text(", "))
			}
			r.repr(b, key)
			b.add(r, text(": "))
			r.repr(b, v.of(key))
		}
		b.add(r, text("}"))
	default:
		fail("line %d: %s is written", r.line, kindOf(v))
	}
}

// floatText is Python's repr of a float.
func floatText(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if abs := math.Abs(x); abs >= 1e-4 && abs < 1e16 || x == 0 {
		s = strconv.FormatFloat(x, 'f', -1, 64)
		if !strings.Contains(s, ".") {
			s += ".0"
		}
	}
	return s
}

// equal is Python's ==.
func (r *run) equal(a, b any) bool {
	r.enter()
	defer r.leave()
	x, isNumber := number(a)
	if y, ok := number(b); ok && isNumber {
		return x == y
	}
	switch a := a.(type) {
	case nil:
		return b == nil
	case str:
		b, ok := b.(str)
		r.pay(min(len(a.s), len(b.s)))
		return ok && a.s == b.s
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, r.equal)
	case *dict:
		b, ok := b.(*dict)
		if !ok || len(a.keys) != len(b.keys) {
			return false
		}
		for key, v := range a.values {
			if w, ok := b.values[key]; !ok || !r.equal(v, w) {
				return false
			}
		}
		return true
	case undefined:
		_, ok := b.(undefined)
		return ok
	}
	return false
}

// number returns a number, or a boolean, which is one to Python.
func number(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	}
	return 0, false
}

// compare returns a op b.
func (r *run) compare(op string, a, b any) bool {
	switch op {
	case "==":
		return r.equal(a, b)
	case "!=":
		return !r.equal(a, b)
	case "in":
		return r.contains(b, a)
	case "not in":
		return !r.contains(b, a)
	}
	c := 0
	x, isNumber := number(a)
	y, areNumbers := number(b)
	s, isString := a.(str)
	t, areStrings := b.(str)
	switch {
	case isNumber && areNumbers && x < y:
		c = -1
	case isNumber && areNumbers && x > y:
		c = 1
	case isNumber && areNumbers:
	case isString && areStrings:
		r.pay(min(len(s.s), len(t.s)))
		c = strings.Compare(s.s, t.s)
	default:
		fail("line %d: %s %s %s", r.line, kindOf(a), op, kindOf(b))
	}
	return map[string]bool{"<": c < 0, "<=": c <= 0, ">": c > 0, ">=": c >= 0}[op]
}

// contains reports whether v is in a value.
func (r *run) contains(in, v any) bool {
	switch in := in.(type) {
	case str:
		s, ok := v.(str)
		if !ok {
			fail("line %d: %s in a string", r.line, kindOf(v))
		}
		r.pay(len(in.s) + len(s.s))
		return strings.Contains(in.s, s.s)
	case []any:
		return slices.ContainsFunc(in, func(item any) bool { return r.equal(item, v) })
	case *dict:
		_, found := in.get(v)
		return found
	case undefined:
		return false
	}
	fail("line %d: in %s", r.line, kindOf(in))
	return false
}
