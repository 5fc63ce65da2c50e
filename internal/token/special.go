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
	done := 0 // where the part begins that has not been given to f
	plain := func(end int) {
		if done < end {
			f(text[done:end], done == 0, noID)
		}
	}
	for at := 0; m != nil && at < len(text); {
		n, match, i := m.trie.next(text[at:])
		if match == "" {
			break
		}
		start, end := at+n, at+n+len(match)
		at = end
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
		plain(start)
		f(text[start:end], start == 0, s.id)
		done, at = end, end
	}
	plain(len(text))
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
