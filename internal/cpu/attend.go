package cpu

import (
	"math"

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
	cache *kv.Cache
	layer int
	rows  []kv.Row
	spans []span
	share int // query heads that share a key/value head
}

// Attend is grouped-query attention over the cache.
func (b *Backend) Attend(a, q tensor.Acts, cache *kv.Cache, layer int, rows []kv.Row) {
	share := q.N / cache.HeadDim / cache.KVHeads
	spans := appendSpans(b.attend.spans[:0], rows, vectorsMax(share)/share)
	b.attend = attendArgs{a, q, cache, layer, rows, spans, share}
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
		}
	}
}

// block16 is Block16 under the kernels' name of its type.
func (a *attendArgs) block16(page int32, layer int, part kv.Part, g int) []kernel.F16 {
	return f16s(a.cache.Block16(page, layer, part, g))
}

// attendHead does one key/value head of one span. Query v of it belongs to row
// v/share and to the v%share-th of the heads that share the key/value head.
func attendHead[W float32 | kernel.F16](a *attendArgs, s *scratch, sp span, g int,
	block func(page int32, layer int, part kv.Part, g int) []W,
) {
	dim, rows := a.cache.HeadDim, a.rows[sp.first:][:sp.n]
	stride, positions := tensor.Pad(dim), rows[sp.n-1].Pos+1
	vectors, scores := sp.n*a.share, tensor.Pad(positions)
	scale := float32(1 / math.Sqrt(float64(dim)))
	for v := range vectors {
		q := a.q.Row(sp.first + v/a.share)[(g*a.share+v%a.share)*dim:][:dim]
		scaled := s.q[v*stride:][:stride]
		for i, f := range q {
			scaled[i] = f * scale
		}
		clear(scaled[dim:])
	}
	pages := rows[0].Seq.Pages()[:kv.PagesFor(positions)]
	for i, page := range pages {
		first := i * kv.PagePos
		keys := block(page, a.layer, kv.K, g)
		scorePage(s, s.p[first:], scores, keys, min(kv.PagePos, positions-first), stride, vectors)
	}
	clear(s.a[:vectors*stride])
	for v := range vectors {
		p := s.p[v*scores:][:rows[v/a.share].Pos+1]
		// The sum is kept where the query was.
		s.q[v*stride] = kernel.ExpSum(p, kernel.Max(p))
	}
	for i, page := range pages {
		first := i * kv.PagePos
		values := block(page, a.layer, kv.V, g)
		v := 0 // queries of rows that see only some of the page
		for ; v < vectors; v++ {
			n := rows[v/a.share].Pos + 1 - first
			if n >= kv.PagePos {
				break
			}
			kernel.AddRows(s.a[v*stride:][:stride], values, s.p[v*scores+first:][:max(n, 0)])
		}
		if v < vectors {
			kernel.AddRowsEach(s.a[v*stride:], stride, values, s.p[v*scores+first:], scores, kv.PagePos, vectors-v)
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

// scorePage sets p[v*scores+i] to the product of query v and key i of n keys.
func scorePage[W float32 | kernel.F16](s *scratch, p []float32, scores int, keys []W, n, stride, vectors int) {
	if vectors == 1 {
		kernel.DotRows(p[:n], keys, s.q[:stride], stride)
		return
	}
	kernel.Pack(s.kv, keys, n, stride)
	kernel.Tile(p, scores, n, s.kv, s.q, stride, stride, vectors)
}
