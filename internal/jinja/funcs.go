package jinja

import (
	"fmt"
	"strings"
	"time"
)

// functions are those that every template has.
var functions = map[string]callable{
	"range":           rangeFunc,
	"namespace":       namespaceFunc,
	"dict":            func(r *run, in arguments) any { return dictOf(r, in) },
	"raise_exception": func(r *run, in arguments) any { fail("the template says: %s", in.str(r, 0, "").s); return nil },
	"strftime_now":    func(r *run, in arguments) any { return text(strftime(r, r.opt.Now, in.str(r, 0, "").s)) },
}

// arg returns the i-th argument, or that with a name, or nil.
func (a arguments) arg(i int, name string) (v any, ok bool) {
	if i < len(a.list) {
		return a.list[i], true
	}
	v, ok = a.named[name]
	return v, ok
}

// str returns an argument that must be a string.
func (a arguments) str(r *run, i int, name string) str {
	v, _ := a.arg(i, name)
	s, ok := v.(str)
	if !ok {
		fail("line %d: argument %d is %s, want a string", r.line, i+1, kindOf(v))
	}
	return s
}

// int returns an argument that must be an integer, if it is there.
func (a arguments) int(r *run, i int, name string, otherwise int) int {
	v, ok := a.arg(i, name)
	if !ok || v == nil {
		return otherwise
	}
	n, ok := v.(int64)
	if !ok {
		fail("line %d: argument %d is %s, want an integer", r.line, i+1, kindOf(v))
	}
	if n < -WorkMax || n > WorkMax {
		fail("line %d: %w: argument %d is %d", r.line, ErrLimit, i+1, n)
	}
	return int(n)
}

func rangeFunc(r *run, in arguments) any {
	from, to, step := 0, in.int(r, 0, "", 0), in.int(r, 2, "", 1)
	if len(in.list) > 1 {
		from, to = to, in.int(r, 1, "", 0)
	}
	if step == 0 {
		fail("line %d: range with step 0", r.line)
	}
	var items []any
	for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
		r.pay(valueBytes)
		items = append(items, int64(i))
	}
	return items
}

func namespaceFunc(r *run, in arguments) any {
	n := &namespace{vars: map[string]any{}}
	d := dictOf(r, in)
	for _, key := range d.keys {
		if name, ok := key.(str); ok {
			n.vars[name.s] = d.of(key)
		}
	}
	return n
}

// dictOf returns a dictionary of the arguments: of one that is a dictionary, and of those with names.
func dictOf(r *run, in arguments) *dict {
	d := newDict()
	for _, v := range in.list {
		from, ok := v.(*dict)
		if !ok {
			fail("line %d: %s instead of a dictionary", r.line, kindOf(v))
		}
		for _, key := range from.keys {
			d.set(r, key, from.of(key))
		}
	}
	for _, name := range sortedKeys(in.named) {
		d.set(r, text(name), in.named[name])
	}
	return d
}

// strftime formats a time as C does, in English.
func strftime(r *run, t time.Time, format string) string {
	r.pay(16 * len(format))
	layouts := map[byte]string{
		'Y': "2006", 'm': "01", 'd': "02", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'y': "06", 'j': "002",
		'B': "January", 'b': "Jan", 'A': "Monday", 'a': "Mon", 'p': "PM", 'Z': "MST", 'z': "-0700",
		'F': "2006-01-02", 'T': "15:04:05",
	}
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		layout, ok := layouts[format[i]]
		switch {
		case format[i] == '%':
			b.WriteByte('%')
		case format[i] == 'e':
			fmt.Fprintf(&b, "%2d", t.Day())
		case !ok:
			fail("line %d: strftime_now does not know %%%c", r.line, format[i])
		default:
			b.WriteString(t.Format(layout))
		}
	}
	return b.String()
}

