package cpu

import (
	"cria/internal/kernel"
	"cria/internal/kv"
	"cria/internal/tensor"
)

// A span is rows of a batch that stand one after the other in a sequence. Their
// queries meet the keys and values together, which are then read once.
type span struct{ first, n int }

// vectorsMax is the most queries that meet a page of keys together: those of the
// heads that share it, for as many rows as fit.
func vectorsMax(headsPerKV int) int { return max(32, headsPerKV) }

type attendArgs struct {
	a, q  tensor.Acts
	at    *tensor.Attention
	cache *kv.Cache
	layer int
	rows  []kv.Row
	spans []span
	share int // query heads that share a key/value head
}

// Attend is grouped-query attention over the cache.
func (b *Backend) Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	share := q.N / cache.HeadDim / cache.KVHeads
	spans := appendSpans(b.attend.spans[:0], rows, vectorsMax(share)/share)
	b.attend = attendArgs{a, q, at, cache, layer, rows, spans, share}
	b.Pool.Run(b.tasks.attend, len(spans)*cache.KVHeads, 1)
}

// appendSpans cuts a batch into spans of at most n rows.
func appendSpans(spans []span, rows []kv.Row, n int) []span {
	for t, row := range rows {
		if last := len(spans) - 1; last >= 0 {
			s := &spans[last]
			if before := rows[t-1]; s.n < n && before.Seq == row.Seq && before.Pos+1 == row.Pos {
				s.n++
				continue
			}
		}
		spans = append(spans, span{t, 1})
	}
	return spans
}

// doAttend does items lo to hi-1; item i is one key/value head of one span. Long
// spans come last in a prompt, so it goes backwards to start with them.
func (b *Backend) doAttend(worker, lo, hi int) {
	a := &b.attend
	items := len(a.spans) * a.cache.KVHeads
	for i := lo; i < hi; i++ {
		j := items - 1 - i
		s := a.spans[j/a.cache.KVHeads]
		switch g := j % a.cache.KVHeads; a.cache.Type {
		case tensor.F32:
			attendHead(a, &b.scratch[worker], s, g, a.cache.Block32)
		case tensor.F16:
			attendHead(a, &b.scratch[worker], s, g, a.block16)
		case tensor.Q8_0:
			work := &b.scratch[worker]
			attendHead(a, work, s, g, func(page int32, layer int, part kv.Part, g int) []float32 {
				codes, scales := a.cache.Block8(page, layer, part, g)
				kernel.DecodeQ8(work.page, codes, f16s(scales), tensor.Pad(a.cache.HeadDim))
				return work.page
			})
		}
	}
}

// block16 is Block16 under the kernels' name of its type.
func (a *attendArgs) block16(page int32, layer int, part kv.Part, g int) []kernel.F16 {
	return f16s(a.cache.Block16(page, layer, part, g))
}

// fetch asks for steps i and i+1 of the way through the keys of pages and then their values: each is apart from the
// one before. So a step is asked for twice, because of many requests the processor drops some.
func (a *attendArgs) fetch(pages []int32, i, g int) {
	for _, step := range [...]int{i + 1, i} {
		if part := kv.Part(step / len(pages)); part <= kv.V {
			a.fetchBlock(pages[step%len(pages)], part, g)
		}
	}
}

// fetchBlock asks for the keys or values of one head in one page.
func (a *attendArgs) fetchBlock(page int32, part kv.Part, g int) {
	switch a.cache.Type {
	case tensor.F32:
		kernel.Fetch(a.cache.Block32(page, a.layer, part, g))
	case tensor.F16:
		kernel.Fetch(a.cache.Block16(page, a.layer, part, g))
	case tensor.Q8_0:
		codes, scales := a.cache.Block8(page, a.layer, part, g)
		kernel.Fetch(codes)
		kernel.Fetch(scales)
	}
}

// attendHead does one key/value head of one span. Query v of it belongs to row
// v/share and to the v%share-th of the heads that share the key/value head.
func attendHead[W float32 | kernel.F16](a *attendArgs, s *scratch, sp span, g int,
	block func(page int32, layer int, part kv.Part, g int) []W,
) {
	dim, rows := a.cache.HeadDim, a.rows[sp.first:][:sp.n]
	stride, vectors := tensor.Pad(dim), sp.n*a.share
	for v := range vectors {
		q := a.q.Row(sp.first + v/a.share)[(g*a.share+v%a.share)*dim:][:dim]
		scaled := s.q[v*stride:][:stride]
		for i, f := range q {
			scaled[i] = f * a.at.Scale
		}
		clear(scaled[dim:])
	}
	// Positions that nobody sees are passed over in whole pages.
	from, to := a.at.First(rows[0].Pos)/kv.PagePos*kv.PagePos, rows[sp.n-1].Pos+1
	pages, scores := rows[0].Seq.Pages()[from/kv.PagePos:kv.PagesFor(to)], tensor.Pad(to-from)
	for i, page := range pages {
		first := i * kv.PagePos
		a.fetch(pages, i+1, g)
		keys := block(page, a.layer, kv.K, g)
		scorePage(s, s.p[first:], scores, keys, min(kv.PagePos, to-from-first), stride, vectors)
	}
	clear(s.a[:vectors*stride])
	for v := range vectors {
		pos := rows[v/a.share].Pos
		p := s.p[v*scores:][a.at.First(pos)-from : pos+1-from]
		if a.at.Softcap != 0 {
			kernel.Softcap(p, a.at.Softcap)
		}
		// The sum is kept where the query was.
		s.q[v*stride] = kernel.ExpSum(p, kernel.Max(p))
	}
	for i, page := range pages {
		first := i * kv.PagePos
		a.fetch(pages, len(pages)+i+1, g)
		values := block(page, a.layer, kv.V, g)
		for v := 0; v < vectors; {
			row := rows[v/a.share].Pos
			lo, hi := max(a.at.First(row)-from-first, 0), min(row+1-from-first, kv.PagePos)
			n := 1 // queries that see the whole page are done together
			if lo == 0 && hi == kv.PagePos {
				n = a.seeAll(rows[v/a.share:], from+first) * a.share
				kernel.AddRowsEach(s.a[v*stride:], stride, values, s.p[v*scores+first:], scores, kv.PagePos, n)
			} else if lo < hi {
				kernel.AddRows(s.a[v*stride:][:stride], values[lo*stride:], s.p[v*scores+first:][lo:hi])
			}
			v += n
		}
	}
	for v := range vectors {
		out := a.a.Row(sp.first + v/a.share)[(g*a.share+v%a.share)*dim:][:dim]
		sum := s.q[v*stride]
		for i, f := range s.a[v*stride:][:dim] {
			out[i] = f / sum
		}
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
func scorePage[W float32 | kernel.F16](s *scratch, p []float32, scores int, keys []W, n, stride, vectors int) {
	if vectors == 1 {
		kernel.DotRows(p[:n], keys, s.q[:stride], stride)
		return
	}
	kernel.Pack(s.kv, keys, n, stride)
	kernel.Tile(p, scores, n, s.kv, s.q, stride, stride, vectors)
}
