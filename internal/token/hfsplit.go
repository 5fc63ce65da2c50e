package token

import (
	"iter"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A finder finds places in a text, from left to right.
type finder func(text string) iter.Seq2[int, int]

// A cutter cuts a text at the places that it finds.
type cutter struct {
	find     finder
	invert   bool // what is between the places counts as them
	behavior string
}

// split reads a pre-tokenizer of the type Split.
func (p *hfParser) split(field string, s hfPreTokenizer) error {
	switch {
	case s.Pattern.String != nil && *s.Pattern.String != "":
		return p.cutAt(field, literal(*s.Pattern.String), s.Behavior, s.Invert)
	case s.Pattern.Regex == nil:
		return hfFault(field, "it has no pattern")
	case s.Behavior == "Isolated":
		split, err := splitterForPattern(*s.Pattern.Regex)
		if err != nil {
			return hfFault(field, "%v", err)
		}
		p.stages = append(p.stages, split)
		return nil
	}
	re, err := compile(*s.Pattern.Regex)
	if err == nil {
		return p.cutAt(field, matches(re), s.Behavior, s.Invert)
	}
	if s.Behavior == "Removed" && s.Invert {
		// Such patterns, of tiktoken's kind, leave nothing between their matches.
		if split, err := splitterForPattern(*s.Pattern.Regex); err == nil {
			p.stages = append(p.stages, split)
			return nil
		}
	}
	return hfFault(field, "%v", err)
}

// cutAt adds a cutter.
func (p *hfParser) cutAt(field string, find finder, behavior string, invert bool) error {
	behaviors := []string{"Removed", "Isolated", "Contiguous", "MergedWithPrevious", "MergedWithNext"}
	if !slices.Contains(behaviors, behavior) {
		return hfFault(field, "behavior %q is not supported, want one of %s", behavior, strings.Join(behaviors, ", "))
	}
	p.stages = append(p.stages, &cutter{find, invert, behavior})
	return nil
}

// A slice is a part of a text: a place that was found, or what is between two.
type slice struct {
	start, end int
	found      bool
}

// cut is a stage's.
func (c *cutter) cut(text string, first bool, emit func(string, bool)) {
	for _, s := range c.merge(c.slices(text)) {
		if !s.found || c.behavior != "Removed" {
			emit(text[s.start:s.end], first && s.start == 0)
		}
	}
}

func (c *cutter) slices(text string) []slice {
	var list []slice
	done := 0
	add := func(end int, found bool) {
		if done < end {
			list = append(list, slice{done, end, found != c.invert})
		}
		done = end
	}
	for start, end := range c.find(text) {
		add(start, false)
		add(end, true)
	}
	add(len(text), false)
	return list
}

// merge joins slices as the behavior says.
func (c *cutter) merge(list []slice) []slice {
	if c.behavior == "Isolated" || c.behavior == "Removed" {
		return list
	}
	back := c.behavior == "MergedWithNext"
	if back {
		slices.Reverse(list)
	}
	out := list[:0]
	before := false // whether the slice before was found
	for _, s := range list {
		joins := s.found && !before
		if c.behavior == "Contiguous" {
			joins = s.found == before
		}
		if n := len(out); joins && n > 0 {
			out[n-1].start, out[n-1].end = min(out[n-1].start, s.start), max(out[n-1].end, s.end)
		} else {
			out = append(out, s)
		}
		before = s.found
	}
	if back {
		slices.Reverse(out)
	}
	return out
}

// runes finds the single characters for which is holds.
func runes(is func(rune) bool) finder {
	return func(text string) iter.Seq2[int, int] {
		return func(yield func(int, int) bool) {
			for i := 0; i < len(text); {
				c, n := utf8.DecodeRuneInString(text[i:])
				if is(c) && !yield(i, i+n) {
					return
				}
				i += n
			}
		}
	}
}

// isPunctuation also holds for ASCII's signs, as in Rust.
func isPunctuation(c rune) bool {
	return unicode.IsPunct(c) || c < utf8.RuneSelf && unicode.IsSymbol(c)
}

// words finds runs of word characters and runs of what is neither these nor white space.
func words(text string) iter.Seq2[int, int] {
	const space, other, word = 0, 1, 2
	class := func(c rune) int {
		switch {
		case isWord(c):
			return word
		case unicode.IsSpace(c):
			return space
		}
		return other
	}
	return func(yield func(int, int) bool) {
		start, last := 0, space
		for i, c := range text {
			if now := class(c); now != last {
				if last != space && !yield(start, i) {
					return
				}
				start, last = i, now
			}
		}
		if last != space {
			yield(start, len(text))
		}
	}
}

// literal finds a string, which is not empty.
func literal(pattern string) finder {
	return func(text string) iter.Seq2[int, int] {
		return func(yield func(int, int) bool) {
			for at := 0; ; at += len(pattern) {
				n := strings.Index(text[at:], pattern)
				if n < 0 {
					return
				}
				if at += n; !yield(at, at+len(pattern)) {
					return
				}
			}
		}
	}
}

// matches finds what a regular expression matches.
func matches(re *regexp.Regexp) finder {
	return func(text string) iter.Seq2[int, int] {
		return func(yield func(int, int) bool) {
			for _, m := range re.FindAllStringIndex(text, -1) {
				if !yield(m[0], m[1]) {
					return
				}
			}
		}
	}
}
