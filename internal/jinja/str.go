package jinja

import (
	"strings"
	"unicode"
)

// A str is a string that knows which of its bytes a user wrote.
type str struct {
	s    string
	mark string // "" if none is, or as long as s, with 'u' for a user's bytes and '-' for others
}

func text(s string) str { return str{s: s} }

func userText(s string) str { return str{s, strings.Repeat("u", len(s))} }

// like returns s with the marks of a string that it was made from in a way that moves bytes:
// all are a user's if any was.
func (a str) like(s string) str {
	if strings.Contains(a.mark, "u") {
		return userText(s)
	}
	return text(s)
}

// cut returns a.s[i:j].
func (a str) cut(i, j int) str {
	if a.mark == "" {
		return text(a.s[i:j])
	}
	return str{a.s[i:j], a.mark[i:j]}
}

// A builder puts strings together, and pays for them.
type builder struct {
	s, mark strings.Builder
}

func (b *builder) add(r *run, a str) {
	r.pay(len(a.s))
	if a.mark != "" {
		b.fill(b.s.Len())
		b.mark.WriteString(a.mark)
	}
	b.s.WriteString(a.s)
}

// fill marks the bytes up to n that have no mark yet as not a user's.
func (b *builder) fill(n int) { b.mark.WriteString(strings.Repeat("-", n-b.mark.Len())) }

func (b *builder) str() str {
	if b.mark.Len() == 0 {
		return text(b.s.String())
	}
	b.fill(b.s.Len())
	return str{b.s.String(), b.mark.String()}
}

// parts returns runs of bytes of one kind.
func (b *builder) parts() []Part {
	a := b.str()
	var parts []Part
	if a.mark == "" && a.s != "" {
		return []Part{{Text: a.s}}
	}
	for start := 0; start < len(a.mark); {
		end := start + 1
		for end < len(a.mark) && a.mark[end] == a.mark[start] {
			end++
		}
		parts = append(parts, Part{a.s[start:end], a.mark[start] == 'u'})
		start = end
	}
	return parts
}

// join returns strings with a separator between them.
func (r *run) join(list []str, sep str) str {
	var b builder
	for i, s := range list {
		if i > 0 {
			b.add(r, sep)
		}
		b.add(r, s)
	}
	return b.str()
}

// trimMax bounds the characters that strip looks for at each place.
const trimMax = 64

// trim takes characters away from the sides: those of set, or white space if it is nil.
func (a str) trim(set *str, left, right bool) str {
	is := unicode.IsSpace
	if set != nil {
		if len(set.s) > trimMax {
			fail("%w: strip of more than %d characters", ErrLimit, trimMax)
		}
		is = func(c rune) bool { return strings.ContainsRune(set.s, c) }
	}
	i, j := 0, len(a.s)
	if left {
		i = j - len(strings.TrimLeftFunc(a.s, is))
	}
	if right {
		j = i + len(strings.TrimRightFunc(a.s[i:], is))
	}
	return a.cut(i, j)
}

// split cuts at a separator, at most n times if n is not negative.
func (r *run) split(a, sep str, n int) []str {
	if sep.s == "" {
		fail("split: the separator is empty")
	}
	var list []str
	r.pay(len(a.s))
	start := 0
	for n != 0 {
		i := strings.Index(a.s[start:], sep.s)
		if i < 0 {
			break
		}
		r.pay(valueBytes)
		list = append(list, a.cut(start, start+i))
		start += i + len(sep.s)
		n--
	}
	return append(list, a.cut(start, len(a.s)))
}

// fields cuts at white space.
func (r *run) fields(a str) []str {
	var list []str
	r.pay(len(a.s))
	at := 0
	for word := range strings.FieldsSeq(a.s) {
		r.pay(valueBytes)
		i := at + strings.Index(a.s[at:], word)
		at = i + len(word)
		list = append(list, a.cut(i, at))
	}
	return list
}

// replace replaces old by now, at most n times if n is not negative.
func (r *run) replace(a, old, now str, n int) str {
	if old.s == "" {
		fail("replace: the text to replace is empty")
	}
	return r.join(r.split(a, old, n), now)
}
