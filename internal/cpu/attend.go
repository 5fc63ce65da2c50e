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
		attendItem(a, s, a.items[len(a.items)-1-i])
	}
}

// Heads are the keys or values of an item's heads in one page, side by side; of the three, one is not empty.
type heads struct {
	f32 []float32
	f16 []kernel.F16
	q8  kernel.CacheQ8
}

func (a *attendArgs) heads(it item, page int32, part kv.Part) (h heads) {
	switch a.cache.Type {
	case tensor.F32:
		h.f32 = a.cache.Heads32(page, a.layer, part, it.head, it.heads)
	case tensor.F16:
		h.f16 = f16s(a.cache.Heads16(page, a.layer, part, it.head, it.heads))
	case tensor.Q8_0:
		codes, scales := a.cache.Heads8(page, a.layer, part, it.head, it.heads)
		h.q8 = kernel.CacheQ8{Q: codes, Scales: f16s(scales)}
	}
	return h
}

// fetchBytes is how far ahead keys and values are fetched, if a page has as many.
const fetchBytes = 8 << 10

// ahead returns how many heads from the one in hand to the one that is fetched meanwhile.
func (a *attendArgs) ahead(it item) int {
	size := int(kv.PagePos * a.cache.PosBytes() / int64(2*a.cache.Layers*a.cache.KVHeads))
	return min((fetchBytes+size-1)/size, it.heads)
}

// nth returns head h of a page, of size numbers each, or of the page that follows.
func nth[W any](x, next []W, h, size int) []W {
	if h *= size; h < len(x) {
		return x[h:][:size]
	}
	return next[h-len(x):][:size]
}

