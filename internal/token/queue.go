package token

// A pair of neighbours that spell a piece together.
type pair struct {
	score               float32 // of the piece
	left, right, merged ID
	pos                 int // of the left symbol
}

// before reports whether p merges before q: the better score, the leftmost of equals.
func (p *pair) before(q *pair) bool {
	return p.score > q.score || p.score == q.score && p.pos < q.pos
}

// A queue is a binary heap of pairs: q[0] merges before all others, q[i] before
// q[2i+1] and q[2i+2]. It is container/heap without calls through an interface.
type queue []pair

func (q queue) init() {
	for i := len(q)/2 - 1; i >= 0; i-- {
		q.down(i)
	}
}

func (q *queue) push(p pair) {
	*q = append(*q, p)
	h := *q
	i := len(h) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !p.before(&h[parent]) {
			break
		}
		h[i] = h[parent]
		i = parent
	}
	h[i] = p
}

func (q *queue) pop() pair {
	h := *q
	top, last := h[0], len(h)-1
	h[0] = h[last]
	*q = h[:last]
	q.down(0)
	return top
}

// down moves q[i] to its place among what is below it.
func (q queue) down(i int) {
	if i >= len(q) {
		return
	}
	p := q[i]
	for {
		child := 2*i + 1
		if child >= len(q) {
			break
		}
		if right := child + 1; right < len(q) && q[right].before(&q[child]) {
			child = right
		}
		if !q[child].before(&p) {
			break
		}
		q[i] = q[child]
		i = child
	}
	q[i] = p
}
