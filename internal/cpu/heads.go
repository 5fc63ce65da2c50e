package cpu

import (
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Verbs are what attention does with a type of keys and values: heads returns those of an item in one page, score
// is scoreKeys, and add is addValues.
type verbs[W float32 | kernel.F16 | int8] struct {
	heads func(a *attendArgs, it item, page int32, part kv.Part) kernel.Heads[W]
	score func(s *scratch, p strip, w walk[W], n int)
	add   func(a *attendArgs, s *scratch, p strip, w walk[W], rows []kv.Row, first int)
}

func heads32(a *attendArgs, it item, page int32, part kv.Part) kernel.Heads[float32] {
	return headsOf(a, it, a.cache.Heads32(page, a.layer, part, it.head, it.heads), nil)
}

func heads16(a *attendArgs, it item, page int32, part kv.Part) kernel.Heads[kernel.F16] {
	return headsOf(a, it, f16s(a.cache.Heads16(page, a.layer, part, it.head, it.heads)), nil)
}

func heads8(a *attendArgs, it item, page int32, part kv.Part) kernel.Heads[int8] {
	w, scales := a.cache.Heads8(page, a.layer, part, it.head, it.heads)
	return headsOf(a, it, w, f16s(scales))
}

func headsOf[W float32 | kernel.F16 | int8](a *attendArgs, it item, w []W, scales []kernel.F16) kernel.Heads[W] {
	return kernel.Heads[W]{W: w, Scales: scales, Count: it.heads, Rows: kv.PagePos, N: tensor.Pad(a.cache.HeadDim)}
}

// A walk goes through the heads of one page after the other. With those now in hand, heads are fetched that come
// some heads later.
type walk[W float32 | kernel.F16 | int8] struct {
	now, next kernel.Heads[W]
	ahead     int
}

// head returns head h of the page in hand, and the one to fetch.
func (w *walk[W]) head(h int) (now, ahead []W) {
	return w.now.Head(h, nil), w.now.Head(h+w.ahead, &w.next)
}

// A strip is the scores of queries at the positions of a page: those of query v begin at p[v*stride].
type strip struct {
	p       []float32
	stride  int
	queries int // of a head
}

// of returns the scores of head h.
func (s strip) of(h int) strip { return strip{s.p[h*s.queries*s.stride:], s.stride, s.queries} }

// scoreKeys sets p to the products of the queries in s.q, [heads][queries][Pad(HeadDim)], several of each head, and
// the keys at the first n positions of a page.
func scoreKeys[W float32 | kernel.F16](s *scratch, p strip, w walk[W], n int) {
	for h := range w.now.Count {
		keys, ahead := w.head(h)
		scoreQueries(s, p, h, w.now.N, keys, ahead, n)
	}
}

// scoreKeysQ8 is scoreKeys for int8: queries get the keys as numbers.
func scoreKeysQ8(s *scratch, p strip, w walk[int8], n int) {
	for h := range w.now.Count {
		kernel.DecodeHead(s.page, &w.now, h, &w.next, w.ahead)
		scoreQueries(s, p, h, w.now.N, s.page, nil, n)
	}
}

// scoreQueries is scoreKeys for the queries of head h, whose keys have dim numbers.
func scoreQueries[W float32 | kernel.F16](s *scratch, p strip, h, dim int, keys, next []W, n int) {
	q := s.q[h*p.queries*dim:]
	kernel.TileRows(p.of(h).p, p.stride, keys, n, q, dim, dim, p.queries, s.kv, tensor.Bytes(next))
}

// addValues adds to s.a, [heads][queries][Pad(HeadDim)], the values of a page, whose first position is first,
// weighted by p, for several queries of each head.
func addValues[W float32 | kernel.F16](a *attendArgs, s *scratch, p strip, w walk[W], rows []kv.Row, first int) {
	for h := range w.now.Count {
		values, ahead := w.head(h)
		addQueries(a, s.a[h*p.queries*w.now.N:], p.of(h), w.now.N, values, ahead, rows, first)
	}
}

// addValuesQ8 is addValues for int8: queries get the values as numbers.
func addValuesQ8(a *attendArgs, s *scratch, p strip, w walk[int8], rows []kv.Row, first int) {
	for h := range w.now.Count {
		kernel.DecodeHead(s.page, &w.now, h, &w.next, w.ahead)
		addQueries(a, s.a[h*p.queries*w.now.N:], p.of(h), w.now.N, s.page, nil, rows, first)
	}
}

// addQueries is addValues for the queries of one head, whose values have n numbers.
func addQueries[W float32 | kernel.F16](
	a *attendArgs, sums []float32, p strip, n int, values, next []W, rows []kv.Row, first int,
) {
	for v := 0; v < p.queries; {
		lo, hi := a.sees(rows[v/a.share].Pos, first)
		some := 1 // queries that see the whole page are done together
		if lo == 0 && hi == kv.PagePos {
			some = a.seeAll(rows[v/a.share:], first) * a.share
			kernel.AddRowsEach(sums[v*n:], n, values, p.p[v*p.stride:], p.stride, kv.PagePos, some, next)
		} else if lo < hi {
			kernel.AddRows(sums[v*n:][:n], values[lo*n:], p.p[v*p.stride:][lo:hi])
		}
		v += some
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
