package token

// shortMax is the length up to which looking at all pairs for each merge is
// faster than a heap.
const shortMax = 64

// mergeShort appends the tokens of a pre-token of at most shortMax bytes. As long
// as two neighbours can merge, those do that have the lowest rank, the leftmost of
// equals.
func (b *bpe) mergeShort(dst []ID, part string) []ID {
	var ids [shortMax]ID
	var ranks [shortMax]uint32 // of each token and the one after it
	n := len(part)
	for i := range n {
		ids[i] = b.bytes[part[i]]
		ranks[i] = noRank
		if i > 0 {
			ranks[i-1] = b.pairs.rank(ids[i-1], ids[i])
		}
	}
	for {
		lowest, at := noRank, 0
		for i, r := range ranks[:n] {
			if r < lowest {
				lowest, at = r, i
			}
		}
		if lowest == noRank {
			break
		}
		ids[at] = b.result(lowest)
		copy(ids[at+1:n], ids[at+2:n])
		copy(ranks[at:n], ranks[at+1:n])
		n--
		if at > 0 {
			ranks[at-1] = b.pairs.rank(ids[at-1], ids[at])
		}
		if at+1 < n {
			ranks[at] = b.pairs.rank(ids[at], ids[at+1])
		}
	}
	for _, id := range ids[:n] {
		if id != noID {
			dst = append(dst, id)
		}
	}
	return dst
}

// A link is a token in a list of neighbours, which are in the order of their
// indexes. One that was merged into the one before it has id noID and rank noRank.
type link struct {
	id         ID
	rank       uint32 // at which it merges with the next
	prev, next int    // beyond the list at its ends
}

// mergeLong is mergeShort for any length, in time n log n.
func (b *bpe) mergeLong(dst []ID, part string) []ID {
	links := make([]link, len(part))
	for i := range links {
		links[i] = link{b.bytes[part[i]], noRank, i - 1, i + 1}
	}
	var heap rankHeap
	update := func(i int) {
		if i < 0 {
			return
		}
		l := &links[i]
		l.rank = noRank
		if l.next < len(links) {
			l.rank = b.pairs.rank(l.id, links[l.next].id)
		}
		if l.rank != noRank {
			heap.push(uint64(l.rank)<<(64-rankBits) | uint64(i))
		}
	}
	for i := range links {
		update(i)
	}
	for len(heap) > 0 {
		least := heap.pop()
		rank, i := uint32(least>>(64-rankBits)), int(least&(1<<(64-rankBits)-1))
		l := &links[i]
		if l.rank != rank {
			continue // merged, or with another neighbour, since it was pushed
		}
		gone := &links[l.next]
		l.id, l.next = b.result(rank), gone.next
		gone.id, gone.rank = noID, noRank
		if l.next < len(links) {
			links[l.next].prev = i
		}
		update(l.prev)
		update(i)
	}
	for _, l := range links {
		if l.id != noID {
			dst = append(dst, l.id)
		}
	}
	return dst
}

// A rankHeap is a binary heap of ranks above places: h[0] is the least, h[i]
// less than h[2i+1] and h[2i+2].
type rankHeap []uint64

func (h *rankHeap) push(x uint64) {
	*h = append(*h, x)
	q := *h
	i := len(q) - 1
	for i > 0 && x < q[(i-1)/2] {
		q[i] = q[(i-1)/2]
		i = (i - 1) / 2
	}
	q[i] = x
}

func (h *rankHeap) pop() uint64 {
	q := *h
	least, last := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	*h = q
	i := 0
	for child := 1; child < len(q); child = 2*i + 1 {
		if child+1 < len(q) && q[child+1] < q[child] {
			child++
		}
		if last <= q[child] {
			break
		}
		q[i] = q[child]
		i = child
	}
	if len(q) > 0 {
		q[i] = last
	}
	return least
}
