package token

import (
	"sync"
	"unicode"
	"unicode/utf8"
)

// A category is a set of Unicode categories, as regular expressions name them.
type category uint8

const (
	catUpper  category = 1 << iota // \p{Lu} or \p{Lt}
	catLower                       // \p{Ll}
	catLetter                      // \p{L}: those, and letters without case
	catMark                        // \p{M}
	catNumber                      // \p{N}
	catPunct                       // \p{P}
	catSign                        // \p{S}
	catSpace                       // \s: all spaces of Unicode
)

// A categoryTable has the categories of every character, those of c at
// blocks[index[c>>8]][c&0xff]: blocks that are alike are there once. Control
// characters and those that Unicode has not assigned are in no category.
type categoryTable struct {
	index  [(unicode.MaxRune + 1) >> 8]uint16
	blocks [][256]category
}

// categories returns the table, which it makes at the first call, in a few milliseconds.
var categories = sync.OnceValue(func() *categoryTable {
	all := make([]category, unicode.MaxRune+1)
	for _, c := range []struct {
		table *unicode.RangeTable
		bit   category
	}{
		{unicode.Lu, catUpper}, {unicode.Lt, catUpper}, {unicode.Ll, catLower}, {unicode.L, catLetter},
		{unicode.M, catMark}, {unicode.N, catNumber}, {unicode.P, catPunct}, {unicode.S, catSign},
		{unicode.White_Space, catSpace},
	} {
		for _, r := range c.table.R16 {
			for i := rune(r.Lo); i <= rune(r.Hi); i += rune(r.Stride) {
				all[i] |= c.bit
			}
		}
		for _, r := range c.table.R32 {
			for i := rune(r.Lo); i <= rune(r.Hi); i += rune(r.Stride) {
				all[i] |= c.bit
			}
		}
	}
	t := new(categoryTable)
	known := map[[256]category]uint16{}
	for i := range t.index {
		block := [256]category(all[i<<8:])
		at, ok := known[block]
		if !ok {
			at = uint16(len(t.blocks))
			known[block] = at
			t.blocks = append(t.blocks, block)
		}
		t.index[i] = at
	}
	return t
})

// of returns the categories of a character.
func (t *categoryTable) of(c rune) category { return t.blocks[t.index[c>>8]][c&0xff] }

// at returns the categories of the character at text[i:], and its length. A byte
// that is not UTF-8 counts as U+FFFD. At the end of the text both are 0.
func (t *categoryTable) at(text string, i int) (category, int) {
	if i >= len(text) {
		return 0, 0
	}
	if b := text[i]; b < utf8.RuneSelf {
		return t.blocks[0][b], 1
	}
	c, n := utf8.DecodeRuneInString(text[i:])
	return t.of(c), n
}

// run returns where the characters at text[i:] end that are in one of the categories.
func (t *categoryTable) run(text string, i int, in category) int {
	for {
		c, n := t.at(text, i)
		if c&in == 0 {
			return i
		}
		i += n
	}
}

// runNot returns where the characters at text[i:] end that are in none of the categories.
func (t *categoryTable) runNot(text string, i int, in category) int {
	for {
		c, n := t.at(text, i)
		if c&in != 0 || n == 0 {
			return i
		}
		i += n
	}
}
