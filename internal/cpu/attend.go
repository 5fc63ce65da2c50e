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
			attendItem(a, s, it, a.cache.Block32)
		case tensor.F16:
			attendItem(a, s, it, a.block16)
		case tensor.Q8_0:
			attendItem(a, s, it, func(page int32, layer int, part kv.Part, g int) []float32 {
				codes, scales := a.cache.Block8(page, layer, part, g)
				kernel.DecodeQ8(s.page, codes, f16s(scales), tensor.Pad(a.cache.HeadDim))
				return s.page
			})
		}
	}
}

// block16 is Block16 under the kernels' name of its type.
func (a *attendArgs) block16(page int32, layer int, part kv.Part, g int) []kernel.F16 {
	return f16s(a.cache.Block16(page, layer, part, g))
}

// fetch asks for the block after that of a head in page i, on the way through the keys and then the values of
// all pages, which hold n positions.
func (a *attendArgs) fetch(it item, pages []int32, n int, part kv.Part, i, head int) {
	step := (int(part)*len(pages)+i)*it.heads + head + 1
	i = step / it.heads
	if part := kv.Part(i / len(pages)); part <= kv.V {
		i %= len(pages)
		a.fetchBlock(pages[i], part, it.head+step%it.heads, min(kv.PagePos, n-i*kv.PagePos))
	}
}

// fetchBlock asks for the keys or values of one head at the first n positions of a page.
func (a *attendArgs) fetchBlock(page int32, part kv.Part, g, n int) {
	stride := tensor.Pad(a.cache.HeadDim)
	switch a.cache.Type {
	case tensor.F32:
		kernel.Fetch(a.cache.Block32(page, a.layer, part, g)[:n*stride])
	case tensor.F16:
		kernel.Fetch(a.cache.Block16(page, a.layer, part, g)[:n*stride])
	case tensor.Q8_0:
		codes, scales := a.cache.Block8(page, a.layer, part, g)
		kernel.Fetch(codes[:n*stride])
		kernel.Fetch(scales[:n*a.cache.Groups()])
	}
}

// attendItem does one item. Query v of a head belongs to row v/share, and to the v%share-th of the heads that share
// the key/value head; queries of its heads follow each other.
func attendItem[W float32 | kernel.F16](a *attendArgs, s *scratch, it item,
	block func(page int32, layer int, part kv.Part, head int) []W,
) {
	rows, stride, queries := a.rows[it.first:][:it.n], tensor.Pad(a.cache.HeadDim), it.n*a.share
	a.scaleQueries(s.q, it)
	// Positions that nobody sees are passed over in whole pages.
	from, to := a.at.First(rows[0].Pos)/kv.PagePos*kv.PagePos, rows[it.n-1].Pos+1
	pages, scores := rows[0].Seq.Pages()[from/kv.PagePos:kv.PagesFor(to)], tensor.Pad(to-from)
	for i, page := range pages {
		first := i * kv.PagePos
		for h := range it.heads {
			a.fetch(it, pages, to-from, kv.K, i, h)
			keys := block(page, a.layer, kv.K, it.head+h)
			p, q := s.p[h*queries*scores+first:], s.q[h*queries*stride:]
			scorePage(s, p, scores, keys, q, min(kv.PagePos, to-from-first), stride, queries)
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
	for i, page := range pages {
		first := i * kv.PagePos
		for h := range it.heads {
			a.fetch(it, pages, to-from, kv.V, i, h)
			values := block(page, a.layer, kv.V, it.head+h)
			addValues(a, s.a[h*queries*stride:], s.p[h*queries*scores+first:], scores, values, rows, from+first)
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

// addValues adds to sums, [queries][Pad(HeadDim)], the values of a page whose first position is first, weighted by p.
func addValues[W float32 | kernel.F16](
	a *attendArgs, sums, p []float32, scores int, values []W, rows []kv.Row, first int,
) {
	stride := tensor.Pad(a.cache.HeadDim)
	for v := 0; v < len(rows)*a.share; {
		pos := rows[v/a.share].Pos
		lo, hi := max(a.at.First(pos)-first, 0), min(pos+1-first, kv.PagePos)
		n := 1 // queries that see the whole page are done together
		if lo == 0 && hi == kv.PagePos {
			n = a.seeAll(rows[v/a.share:], first) * a.share
			kernel.AddRowsEach(sums[v*stride:], stride, values, p[v*scores:], scores, kv.PagePos, n)
		} else if lo < hi {
			kernel.AddRows(sums[v*stride:][:stride], values[lo*stride:], p[v*scores:][lo:hi])
		}
		v += n
	}
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

// scorePage sets p[v*scores+i] to the product of query v and key i of n keys.
func scorePage[W float32 | kernel.F16](
	s *scratch, p []float32, scores int, keys []W, q []float32, n, stride, vectors int,
) {
	if vectors == 1 {
		kernel.DotRows(p[:n], keys, q[:stride], stride)
		return
	}
	kernel.TileRows(p, scores, keys, n, q, stride, stride, vectors, s.kv, nil)
}
