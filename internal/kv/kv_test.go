package kv

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/tensor"
)

func small(t *testing.T, pages int, typ tensor.DType) *Cache {
	t.Helper()
	c, err := New(Shape{Layers: 2, KVHeads: 3, HeadDim: 10, Pages: pages, Type: typ})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestBlocks writes a mark to each block and reads all of them back: none overlap.
func TestBlocks(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
		c := small(t, 4, typ)
		if err := c.NewSeq(0).Grow(4 * PagePos); err != nil {
			t.Fatal(err)
		}
		each := func(f func(n int, page int32, layer int, part Part, head int)) {
			n := 0
			for page := range int32(4) {
				for layer := range 2 {
					for _, part := range []Part{K, V} {
						for head := range 3 {
							n++
							f(n, page, layer, part, head)
						}
					}
				}
			}
		}
		each(func(n int, page int32, layer int, part Part, head int) {
			switch typ {
			case tensor.F32:
				b := c.Block32(page, layer, part, head)
				b[0], b[len(b)-1] = float32(n), float32(n)
			case tensor.F16:
				b := c.Block16(page, layer, part, head)
				b[0], b[len(b)-1] = uint16(n), uint16(n)
			default:
				b, d := c.Block8(page, layer, part, head)
				b[0], b[len(b)-1] = int8(n), int8(n)
				d[0], d[len(d)-1] = uint16(n), uint16(n)
			}
		})
		each(func(n int, page int32, layer int, part Part, head int) {
			first, last := 0, 0
			switch typ {
			case tensor.F32:
				b := c.Block32(page, layer, part, head)
				first, last = int(b[0]), int(b[len(b)-1])
			case tensor.F16:
				b := c.Block16(page, layer, part, head)
				first, last = int(b[0]), int(b[len(b)-1])
			default:
				b, d := c.Block8(page, layer, part, head)
				first, last = int(b[0]), int(b[len(b)-1])
				if int(d[0]) != n || int(d[len(d)-1]) != n {
					t.Fatalf("%v: scales of block %d are %d and %d", typ, n, d[0], d[len(d)-1])
				}
			}
			if first != n || last != n {
				t.Fatalf("%v: block %d holds %d and %d", typ, n, first, last)
			}
		})
		size := map[tensor.DType]int64{tensor.F32: 4 * 16, tensor.F16: 2 * 16, tensor.Q8_0: 16 + 2}[typ]
		if got, want := c.Bytes(), 4*2*2*3*PagePos*size; got != want {
			t.Errorf("%v: Bytes() = %d, want %d", typ, got, want)
		}
	}
	if _, err := New(Shape{Type: tensor.Q8}); err == nil {
		t.Error("a cache of q8: no error")
	}
}

// TestMemory makes a cache that no memory holds: pages that nobody uses take none.
func TestMemory(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
		shape := Shape{Layers: 80, KVHeads: 8, HeadDim: 128, Pages: 1 << 18, Type: typ}
		if shape.Bytes() < 1<<40 {
			t.Fatalf("%v: %d bytes, want a tebibyte", typ, shape.Bytes())
		}
		c, err := New(shape)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.NewSeq(0).Grow(1); err != nil {
			t.Error(err)
		}
	}
}

func TestFull(t *testing.T) {
	c := small(t, 2, tensor.F32)
	a, b := c.NewSeq(0), c.NewSeq(0)
	if err := a.Grow(PagePos + 1); err != nil {
		t.Fatal(err)
	}
	if err := b.Grow(1); !errors.Is(err, ErrFull) || b.Len() != 0 || len(b.Pages()) != 0 {
		t.Errorf("error %v, %d positions, want %v and none", err, b.Len(), ErrFull)
	}
	a.Truncate(PagePos)
	if err := b.Grow(PagePos); err != nil {
		t.Errorf("after a page was freed: %v", err)
	}
}