// dictMethod returns a method of d, or nil.
func dictMethod(d *dict, name string) callable {
	switch name {
	case "items":
		return func(r *run, _ arguments) any { return dictItems(r, d) }
	case "keys":
		return func(r *run, _ arguments) any { return r.items(d) }
	case "values":
		return func(r *run, _ arguments) any {
			var list []any
			for _, key := range d.keys {
				list = append(list, d.of(key))
			}
			return r.list(list)
		}
	case "get":
		return func(r *run, in arguments) any {
			key, _ := in.arg(0, "")
			if v, ok := d.get(key); ok {
				return v
			}
			v, _ := in.arg(1, "default")
			return v
		}
	}
	return nil
}

// dictItems returns pairs of a key and a value.
func dictItems(r *run, d *dict) []any {
	var list []any
	for _, key := range d.keys {
		r.pay(3 * valueBytes)
		list = append(list, []any{key, d.of(key)})
	}
	return list
}

// strMethod returns a method of s, or nil.
func strMethod(s str, name string) callable {
	letters := func(f func(string) string) callable {
		return func(r *run, _ arguments) any { return r.letters(s, f) }
	}
	switch name {
	case "upper":
		return letters(strings.ToUpper)
	case "lower":
		return letters(strings.ToLower)
	case "title":
		return letters(title)
	case "capitalize":
		return letters(capitalize)
	case "strip", "lstrip", "rstrip":
		return func(r *run, in arguments) any {
			var set *str
			if v, ok := in.arg(0, "chars"); ok && v != nil {
				chars := in.str(r, 0, "chars")
				set = &chars
			}
			r.pay(len(s.s))
			return s.trim(set, name != "rstrip", name != "lstrip")
		}
	case "startswith", "endswith":
		has := strings.HasPrefix
		if name == "endswith" {
			has = strings.HasSuffix
		}
		return func(r *run, in arguments) any { return hasAny(r, s, in, has) }
	case "split", "rsplit", "splitlines":
		return func(r *run, in arguments) any { return splitMethod(r, s, name, in) }
	case "replace":
		return func(r *run, in arguments) any {
			return r.replace(s, in.str(r, 0, "old"), in.str(r, 1, "new"), in.int(r, 2, "count", -1))
		}
	case "find":
		return func(r *run, in arguments) any {
			r.pay(len(s.s))
			return int64(strings.Index(s.s, in.str(r, 0, "").s)) // in bytes: good for a test of -1
		}
	case "count":
		return func(r *run, in arguments) any {
			r.pay(len(s.s))
			return int64(strings.Count(s.s, in.str(r, 0, "").s))
		}
	case "join":
		return func(r *run, in arguments) any {
			v, _ := in.arg(0, "")
			return joinFilter(r, v, arguments{list: []any{s}})
		}
	}
	return nil
}

// hasAny is startswith and endswith, of a string or of one of several.
func hasAny(r *run, s str, in arguments, has func(s, t string) bool) bool {
	v, _ := in.arg(0, "")
	if list, ok := v.([]any); ok {
		for _, item := range list {
			if hasAny(r, s, arguments{list: []any{item}}, has) {
				return true
			}
		}
		return false
	}
	t := in.str(r, 0, "")
	r.pay(len(t.s))
	return has(s.s, t.s)
}

func splitMethod(r *run, s str, name string, in arguments) any {
	var parts []str
	sep, given := in.arg(0, "sep")
	n := in.int(r, 1, "maxsplit", -1)
	switch {
	case name == "splitlines":
		parts = r.split(s.trim(&str{s: "\n"}, false, strings.HasSuffix(s.s, "\n")), text("\n"), -1)
	case !given || sep == nil:
		parts = r.fields(s)
		if n >= 0 && n < len(parts)-1 {
			fail("line %d: split at white space, a number of times", r.line)
		}
	case name == "rsplit" && n >= 0:
		all := r.split(s, in.str(r, 0, "sep"), -1)
		k := max(0, len(all)-1-n)
		parts = append([]str{r.join(all[:k+1], in.str(r, 0, "sep"))}, all[k+1:]...)
	default:
		parts = r.split(s, in.str(r, 0, "sep"), n)
	}
	list := make([]any, len(parts))
	for i, p := range parts {
		list[i] = p
	}
	return list
}
