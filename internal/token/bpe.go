package token

import (
	"errors"
	"fmt"
	"sync/atomic"
)

// A bpe is a vocabulary of byte-level BPE with its merge rules. It may be shared.
type bpe struct {
	pieces []string
	bytes  [256]ID // the tokens of single bytes, noID for those that have none
	words  wordTable
	pairs  pairTable
	merged []ID // what the merge of a rank gives; nil if that is the rank itself
	split  splitter

	// A pre-token that is a piece is that token, if merging would give it too: always
	// with ignoreMerges, else if its bit in proved is set, as merging has shown before.
	ignoreMerges bool
	proved       []atomic.Uint64
}

// bpeIDsMax and bpeRanksMax are several times what any model has; pairTable counts on them.
const (
	bpeIDsMax   = 1<<21 - 1
	bpeRanksMax = 1<<22 - 1
)

// noRank is the rank of two tokens that do not merge.
const noRank = ^uint32(0)

// newBPE returns the bpe of pieces, the bytes of each token by id, and merges,
// pairs of pieces of which the first goes before the others. An empty piece is a
// token that text never becomes; of equal pieces the first is used. A merge of
// what are no pieces, or to none, is left out.
//
// With ignoreMerges a pre-token that is a piece becomes that token whether
// merges lead there or not. The bpe keeps pieces.
func newBPE(pieces []string, merges [][2]string, split splitter, ignoreMerges bool) (*bpe, error) {
	b, err := newPieces(pieces, split, ignoreMerges)
	if err != nil {
		return nil, err
	}
	find := b.words.merger(pieces)
	ids := make([][3]ID, len(merges))
	for i, m := range merges {
		ids[i] = find(m[0], m[1])
	}
	return b, b.setMerges(ids)
}

// newMergedBPE is newBPE for the ids of two pieces and of what they become, for
// each merge; noID in one of them leaves the merge out.
func newMergedBPE(pieces []string, merges [][3]ID, split splitter, ignoreMerges bool) (*bpe, error) {
	b, err := newPieces(pieces, split, ignoreMerges)
	if err != nil {
		return nil, err
	}
	return b, b.setMerges(merges)
}

func (b *bpe) setMerges(merges [][3]ID) error {
	if len(merges) > bpeRanksMax {
		return fmt.Errorf("token: %d merges exceed the limit of %d", len(merges), bpeRanksMax)
	}
	rules := make([]uint64, 0, len(merges))
	b.merged = make([]ID, len(merges))
	for rank, m := range merges {
		if !isMerge(m) {
			continue
		}
		b.merged[rank] = m[2]
		rules = append(rules, pairRule(m[0], m[1], uint32(rank)))
	}
	if len(rules) < len(merges)/2 {
		return fmt.Errorf("token: only %d of %d merges are of pieces and to pieces of the vocabulary",
			len(rules), len(merges))
	}
	b.pairs = newPairTable(rules)
	return nil
}

// rankedPieceMax bounds the time that newRankedBPE takes, which grows with the
// square of a piece's length. The longest known one is 128 spaces.
const rankedPieceMax = 1024

// newRankedBPE returns the bpe of a vocabulary without merge rules, as tiktoken
// has them: any two neighbours merge that together are a piece, those first
// whose piece has the lowest id. It keeps pieces, where it wants what newBPE does.
func newRankedBPE(pieces []string, split splitter) (*bpe, error) {
	b, err := newPieces(pieces, split, true)
	if err != nil {
		return nil, err
	}
	rules := make([]uint64, 0, 3*len(pieces))
	for id, p := range pieces {
		if len(p) > rankedPieceMax {
			return nil, fmt.Errorf("token: piece %d has %d bytes, more than the limit of %d", id, len(p), rankedPieceMax)
		}
		if len(p) > 1 && b.words.find(pieces, p) != ID(id) {
			continue
		}
		for i := 1; i < len(p); i++ {
			left := b.words.find(pieces, p[:i])
			if left == noID {
				continue
			}
			if right := b.words.find(pieces, p[i:]); right != noID {
				rules = append(rules, pairRule(left, right, uint32(id)))
			}
		}
	}
	b.pairs = newPairTable(rules)
	return b, nil
}

// newPieces returns a bpe without pairs.
func newPieces(pieces []string, split splitter, ignoreMerges bool) (*bpe, error) {
	if len(pieces) > bpeIDsMax {
		return nil, fmt.Errorf("token: %d pieces exceed the limit of %d", len(pieces), bpeIDsMax)
	}
	b := &bpe{pieces: pieces, words: newWordTable(pieces), split: split, ignoreMerges: ignoreMerges}
	hasByte := false
	for i := range b.bytes {
		b.bytes[i] = b.words.find(pieces, allBytes[i:i+1])
		hasByte = hasByte || b.bytes[i] != noID
	}
	if !hasByte {
		return nil, errors.New("token: no piece is a single byte, as byte-level BPE needs them")
	}
	if !ignoreMerges {
		b.proved = make([]atomic.Uint64, (len(pieces)+63)/64)
	}
	return b, nil
}

// encode appends the tokens of text, in which nothing is special, to dst and
// returns it. The text may be any bytes, but a byte that has no token, and is
// part of none, gets lost.
func (b *bpe) encode(dst []ID, text string) []ID {
	b.split(text, func(part string) { dst = b.encodePart(dst, part) })
	return dst
}

// encodePart appends the tokens of a pre-token.
func (b *bpe) encodePart(dst []ID, part string) []ID {
	whole := b.words.find(b.pieces, part)
	if whole != noID && (b.ignoreMerges || b.isProved(whole)) {
		return append(dst, whole)
	}
	n := len(dst)
	if len(part) <= shortMax {
		dst = b.mergeShort(dst, part)
	} else {
		dst = b.mergeLong(dst, part)
	}
	if whole != noID && len(dst) == n+1 && dst[n] == whole {
		b.proved[whole>>6].Or(1 << (whole & 63))
	}
	return dst
}

func (b *bpe) isProved(id ID) bool { return b.proved[id>>6].Load()>>(id&63)&1 != 0 }

// result returns what the merge of a rank gives.
func (b *bpe) result(rank uint32) ID {
	if b.merged == nil {
		return ID(rank)
	}
	return b.merged[rank]
}