// TestSequences does random things to sequences and compares each with a plain
// list of what it should hold; pages must neither leak nor be shared wrongly.
func TestSequences(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := New(Shape{Layers: 1, KVHeads: 1, HeadDim: 2, Pages: 12, Type: tensor.F32})
		if err != nil {
			t.Fatal(err)
		}
		type pair struct {
			seq  *Seq
			want []float32
		}
		var all []pair
		mark := float32(0)
		cell := func(s *Seq, pos int) *float32 {
			return &c.Block32(s.Pages()[pos/PagePos], 0, V, 0)[pos%PagePos*16]
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			switch op := rapid.IntRange(0, 4).Draw(t, "op"); {
			case op == 0 || len(all) == 0:
				all = append(all, pair{c.NewSeq(0), nil})
			case op == 1:
				p := &all[rapid.IntRange(0, len(all)-1).Draw(t, "seq")]
				n := rapid.IntRange(0, len(p.want)).Draw(t, "len")
				p.seq.Truncate(n)
				p.want = p.want[:n:n]
			case op == 2:
				p := all[rapid.IntRange(0, len(all)-1).Draw(t, "seq")]
				all = append(all, pair{p.seq.Fork(), p.want[:len(p.want):len(p.want)]})
			default:
				p := &all[rapid.IntRange(0, len(all)-1).Draw(t, "seq")]
				n := rapid.IntRange(0, 50).Draw(t, "n")
				if p.seq.Grow(n) != nil {
					break // the cache is full, and nothing has changed
				}
				for range n {
					mark++
					*cell(p.seq, len(p.want)) = mark
					p.want = append(p.want, mark)
				}
			}
			used := map[int32]bool{}
			for i, p := range all {
				if p.seq.Len() != len(p.want) {
					t.Fatalf("sequence %d has %d positions, want %d", i, p.seq.Len(), len(p.want))
				}
				for pos, want := range p.want {
					if got := *cell(p.seq, pos); got != want {
						t.Fatalf("sequence %d, position %d: %v, want %v", i, pos, got, want)
					}
				}
				for _, page := range p.seq.Pages() {
					used[page] = true
				}
			}
			if c.FreePages() != c.Pages-len(used) {
				t.Fatalf("%d pages free, %d of %d used", c.FreePages(), len(used), c.Pages)
			}
		}
	})
}

// TestCopy checks that a page that is shared is copied before it is written, in every type.
func TestCopy(t *testing.T) {
	for _, typ := range []tensor.DType{tensor.F32, tensor.F16, tensor.Q8_0} {
		c := small(t, 3, typ)
		bytes := func(page int32) []byte {
			switch typ {
			case tensor.F32:
				return tensor.Bytes(c.Block32(page, 1, V, 2))
			case tensor.F16:
				return tensor.Bytes(c.Block16(page, 1, V, 2))
			}
			codes, scales := c.Block8(page, 1, V, 2)
			return append(tensor.Bytes(codes), tensor.Bytes(scales)...)
		}
		s := c.NewSeq(0)
		if err := s.Grow(3); err != nil {
			t.Fatal(err)
		}
		page := s.Pages()[0]
		switch typ {
		case tensor.F32:
			c.Block32(page, 1, V, 2)[5] = 7
		case tensor.F16:
			c.Block16(page, 1, V, 2)[5] = 7
		default:
			codes, scales := c.Block8(page, 1, V, 2)
			codes[5], scales[1] = 7, 7
		}
		f := s.Fork()
		if err := f.Grow(1); err != nil {
			t.Fatal(err)
		}
		if f.Pages()[0] == page {
			t.Fatalf("%v: a fork writes the page that it shares", typ)
		}
		got, want := bytes(f.Pages()[0]), bytes(page)
		if !slices.Equal(got, want) || !slices.ContainsFunc(got, func(b byte) bool { return b != 0 }) {
			t.Errorf("%v: the copy is not what the page holds", typ)
		}
	}
}
