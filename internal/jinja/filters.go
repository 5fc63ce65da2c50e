package jinja

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// A filterFunc is what stands behind |.
type filterFunc func(r *run, v any, in arguments) any

var filterFuncs = map[string]filterFunc{
	"trim":   func(r *run, v any, in arguments) any { return strMethod(r.print(v), "strip")(r, in) },
	"length": lengthFilter, "count": lengthFilter,
	"default": defaultFilter, "d": defaultFilter,
	"tojson": tojsonFilter,
	"join":   joinFilter,
	"list":   func(r *run, v any, _ arguments) any { return r.items(v) },
	"first":  func(r *run, v any, _ arguments) any { return r.item(r.items(v), int64(0), false) },
	"last":   func(r *run, v any, _ arguments) any { return r.item(r.items(v), int64(-1), false) },
	"string": func(r *run, v any, _ arguments) any { return r.print(v) },
	"safe":   func(r *run, v any, _ arguments) any { return r.print(v) },
	"int":    intFilter,
	"float":  func(r *run, v any, _ arguments) any { return toFloat(r.print(v).s) },
	"abs":    absFilter,
	"items": func(r *run, v any, _ arguments) any {
		if d, ok := v.(*dict); ok {
			return dictItems(r, d)
		}
		fail("line %d: items of %s", r.line, kindOf(v))
		return nil
	},
	"dictsort":   dictsortFilter,
	"upper":      lettersFilter(strings.ToUpper),
	"lower":      lettersFilter(strings.ToLower),
	"title":      lettersFilter(title),
	"capitalize": lettersFilter(capitalize),
	"replace": func(r *run, v any, in arguments) any {
		return r.replace(r.print(v), in.str(r, 0, "old"), in.str(r, 1, "new"), in.int(r, 2, "count", -1))
	},
	"reverse": func(r *run, v any, _ arguments) any {
		items := r.list(slices.Clone(r.items(v)))
		slices.Reverse(items)
		return items
	},
	"sort":       sortFilter,
	"indent":     indentFilter,
	"select":     func(r *run, v any, in arguments) any { return selectBy(r, v, in, false, true) },
	"reject":     func(r *run, v any, in arguments) any { return selectBy(r, v, in, false, false) },
	"selectattr": func(r *run, v any, in arguments) any { return selectBy(r, v, in, true, true) },
	"rejectattr": func(r *run, v any, in arguments) any { return selectBy(r, v, in, true, false) },
	"unique": func(r *run, v any, _ arguments) any {
		var list []any
		for _, item := range r.items(v) {
			if !r.contains(list, item) {
				list = append(list, item)
			}
		}
		return r.list(list)
	},
}

func lettersFilter(f func(string) string) filterFunc {
	return func(r *run, v any, _ arguments) any { return r.letters(r.print(v), f) }
}

func lengthFilter(r *run, v any, _ arguments) any {
	switch v := v.(type) {
	case str:
		r.pay(len(v.s))
		return int64(len([]rune(v.s)))
	case *dict:
		return int64(len(v.keys))
	case []any:
		return int64(len(v))
	case undefined:
		return int64(0)
	}
	fail("line %d: the length of %s", r.line, kindOf(v))
	return nil
}

func defaultFilter(_ *run, v any, in arguments) any {
	_, missing := v.(undefined)
	if always, _ := in.arg(1, "boolean"); !missing && (!truth(always) || truth(v)) {
		return v
	}
	if d, ok := in.arg(0, "default_value"); ok {
		return d
	}
	return str{}
}

func joinFilter(r *run, v any, in arguments) any {
	sep := str{}
	if d, ok := in.arg(0, "d"); ok {
		sep = r.print(d)
	}
	name, byAttr := in.arg(1, "attribute")
	var list []str
	for _, item := range r.items(v) {
		if byAttr {
			item = r.item(item, name, false)
		}
		list = append(list, r.print(item))
	}
	return r.join(list, sep)
}

func intFilter(r *run, v any, in arguments) any {
	switch v := v.(type) {
	case int64:
		return v
	case str:
		if n, err := strconv.ParseInt(strings.TrimSpace(v.s), 10, 64); err == nil {
			return n
		}
	}
	if x, ok := number(v); ok && math.Abs(x) < 1<<62 {
		return int64(x)
	}
	return int64(in.int(r, 0, "default", 0))
}

func toFloat(s string) float64 {
	x, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		return 0
	}
	return x
}

func absFilter(r *run, v any, _ arguments) any {
	switch v := v.(type) {
	case int64:
		return max(v, -v)
	case float64:
		return math.Abs(v)
	}
	fail("line %d: the absolute value of %s", r.line, kindOf(v))
	return nil
}

func dictsortFilter(r *run, v any, _ arguments) any {
	d, ok := v.(*dict)
	if !ok {
		fail("line %d: dictsort of %s", r.line, kindOf(v))
	}
	list := dictItems(r, d)
	slices.SortStableFunc(list, func(a, b any) int {
		return r.order(a.([]any)[0], b.([]any)[0])
	})
	return list
}

// order compares as sort does: strings whatever their case.
func (r *run) order(a, b any) int {
	s, ok := a.(str)
	if t, both := b.(str); ok && both {
		a, b = r.letters(s, strings.ToLower), r.letters(t, strings.ToLower)
	}
	switch {
	case r.compare("<", a, b):
		return -1
	case r.compare(">", a, b):
		return 1
	}
	return 0
}

