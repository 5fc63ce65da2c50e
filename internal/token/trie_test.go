package token

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTrie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.StringMatching(`[ab\xff]{0,4}`)).Draw(t, "texts")
		text := rapid.StringMatching(`[abc\xff]{0,8}`).Draw(t, "text")
		var entries []entry
		last := map[string]ID{}
		for i, s := range texts {
			entries = append(entries, entry{s, ID(i)})
			last[s] = ID(i)
		}
		want, wantID := "", noID
		for s, id := range last {
			if len(s) > len(want) && strings.HasPrefix(text, s) {
				want, wantID = s, id
			}
		}
		if got, id := newTrie(entries).longest(text); got != want || id != wantID {
			t.Fatalf("%q begins with %q, token %d, want %q, %d", text, got, id, want, wantID)
		}
	})
}

func TestMatcher(t *testing.T) {
	const ab, abc, word, left, right, both = 1, 2, 3, 4, 5, 6
	m := newMatcher([]special{
		{id: ab, text: "<ab"}, {id: abc, text: "<abc>"}, {id: word, text: "word", word: true},
		{id: left, text: "<l>", lstrip: true}, {id: right, text: "<r>", rstrip: true},
		{id: both, text: "<b>", lstrip: true, rstrip: true},
	})
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"plain", "plain*"},
		{"<abc>", "2"},
		{"x<ab<abc><abx", "x*|1|2|1|x"},
		{"word", "3"},
		{"a word.", "a *|3|."},
		{"words sword éword word_ word1", "words sword éword word_ word1*"},
		{" \t<l> x", "4| x"},
		{"x <r> \n x", "x *|5|x"},
		{"x <b> <b> y", "x*|6|6|y"},
		{"<r> <l>", "5|4"},
		{"<b>", "6"},
		{"\xff<ab\xff", "\xff*|1|\xff"},
	} {
		var parts []string
		m.cut(c.text, func(part string, first bool, id ID) {
			switch {
			case id != noID:
				part = fmt.Sprint(id)
			case first:
				part += "*"
			}
			parts = append(parts, part)
		})
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%q is cut to %q, want %q", c.text, got, c.want)
		}
	}
}

// arrayOf returns a precompiled_charsmap: for every text what replaces it.
func arrayOf(rules [][2]string) []byte {
	var entries []entry
	texts := "\x00"
	for _, r := range rules {
		entries = append(entries, entry{r[0], ID(len(texts))})
		texts += r[1] + "\x00"
	}
	t := newTrie(entries)
	// Every node gets 512 units of its own, so that none are in the way of others:
	// it is at the first, its children at those of their bytes, and its value after these.
	units := make([]uint32, 512*len(t.ids))
	base := func(node int32) uint32 { return uint32(512 * node) }
	place := make([]uint32, len(t.ids)) // of the nodes
	for i := range t.ids {
		node := int32(i)
		to := base(node) ^ place[i]
		shifted := to << 10
		if to >= 1<<21 {
			panic("too far")
		}
		units[place[i]] |= shifted
		if t.ids[i] != noID {
			units[place[i]] |= 1 << 8
			units[base(node)] = 1<<31 | uint32(t.ids[i])
		}
		for child := t.first[i]; child < t.first[i+1]; child++ {
			place[child] = base(node) ^ uint32(t.labels[child])
			units[place[child]] = uint32(t.labels[child])
		}
	}
	data := make([]byte, 0, 4+4*len(units)+len(texts))
	for _, u := range append([]uint32{uint32(4 * len(units))}, units...) {
		data = append(data, byte(u), byte(u>>8), byte(u>>16), byte(u>>24))
	}
	return append(data, texts...)
}

func TestCharsmap(t *testing.T) {
	m, err := newCharsmap(arrayOf([][2]string{
		{"ﬁ", "fi"}, {"\t", " "}, {"a", "A"}, {"ab", "X"}, {"abcd", ""}, {"x", "y"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text, want string
		n          int
	}{
		{"", "", 0}, {"b", "", 0}, {"ﬁb", "fi", 3}, {"\xef\xac", "", 0}, {"\tb", " ", 1}, {"ac", "A", 1}, {"abc", "X", 2},
		{"abcde", "", 4}, {"\x00", "", 0}, {"x\x00", "y", 1}, {"\xff", "", 0},
	} {
		if n, got := m.longest(c.text); n != c.n || got != c.want {
			t.Errorf("%q: %d bytes become %q, want %d and %q", c.text, n, got, c.n, c.want)
		}
	}
}

func TestCharsmapErrors(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"abc", "3 bytes, want 4 or more"},
		{"\x00\x00\x00\x00\x00", "the trie has 0 bytes"},
		{"\x08\x00\x00\x00abcd", "the trie has 8 bytes, want a multiple of 4 up to 4"},
		{"\xff\xff\xff\xffabcd", "the trie has 4294967295 bytes"},
		{"\x03\x00\x00\x00abcd\x00", "the trie has 3 bytes"},
		{"\x04\x00\x00\x00abcdx", "do not end with a zero byte"},
		{"\x04\x00\x00\x00abcd" + strings.Repeat("x", 257) + "\x00", "257 bytes exceeds the limit of 256"},
	} {
		if _, err := newCharsmap([]byte(c.data)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %q", c.data, err, c.want)
		}
	}
}

func FuzzCharsmap(f *testing.F) {
	f.Add(arrayOf([][2]string{{"a", "bc"}}), "a b")
	f.Add([]byte("\x04\x00\x00\x00\xff\xff\xff\xff\x00"), "aa")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		m, err := newCharsmap(data)
		if err != nil {
			return
		}
		n := spNormalizer{chars: m, trim: true, escape: true, dummy: true}
		grow := 1
		if m != nil {
			grow = m.grow
		}
		if got := n.normalize(text); len(got) > 3*(grow*len(text)+1) {
			t.Fatalf("%d bytes become %d", len(text), len(got))
		}
	})
}
