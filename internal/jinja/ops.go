package jinja

import (
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

func (x *binary) eval(r *run) any {
	a := r.value(x.x)
	switch {
	case x.op == "and" && !truth(a), x.op == "or" && truth(a):
		return a
	case x.op == "and", x.op == "or":
		return r.value(x.y)
	}
	b := r.value(x.y)
	r.line = x.line
	switch s, isString := a.(str); {
	case x.op == "~":
		return r.join([]str{r.print(a), r.print(b)}, str{})
	case isString && x.op == "+":
		if t, ok := b.(str); ok {
			return r.join([]str{s, t}, str{})
		}
	case isString && x.op == "*":
		if n, ok := b.(int64); ok {
			return r.repeat(s, n)
		}
	}
	if s, ok := a.([]any); ok && x.op == "+" {
		if t, ok := b.([]any); ok {
			return r.list(slices.Concat(s, t))
		}
	}
	if v, ok := arithmetic(x.op, a, b); ok {
		return v
	}
	fail("line %d: %s %s %s", x.line, kindOf(a), x.op, kindOf(b))
	return nil
}

// repeat returns n times a string.
func (r *run) repeat(s str, n int64) any {
	if n <= 0 || s.s == "" {
		return str{}
	}
	if n > WorkMax {
		r.pay(WorkMax + 1)
	}
	r.pay(int(n) * valueBytes)
	return r.join(slices.Repeat([]str{s}, int(n)), str{})
}

// arithmetic is Python's on numbers, but integers have 64 bits.
func arithmetic(op string, a, b any) (any, bool) {
	x, aOK := number(a)
	y, bOK := number(b)
	if !aOK || !bOK {
		return nil, false
	}
	m, aInt := a.(int64)
	n, bInt := b.(int64)
	isInt := aInt && bInt
	if y == 0 && (op == "/" || op == "//" || op == "%") {
		fail("a division by 0")
	}
	switch op {
	case "+":
		if isInt {
			return m + n, true
		}
		return x + y, true
	case "-":
		if isInt {
			return m - n, true
		}
		return x - y, true
	case "*":
		if isInt {
			return m * n, true
		}
		return x * y, true
	case "/":
		return x / y, true
	case "//":
		if isInt {
			return floorDiv(m, n), true
		}
		return math.Floor(x / y), true
	case "%":
		if isInt {
			return m - floorDiv(m, n)*n, true
		}
		return x - math.Floor(x/y)*y, true
	case "**":
		p := math.Pow(x, y)
		if isInt && n >= 0 && math.Abs(p) < 1<<53 {
			return int64(p), true
		}
		return p, true
	}
	return nil, false
}

// floorDiv rounds down, as Python does.
func floorDiv(m, n int64) int64 {
	if n == -1 {
		return -m // which Go wraps, where the smallest integer has no negative
	}
	q := m / n
	if m%n != 0 && (m < 0) != (n < 0) {
		q--
	}
	return q
}

// slice returns v[from:to:step].
func (r *run) slice(v any, from, to, step *int64) any {
	s, isString := v.(str)
	items, isList := v.([]any)
	if isString && from == nil && to != nil && *to >= 0 && step == nil { // a beginning, which need not be taken apart
		at := 0
		for i := int64(0); i < *to && at < len(s.s); i++ {
			_, n := utf8.DecodeRuneInString(s.s[at:])
			at += n
		}
		return s.cut(0, at)
	}
	if isString {
		items = r.items(s)
	} else if !isList {
		fail("line %d: a slice of %s", r.line, kindOf(v))
	}
	by, n := int64(1), int64(len(items))
	if step != nil {
		by = *step
	}
	if by == 0 {
		fail("line %d: a slice with step 0", r.line)
	}
	lo, hi := int64(0), n // where indexes are cut off
	if by < 0 {
		lo, hi = -1, n-1
	}
	bound := func(i *int64, other int64) int64 {
		switch {
		case i == nil:
			return other
		case *i < 0:
			return max(lo, *i+n)
		}
		return min(hi, *i)
	}
	start, end := bound(from, lo), bound(to, hi)
	if by < 0 {
		start, end = bound(from, hi), bound(to, lo)
	}
	var out []any
	by = max(-n-1, min(n+1, by))
	for i := start; by > 0 && i < end || by < 0 && i > end; i += by {
		out = append(out, items[i])
	}
	if isString {
		list := make([]str, len(out))
		for i, c := range out {
			list[i] = c.(str)
		}
		return r.join(list, str{})
	}
	return r.list(out)
}

// item returns v.key or v[key]. What is not there is undefined; to ask that for an item fails.
func (r *run) item(v, key any, isDot bool) any {
	name, isName := key.(str)
	switch v := v.(type) {
	case undefined:
		fail("line %d: %s is not defined, and asked for %s", r.line, v.name, r.print(key).s)
	case *dict:
		if isDot {
			if m := dictMethod(v, name.s); m != nil {
				return m
			}
		}
		if x, ok := v.get(key); ok {
			return x
		}
	case *namespace:
		if x, ok := v.vars[name.s]; ok && isName {
			return x
		}
	case *loop:
		return v.item(name.s)
	case []any:
		if i, ok := key.(int64); ok {
			if i < 0 {
				i += int64(len(v))
			}
			if i >= 0 && i < int64(len(v)) {
				return v[i]
			}
		}
	case str:
		if m := strMethod(v, name.s); isDot && m != nil {
			return m
		}
		if i, ok := key.(int64); ok {
			chars := r.items(v)
			if i < 0 {
				i += int64(len(chars))
			}
			if i >= 0 && i < int64(len(chars)) {
				return chars[i]
			}
		}
	}
	what := r.print(key).s
	return undefined{kindOf(v) + "." + what[:min(len(what), 100)]}
}

// item returns what a loop tells of itself.
func (l *loop) item(name string) any {
	n := len(l.items)
	switch name {
	case "index":
		return int64(l.at + 1)
	case "index0":
		return int64(l.at)
	case "revindex":
		return int64(n - l.at)
	case "revindex0":
		return int64(n - l.at - 1)
	case "first":
		return l.at == 0
	case "last":
		return l.at == n-1
	case "length":
		return int64(n)
	case "previtem":
		if l.at > 0 {
			return l.items[l.at-1]
		}
	case "nextitem":
		if l.at < n-1 {
			return l.items[l.at+1]
		}
	case "cycle":
		return callable(func(_ *run, in arguments) any {
			if len(in.list) == 0 {
				fail("loop.cycle of nothing")
			}
			return in.list[l.at%len(in.list)]
		})
	}
	return undefined{"loop." + name}
}

// lower and its like are for text of any kind; the marks stay if no byte moves.
func (r *run) letters(a str, f func(string) string) str {
	r.pay(len(a.s))
	s := f(a.s)
	if len(s) == len(a.s) {
		return str{s, a.mark}
	}
	return a.like(s)
}

// capitalize makes the first letter of a text a capital, and the others small.
func capitalize(s string) string {
	for i := range s {
		if i > 0 {
			return strings.ToUpper(s[:i]) + strings.ToLower(s[i:])
		}
	}
	return strings.ToUpper(s)
}

// title does the same for each word.
func title(s string) string {
	var b strings.Builder
	start := 0
	for i := 0; i <= len(s); i++ {
		if i == len(s) || !isLetter(s[i]) && s[i] < 0x80 {
			b.WriteString(capitalize(s[start:i]))
			if i < len(s) {
				b.WriteByte(s[i])
			}
			start = i + 1
		}
	}
	return b.String()
}
