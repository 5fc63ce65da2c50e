// Package kv keeps the keys and values of past positions in pages that
// sequences share: a page table per sequence, a reference count per page
// (Kwon et al. 2023, PagedAttention).
package kv

import (
	"errors"
	"fmt"
	"unsafe"

	"cria/internal/tensor"
)

// PagePos is the number of positions in a page.
const PagePos = 32

// ErrFull is returned when a sequence asks for a page and none is free.
var ErrFull = errors.New("kv cache is full")

// Shape is what a cache is made for.
type Shape struct {
	Layers, KVHeads, HeadDim int
	Pages                    int          // of PagePos positions each
	Type                     tensor.DType // F32, F16 or Q8_0
}

// GroupLen is the number of elements of a head that share a scale in a cache of
// type Q8_0: those of a block of that name. If it does not divide the head's
// size, the last group is shorter.
const GroupLen = 32

// Groups returns how many scales the keys of one head at one position have in a cache of type Q8_0.
func (s Shape) Groups() int { return (s.HeadDim + GroupLen - 1) / GroupLen }

// blocks returns how many blocks a page has: [Layers][2][KVHeads].
func (s Shape) blocks() int { return s.Layers * 2 * s.KVHeads }

// blockLen returns the elements of one block: [PagePos][Pad(HeadDim)].
func (s Shape) blockLen() int { return PagePos * tensor.Pad(s.HeadDim) }

// PosBytes returns the memory that the keys and values of one position take.
func (s Shape) PosBytes() int64 {
	row := tensor.Pad(s.HeadDim) * s.Type.Size()
	if s.Type == tensor.Q8_0 {
		row = tensor.Pad(s.HeadDim) + 2*s.Groups()
	}
	return int64(s.blocks()) * int64(row)
}

// Bytes returns the memory that a cache of this shape takes.
func (s Shape) Bytes() int64 { return int64(s.Pages) * PagePos * s.PosBytes() }

// PagesFor returns how many pages hold n positions.
func PagesFor(n int) int { return (n + PagePos - 1) / PagePos }

// A Cache holds pages. It is not safe for concurrent use.
//
// A page's memory is taken when a sequence first uses it or one of its neighbors, and kept for the
// next one. Taking all of it at once is free in a fresh process alone, whose
// memory the system provides as it is touched: in one that had a cache before,
// Go clears it, which touches it.
type Cache struct {
	Shape
	f32  [][]float32 // [Pages][Layers][2][KVHeads][PagePos][Pad(HeadDim)], if Type is F32
	f16  [][]uint16  // the same, if Type is F16
	q8   [][]int8    // the same, if Type is Q8_0
	d16  [][]uint16  // [Pages][Layers][2][KVHeads][PagePos][Groups()] scales of q8, binary16
	refs []int32     // sequences that use a page
	free []int32     // pages that no sequence uses

	copyAway func(dst, src int32) // of the part of a page that is elsewhere; nil: there is none
}

// New returns an empty cache.
func New(s Shape) (*Cache, error) {
	c := &Cache{Shape: s, refs: make([]int32, s.Pages), free: make([]int32, s.Pages)}
	for i := range c.free {
		c.free[i] = int32(s.Pages - 1 - i) // taken from the end: page 0 first
	}
	switch s.Type {
	case tensor.F32:
		c.f32 = make([][]float32, s.Pages)
	case tensor.F16:
		c.f16 = make([][]uint16, s.Pages)
	case tensor.Q8_0:
		c.q8, c.d16 = make([][]int8, s.Pages), make([][]uint16, s.Pages)
	default:
		return nil, fmt.Errorf("kv: cache type is %v, want one of f32, f16, q8_0", s.Type)
	}
	return c, nil
}

// NewAway returns an empty cache of which the pages hold s.Layers layers here, or none; those of other layers are
// elsewhere, on a device. copyPage copies one page over another there.
func NewAway(s Shape, copyPage func(dst, src int32)) (*Cache, error) {
	c, err := New(s)
	if err == nil {
		c.copyAway = copyPage
	}
	return c, err
}

// FreePages returns how many pages no sequence uses.
func (c *Cache) FreePages() int { return len(c.free) }

// Part says which half of a page is meant.
type Part int

// The two parts of a page.
const (
	K Part = iota // keys, rotated
	V             // values
)

// block returns the number of the block of (layer, part, head) in a page.
func (c *Cache) block(layer int, part Part, head int) int {
	return (layer*2+int(part))*c.KVHeads + head
}

// some returns n parts from the first on of a slice that is cut into parts of one size.
func some[T any](x []T, first, n, size int) []T { return x[first*size:][:n*size] }

// Heads32 returns the keys or values of n heads, which lie side by side, in one page of a
// sequence, [n][PagePos][Pad(HeadDim)]; the cache must be F32.
func (c *Cache) Heads32(page int32, layer int, part Part, head, n int) []float32 {
	return some(c.f32[page], c.block(layer, part, head), n, c.blockLen())
}

// Heads16 is Heads32 for a cache of type F16.
func (c *Cache) Heads16(page int32, layer int, part Part, head, n int) []uint16 {
	return some(c.f16[page], c.block(layer, part, head), n, c.blockLen())
}

