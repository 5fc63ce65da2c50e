package token

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A charSet says whether a character is in it.
type charSet func(t *categoryTable, c rune) bool

// in returns the set of the characters of the categories, and of those in more.
func in(c category, more string) charSet {
	return func(t *categoryTable, r rune) bool { return t.of(r)&c != 0 || strings.ContainsRune(more, r) }
}

// between returns the set that a regular expression writes as [ranges].
func between(ranges string) charSet {
	var set unicode.RangeTable
	list := []rune(ranges)
	for len(list) > 0 {
		lo, hi, n := list[0], list[0], 1
		if len(list) > 2 && list[1] == '-' {
			hi, n = list[2], 3
		}
		set.R32 = append(set.R32, unicode.Range32{Lo: uint32(lo), Hi: uint32(hi), Stride: 1})
		list = list[n:]
	}
	slices.SortFunc(set.R32, func(a, b unicode.Range32) int { return cmp.Compare(a.Lo, b.Lo) })
	return func(_ *categoryTable, r rune) bool { return unicode.Is(&set, r) }
}

// runOf finds characters of the set side by side.
func runOf(set charSet) partFinder { return upTo(-1, set) }

// upTo finds characters of the set side by side, no more than most.
func upTo(most int, set charSet) partFinder {
	return func(t *categoryTable, text string) (int, int) {
		start, n := len(text), 0
		for i, c := range text {
			switch has := n != most && set(t, c); {
			case n > 0 && !has:
				return start, i
			case has:
				start = min(start, i)
				n++
			}
		}
		return start, len(text)
	}
}

// spacedRunOf finds characters of the set side by side, with a space before them if there is one.
func spacedRunOf(set charSet) partFinder {
	return func(t *categoryTable, text string) (int, int) {
		start, found := len(text), false
		for i, c := range text {
			switch has := set(t, c); {
			case found && !has:
				return start, i
			case has:
				start, found = min(start, i), true
			case t.of(c)&catSpace != 0:
				start = i
			default:
				start = len(text)
			}
		}
		if !found {
			start = len(text)
		}
		return start, len(text)
	}
}

// lastSpaces finds white space at the end of the text.
func lastSpaces(t *categoryTable, text string) (int, int) {
	start := len(text)
	for start > 0 {
		c, n := utf8.DecodeLastRuneInString(text[:start])
		if t.of(c)&catSpace == 0 {
			break
		}
		start -= n
	}
	return start, len(text)
}

// threeDigits finds [0-9][0-9][0-9].
func threeDigits(_ *categoryTable, text string) (int, int) {
	n := 0
	for i := range len(text) {
		if n++; text[i] < '0' || text[i] > '9' {
			n = 0
		}
		if n == 3 {
			return i - 2, i + 1
		}
	}
	return len(text), len(text)
}

// deepseekV3 finds what the last of the regular expressions of DeepSeek-V3 matches:
//
//	[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+
//	| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
func deepseekV3(t *categoryTable, text string) (int, int) {
	for i := range text {
		if n := deepseekV3First(t, text[i:]); n > 0 {
			return i, i + n
		}
	}
	return len(text), len(text)
}

// deepseekV3First returns how much of the beginning of text, which is not empty, matches.
func deepseekV3First(t *categoryTable, text string) int {
	c, n := t.at(text, 0)
	next, _ := t.at(text, n)
	switch isWord := category(catLetter | catMark); {
	case text[0] < utf8.RuneSelf && c&(catPunct|catSign) != 0 && len(text) > 1 && isASCIILetter(text[1]):
		for n < len(text) && isASCIILetter(text[n]) {
			n++
		}
		return n
	case c&isWord != 0,
		next&isWord != 0 && c&(catPunct|catSign) == 0 && text[0] != '\r' && text[0] != '\n':
		return t.run(text, n, isWord)
	case c&(catPunct|catSign) != 0, text[0] == ' ' && next&(catPunct|catSign) != 0:
		return lineEnds(text, t.run(text, n, catPunct|catSign), '\n')
	case c&catSpace != 0:
		return spacesOrLines(t, text)
	}
	return 0
}

func isASCIILetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }
