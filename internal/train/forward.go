package train

import "cria/internal/tensor"

// Loss returns the sum of the cross-entropies of a batch, in nats: in[i] are
// the tokens of a sequence and want[i], just as long, those that should follow
// each; below 0 none is wanted.
func (p *Pass) Loss(in, want [][]int32) float64 {
	p.setBatch(in, want)
	p.forward()
	return p.loss(1, false)
}

// LossBack does what Loss does and adds the gradients of scale times its result to Grads.
func (p *Pass) LossBack(in, want [][]int32, scale float32) float64 {
	p.setBatch(in, want)
	p.forward()
	sum := p.loss(scale, true)
	p.backward()
	return sum
}

// forward is model.Forward, without a cache and with everything kept. Its
// results have the same bits.
func (p *Pass) forward() {
	v, n := &p.m.view, len(p.tokens)
	p.embed(p.input(0), v.embed)
	for i := range p.layers {
		l, w := &p.layers[i], &v.layers[i]

		p.norm(l.h, l.x, w.attnNorm)
		p.linear(l.q, w.wq, l.h, n)
		p.linear(l.k, w.wk, l.h, n)
		p.linear(l.v, w.wv, l.h, n)
		p.rotate(l.q, p.rope)
		p.rotate(l.k, p.rope)
		p.attend(l)
		p.linear(l.x2, w.wo, l.a, n)
		p.residual(l.x2, l.x)

		p.norm(l.h2, l.x2, w.ffnNorm)
		p.linear(l.gate, w.w1, l.h2, n)
		p.linear(l.up, w.w3, l.h2, n)
		p.swiglu(l.act, l.gate, l.up)
		p.linear(p.input(i+1), w.w2, l.act, n)
		p.residual(p.input(i+1), l.x2)
	}
	p.norm(p.h, p.x, v.finalNorm)
}

// input returns where the input of layer i stands: after the last, the output of the network.
func (p *Pass) input(i int) tensor.Acts {
	if i < len(p.layers) {
		return p.layers[i].x
	}
	return p.x
}

// backward is the derivative of forward, line by line from the end. On the way
// dx is the gradient of the residual stream. loss has set dh.
func (p *Pass) backward() {
	v, g, n := &p.m.view, &p.grads, len(p.tokens)
	p.clear(p.dx)
	p.normBack(p.dx, g.finalNorm, p.dh, v.finalNorm, p.x)
	for i := len(p.layers) - 1; i >= 0; i-- {
		l, w, d := &p.layers[i], &v.layers[i], &g.layers[i]

		p.clear(p.dgate)
		p.linearBack(p.dgate, d.w2, p.dx, w.w2, l.act, n)
		p.swigluBack(p.dgate, p.dup, l.gate, l.up)
		p.clear(p.dh)
		p.linearBack(p.dh, d.w3, p.dup, w.w3, l.h2, n)
		p.linearBack(p.dh, d.w1, p.dgate, w.w1, l.h2, n)
		p.normBack(p.dx, d.ffnNorm, p.dh, w.ffnNorm, l.x2)

		p.clear(p.da)
		p.linearBack(p.da, d.wo, p.dx, w.wo, l.a, n)
		p.attendBack(l)
		p.rotate(p.dq, p.unrope)
		p.rotate(p.dk, p.unrope)
		p.clear(p.dh)
		p.linearBack(p.dh, d.wv, p.dv, w.wv, l.h, n)
		p.linearBack(p.dh, d.wk, p.dk, w.wk, l.h, n)
		p.linearBack(p.dh, d.wq, p.dq, w.wq, l.h, n)
		p.normBack(p.dx, d.attnNorm, p.dh, w.attnNorm, l.x)
	}
	p.embedBack(g.embed, p.dx)
}
