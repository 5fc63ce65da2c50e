package token

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A special is a token that is found in a text as a whole, before anything else.
type special struct {
	id             ID
	text           string
	lstrip, rstrip bool // white space before or after it is part of it
	word           bool // not as a part of a longer word
}

// A matcher finds specials. A nil one finds none.
type matcher struct {
	trie   *trie // of indexes
	tokens []special
}

func newMatcher(tokens []special) *matcher {
	if len(tokens) == 0 {
		return nil
	}
	m := &matcher{tokens: slices.Clone(tokens)}
	entries := make([]entry, len(tokens))
	for i, s := range tokens {
		entries[i] = entry{s.text, ID(i)}
	}
	m.trie = newTrie(entries)
	return m
}

// cut calls f with the parts of text in their order: the specials, the leftmost
// first and the longest of those, and with noID what is between them, if
// it is not empty. first says that a part begins the text.
func (m *matcher) cut(text string, f func(part string, first bool, id ID)) {
	for done := 0; done < len(text); {
		start, end, id := m.next(text, done, done, len(text))
		if done < start {
			f(text[done:start], done == 0, noID)
		}
		if id != noID {
			f(text[start:end], start == 0, id)
		}
		done = end
	}
}

// next returns the first special whose spelling lies in text[from:to], and where it begins and ends
// with the white space that is part of it, of which that before text[done] is not. If there is
// none, the id is noID and it begins and ends with the text.
func (m *matcher) next(text string, done, from, to int) (start, end int, id ID) {
	for m != nil && from < to {
		n, match, i := m.trie.next(text[from:to])
		if match == "" {
			break
		}
		start, end = from+n, from+n+len(match)
		from = end
		s := &m.tokens[i]
		if s.word && (endsWord(text[:start]) || beginsWord(text[end:])) {
			continue
		}
		if s.lstrip {
			start = max(done, len(strings.TrimRightFunc(text[:start], unicode.IsSpace)))
		}
		if s.rstrip {
			end = len(text) - len(strings.TrimLeftFunc(text[end:], unicode.IsSpace))
		}
		return start, end, s.id
	}
	return len(text), len(text), noID
}

func endsWord(text string) bool {
	c, _ := utf8.DecodeLastRuneInString(text)
	return isWord(c)
}

func beginsWord(text string) bool {
	c, _ := utf8.DecodeRuneInString(text)
	return isWord(c)
}

// isWord reports whether c matches \w of the regular expressions of Unicode's
// technical standard 18. The rune that stands for no character does not.
func isWord(c rune) bool {
	return unicode.In(c, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic,
		unicode.Join_Control)
}
