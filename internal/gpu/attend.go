package gpu

import (
	"fmt"
	"math/bits"
	"slices"
	"unsafe"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// What the kernels of attention take: see kernels/attention.h.
const (
	split     = 128 // positions of a block
	headMax   = 512 // numbers of a head
	ropeWarps = 4
	// partBytes bounds what splits leave: more rows than fit take turns.
	partBytes = 64 << 20
)

// A cache is the pages of keys and values on the device, laid out as package kv says.
type cache struct {
	kv.Shape
	codes, scales         Ptr
	pageCodes, pageScales int64  // bytes of a page
	moves                 []Copy // before the next pass
}

func newCache(dev Device, s kv.Shape) (*cache, error) {
	heads := int64(s.Layers) * 2 * int64(s.KVHeads) * kv.PagePos
	c := &cache{Shape: s, pageCodes: heads * int64(tensor.Pad(s.HeadDim))}
	switch s.Type {
	case tensor.F32, tensor.F16:
		c.pageCodes *= int64(s.Type.Size())
	case tensor.Q8_0:
		c.pageScales = heads * int64(s.Groups()) * 2
	}
	var err error
	if c.codes, err = dev.Alloc(int64(s.Pages) * c.pageCodes); err == nil && c.pageScales > 0 {
		c.scales, err = dev.Alloc(int64(s.Pages) * c.pageScales)
	}
	return c, err
}

// CopyPage copies a page before the next pass. It is for a cache of package kv whose pages are here.
func (b *Backend) CopyPage(dst, src int32) {
	c := b.cache
	c.moves = append(c.moves, pageCopy(c.codes, c.pageCodes, dst, src))
	if c.pageScales > 0 {
		c.moves = append(c.moves, pageCopy(c.scales, c.pageScales, dst, src))
	}
}

func pageCopy(base Ptr, bytes int64, dst, src int32) Copy {
	return Copy{base + Ptr(int64(dst)*bytes), base + Ptr(int64(src)*bytes), bytes}
}

// move lets a pass begin with the copies of pages.
func (c *cache) move(p *Pass) {
	p.Copies = append(p.Copies, c.moves...)
	c.moves = c.moves[:0]
}

func (c *cache) args(layer int) cacheArg {
	a := cacheArg{Layer: int32(layer), Layers: int32(c.Layers), Groups: int32(c.Groups())}
	switch c.Type {
	case tensor.F16:
		a.Type = 1
	case tensor.Q8_0:
		a.Type = 2
	}
	return a
}

// A rowTable is the rows of a batch and their sequences' page tables, on the host and on the device.
type rowTable struct {
	rows, pages Ptr
	max         int // pages of all sequences of a batch
	host        []rowArgs
	hostPages   []int32
	sent        []int32 // pages that are there
	maxPos      int
}

// rowBytes is the size of a row on the device, which begins with the token.
const rowBytes = int64(unsafe.Sizeof(rowArgs{}))

// fill lets the backend's pass begin with the upload of rows.
func (r *rowTable) fill(b *Backend, rows []kv.Row) {
	if r.rows == 0 {
		r.rows, r.pages = b.alloc(int64(b.size.Rows)*rowBytes), b.alloc(int64(r.max)*4)
	}
	r.host, r.hostPages, r.maxPos = r.host[:0], r.hostPages[:0], 0
	table := 0
	for t, row := range rows {
		if t == 0 || row.Seq != rows[t-1].Seq {
			table = len(r.hostPages)
			r.hostPages = append(r.hostPages, row.Seq.Pages()...)
		}
		r.host = append(r.host, rowArgs{Token: row.Token, Pos: int32(row.Pos), Table: int32(table)})
		r.maxPos = max(r.maxPos, row.Pos)
	}
	b.pass.Uploads = append(b.pass.Uploads, Transfer{bytesOf(r.host), r.rows})
	if !slices.Equal(r.hostPages, r.sent) { // a page is full after many tokens
		b.pass.Uploads = append(b.pass.Uploads, Transfer{bytesOf(r.hostPages), r.pages})
		r.sent = append(r.sent[:0], r.hostPages...)
	}
}

// Attend sets each head of a[t] to the mean of the values that it sees, weighted by the softmax of the scores.
func (b *Backend) Attend(a, q tensor.Acts, at *tensor.Attention, cache *kv.Cache, layer int, rows []kv.Row) {
	if b.err != nil {
		return
	}
	args := attendArgs{
		Pages: b.table.pages, Cache: b.cache.codes, Scales: b.cache.scales,
		Heads: int32(q.N / cache.HeadDim), KVHeads: int32(cache.KVHeads), Dim: int32(cache.HeadDim),
		Pad: int32(tensor.Pad(cache.HeadDim)), AStride: int32(a.Stride), QStride: int32(q.Stride),
		Window: int32(at.Window), cacheArg: b.cache.args(layer), Scale: at.Scale, Softcap: at.Softcap,
	}
	tensors := b.info.Tensors == GroupTensors && cache.Type == tensor.F16 && (cache.HeadDim == 64 || cache.HeadDim == 128)
	for first := 0; first < len(rows); {
		n := len(rows) - first
		if tensors {
			n = sameSeq(rows[first:])
		}
		args.A, args.Q = b.acts(a)+Ptr(4*first*a.Stride), b.acts(q)+Ptr(4*first*q.Stride)
		args.Rows = b.table.rows + Ptr(rowBytes*int64(first))
		if tensors && n > 1 {
			args.Splits = int32(n)
			Add(&b.pass, fmt.Sprint("flash_", cache.HeadDim), [3]int{ceil(n, 64), int(args.Heads), 1}, split,
				flashShared(cache.HeadDim), &args)
		} else {
			n = b.attendSplits(&args, rows, n, tensors)
		}
		first += n
	}
}

// flashShared returns the memory of a block for keys and values of a split, f16.
func flashShared(dim int) int { return 2 * split * dim * 2 }

// sameSeq returns how many rows from the first on are of one sequence; it is 1 for each of those that are alone.
func sameSeq(rows []kv.Row) int {
	n := 1
	for n < len(rows) && rows[n].Seq == rows[0].Seq {
		n++
	}
	return n
}

// attendSplits launches attention of up to n rows, each split of each head by a block, and returns of how many: what
// splits leave has to have room.
func (b *Backend) attendSplits(args *attendArgs, rows []kv.Row, n int, tensors bool) int {
	heads, dim := int(args.Heads), int(args.Dim)
	splits := b.table.maxPos/split + 1
	if len(rows) == 1 { // a power of two, so that a pass repeats for a while
		splits = 1 << bits.Len(uint(splits-1))
	}
	if b.part == 0 {
		b.part = b.alloc(int64(max(partBytes, 4*heads*ceil(b.size.SeqLen, split)*2*(dim+2))))
	}
	n = min(n, max(1, partBytes/(4*heads*splits*(dim+2))))
	args.Partial, args.Splits = b.part, int32(splits)
	kernel, shared, joins := "attend_"+b.cache.Type.String(), 0, "combine"
	if tensors {
		kernel, shared, joins = fmt.Sprint("split_", dim), flashShared(dim), "join"
	}
	if rope, ok := b.takeRope(tensors && len(rows) == 1); ok {
		Add(&b.pass, "turn_"+kernel, [3]int{splits, heads, 1}, split, shared, &turnArgs{*args, rope})
	} else {
		Add(&b.pass, kernel, [3]int{splits, heads, n}, split, shared, args)
	}
	if splits > 1 {
		Add(&b.pass, joins, [3]int{heads, n, 1}, split, 0, args)
	}
	return n
}

// takeRope drops the last launch, if that is wanted and it turns the heads of a pass, and returns its arguments.
func (b *Backend) takeRope(wanted bool) (args ropeArgs, ok bool) {
	p := &b.pass
	n := len(p.Launches) - 1
	if !wanted || n < 0 || p.Launches[n].Kernel != "rope_store" {
		return args, false
	}
	first := p.Launches[n].First
	args = *(*ropeArgs)(unsafe.Pointer(&p.Args[first])) // aligned as in productOf
	p.Launches, p.Args = p.Launches[:n], p.Args[:first]
	return args, true
}
