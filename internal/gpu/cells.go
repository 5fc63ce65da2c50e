package gpu

import "cria/internal/tensor"

// What the kernels of matrices in cells take: see kernels/src/cells.h, slabs.h and many.h.
const (
	cellRows, cellCols = 8, 64
	inputRows          = 16
	inputCell          = 1024 + 128 // bytes of the codes and scales of 16 vectors
	stagedCell         = 96
	slabsThreads       = 512
	slabWarps          = slabsThreads / 32
	groupCols          = 32 * cellCols
	manyThreads        = 512
	manyRows           = 128 // and vectors
	manyStages         = 4
	manyCells          = 2
	// manyVectors is how many vectors are multiplied faster by many at once than by few after few.
	manyVectors = 33
)

// A cellFormat is what differs between formats of codes.
type cellFormat struct {
	bytes      int // of a cell
	step, ring int // cells of each of four chains that are copied at a time, and how many times ahead
}

// cellFormats are named as partsOf: by their types.
var cellFormats = map[string]cellFormat{
	"q8_0": {512 + 32, 2, 2},
	"q4_0": {256 + 32, 2, 2},
}

// inCells reports whether a matrix is multiplied by tensor units, from cells: blocks have to have memory for that.
func (b *Backend) inCells(m *tensor.Mat) bool {
	f, ok := cellFormats[m.Type.String()]
	most := max(slabsShared(f, m.Cols, 1, tileSums), f.manyShared())
	return ok && b.info.Tensors >= WarpTensors && most <= b.info.SharedBytes-1024
}

// manyShared returns the memory of a block that multiplies many vectors.
func (f cellFormat) manyShared() int {
	return manyStages * manyCells * (manyRows/inputRows*inputCell + manyRows/cellRows*f.bytes)
}

// ringBytes returns what is on its way to a block of vec or few.
func (f cellFormat) ringBytes() int { return slabWarps * f.ring * f.step * 4 * f.bytes }

// uploadCells uploads a matrix of codes and lets the device put it in cells.
func (b *Backend) uploadCells(d *matrix, m *tensor.Mat) error {
	pitch := ceil(m.Cols, cellCols) * cellFormats[m.Type.String()].bytes
	d.args.Pitch = int32(pitch)
	var err error
	if d.args.Data, err = b.allocWeights(int64(ceil(m.Rows, cellRows)) * int64(pitch)); err != nil {
		return err
	}
	return b.uploadRows(m, cellRows, func(p *Pass, at, n int) {
		Add(p, "pack_"+d.name, [3]int{ceil(m.Cols/32, threads), n, 1}, threads, 0, &tileArgs{
			From: b.staging, To: d.args.Data + Ptr(at/cellRows*pitch), Rows: int32(n), Cols: int32(m.Cols), Pitch: int32(pitch),
		})
	})
}

// codes returns memory for vectors of n numbers as codes in cells.
func (b *Backend) codes(n int) halfspace {
	key := [2]int{n, 0}
	h, ok := b.tiled[key]
	if !ok {
		bytes := ceil(b.size.Rows, inputRows) * ceil(n, cellCols) * inputCell
		h.tiles, h.scales = b.alloc(int64(bytes)), b.alloc(int64(4*b.size.Rows))
		b.tiled[key] = h
	}
	return h
}

// multiplyCells launches products of codes by tensor units.
func (b *Backend) multiplyCells(args *productArgs, w *tensor.Mat, acts tensor.Acts, vectors int) {
	name, f := b.matrix(w).name, cellFormats[w.Type.String()]
	last := args.P[args.N-1]
	rows := int(last.First + last.W.Rows)
	if vectors == 1 {
		b.launchSlabs("vec_"+name, f, args, rows, 1)
		return
	}
	in := b.codes(acts.N)
	up, act := b.takeGLU(args.X)
	Add(&b.pass, "codes_"+name, [3]int{vectors, 1, 1}, slabsThreads, 0, &normArgs{
		X: args.X, Norm: args.Norm, H: up, Q: in.tiles, Scales: in.scales, N: int32(acts.N), Stride: int32(acts.Stride),
		Eps: args.Eps, Add: act,
	})
	args.Q, args.Scales = in.tiles, in.scales
	if vectors >= manyVectors {
		Add(&b.pass, "mat_"+name, [3]int{ceil(vectors, manyRows), ceil(rows, manyRows), 1}, manyThreads, f.manyShared(), args)
		return
	}
	n := fewVectors
	for n > 1 && slabsShared(f, w.Cols, n, tileSums) > b.info.SharedBytes-1024 {
		n--
	}
	for first := 0; first < vectors; first += n {
		some := *args
		some.From, some.Vectors = int32(first), int32(min(n, vectors-first))
		b.launchSlabs("few_"+name, f, &some, rows, int(some.Vectors))
	}
}

// slabsShared returns the memory of a block of vec or few: what is on its way, the vectors, their scales, and sums.
func slabsShared(f cellFormat, cols, vectors, sums int) int {
	cells := ceil(cols, cellCols)
	return f.ringBytes() + vectors*cells*stagedCell + (vectors*(cells+1)*8+15)&^15 + sums
}

// launchSlabs launches vec or few.
func (b *Backend) launchSlabs(kernel string, f cellFormat, args *productArgs, rows, vectors int) {
	blocks, shared := b.slabsGrid(f, rows, int(args.Cols), vectors, 1)
	Add(&b.pass, kernel, [3]int{blocks, 1, 1}, slabsThreads, shared, args)
}

// slabsGrid returns the blocks that multiply slabs of eight rows, one for each multiprocessor, or more if sums were too
// many, and their memory, with sums of as many matrices as are multiplied slab by slab.
func (b *Backend) slabsGrid(f cellFormat, rows, cols, vectors, matrices int) (blocks, shared int) {
	slabs := ceil(rows, cellRows)
	sums := 4 * 4 * cellRows * vectors * ceil(cols, groupCols) * matrices // of a slab
	blocks = min(slabs, max(b.info.Processors, ceil(slabs, max(1, tileSums/sums))))
	return blocks, slabsShared(f, cols, vectors, ceil(slabs, blocks)*sums)
}
