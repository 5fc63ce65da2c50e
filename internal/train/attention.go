package train

import (
	"math"

	"cria/internal/kernel"
	"cria/internal/model"
	"cria/internal/tensor"
)

// queriesBlock is how many queries are taken together. They meet the keys up
// to the last one's position; what lies beyond a query's own is masked.
const queriesBlock = 64

// headScratch is one head of one sequence with its vectors side by side, K'
// being Pad(K).
type headScratch struct {
	q, k, v []float32 // [S][K'] queries are divided by sqrt(K)
	a, da   []float32 // [S][K']
	dk, dv  []float32 // [S][K']
	block   []float32 // [queriesBlock][K'] results for a block of queries
	dp      []float32 // [queriesBlock][Pad(S)]
	panelK  []float32 // the keys, packed
	panelV  []float32 // the values, packed
	outer   kernel.OuterScratch
}

func newHeadScratch(c *model.Config, seq int) headScratch {
	k := tensor.Pad(c.HeadDim)
	vectors := func(n int) []float32 { return make([]float32, n*k) }
	panels := (seq + kernel.PanelRows - 1) / kernel.PanelRows * kernel.PanelLen(k)
	return headScratch{
		q: vectors(seq), k: vectors(seq), v: vectors(seq),
		a: vectors(seq), da: vectors(seq), dk: vectors(seq), dv: vectors(seq),
		block: vectors(queriesBlock), dp: make([]float32, queriesBlock*tensor.Pad(seq)),
		panelK: make([]float32, panels), panelV: make([]float32, panels),
	}
}

// gather sets dst, [n][Pad(K)], to scale times columns at to at+K-1 of n vectors of x.
func gather(dst []float32, x tensor.Acts, first, n, at, k int, scale float32) {
	stride := tensor.Pad(k)
	for i := range n {
		d := dst[i*stride:][:stride]
		for j, f := range x.Row(first + i)[at:][:k] {
			d[j] = f * scale
		}
		clear(d[k:])
	}
}

// scatter is the way back from gather.
func scatter(x tensor.Acts, src []float32, first, n, at, k int, scale float32) {
	for i := range n {
		for j, f := range src[i*tensor.Pad(k):][:k] {
			x.Row(first + i)[at+j] = f * scale
		}
	}
}

// attend sets each head of a[i] to the mean of the values at positions j ≤ i of
// its sequence, weighted by p_ij = softmax_j(q_i·k_j / sqrt(K)).
func (p *Pass) attend(l *layerActs) {
	g := p.m.Config.NKVHeads
	p.each("attend", len(p.seqs)*g, 1, func(s *scratch, lo, hi int) {
		for i := lo; i < hi; i++ {
			p.attendGroup(l, &s.head, p.seqs[i/g], i%g)
		}
	})
}

// attendGroup does the query heads that share key/value head g in one sequence.
func (p *Pass) attendGroup(l *layerActs, s *headScratch, seq sequence, g int) {
	c := &p.m.Config
	n, k, share := seq.n, c.HeadDim, c.NHeads/c.NKVHeads
	stride, scale := tensor.Pad(k), float32(1/math.Sqrt(float64(k)))
	gather(s.k, l.k, seq.first, n, g*k, k, 1)
	gather(s.v, l.v, seq.first, n, g*k, k, 1)
	kernel.Pack(s.panelK, s.k, n, stride)
	for h := g * share; h < (g+1)*share; h++ {
		gather(s.q, l.q, seq.first, n, h*k, k, scale)
		for i := 0; i < n; i += queriesBlock {
			rows, keys := min(queriesBlock, n-i), min(i+queriesBlock, n)
			prob := seq.probs(l, h)[i*tensor.Pad(n):]
			kernel.Tile(prob, tensor.Pad(n), keys, s.panelK, s.q[i*stride:], stride, stride, rows)
			var sums [queriesBlock]float32
			for r := range rows {
				row := prob[r*tensor.Pad(n):][:tensor.Pad(n)]
				seen := row[:i+r+1]
				sums[r] = kernel.ExpSum(seen, kernel.Max(seen))
				clear(row[i+r+1:])
			}
			clear(s.block)
			kernel.AddOuter(&s.outer, s.block, stride, prob, tensor.Pad(n), 1, s.v, stride, rows, k, keys)
			for r := range rows {
				normalize(l.a.Row(seq.first + i + r)[h*k:][:k], s.block[r*stride:], prob[r*tensor.Pad(n):][:i+r+1], sums[r])
			}
		}
	}
}

