package token

import (
	"slices"
	"strings"
)

// A trie finds strings from their first byte on. Its nodes are in the order of
// their depth and then of what they spell, so that the children of a node stand
// side by side: those of node i are first[i] to first[i+1]-1. Node 0 is the root.
type trie struct {
	first  []int32
	labels string // [i] is the byte that leads to node i
	ids    []ID   // [i] is what node i completes, or noID
}

// An entry is a string of a trie and what it stands for.
type entry struct {
	text string
	id   ID
}

// newTrie returns a trie of entries, which it sorts. Empty texts are left out;
// of equal ones the last counts.
func newTrie(entries []entry) *trie {
	slices.SortStableFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	type span struct{ lo, hi, depth int } // entries that begin with what a node spells
	level := []span{{0, len(entries), 0}}
	t := &trie{}
	labels := []byte{0}
	for len(level) > 0 {
		var next []span
		for _, s := range level {
			t.first = append(t.first, int32(len(labels)))
			id := noID
			for s.lo < s.hi && len(entries[s.lo].text) == s.depth {
				if s.depth > 0 {
					id = entries[s.lo].id
				}
				s.lo++
			}
			t.ids = append(t.ids, id)
			for s.lo < s.hi {
				b := entries[s.lo].text[s.depth]
				n := s.lo + 1
				for n < s.hi && entries[n].text[s.depth] == b {
					n++
				}
				labels = append(labels, b)
				next = append(next, span{s.lo, n, s.depth + 1})
				s.lo = n
			}
		}
		level = next
	}
	t.first = append(t.first, int32(len(labels)))
	t.labels = string(labels)
	return t
}

// step returns the node that b leads to from node i, or 0 if there is none.
func (t *trie) step(i int32, b byte) int32 {
	lo, hi := t.first[i], t.first[i+1]
	if at := strings.IndexByte(t.labels[lo:hi], b); at >= 0 {
		return lo + int32(at)
	}
	return 0
}

// longest returns the longest entry that text begins with, or "" and noID.
func (t *trie) longest(text string) (string, ID) {
	n, id := 0, noID
	for i, node := 0, int32(0); i < len(text); i++ {
		if node = t.step(node, text[i]); node == 0 {
			break
		}
		if t.ids[node] != noID {
			n, id = i+1, t.ids[node]
		}
	}
	return text[:n], id
}

// next returns the first place in text where an entry stands, the longest of
// those that begin there, or len(text) if there is none. The time grows with
// the length of the text and of the longest entry.
func (t *trie) next(text string) (at int, match string, id ID) {
	for at = 0; at < len(text); at++ {
		if t.step(0, text[at]) == 0 {
			continue
		}
		if match, id = t.longest(text[at:]); match != "" {
			return at, match, id
		}
	}
	return len(text), "", noID
}
