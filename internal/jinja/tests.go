package jinja

import "strings"

// A testFunc is what stands behind "is".
type testFunc struct {
	args int
	is   func(r *run, v, arg any) bool
}

// is returns a test of a value's type.
func is[T any]() testFunc {
	return testFunc{0, func(_ *run, v, _ any) bool {
		_, ok := v.(T)
		return ok
	}}
}

// op returns a test that is a comparison.
func op(name string) testFunc {
	return testFunc{1, func(r *run, v, arg any) bool { return r.compare(name, v, arg) }}
}

// even reports whether an integer is even.
func even(r *run, v any) bool {
	n, ok := v.(int64)
	if !ok {
		fail("line %d: whether %s is even or odd", r.line, kindOf(v))
	}
	return n%2 == 0
}

var tests = map[string]testFunc{
	"defined": {0, func(_ *run, v, _ any) bool {
		_, missing := v.(undefined)
		return !missing
	}},
	"undefined": is[undefined](),
	"none":      {0, func(_ *run, v, _ any) bool { return v == nil }},
	"string":    is[str](),
	"boolean":   is[bool](),
	"integer":   is[int64](),
	"float":     is[float64](),
	"mapping":   is[*dict](),
	"callable":  is[callable](),
	"number": {0, func(_ *run, v, _ any) bool {
		_, ok := number(v)
		return ok
	}},
	"true":  {0, func(_ *run, v, _ any) bool { return v == true }},
	"false": {0, func(_ *run, v, _ any) bool { return v == false }},
	"iterable": {0, func(_ *run, v, _ any) bool {
		switch v.(type) {
		case str, []any, *dict, undefined:
			return true
		}
		return false
	}},
	"sequence": {0, func(_ *run, v, _ any) bool {
		switch v.(type) {
		case str, []any, *dict, undefined:
			return true
		}
		return false
	}},
	"even": {0, func(r *run, v, _ any) bool { return even(r, v) }},
	"odd":  {0, func(r *run, v, _ any) bool { return !even(r, v) }},
	"upper": {0, func(r *run, v, _ any) bool {
		s := r.print(v).s
		return s == strings.ToUpper(s) && s != strings.ToLower(s)
	}},
	"lower": {0, func(r *run, v, _ any) bool {
		s := r.print(v).s
		return s == strings.ToLower(s) && s != strings.ToUpper(s)
	}},
	"equalto": op("=="), "eq": op("=="), "==": op("=="), "sameas": op("=="),
	"ne": op("!="), "!=": op("!="), "in": op("in"),
	"lt": op("<"), "lessthan": op("<"), "le": op("<="), "gt": op(">"), "greaterthan": op(">"), "ge": op(">="),
	"divisibleby": {1, func(r *run, v, arg any) bool {
		rest, ok := arithmetic("%", v, arg)
		return ok && !truth(rest)
	}},
}
