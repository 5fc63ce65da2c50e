package gpu

import (
	"strings"
	"unsafe"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// What the kernels of products take: see kernels/product.h.
const (
	warps      = threads / 32
	matRows    = 4 // of a warp
	matVectors = 8
	// vecThreads makes blocks so large that a multiprocessor has room for one: every
	// block of vec normalizes and stages the vector for itself.
	vecThreads = 1024
	// What a block multiplies by squares: see kernels/src/squares.h.
	squareVectors, squareRows = 64, 64
	// squaresFrom is how many vectors are multiplied so: mat takes matVectors as fast as one.
	squaresFrom = 2*matVectors + 1
)

// NormProject sets p.Dst[t] = p.W · rmsnorm(x[t]) + p.Bias for each product p.
func (b *Backend) NormProject(ps []tensor.Product, x tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	b.verb = verb{}
	for len(ps) > 0 && b.err == nil {
		n := 1
		for n < len(ps) && sameKernel(ps[0].W, ps[n].W) {
			n++
		}
		b.project(ps[:n], b.acts(x), x, b.vector(norm), eps, len(rows), thenSet)
		ps = ps[n:]
	}
}

// sameKernel reports whether one launch can multiply by both.
func sameKernel(a, b *tensor.Mat) bool { return a.Type == b.Type && a.Group == b.Group }

// ProjectAdd adds p.W · a[t] + p.Bias to p.Dst[t], normalized if norm is not nil.
func (b *Backend) ProjectAdd(p tensor.Product, a tensor.Acts, norm []float32, eps float32, rows []kv.Row) {
	if b.err != nil {
		return
	}
	b.verb = verb{}
	if norm == nil {
		b.project([]tensor.Product{p}, b.acts(a), a, 0, 0, len(rows), thenAdd)
		return
	}
	if b.after == 0 {
		b.after = b.alloc(int64(4 * b.size.Rows * p.Dst.Stride))
	}
	args := b.products([]tensor.Product{p})
	args.P[0].Dst = b.after
	b.multiply(&args, p.W, b.acts(a), a, 0, 0, len(rows))
	Add(&b.pass, "norm", [3]int{len(rows), 1, 1}, vecThreads, 0, &normArgs{
		X: b.after, Norm: b.vector(norm), H: b.acts(p.Dst), N: int32(p.Dst.N), Stride: int32(p.Dst.Stride), Eps: eps, Add: 1,
	})
}

// Logits sets dst[i] = w · rmsnorm(x[t]) for the i-th row t that asks for logits, and ends the pass.
func (b *Backend) Logits(
	dst tensor.Acts, w *tensor.Mat, x tensor.Acts, norm []float32, eps, softcap float32, rows []kv.Row,
) {
	b.verb = verb{}
	n, out := 0, b.logitsFor(dst)
	for t := 0; t < len(rows) && b.err == nil; {
		run := 0 // neighbours that ask
		for t+run < len(rows) && rows[t+run].Logits {
			run++
		}
		if run > 0 {
			args := productArgs{N: 1}
			args.P[0] = productArg{W: b.matrix(w).args, Dst: out + Ptr(4*n*dst.Stride), Stride: int32(dst.Stride)}
			b.multiply(&args, w, b.acts(x)+Ptr(4*t*x.Stride), x, b.vector(norm), eps, run)
		}
		n += run
		t += max(run, 1)
	}
	if b.err != nil {
		return
	}
	if softcap != 0 && n > 0 {
		Add(&b.pass, "softcap", [3]int{ceil(dst.N, threads), n, 1}, threads, 0, &softcapArgs{
			X: out, N: int32(dst.N), Stride: int32(dst.Stride), Cap: softcap,
		})
	}
	switch {
	case n == 1 && b.pick.wanted:
		b.addPick(out, dst.N)
	case n > 0:
		b.pass.Downloads = append(b.pass.Downloads, Transfer{tensor.Bytes(dst.Data[:n*dst.Stride]), out})
	}
	b.fail(b.run())
}

// logitsFor returns memory of the device for as many logits as dst has: callers may have several.
func (b *Backend) logitsFor(dst tensor.Acts) Ptr {
	if n := 4 * len(dst.Data); n > b.logitsBytes {
		b.logits, b.logitsBytes = b.alloc(int64(n)), n
	}
	return b.logits
}

// products returns the arguments of products that one launch computes.
func (b *Backend) products(ps []tensor.Product) productArgs {
	args, first := productArgs{N: int32(len(ps))}, 0
	for i, p := range ps {
		args.P[i] = productArg{
			W: b.matrix(p.W).args, Dst: b.acts(p.Dst), Bias: b.vector(p.Bias), Stride: int32(p.Dst.Stride), First: int32(first),
		}
		first += ceil(p.W.Rows, wideRows) * wideRows // no block has rows of two
	}
	return args
}

func (b *Backend) project(ps []tensor.Product, x Ptr, acts tensor.Acts, norm Ptr, eps float32, vectors, then int) {
	args := b.products(ps)
	args.Then = int32(then)
	b.multiply(&args, ps[0].W, x, acts, norm, eps, vectors)
}

// multiply launches products with vectors of which the first is at x, normalized if norm is not 0.
func (b *Backend) multiply(
	args *productArgs, w *tensor.Mat, x Ptr, acts tensor.Acts, norm Ptr, eps float32, vectors int,
) {
	m := b.matrix(w)
	last := args.P[args.N-1]
	rows := int(last.First + last.W.Rows)
	args.X, args.Norm, args.Eps = x, norm, eps
	args.Cols, args.Stride, args.Group, args.Vectors = int32(w.Cols), int32(acts.Stride), int32(m.group), int32(vectors)
	if b.inTiles(w) {
		b.multiplyTiles(args, w, acts, vectors)
		return
	}
	if b.inCells(w) {
		b.multiplyCells(args, w, acts, vectors)
		return
	}
	if vectors == 1 && !b.info.Direct {
		b.addProduct("vec_"+m.name, [3]int{b.vecBlocks(rows), 1, 1}, vecThreads, sharedBytes(w.Cols, m.group), args)
		return
	}
	squares := vectors >= squaresFrom && b.inSquares(w)
	if norm != 0 || m.group > 0 {
		b.normalize(args, acts, m.group, squares)
	}
	if vectors == 1 {
		b.addProduct("direct_"+m.name, [3]int{b.vecBlocks(rows), 1, 1}, threads, 0, args)
		return
	}
	if squares {
		b.addProduct("square_"+m.name, [3]int{ceil(vectors, squareVectors), ceil(rows, squareRows), 1}, threads, 0, args)
		return
	}
	b.addProduct("mat_"+m.name, [3]int{ceil(vectors, matVectors), ceil(rows, warps*matRows), 1}, threads, 0, args)
}

// inSquares reports whether many vectors are multiplied by a matrix in squares, which have the sums of single vectors:
// it has codes, and no chunk of these has two groups.
func (b *Backend) inSquares(m *tensor.Mat) bool {
	group := inputGroup(m)
	return b.info.Tensors >= SquareTensors && group > 0 && group%16 == 0
}

// A verb is what launches of one verb know of those before them.
type verb struct {
	input    input // that is in the workspace
	products bool  // whether the last launch multiplies
}

// An input is what products are made of.
type input struct {
	x, norm        Ptr
	eps            float32
	group, vectors int
	together       bool // as squares take it
}

// addProduct launches products, beside those of other matrices and the same input.
func (b *Backend) addProduct(kernel string, blocks [3]int, threads, shared int, args *productArgs) {
	Add(&b.pass, kernel, blocks, threads, shared, args)
	b.pass.Launches[len(b.pass.Launches)-1].Beside = b.verb.products
	b.verb.products = true
}

// normalize launches what makes the input of products: their X normalized, and codes of it in groups, if
// group is not 0. If the verb has it already, nothing is launched.
func (b *Backend) normalize(args *productArgs, acts tensor.Acts, group int, together bool) {
	in := b.input(acts.N)
	made := input{args.X, args.Norm, args.Eps, group, int(args.Vectors), together}
	if b.verb.input != made {
		b.verb = verb{input: made}
		b.addNorm(args, acts, group, together, in)
	}
	args.X, args.Norm, args.Q, args.Scales, args.Sums = in.h, 0, in.q, in.scales, in.sums
}

func (b *Backend) addNorm(args *productArgs, acts tensor.Acts, group int, together bool, in *workspace) {
	na := normArgs{X: args.X, Norm: args.Norm, H: in.h, N: int32(acts.N), Stride: int32(acts.Stride), Eps: args.Eps}
	if group > 0 {
		na.Q, na.Scales, na.Sums, na.Group = in.q, in.scales, in.sums, int32(group)
		if together {
			na.Together = 1
		}
	}
	// The squares are summed by as many threads as in vec, which does it by itself.
	Add(&b.pass, "norm", [3]int{int(args.Vectors), 1, 1}, vecThreads, 0, &na)
}

// joinGLU makes the last launch compute act(gate)·up, if it computes gate and up for one
// token, and reports whether it did. up itself is then not written.
func (b *Backend) joinGLU(gate, up Ptr, then int32) bool {
	p := &b.pass
	if len(p.Launches) == 0 || b.err != nil {
		return false
	}
	l := &p.Launches[len(p.Launches)-1]
	if l.Size != int(unsafe.Sizeof(productArgs{})) || strings.HasPrefix(l.Kernel, "few_") {
		return false
	}
	a := productOf(p, l)
	if a.Vectors != 1 || a.N != 2 || a.P[0].Dst != gate || a.P[1].Dst != up || a.Then != thenSet {
		return false
	}
	a.Then = then
	l.Blocks[0] = b.vecBlocks(int(a.P[0].W.Rows))
	if typ, ok := strings.CutPrefix(l.Kernel, "vec_tiled_"); ok {
		l.Blocks[0], l.Shared = b.gridGLU(typ, int(a.P[0].W.Rows), int(a.Cols))
	}
	return true
}

// productOf returns a launch's arguments. Args holds structs of whole words, so these are aligned as the slice is.
func productOf(p *Pass, l *Launch) *productArgs {
	return (*productArgs)(unsafe.Pointer(&p.Args[l.First]))
}

// gridGLU returns the blocks that multiply a vector by gate and up on tensor units, and their memory.
func (b *Backend) gridGLU(typ string, rows, cols int) (blocks, shared int) {
	if f, ok := cellFormats[typ]; ok {
		return b.slabsGrid(f, rows, cols, 1, 2)
	}
	return b.tileGrid(vecRing, rows, cols, 1, partsOf[typ], 2)
}

// vecBlocks returns how many blocks multiply rows by one vector: a warp takes one row after the other, or
// one only, if nothing is staged for more.
func (b *Backend) vecBlocks(rows int) int {
	if b.info.Direct {
		return ceil(rows, warps)
	}
	return min(ceil(rows, vecThreads/32), b.info.Processors)
}
