package cpu

import (
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// A span is rows of a batch that stand one after the other in a sequence. Their
// queries meet the keys and values together, which are then read once.
type span struct{ first, n int }

// An item is one or more key/value heads of a span: heads lie side by side in a page, and are read in one go.
type item struct {
	span
	head, heads int
}

// vectorsMax is the most queries that meet a page of keys together: those of the
// heads that share it, for as many rows, and then heads, as fit.
func vectorsMax(headsPerKV int) int { return max(32, headsPerKV) }

type attendArgs struct {
	a, q  tensor.Acts
	at    *tensor.Attention
	cache *kv.Cache
	layer int
	rows  []kv.Row
	items []item
	share int // query heads that share a key/value head
}

// Attend is grouped-query attention over the cache.
func (b *Backend) Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	share := q.N / cache.HeadDim / cache.KVHeads
	b.attend = attendArgs{a, q, at, cache, layer, rows, b.attend.items[:0], share}
	b.attend.addItems(b.Pool.Workers())
	b.Pool.Run(b.tasks.attend, len(b.attend.items), 1)
}

// addItems cuts a batch into spans, and these by heads, of which each worker has some.
func (a *attendArgs) addItems(workers int) {
	most, heads := vectorsMax(a.share)/a.share, a.cache.KVHeads
	for first := 0; first < len(a.rows); {
		s := span{first, 1}
		for first++; first < len(a.rows) && s.n < most && follows(a.rows[first-1], a.rows[first]); first++ {
			s.n++
		}
		some := min((heads+workers-1)/workers, max(most/s.n, 1))
		for h := 0; h < heads; h += some {
			a.items = append(a.items, item{s, h, min(some, heads-h)})
		}
	}
}

// follows reports whether b is the token after a.
func follows(a, b kv.Row) bool { return a.Seq == b.Seq && a.Pos+1 == b.Pos }

// doAttend does items lo to hi-1, counted backwards: long spans come last in a
// prompt, and are started with.
func (b *Backend) doAttend(worker, lo, hi int) {
	a, s := &b.attend, &b.scratch[worker]
	for i := lo; i < hi; i++ {
		it := a.items[len(a.items)-1-i]
		switch a.cache.Type {
		case tensor.F32:
			attendItem(a, s, it, verbs[float32]{heads32, scoreKeys[float32], addValues[float32]})
		case tensor.F16:
			attendItem(a, s, it, verbs[kernel.F16]{heads16, scoreKeys[kernel.F16], addValues[kernel.F16]})
		case tensor.Q8_0:
			attendItem(a, s, it, verbs[int8]{heads8, scoreKeysQ8, addValuesQ8})
		}
	}
}

// fetchBytes is how far ahead keys and values are fetched, if a page has as many.
const fetchBytes = 8 << 10

// ahead returns how many heads from the one in hand to the one that is fetched meanwhile.
func (a *attendArgs) ahead(it item) int {
	size := int(kv.PagePos * a.cache.PosBytes() / int64(2*a.cache.Layers*a.cache.KVHeads))
	return min((fetchBytes+size-1)/size, it.heads)
}

// attendItem does one item. Query v of a head belongs to row v/share, and to the v%share-th of the heads that share
// the key/value head; queries of its heads follow each other.
func attendItem[W float32 | kernel.F16 | int8](a *attendArgs, s *scratch, it item, verbs verbs[W]) {
	rows, stride, queries := a.rows[it.first:][:it.n], tensor.Pad(a.cache.HeadDim), it.n*a.share
	a.scaleQueries(s.q, it)
	// Positions that nobody sees are passed over in whole pages.
	from, to := a.at.First(rows[0].Pos)/kv.PagePos*kv.PagePos, rows[it.n-1].Pos+1
	pages, scores := rows[0].Seq.Pages()[from/kv.PagePos:kv.PagesFor(to)], tensor.Pad(to-from)
	w := walk[W]{next: verbs.heads(a, it, pages[0], kv.K), ahead: a.ahead(it)}
	for i := range pages {
		w.now, w.next = w.next, verbs.heads(a, it, pages[0], kv.V)
		if i+1 < len(pages) {
			w.next = verbs.heads(a, it, pages[i+1], kv.K)
		}
		first := i * kv.PagePos
		p, n := strip{s.p[first:], scores, queries}, min(kv.PagePos, to-from-first)
		if queries == 1 {
			w.now.Dot(p.p, scores, n, s.q, s.page, &w.next, w.ahead)
		} else {
			verbs.score(s, p, w, n)
		}
	}
	clear(s.a[:it.heads*queries*stride])
	for v := range it.heads * queries {
		pos := rows[v%queries/a.share].Pos
		p := s.p[v*scores:][a.at.First(pos)-from : pos+1-from]
		if a.at.Softcap != 0 {
			kernel.Softcap(p, a.at.Softcap)
		}
		// The sum is kept where the query was.
		s.q[v*stride] = kernel.ExpSum(p, kernel.Max(p))
	}
	for i := range pages {
		w.now = w.next
		if i+1 < len(pages) {
			w.next = verbs.heads(a, it, pages[i+1], kv.V)
		}
		first := i * kv.PagePos
		p := strip{s.p[first:], scores, queries}
		if queries == 1 {
			lo, hi := a.sees(rows[0].Pos, from+first)
			w.now.Add(s.a, p.p, scores, lo, hi, s.page, &w.next, w.ahead)
		} else {
			verbs.add(a, s, p, w, rows, from+first)
		}
	}
	a.storeSums(it, s)
}

// scaleQueries sets q, [heads][queries][Pad(HeadDim)], to the scaled queries of an item.
func (a *attendArgs) scaleQueries(q []float32, it item) {
	dim := a.cache.HeadDim
	stride := tensor.Pad(dim)
	for h := range it.heads {
		for v := range it.n * a.share {
			x := a.q.Row(it.first + v/a.share)[((it.head+h)*a.share+v%a.share)*dim:][:dim]
			kernel.Scale(q, x, a.at.Scale)
			clear(q[dim:stride])
			q = q[stride:]
		}
	}
}

// storeSums divides the weighted sums of an item by the sums of their weights, and puts them where they belong.
func (a *attendArgs) storeSums(it item, s *scratch) {
	dim := a.cache.HeadDim
	stride := tensor.Pad(dim)
	queries := it.n * a.share
	for v := range it.heads * queries {
		row, head := v%queries/a.share, it.head+v/queries
		out := a.a.Row(it.first + row)[(head*a.share+v%a.share)*dim:][:dim]
		kernel.Divide(out, s.a[v*stride:][:dim], s.q[v*stride])
	}
}