// attendItem does one item. Query v of a head belongs to row v/share, and to the v%share-th of the heads that share
// the key/value head; queries of its heads follow each other.
func attendItem(a *attendArgs, s *scratch, it item) {
	rows, stride, queries := a.rows[it.first:][:it.n], tensor.Pad(a.cache.HeadDim), it.n*a.share
	a.scaleQueries(s.q, it)
	// Positions that nobody sees are passed over in whole pages.
	from, to := a.at.First(rows[0].Pos)/kv.PagePos*kv.PagePos, rows[it.n-1].Pos+1
	pages, scores := rows[0].Seq.Pages()[from/kv.PagePos:kv.PagesFor(to)], tensor.Pad(to-from)
	ahead, next := a.ahead(it), a.heads(it, pages[0], kv.K)
	for i := range pages {
		keys := next
		next = a.following(it, pages, kv.K, i)
		for h := range it.heads {
			p := strip{s.p[h*queries*scores+i*kv.PagePos:], scores, queries}
			a.score(s, p, &keys, &next, h, ahead, s.q[h*queries*stride:], min(kv.PagePos, to-from-i*kv.PagePos))
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
		values := next
		next = a.following(it, pages, kv.V, i)
		for h := range it.heads {
			p := strip{s.p[h*queries*scores+i*kv.PagePos:], scores, queries}
			a.add(s, s.a[h*queries*stride:], p, &values, &next, h, ahead, rows, from+i*kv.PagePos)
		}
	}
	a.storeSums(it, s)
}

// following returns what is wanted after the keys or values of page i: those of the next page, and after the last
// keys the first values.
func (a *attendArgs) following(it item, pages []int32, part kv.Part, i int) heads {
	switch {
	case i+1 < len(pages):
		return a.heads(it, pages[i+1], part)
	case part == kv.K:
		return a.heads(it, pages[0], kv.V)
	}
	return a.heads(it, pages[i], part)
}

// A strip is the scores of some queries at the positions of a page: those of query v begin at p[v*stride].
type strip struct {
	p       []float32
	stride  int
	queries int
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

// score sets p to the products of the queries in q and n keys of head h.
func (a *attendArgs) score(s *scratch, p strip, keys, next *heads, h, ahead int, q []float32, n int) {
	stride := tensor.Pad(a.cache.HeadDim)
	size := kv.PagePos * stride
	switch a.cache.Type {
	case tensor.F32:
		scoreRows(s, p, nth(keys.f32, nil, h, size), nth(keys.f32, next.f32, h+ahead, size), q, n, stride)
	case tensor.F16:
		scoreRows(s, p, nth(keys.f16, nil, h, size), nth(keys.f16, next.f16, h+ahead, size), q, n, stride)
	case tensor.Q8_0:
		keys, next := a.nthQ8(keys, keys, h), a.nthQ8(keys, next, h+ahead)
		if p.queries > 1 || !keys.DotRows(p.p[:n], q[:stride], stride, next) {
			keys.Decode(s.page, stride, next)
			scoreRows(s, p, s.page, nil, q, n, stride)
		}
	}
}

func (a *attendArgs) nthQ8(x, next *heads, h int) kernel.CacheQ8 {
	return kernel.CacheQ8{
		Q:      nth(x.q8.Q, next.q8.Q, h, kv.PagePos*tensor.Pad(a.cache.HeadDim)),
		Scales: nth(x.q8.Scales, next.q8.Scales, h, kv.PagePos*a.cache.Groups()),
	}
}

func scoreRows[W float32 | kernel.F16](s *scratch, p strip, keys, next []W, q []float32, n, stride int) {
	if p.queries == 1 {
		kernel.DotRowsNext(p.p[:n], keys, q[:stride], stride, next)
		return
	}
	kernel.TileRows(p.p, p.stride, keys, n, q, stride, stride, p.queries, s.kv, tensor.Bytes(next))
}

// add adds to sums, [queries][Pad(HeadDim)], the values of head h in a page, weighted by p. The first position of the
// page is first.
func (a *attendArgs) add(
	s *scratch, sums []float32, p strip, values, next *heads, h, ahead int, rows []kv.Row, first int,
) {
	stride := tensor.Pad(a.cache.HeadDim)
	size := kv.PagePos * stride
	switch a.cache.Type {
	case tensor.F32:
		addRows(a, sums, p, nth(values.f32, nil, h, size), nth(values.f32, next.f32, h+ahead, size), rows, first)
	case tensor.F16:
		addRows(a, sums, p, nth(values.f16, nil, h, size), nth(values.f16, next.f16, h+ahead, size), rows, first)
	case tensor.Q8_0:
		values, next := a.nthQ8(values, values, h), a.nthQ8(values, next, h+ahead)
		if p.queries == 1 {
			lo, hi := a.sees(rows[0].Pos, first)
			if values.From(lo, stride).AddRows(sums[:stride], p.p[lo:hi], next) {
				return
			}
		}
		values.Decode(s.page, stride, next)
		addRows(a, sums, p, s.page, nil, rows, first)
	}
}

func addRows[W float32 | kernel.F16](
	a *attendArgs, sums []float32, p strip, values, next []W, rows []kv.Row, first int,
) {
	stride := tensor.Pad(a.cache.HeadDim)
	for v := 0; v < p.queries; {
		lo, hi := a.sees(rows[v/a.share].Pos, first)
		n := 1 // queries that see the whole page are done together
		if lo == 0 && hi == kv.PagePos {
			n = a.seeAll(rows[v/a.share:], first) * a.share
			kernel.AddRowsEach(sums[v*stride:], stride, values, p.p[v*p.stride:], p.stride, kv.PagePos, n, next)
		} else if lo < hi {
			kernel.AddRows(sums[v*stride:][:stride], values[lo*stride:], p.p[v*p.stride:][lo:hi], next)
		}
		v += n
		next = nil
	}
}

// sees returns which positions of a page the token at pos sees, lo to hi-1; none if hi is not more than lo.
func (a *attendArgs) sees(pos, first int) (lo, hi int) {
	return max(a.at.First(pos)-first, 0), min(pos+1-first, kv.PagePos)
}

// seeAll returns how many of the first rows, which see the end of a page, see its first position.
func (a *attendArgs) seeAll(rows []kv.Row, first int) int {
	for n, row := range rows {
		if a.at.First(row.Pos) > first {
			return n
		}
	}
	return len(rows)
}
