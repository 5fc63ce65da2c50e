package token

import (
	"slices"
	"unicode/utf8"
)

// unknownPenalty is how much worse than the worst piece a character is that is none, as in SentencePiece.
const unknownPenalty = 10

// A unigram cuts a text into the pieces with the best sum of scores (Kudo
// 2018), by Viterbi's algorithm: of equal sums the one found first, which has
// the longest last piece. In SentencePiece a sum is rounded to float32 when it
// is kept, but not when it is compared; Hugging Face's library uses float64.
type unigram struct {
	trie     *trie
	scores   []float64 // by id
	unknown  float64   // score of a character that is no piece
	fallback fallback
	round    bool        // to float32
	whole    map[ID]bool // pieces that score best for every byte, less 0.1, so that they win
	best     float32     // that score
}

// A step is the best way to a place in the text.
type step struct {
	score float64
	from  int // where its last piece begins; -1: none was found
	id    ID
}

// encode is an engine's.
func (u *unigram) encode(dst []ID, text string, _ bool) []ID {
	steps := make([]step, len(text)+1)
	for i := range steps {
		steps[i].from = -1
	}
	for at := 0; at < len(text); {
		at += u.extend(steps, text, at)
	}
	// The way goes back from the end, so its pieces are turned round.
	path := make([]int, 0, len(text)/3)
	for end := len(text); end > 0; end = steps[end].from {
		path = append(path, end)
	}
	unknown := false
	for _, end := range slices.Backward(path) {
		s := steps[end]
		if s.id == noID {
			dst, unknown = u.fallback.append(dst, text[s.from:end], unknown)
		} else {
			dst, unknown = append(dst, s.id), false
		}
	}
	return dst
}

// extend follows all pieces that begin at a place and returns the length of the character there.
func (u *unigram) extend(steps []step, text string, at int) int {
	_, char := utf8.DecodeRuneInString(text[at:])
	known := false
	for i, node := at, int32(0); i < len(text); i++ {
		if node = u.trie.step(node, text[i]); node == 0 {
			break
		}
		id := u.trie.ids[node]
		if id == noID {
			continue
		}
		n := i + 1 - at
		score := u.scores[id]
		if u.whole[id] {
			score = float64(float32(n)*u.best) - 0.1
		}
		u.reach(steps, at, i+1, score, id)
		known = known || n == char
	}
	if !known {
		u.reach(steps, at, at+char, u.unknown, noID)
	}
	return char
}

// reach takes a piece from one place to another if it is the best way there.
func (u *unigram) reach(steps []step, from, to int, score float64, id ID) {
	score += steps[from].score
	if s := &steps[to]; s.from < 0 || score > s.score {
		if u.round {
			score = float64(float32(score))
		}
		*s = step{score, from, id}
	}
}
