package token

// scoreMin is where run.c begins its search for the best merge: what does not score more never merges.
const scoreMin float32 = -1e10

// Encode appends the tokens of text to dst and returns it: the same tokens as
// run.c of llama2.c gives, in time n log n where run.c takes n². bos puts the
// token that begins a sequence first, eos the one that ends it last.
//
// An empty text has no tokens. Any other gets a space in front, as
// SentencePiece does, unless the vocabulary has none. Then every character is
// looked up, and one that is no piece becomes the tokens of its bytes. Then,
// as long as two neighbours together spell a piece, the best-scoring such pair
// merges, the leftmost of equals. BOS takes part in this by its spelling,
// "\n<s>\n", as in run.c; text can only become a control token by merging if
// the vocabulary has pieces that are parts of its spelling. Llama 2's and
// those of the TinyStories models have not.
//
// Two things are not as in run.c: a byte whose token lies beyond the vocabulary,
// where run.c reads out of range, makes its character <unk>, and a zero byte is a
// byte like others and does not end the text.
func (s *SPM) Encode(dst []ID, text string, bos, eos bool) []ID {
	m := merger{spm: s, ids: dst}
	m.encode(text, bos)
	if eos {
		m.ids = append(m.ids, eosID)
	}
	return m.ids
}

// A merger appends tokens to ids. It works on one segment of the text at a
// time: a text falls into segments where no piece has the two bytes side by
// side that meet, so that no merge reaches over; with most vocabularies these
// are words. The order of merges is then that of the segment alone.
type merger struct {
	spm     *SPM
	ids     []ID
	symbols []symbol // the segment
	queue   queue    // of every two neighbours that can merge, and of some that have gone
	buf     []byte   // what was last looked up
	lookups int      // how many so far, for the test of the running time
}

// A symbol is a token in a list of neighbours. Their order is that of their
// indexes; a symbol that was merged into the one before it has id noID.
type symbol struct {
	id         ID
	prev, next int // -1 at the ends
}

const noID ID = -1

func (m *merger) encode(text string, bos bool) {
	if bos {
		m.add(bosID)
	}
	if text != "" {
		if id, ok := m.spm.ids[" "]; ok {
			m.add(id)
		}
	}
	for text != "" {
		n := charLen(text)
		m.addChar(text[:n])
		text = text[n:]
	}
	m.endSegment()
}

// charLen returns the length of what run.c takes for the character that text
// begins with: one byte, whatever it is, and up to three continuation bytes.
func charLen(text string) int {
	n := 1
	for n < 4 && n < len(text) && text[n]&0xc0 == 0x80 {
		n++
	}
	return n
}

func (m *merger) addChar(char string) {
	if id, ok := m.spm.ids[char]; ok {
		m.add(id)
		return
	}
	for i := range len(char) {
		id := m.spm.bytes[char[i]]
		m.add(id)
		if id == unkID {
			return // one <unk> stands for the whole character
		}
	}
}

func (m *merger) add(id ID) {
	if n := len(m.symbols); n > 0 && !m.spm.mayJoin(m.symbols[n-1].id, id) {
		m.endSegment()
	}
	i := len(m.symbols)
	m.symbols = append(m.symbols, symbol{id: id, prev: i - 1, next: -1})
	if i > 0 {
		m.symbols[i-1].next = i
	}
}

// mayJoin reports whether any piece may hold the end of left and the beginning of right.
func (s *SPM) mayJoin(left, right ID) bool {
	l, r := s.pieces[left], s.pieces[right]
	return l == "" || r == "" || s.inside.has(l[len(l)-1], r[0])
}

func (m *merger) endSegment() {
	m.merge()
	for _, s := range m.symbols {
		if s.id != noID {
			m.ids = append(m.ids, s.id)
		}
	}
	m.symbols = m.symbols[:0]
}

// merge merges until no two neighbours can.
func (m *merger) merge() {
	m.queue = m.queue[:0]
	for i := range m.symbols {
		if p, ok := m.pairAt(i); ok {
			m.queue = append(m.queue, p)
		}
	}
	m.queue.init()
	for len(m.queue) > 0 {
		// A pair that has gone since it was queued is passed over. One that is there, or
		// there again, may merge: equal ids at the same place have the same score.
		if p := m.queue.pop(); m.has(p) {
			m.join(p)
		}
	}
}

// pairAt returns symbol i and the next as a pair, and whether they can merge.
func (m *merger) pairAt(i int) (pair, bool) {
	next := m.symbols[i].next
	if next < 0 {
		return pair{}, false
	}
	p := pair{pos: i, left: m.symbols[i].id, right: m.symbols[next].id}
	left, right := m.spm.pieces[p.left], m.spm.pieces[p.right]
	if len(left)+len(right) > m.spm.pieceMax {
		return pair{}, false
	}
	m.lookups++
	m.buf = append(append(m.buf[:0], left...), right...)
	var ok bool
	if p.merged, ok = m.spm.ids[string(m.buf)]; !ok {
		return pair{}, false
	}
	p.score = m.spm.scores[p.merged]
	return p, p.score > scoreMin // which NaN is not
}

// has reports whether the pair is where it says.
func (m *merger) has(p pair) bool {
	s := m.symbols[p.pos]
	return s.id == p.left && s.next >= 0 && m.symbols[s.next].id == p.right
}

func (m *merger) join(p pair) {
	s := &m.symbols[p.pos]
	gone := &m.symbols[s.next]
	s.id, s.next = p.merged, gone.next
	gone.id = noID
	if s.next >= 0 {
		m.symbols[s.next].prev = p.pos
	}
	if s.prev >= 0 {
		m.enqueue(s.prev)
	}
	m.enqueue(p.pos)
}

func (m *merger) enqueue(i int) {
	if p, ok := m.pairAt(i); ok {
		m.queue.push(p)
	}
}