func sortFilter(r *run, v any, in arguments) any {
	backwards, _ := in.arg(0, "reverse")
	name, byAttr := in.arg(2, "attribute")
	items := r.list(slices.Clone(r.items(v)))
	slices.SortStableFunc(items, func(a, b any) int {
		if byAttr {
			a, b = r.item(a, name, false), r.item(b, name, false)
		}
		if truth(backwards) {
			a, b = b, a
		}
		return r.order(a, b)
	})
	return items
}

func indentFilter(r *run, v any, in arguments) any {
	first, _ := in.arg(1, "first")
	blank, _ := in.arg(2, "blank")
	width := in.int(r, 0, "width", 4)
	r.pay(max(0, width))
	pad := text(strings.Repeat(" ", max(0, width)))
	lines := r.split(r.print(v), text("\n"), -1)
	for i, line := range lines {
		if (i > 0 || truth(first)) && (line.s != "" || truth(blank)) {
			lines[i] = r.join([]str{pad, line}, str{})
		}
	}
	return r.join(lines, text("\n"))
}

// selectBy keeps the items, or those that do not, for which a test holds: of the item or of an attribute.
func selectBy(r *run, v any, in arguments, byAttr, keep bool) any {
	args := in.list
	var name any
	if byAttr {
		if len(args) == 0 {
			fail("line %d: an attribute's name is missing", r.line)
		}
		name, args = args[0], args[1:]
	}
	is := func(r *run, v, _ any) bool { return truth(v) }
	var arg any
	if len(args) > 0 {
		word, _ := args[0].(str)
		t, ok := tests[word.s]
		if !ok || len(args)-1 != t.args {
			fail("line %d: there is no test %q with %d arguments", r.line, word.s, len(args)-1)
		}
		is = t.is
		if len(args) > 1 {
			arg = args[1]
		}
	}
	if v == nil {
		return []any(nil) // Jinja takes nothing for an empty list here, unlike in a loop
	}
	var list []any
	for _, item := range r.items(v) {
		x := item
		if byAttr {
			x = r.item(item, name, false)
		}
		if is(r, x, arg) == keep {
			list = append(list, item)
		}
	}
	return r.list(list)
}

// mapFilter is apart from the others because it uses them: it applies one, or takes an attribute, item by item.
func mapFilter(r *run, v any, in arguments) any {
	name, byAttr := in.named["attribute"]
	var f filterFunc
	if !byAttr {
		word := in.str(r, 0, "")
		if f = filterFuncs[word.s]; f == nil {
			fail("line %d: there is no filter %q", r.line, word.s)
		}
		in.list = in.list[1:]
	}
	var list []any
	for _, item := range r.items(v) {
		r.enter()
		if byAttr {
			item = r.item(item, name, false)
		} else {
			item = f(r, item, in)
		}
		r.leave()
		list = append(list, item)
	}
	return r.list(list)
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

// tojsonFilter writes JSON as Python's json.dumps does with ensure_ascii=False.
func tojsonFilter(r *run, v any, in arguments) any {
	var b builder
	indent := in.int(r, 0, "indent", -1)
	if indent > DepthMax {
		fail("%w: tojson with an indent of %d", ErrLimit, indent)
	}
	r.json(&b, v, indent, 0)
	return b.str()
}

// json writes a value; indent is negative if all goes on one line.
func (r *run) json(b *builder, v any, indent, depth int) {
	r.enter()
	defer r.leave()
	newline := func(depth int) {
		if indent >= 0 {
			b.add(r, text("\n"+strings.Repeat(" ", indent*depth)))
		}
	}
	comma := func(i int) {
		if i > 0 {
			b.add(r, text(map[bool]string{true: ",", false: ", "}[indent >= 0]))
		}
		newline(depth + 1)
	}
	switch v := v.(type) {
	case nil:
		b.add(r, text("null"))
	case bool:
		b.add(r, text(strconv.FormatBool(v)))
	case int64, float64:
		r.repr(b, v)
	case str:
		b.add(r, jsonString(v))
	case []any:
		b.add(r, text("["))
		for i, item := range v {
			comma(i)
			r.json(b, item, indent, depth+1)
		}
		if len(v) > 0 {
			newline(depth)
		}
		b.add(r, text("]"))
	case *dict:
		b.add(r, text("{"))
		for i, key := range v.keys {
			comma(i)
			b.add(r, jsonString(r.print(key)))
			b.add(r, text(": "))
			r.json(b, v.of(key), indent, depth+1)
		}
		if len(v.keys) > 0 {
			newline(depth)
		}
		b.add(r, text("}"))
	default:
		fail("line %d: %s in JSON", r.line, kindOf(v))
	}
}

func jsonString(s str) str {
	var w strings.Builder
	e := json.NewEncoder(&w)
	e.SetEscapeHTML(false)
	if err := e.Encode(s.s); err != nil {
		fail("tojson: %w", err)
	}
	quoted := strings.NewReplacer("\\u2028", "\u2028", "\\u2029", "\u2029").Replace(strings.TrimSuffix(w.String(), "\n"))
	return s.like(quoted)
}
