//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"unsafe"

	"cria/internal/gpu"
)

// staging is memory that the processor shares with the device, for copies to and from what it does not see. Uploads use
// its halves in turn.
type staging struct {
	buffer
	half int
}

// stagingHalf is the bytes of a half.
const stagingHalf = 16 << 20

// word is what blits copy at least.
const word = 4

// stage makes sure that there is staging memory.
func (d *device) stage() (err error) {
	if d.staging.object != 0 {
		return nil
	}
	d.staging.buffer, err = d.newBuffer(int64(2*d.staging.half), shared)
	return err
}

// A staged piece is n bytes of a buffer and the words around them, in half i.
type staged struct {
	half    unsafe.Pointer
	edge, n int // bytes of the first word that are not of the piece
	out, in place
}

func (s *staged) bytes() []byte { return unsafe.Slice((*byte)(unsafe.Add(s.half, s.edge)), s.n) }

// piece returns the first of up to n bytes at a place of a buffer that go through half i.
func (d *device) piece(b *buffer, at int64, n, i int) staged {
	edge := int(at % word)
	n = min(n, d.staging.half-edge)
	words, from := int64((edge+n+word-1)&^(word-1)), int64(i%2*d.staging.half)
	return staged{
		half: unsafe.Add(d.staging.host, from), edge: edge, n: n,
		out: place{d.staging.object, b.object, from, at - int64(edge), words},
		in:  place{b.object, d.staging.object, at - int64(edge), from, words},
	}
}

// blit begins a copy.
func (d *device) blit(c place) id {
	return d.commit(func(commands id) { d.encodeCopies(commands, [][]place{{c}}) })
}

// Upload copies bytes to the device.
func (d *device) Upload(dst gpu.Ptr, src []byte) error {
	return d.do(func() error {
		b, at, err := d.find(dst, int64(len(src)))
		if err != nil {
			return err
		}
		if b.host != nil {
			d.settle()
			copy(unsafe.Slice((*byte)(unsafe.Add(b.host, at)), len(src)), src)
			return nil
		}
		return d.upload(b, at, src)
	})
}

// upload fills a half while the device copies the other.
func (d *device) upload(b *buffer, at int64, src []byte) error {
	if err := d.stage(); err != nil {
		return err
	}
	var under [2]id
	for i := 0; len(src) > 0; i++ {
		if i >= 2 {
			if err := d.wait(under[i%2]); err != nil {
				return err
			}
		}
		p := d.piece(b, at, len(src), i)
		if int64(p.n) != p.out.bytes { // the words at its edges have other bytes too
			if err := d.wait(d.blit(p.in)); err != nil {
				return err
			}
		}
		copy(p.bytes(), src)
		under[i%2] = d.blit(p.out)
		at, src = at+int64(p.n), src[p.n:]
	}
	for _, commands := range under {
		if commands == 0 {
			continue
		}
		if err := d.wait(commands); err != nil {
			return err
		}
	}
	return nil
}

// Download copies bytes from the device.
func (d *device) Download(dst []byte, src gpu.Ptr) error {
	return d.do(func() error {
		b, at, err := d.find(src, int64(len(dst)))
		if err != nil {
			return err
		}
		if b.host != nil {
			d.settle()
			copy(dst, unsafe.Slice((*byte)(unsafe.Add(b.host, at)), len(dst)))
			return nil
		}
		if err := d.stage(); err != nil {
			return err
		}
		for len(dst) > 0 {
			p := d.piece(b, at, len(dst), 0)
			if err := d.wait(d.blit(p.in)); err != nil {
				return err
			}
			copy(dst, p.bytes())
			at, dst = at+int64(p.n), dst[p.n:]
		}
		return nil
	})
}