// Heads8 is Heads32 for a cache of type Q8_0: element i of a position is
// codes[i] * scales[i/GroupLen], where scales, binary16, is [n][PagePos][Groups()].
func (c *Cache) Heads8(page int32, layer int, part Part, head, n int) (codes []int8, scales []uint16) {
	first := c.block(layer, part, head)
	return some(c.q8[page], first, n, c.blockLen()), some(c.d16[page], first, n, PagePos*c.Groups())
}

// Block32 is Heads32 for one head.
func (c *Cache) Block32(page int32, layer int, part Part, head int) []float32 {
	return c.Heads32(page, layer, part, head, 1)
}

// Block16 is Heads16 for one head.
func (c *Cache) Block16(page int32, layer int, part Part, head int) []uint16 {
	return c.Heads16(page, layer, part, head, 1)
}

// Block8 is Heads8 for one head.
func (c *Cache) Block8(page int32, layer int, part Part, head int) (codes []int8, scales []uint16) {
	return c.Heads8(page, layer, part, head, 1)
}

// A Seq is one sequence of tokens: the pages that hold positions 0 to Len()-1.
type Seq struct {
	cache *Cache
	pages []int32
	len   int
}

// A Row is one token to run through the network.
type Row struct {
	Seq    *Seq
	Token  int32
	Pos    int  // in its sequence; Grow must have made room for it
	Logits bool // whether the scores of the next token are wanted
}

// NewSeq returns an empty sequence. Its page table is allocated for n positions at once.
func (c *Cache) NewSeq(n int) *Seq {
	return &Seq{cache: c, pages: make([]int32, 0, PagesFor(n))}
}

// Len returns the number of positions held.
func (s *Seq) Len() int { return s.len }

// Pages returns the page table: position p is in Pages()[p/PagePos]. It is valid until the next Grow or Truncate.
func (s *Seq) Pages() []int32 { return s.pages }

// Grow makes room for n more positions, which the caller then writes; it
// allocates the pages that were never used. Pages
// that another sequence shares are copied before they are written. If there are
// too few free pages it returns an error wrapping ErrFull and changes nothing.
func (s *Seq) Grow(n int) error {
	c, last := s.cache, s.len/PagePos
	shared := s.len%PagePos != 0 && c.refs[s.pages[last]] > 1
	need := PagesFor(s.len+n) - len(s.pages)
	if shared && n > 0 {
		need++
	}
	if need > len(c.free) {
		return fmt.Errorf("%w: %d positions need %d more pages of %d, %d are free",
			ErrFull, s.len+n, need, PagePos, len(c.free))
	}
	if shared && n > 0 {
		page := c.take()
		c.copyPage(page, s.pages[last])
		c.drop(s.pages[last])
		s.pages[last] = page
	}
	for len(s.pages) < PagesFor(s.len+n) {
		s.pages = append(s.pages, c.take())
	}
	s.len += n
	return nil
}

// Truncate forgets the positions from n on.
func (s *Seq) Truncate(n int) {
	if n < 0 || n > s.len {
		panic("kv.Seq.Truncate: no such position")
	}
	for _, page := range s.pages[PagesFor(n):] {
		s.cache.drop(page)
	}
	s.pages, s.len = s.pages[:PagesFor(n)], n
}

// Fork returns a sequence with the same past, sharing its pages.
func (s *Seq) Fork() *Seq {
	f := &Seq{cache: s.cache, pages: append(make([]int32, 0, cap(s.pages)), s.pages...), len: s.len}
	for _, page := range f.pages {
		s.cache.refs[page]++
	}
	return f
}

func (c *Cache) take() int32 {
	page := c.free[len(c.free)-1]
	c.free = c.free[:len(c.free)-1]
	c.refs[page] = 1
	n := c.blocks()
	makeNth(c.f32, page, n*c.blockLen())
	makeNth(c.f16, page, n*c.blockLen())
	makeNth(c.q8, page, n*c.blockLen())
	makeNth(c.d16, page, n*PagePos*c.Groups())
	return page
}

func (c *Cache) drop(page int32) {
	if c.refs[page]--; c.refs[page] == 0 {
		c.free = append(c.free, page)
	}
}

func (c *Cache) copyPage(dst, src int32) {
	if c.copyAway != nil {
		c.copyAway(dst, src)
	}
	copyNth(c.f32, dst, src)
	copyNth(c.f16, dst, src)
	copyNth(c.q8, dst, src)
	copyNth(c.d16, dst, src)
}

// copyNth copies one part of x over another, if there is x.
func copyNth[T any](x [][]T, dst, src int32) {
	if x != nil {
		copy(x[dst], x[src])
	}
}

// slabBytes is how much memory is made at once if pages are smaller: large pages of the system,
// without which keys and values come at 60 % of the speed, are 2 MiB, and a slab has not many of
// its ends in small ones.
const slabBytes = 16 << 20

// makeNth makes a part of x, if there is x and the part was not made before, with its neighbors in a slab.
func makeNth[T int8 | uint16 | float32](x [][]T, page int32, size int) {
	if x == nil || x[page] != nil {
		return
	}
	var t T
	some := max(1, slabBytes/max(1, size*int(unsafe.Sizeof(t)))) // size is 0 where all layers are elsewhere
	first := int(page) / some * some
	part := x[first:min(first+some, len(x))]
	slab := tensor.Make[T](len(part) * size)
	for i := range part {
		part[i] = slab[i*size:][:size:size]
	}
}
