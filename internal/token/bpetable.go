package token

import (
	"hash/maphash"
	"math/bits"
)

// A wordTable finds the token of a piece. It is a hash table with open addresses
// whose slots are the upper half of a piece's hash, and its id plus one: most of
// what is not there is found not to be without a look at any piece.
type wordTable struct {
	slots  []uint64
	seed   maphash.Seed
	unique bool // no two pieces are equal
}

// newWordTable returns the table of all pieces but the empty ones. Of equal ones it has the first.
func newWordTable(pieces []string) wordTable {
	w := wordTable{make([]uint64, tableSize(len(pieces))), maphash.MakeSeed(), true}
	for id, p := range pieces {
		if p == "" {
			continue
		}
		hash := maphash.String(w.seed, p)
		if i, found := w.slot(pieces, p, hash); found == noID {
			w.slots[i] = hash>>32<<32 | uint64(id+1)
		} else {
			w.unique = false
		}
	}
	return w
}

// find returns the token of a piece, noID if there is none.
func (w *wordTable) find(pieces []string, piece string) ID {
	_, id := w.slot(pieces, piece, maphash.String(w.seed, piece))
	return id
}

// merger returns a mergeFinder. Files list merges by what they spell, in the order of the
// vocabulary, so that it mostly is the token of the last merge or the one after it.
func (w *wordTable) merger(pieces []string) mergeFinder {
	last := 0
	whole := make([]byte, 0, 64) // longer than most
	return func(left, right string) [3]ID {
		whole = append(append(whole[:0], left...), right...)
		for id := last; w.unique && id < min(last+2, len(pieces)); id++ {
			if pieces[id] == string(whole) && len(whole) > 0 {
				last = id
				return [3]ID{w.find(pieces, left), w.find(pieces, right), ID(id)}
			}
		}
		id := w.find(pieces, string(whole))
		last = max(0, int(id))
		return [3]ID{w.find(pieces, left), w.find(pieces, right), id}
	}
}

// slot returns where a piece is, or would be, and its token, noID if it is not there.
func (w *wordTable) slot(pieces []string, piece string, hash uint64) (int, ID) {
	for i := int(hash); ; i++ {
		i &= len(w.slots) - 1
		s := w.slots[i]
		if s == 0 {
			return i, noID
		}
		if id := ID(uint32(s)) - 1; (s^hash)>>32 == 0 && pieces[id] == piece {
			return i, id
		}
	}
}

// tableSize returns the slots of a hash table for n entries: a power of two, no
// more than two thirds full.
func tableSize(n int) int { return 1 << bits.Len(uint(n+n/2)) }

// A pairTable finds the rank at which two tokens merge. It is a hash table with
// open addresses whose slots are pairRules.
type pairTable struct {
	rules []uint64
	shift int // takes a product of 64 bits to an index
}

// rankBits and idBits split a pairRule.
const (
	rankBits = 22
	idBits   = 21
)

// noRule is no pairRule: it would be of a token beyond bpeIDsMax.
const noRule = ^uint64(0)

// pairRule is the rule that left and right, at most bpeIDsMax, merge at rank, at most bpeRanksMax.
func pairRule(left, right ID, rank uint32) uint64 {
	return (uint64(left)<<idBits|uint64(right))<<rankBits | uint64(rank)
}

// newPairTable returns the table of rules. Of those for the same pair the first holds.
func newPairTable(rules []uint64) pairTable {
	size := tableSize(len(rules))
	t := pairTable{rules: make([]uint64, size), shift: 64 - bits.Len(uint(size-1))}
	for i := range t.rules {
		t.rules[i] = noRule
	}
	for _, r := range rules {
		if i, found := t.slot(r >> rankBits); !found {
			t.rules[i] = r
		}
	}
	return t
}

// rank returns the rank at which two tokens merge, noRank if they do not.
func (t *pairTable) rank(left, right ID) uint32 {
	if left|right < 0 {
		return noRank
	}
	if i, found := t.slot(uint64(left)<<idBits | uint64(right)); found {
		return uint32(t.rules[i] & (1<<rankBits - 1))
	}
	return noRank
}

// slot returns where the rule for a pair is, or would be, and whether it is there.
func (t *pairTable) slot(pair uint64) (int, bool) {
	for i := int(pair * 0x9e3779b97f4a7c15 >> t.shift); ; i++ { // Knuth's multiplicative hash
		i &= len(t.rules) - 1
		switch r := t.rules[i]; {
		case r == noRule:
			return i, false
		case r>>rankBits == pair:
			return i, true
		}
	}
}
