package gpu

import (
	"cria/internal/kv"
	"cria/internal/tensor"
)

// Multiply sets p.Dst to the products of p.W and vectors of x, by one verb alone.
func (b *Backend) Multiply(p tensor.Product, x tensor.Acts, vectors int) error {
	b.pass.Reset()
	b.pass.Uploads = []Transfer{{tensor.Bytes(x.Data), b.acts(x)}}
	b.ProjectAdd(p, x, nil, 0, make([]kv.Row, vectors))
	b.pass.Downloads = []Transfer{{tensor.Bytes(p.Dst.Data), b.acts(p.Dst)}}
	b.fail(b.dev.Run(&b.pass))
	return b.Err()
}