// probs returns the probabilities [n][Pad(n)] of one head.
func (s *sequence) probs(l *layerActs, head int) []float32 {
	size := s.n * tensor.Pad(s.n)
	return l.p[s.p+head*size:][:size]
}

// normalize divides by the sum of the exponentials: the weighted values into a,
// and the exponentials themselves, for the backward pass.
func normalize(a, weighted, prob []float32, sum float32) {
	for i := range a {
		a[i] = weighted[i] / sum
	}
	inverse := 1 / sum
	for i := range prob {
		prob[i] *= inverse
	}
}

// attendBack is the derivative of attend. With s_ij = q_i·k_j / sqrt(K):
//
//	dv_j = Σ_i p_ij·da_i        dp_ij = da_i·v_j
//	ds_ij = p_ij·(dp_ij - Σ_m p_im·dp_im), where the sum is da_i·a_i
//	dq_i = Σ_j ds_ij·k_j / sqrt(K)        dk_j = Σ_i ds_ij·q_i / sqrt(K)
//
// A key/value head sums over the query heads that share it.
func (p *Pass) attendBack(l *layerActs) {
	g := p.m.Config.NKVHeads
	p.each("attendBack", len(p.seqs)*g, 1, func(s *scratch, lo, hi int) {
		for i := lo; i < hi; i++ {
			p.attendGroupBack(l, &s.head, p.seqs[i/g], i%g)
		}
	})
}

func (p *Pass) attendGroupBack(l *layerActs, s *headScratch, seq sequence, g int) {
	c := &p.m.Config
	n, k, share := seq.n, c.HeadDim, c.NHeads/c.NKVHeads
	stride, scale := tensor.Pad(k), float32(1/math.Sqrt(float64(k)))
	gather(s.k, l.k, seq.first, n, g*k, k, 1)
	gather(s.v, l.v, seq.first, n, g*k, k, 1)
	kernel.Pack(s.panelV, s.v, n, stride)
	clear(s.dk[:n*stride])
	clear(s.dv[:n*stride])
	for h := g * share; h < (g+1)*share; h++ {
		gather(s.q, l.q, seq.first, n, h*k, k, scale)
		gather(s.a, l.a, seq.first, n, h*k, k, 1)
		gather(s.da, p.da, seq.first, n, h*k, k, 1)
		for i := 0; i < n; i += queriesBlock {
			rows := min(queriesBlock, n-i)
			attendBlockBack(s, seq.probs(l, h), i, rows, n, k)
			scatter(p.dq, s.block, seq.first+i, rows, h*k, k, scale)
		}
	}
	scatter(p.dk, s.dk, seq.first, n, g*k, k, 1)
	scatter(p.dv, s.dv, seq.first, n, g*k, k, 1)
}

// attendBlockBack does queries first to first+rows-1 of one head: it adds to
// s.dk and s.dv and sets s.block to dq, not yet divided by sqrt(K).
func attendBlockBack(s *headScratch, prob []float32, first, rows, n, k int) {
	stride, pStride, keys := tensor.Pad(k), tensor.Pad(n), first+rows
	prob = prob[first*pStride:]
	q, a, da := s.q[first*stride:], s.a[first*stride:], s.da[first*stride:]
	kernel.AddOuter(&s.outer, s.dv, stride, prob, 1, pStride, da, stride, keys, k, rows)
	kernel.Tile(s.dp, pStride, keys, s.panelV, da, stride, stride, rows)
	for r := range rows {
		var mean [1]float32
		kernel.DotRows(mean[:], da[r*stride:], a[r*stride:], stride)
		row, pr := s.dp[r*pStride:][:keys], prob[r*pStride:]
		for j := range row {
			row[j] = pr[j] * (row[j] - mean[0])
		}
	}
	clear(s.block)
	kernel.AddOuter(&s.outer, s.block, stride, s.dp, pStride, 1, s.k, stride, rows, k, keys)
	kernel.AddOuter(&s.outer, s.dk, stride, s.dp, 1, pStride, q, stride, keys, k, rows)
}
