package gpu

import (
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Pick returns the token that the device picks by logits, by one verb alone.
func (b *Backend) Pick(logits []float32, c Choice) (int32, error) {
	b.pass.Reset()
	at := b.logitsFor(tensor.Acts{Data: logits})
	b.pass.Uploads = []Transfer{{tensor.Bytes(logits), at}}
	b.PickNext(c)
	b.addPick(at, len(logits))
	b.fail(b.run())
	return b.pick.tokens[0], b.Err()
}

// Multiply sets p.Dst to the products of p.W and vectors of x, by one verb alone.
func (b *Backend) Multiply(p tensor.Product, x tensor.Acts, vectors int) error {
	b.pass.Reset()
	b.pass.Uploads = []Transfer{{tensor.Bytes(x.Data), b.acts(x)}}
	b.ProjectAdd(p, x, nil, 0, make([]kv.Row, vectors))
	b.pass.Downloads = []Transfer{{tensor.Bytes(p.Dst.Data), b.acts(p.Dst)}}
	b.fail(b.dev.Run(&b.pass))
	return b.Err()
}
