package token

import (
	"slices"
	"unicode/utf8"
)

// A charBPE makes pieces of characters, as SentencePiece and, with the merge
// rules of a tokenizer.json, Hugging Face's library do. As long as there are
// neighbours that merge, the best of them do, the leftmost of equals. By
// SentencePiece's rule two neighbours merge if they spell a piece together,
// and those of the better score are better. A tokenizer.json lists the pairs
// that merge, the best first.
type charBPE struct {
	ids      map[string]ID   // pieces that text can become
	scores   []float32       // by id
	listed   map[[2]ID]merge // nil: SentencePiece's rule
	unused   map[ID]bool     // pieces that come apart again in the end
	whole    *trie           // pieces that stay as they are; nil for none
	fallback fallback
	pieceMax int       // bytes of the longest piece
	inside   bytePairs // that stand side by side in a piece
	ignore   bool      // a text that is a piece becomes it, whatever merges there are
}

// A merge is what two pieces become, and how good that is.
type merge struct {
	id    ID
	score float32
}

// A fallback says what becomes of a character that is no piece.
type fallback struct {
	bytes    *[256]ID // it becomes the tokens of its bytes, if none is noID; nil if there are none
	unk      ID       // or else this; noID: nothing
	separate bool     // and not one for all in a row
}

// append appends the tokens of a character. fuse says that the character before has become unk.
func (f *fallback) append(dst []ID, char string, fuse bool) (ids []ID, unknown bool) {
	if f.bytes != nil {
		n := len(dst)
		for i := range len(char) {
			dst = append(dst, f.bytes[char[i]])
		}
		if !slices.Contains(dst[n:], noID) {
			return dst, false
		}
		dst = dst[:n]
	}
	if f.unk != noID && (f.separate || !fuse) {
		dst = append(dst, f.unk)
	}
	return dst, true
}

// newCharBPE returns a charBPE of the pieces that text can become, by id.
func newCharBPE(ids map[string]ID, scores []float32, f fallback) *charBPE {
	b := &charBPE{ids: ids, scores: scores, fallback: f}
	for piece := range ids {
		b.pieceMax = max(b.pieceMax, len(piece))
		for j := 1; j < len(piece); j++ {
			b.inside.add(piece[j-1], piece[j])
		}
	}
	return b
}

// A charMerger encodes a text. Like a merger it works on one segment at a time.
type charMerger struct {
	*charBPE
	dst     []ID
	text    string
	symbols []span // the segment
	queue   queue
	apart   map[string]int // how unused pieces came about: the length of the left part
	unknown bool           // the last token is one
}

// A span is a symbol: a part of the text. One that was merged into the one before has length 0.
type span struct {
	id         ID // noID for a character that is no piece
	at, n      int
	prev, next int  // -1 at the ends
	whole      bool // merges with nothing
}

// encode is an engine's.
func (b *charBPE) encode(dst []ID, text string, _ bool) []ID {
	if id, ok := b.ids[text]; ok && b.ignore {
		return append(dst, id)
	}
	m := charMerger{charBPE: b, dst: dst, text: text}
	for at := 0; at < len(text); {
		at += m.add(at)
	}
	m.end()
	return m.dst
}

// add adds the symbol at a place in the text and returns its length.
func (m *charMerger) add(at int) int {
	s := span{at: at, id: noID, prev: len(m.symbols) - 1, next: -1}
	if m.whole != nil {
		piece, id := m.whole.longest(m.text[at:])
		s.n, s.id, s.whole = len(piece), id, piece != ""
	}
	if s.n == 0 {
		_, s.n = utf8.DecodeRuneInString(m.text[at:])
		if id, ok := m.ids[m.text[at:at+s.n]]; ok {
			s.id = id
		}
	}
	if s.id == noID && m.fallback.bytes == nil && m.fallback.unk == noID {
		return s.n // it leaves no trace, and its neighbours may merge
	}
	if s.prev >= 0 {
		if last := &m.symbols[s.prev]; s.whole || last.whole || !m.inside.has(m.text[last.at+last.n-1], m.text[at]) {
			m.end()
			s.prev = -1
		} else {
			last.next = len(m.symbols)
		}
	}
	m.symbols = append(m.symbols, s)
	return s.n
}

// end merges what can be and appends the tokens of the segment.
func (m *charMerger) end() {
	m.merge()
	for i := range m.symbols {
		if s := &m.symbols[i]; s.n > 0 {
			m.emit(m.text[s.at:s.at+s.n], s.id)
		}
	}
	m.symbols = m.symbols[:0]
}

// emit appends a piece, or what it came about from if it is unused.
func (m *charMerger) emit(text string, id ID) {
	if id == noID {
		m.dst, m.unknown = m.fallback.append(m.dst, text, m.unknown)
		return
	}
	if n, ok := m.apart[text]; ok && m.unused[id] {
		for _, part := range []string{text[:n], text[n:]} {
			partID, ok := m.ids[part]
			if !ok {
				partID = noID
			}
			m.emit(part, partID)
		}
		return
	}
	m.dst, m.unknown = append(m.dst, id), false
}

func (m *charMerger) merge() {
	if len(m.symbols) < 2 {
		return
	}
	m.queue = m.queue[:0]
	for i := range m.symbols {
		if p, ok := m.pairAt(i); ok {
			m.queue = append(m.queue, p)
		}
	}
	m.queue.init()
	for len(m.queue) > 0 {
		if p := m.queue.pop(); m.has(p) {
			m.join(p)
		}
	}
}

// pairAt returns symbol i and the next as a pair, and whether they can merge.
func (m *charMerger) pairAt(i int) (pair, bool) {
	left := &m.symbols[i]
	if left.next < 0 {
		return pair{}, false
	}
	right := &m.symbols[left.next]
	p := pair{pos: i, left: left.id, right: right.id}
	if m.listed != nil {
		found, ok := m.listed[[2]ID{left.id, right.id}]
		p.merged, p.score = found.id, found.score
		return p, ok
	}
	if left.n+right.n > m.pieceMax {
		return pair{}, false
	}
	var ok bool
	if p.merged, ok = m.ids[m.text[left.at:left.at+left.n+right.n]]; !ok {
		return pair{}, false
	}
	p.score = m.scores[p.merged]
	return p, true
}

// has reports whether the pair is still where it says.
func (m *charMerger) has(p pair) bool {
	s := &m.symbols[p.pos]
	return s.n > 0 && s.id == p.left && s.next >= 0 && m.symbols[s.next].id == p.right
}

func (m *charMerger) join(p pair) {
	s := &m.symbols[p.pos]
	gone := &m.symbols[s.next]
	if m.unused[p.merged] {
		if m.apart == nil {
			m.apart = map[string]int{}
		}
		m.apart[m.text[s.at:s.at+s.n+gone.n]] = s.n
	}
	s.id, s.next, s.n = p.merged, gone.next, s.n+gone.n
	gone.n = 0
	if s.next >= 0 {
		m.symbols[s.next].prev = p.pos
	}
	for _, i := range []int{s.prev, p.pos} {
		if i < 0 {
			continue
		}
		if p, ok := m.pairAt(i); ok {
			m.queue.push(p)
		}
	}
}
