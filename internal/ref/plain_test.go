package ref_test

import (
	"math"
	"slices"

	"cria/internal/model"
	"cria/internal/tensor"
)

// plain is the network in float64, one token at a time, written from the papers
// and not from package ref.
type plain struct {
	c    model.Config
	w    *model.Weights
	keys [][][]float64 // [layer][pos][G*K]
	vals [][][]float64
}

func newPlain(c model.Config, w *model.Weights) *plain {
	return &plain{c, w, make([][][]float64, c.NLayers), make([][][]float64, c.NLayers)}
}

func (p *plain) matVec(m *tensor.Mat, x []float64, bias []float32) []float64 {
	y, w := make([]float64, m.Rows), m.F32()
	for r := range y {
		for i, f := range x {
			y[r] += float64(w[r*m.Cols+i]) * f
		}
		if bias != nil {
			y[r] += float64(bias[r])
		}
	}
	return y
}

// norm returns x itself if there are no weights.
func (p *plain) norm(x []float64, w []float32) []float64 {
	if w == nil {
		return x
	}
	sum, y := 0.0, make([]float64, len(x))
	for _, f := range x {
		sum += f * f
	}
	for i, f := range x {
		y[i] = f / math.Sqrt(sum/float64(len(x))+float64(p.c.NormEps)) * float64(w[i])
	}
	return y
}

// rotate normalizes and turns all heads of x. Pairs stay where they are in a head.
func (p *plain) rotate(x []float64, norm []float32, r *model.Rope, pos int) {
	dim, stretch, scale := r.Dim, r.Stretch, r.Scale
	if dim == 0 {
		dim = p.c.HeadDim
	}
	if scale == 0 {
		scale = 1
	}
	if r.Short != nil && p.c.SeqLen <= r.ShortLen {
		stretch = r.Short
	}
	for head := range slices.Chunk(x, p.c.HeadDim) {
		copy(head, p.norm(head, norm))
		for i := range dim / 2 {
			a, b := 2*i, 2*i+1
			if r.Halves {
				a, b = i, i+dim/2
			}
			angle := float64(pos) * math.Pow(r.Theta, -float64(2*i)/float64(dim))
			if stretch != nil {
				angle /= stretch[i]
			}
			sin, cos := math.Sincos(angle)
			head[a], head[b] = scale*(head[a]*cos-head[b]*sin), scale*(head[a]*sin+head[b]*cos)
		}
	}
}

func capped(x float64, limit float32) float64 {
	if limit == 0 {
		return x
	}
	return float64(limit) * math.Tanh(x/float64(limit))
}

func (p *plain) attend(layer int, q []float64) []float64 {
	a, k, scale := make([]float64, len(q)), p.c.HeadDim, float64(p.c.AttnScale)
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(k))
	}
	first := 0
	if p.w.Layers[layer].IsLocal {
		first = max(0, len(p.keys[layer])-p.c.Window)
	}
	for h := range p.c.NHeads {
		g := h * p.c.NKVHeads / p.c.NHeads * k
		weights, sum := make([]float64, len(p.keys[layer])), 0.0
		for pos, key := range p.keys[layer][first:] {
			score := 0.0
			for i := range k {
				score += q[h*k+i] * key[g+i]
			}
			weights[pos] = math.Exp(capped(score*scale, p.c.AttnSoftcap))
			sum += weights[pos]
		}
		for pos, val := range p.vals[layer][first:] {
			for i := range k {
				a[h*k+i] += weights[pos] / sum * val[g+i]
			}
		}
	}
	return a
}

// feedForward is one network.
func (p *plain) feedForward(w1, w2, w3 *tensor.Mat, h []float64) []float64 {
	gate, up := p.matVec(w1, h, nil), p.matVec(w3, h, nil)
	for i, f := range gate {
		if p.c.Activation == tensor.GELU {
			gate[i] = f / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(f+0.044715*f*f*f))) * up[i]
		} else {
			gate[i] = f / (1 + math.Exp(-f)) * up[i]
		}
	}
	return p.matVec(w2, gate, nil)
}

// mix is a mixture of networks.
func (p *plain) mix(l *model.Layer, h []float64) []float64 {
	scores, order := p.matVec(&l.Router, h, nil), []int{}
	sum := 0.0
	for i := range scores {
		scores[i] = math.Exp(scores[i])
		sum += scores[i]
		order = append(order, i)
	}
	slices.SortFunc(order, func(a, b int) int {
		if scores[a] > scores[b] {
			return -1
		}
		return 1
	})
	order = order[:p.c.NExpertsUsed]
	if p.c.NormExperts {
		sum = 0
		for _, i := range order {
			sum += scores[i]
		}
	}
	y := make([]float64, len(h))
	for _, i := range order {
		e := &l.Experts[i]
		for j, f := range p.feedForward(&e.W1, &e.W2, &e.W3, h) {
			y[j] += scores[i] / sum * f
		}
	}
	return y
}

// forward returns the logits after a token.
func (p *plain) forward(token, pos int) []float64 {
	x, scale := make([]float64, p.c.Dim), float64(p.c.EmbedScale)
	if scale == 0 {
		scale = 1
	}
	for i := range x {
		x[i] = float64(p.w.TokenEmbed.F32()[token*p.c.Dim+i]) * scale
	}
	add := func(y []float64) {
		for i, f := range y {
			x[i] += f
		}
	}
	for l := range p.w.Layers {
		lw, rope := &p.w.Layers[l], &p.c.Rope
		if lw.IsLocal && p.c.LocalRope != nil {
			rope = p.c.LocalRope
		}
		h := p.norm(x, lw.AttnNorm)
		q, k := p.matVec(&lw.WQ, h, lw.BQ), p.matVec(&lw.WK, h, lw.BK)
		p.rotate(q, lw.QNorm, rope, pos)
		p.rotate(k, lw.KNorm, rope, pos)
		p.keys[l], p.vals[l] = append(p.keys[l], k), append(p.vals[l], p.matVec(&lw.WV, h, lw.BV))
		add(p.norm(p.matVec(&lw.WO, p.attend(l, q), lw.BO), lw.AttnPostNorm))
		h = p.norm(x, lw.FFNNorm)
		if lw.Experts != nil {
			add(p.mix(lw, h))
		} else {
			add(p.norm(p.feedForward(&lw.W1, &lw.W2, &lw.W3, h), lw.FFNPostNorm))
		}
	}
	logits := p.matVec(&p.w.Output, p.norm(x, p.w.FinalNorm), nil)
	for i := range logits {
		logits[i] = capped(logits[i], p.c.FinalSoftcap)
	}
	return logits
}
