// Package token turns text into token ids and ids into text.
//
// A text is any string of bytes: what is not UTF-8 goes through the byte
// tokens of the vocabulary and comes back as it was. What a user types is text,
// also where it looks like the name of a control token.
package token

import (
	"cmp"
	"slices"
	"strconv"
)

// An ID is a token's place in the vocabulary.
type ID int32

// The control tokens of a SentencePiece vocabulary have fixed places.
const (
	unkID ID = 0 // stands for what the vocabulary cannot spell
	bosID ID = 1 // begins a sequence
	eosID ID = 2 // ends one
)

// firstByte is the place of the token <0x00>; those of the other bytes follow it.
const firstByte ID = 3

// An SPM is a SentencePiece vocabulary with its merge rules in llama2.c's
// reading of them. It does not change and may be shared.
type SPM struct {
	pieces   []string
	scores   []float32
	ids      map[string]ID // of the pieces; see resolve for those that occur twice
	bytes    [256]ID       // the tokens of single bytes
	pieceMax int           // bytes of the longest piece
	inside   bytePairs     // that stand side by side in a piece
}

// bytePairs is a set of pairs of bytes: the bit b of row a says that (a, b) is in it.
type bytePairs [256][4]uint64

func (p *bytePairs) add(a, b byte)      { p[a][b>>6] |= 1 << (b & 63) }
func (p *bytePairs) has(a, b byte) bool { return p[a][b>>6]>>(b&63)&1 != 0 }

// newSPM takes over pieces and scores, which have the same length, at least eosID+1.
func newSPM(pieces []string, scores []float32) *SPM {
	s := &SPM{pieces: pieces, scores: scores, ids: make(map[string]ID, len(pieces))}
	for i, p := range pieces {
		s.ids[p] = ID(i)
		s.pieceMax = max(s.pieceMax, len(p))
		for j := 1; j < len(p); j++ {
			s.inside.add(p[j-1], p[j])
		}
	}
	if len(s.ids) < len(pieces) {
		s.resolve()
	}
	for b := range s.bytes {
		s.bytes[b] = unkID
		// As in run.c, whatever piece stands there: a vocabulary of letters without byte
		// tokens reads a character that it lacks as other letters.
		if id := firstByte + ID(b); int(id) < len(pieces) {
			s.bytes[b] = id
		}
	}
	return s
}

// resolve chooses among equal pieces as run.c does with glibc: qsort, a merge
// sort there, leaves them in the order of their ids, and bsearch takes the
// first that it hits when it halves the vocabulary.
func (s *SPM) resolve() {
	order := make([]ID, len(s.pieces))
	for i := range order {
		order[i] = ID(i)
	}
	slices.SortFunc(order, func(a, b ID) int {
		return cmp.Or(cmp.Compare(s.pieces[a], s.pieces[b]), cmp.Compare(a, b))
	})
	for p := range s.ids {
		lo, hi := 0, len(order)
		for {
			mid := (lo + hi) / 2
			c := cmp.Compare(p, s.pieces[order[mid]])
			if c == 0 {
				s.ids[p] = order[mid]
				break
			}
			if c < 0 {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
	}
}

// byteValue returns the byte that a piece of the form <0xNN> stands for.
func byteValue(piece string) (byte, bool) {
	if len(piece) != 6 || piece[:3] != "<0x" || piece[5] != '>' {
		return 0, false
	}
	v, err := strconv.ParseUint(piece[3:5], 16, 8)
	return byte(v), err == nil
}

// Size returns the number of tokens.
func (s *SPM) Size() int { return len(s.pieces) }

// BOS returns the token that begins a sequence.
func (s *SPM) BOS() ID { return bosID }

// EOS returns the token that ends a sequence.
func (s *SPM) EOS() ID { return eosID }

// Piece returns the spelling of a token in the vocabulary, which is not always
// its text: see AppendDecode. id must be from 0 to Size()-1.
func (s *SPM) Piece(id ID) string { return s.pieces[id] }

// Name returns a token in a form for people: control tokens as <unk>, <s> and
// </s>, tokens of single bytes as <0xNN>, and text in quotes, so that it looks
// like neither. id must be from 0 to Size()-1.
func (s *SPM) Name(id ID) string {
	switch id {
	case unkID:
		return "<unk>"
	case bosID:
		return "<s>"
	case eosID:
		return "</s>"
	}
	piece := s.pieces[id]
	if _, ok := byteValue(piece); ok {
		return piece
	}
	return strconv.Quote(piece)
}
