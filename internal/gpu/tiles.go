package gpu

import (
	"strings"
	"unsafe"

	"cria/internal/tensor"
)

// What the kernels of matrices in tiles take: see kernels/src/halves.h, rows8.h and wide.h.
const (
	tileRows, tileCols = 8, 64
	tileBytes          = tileRows * tileCols * 2
	partCols           = 512
	fewVectors         = 8 // of a launch of few
	// What a block multiplies where warps do not multiply in groups: see manyhalves.h. From three launches of few on.
	halvesVectors, halvesRows, halvesFrom = 128, 64, 2*fewVectors + 1
	wideRows                              = 128
	wideThreads                           = 2*128 + 32 // two groups that multiply, and a warp that copies
	tileSums                              = 32 << 10   // bytes of a block's sums, at most
	slabRows                              = 128
	slabBytes                             = slabRows / tileRows * tileBytes
	rows8Threads                          = 512
	vecRing                               = rows8Threads / 32 * 6 * tileBytes // of what is on its way
	fewRing                               = rows8Threads / 32 * 3 * tileBytes
)

// inTiles reports whether a matrix is multiplied by tensor units, from tiles.
func (b *Backend) inTiles(m *tensor.Mat) bool {
	return b.info.Tensors >= WarpTensors && (m.Type == tensor.F16 || m.Type == tensor.BF16)
}

// partsOf is how many halves stand for a number of the input.
var partsOf = map[string]int{"f16": 1, "bf16": 2}

func halfParts(t tensor.DType) int { return partsOf[t.String()] }

// uploadTiles uploads a matrix of halves and lets the device put it in tiles.
func (b *Backend) uploadTiles(d *matrix, m *tensor.Mat) error {
	pitch := slabPitch(m.Cols)
	d.args.Pitch = int32(pitch)
	var err error
	if d.args.Data, err = b.allocWeights(int64(ceil(m.Rows, slabRows)) * int64(pitch)); err != nil {
		return err
	}
	return b.uploadRows(m, slabRows, func(p *Pass, at, n int) {
		Add(p, "tile", [3]int{ceil(pitch/16, threads), ceil(n, slabRows), 1}, threads, 0, &tileArgs{
			From: b.staging, To: d.args.Data + Ptr(at/slabRows*pitch), Rows: int32(n), Cols: int32(m.Cols), Pitch: int32(pitch),
		})
	})
}

// uploadRows uploads rows to the staging memory, as many as are a multiple of unit and fit there, and lets the device
// move them on, and so all of a matrix.
func (b *Backend) uploadRows(m *tensor.Mat, unit int, move func(p *Pass, at, n int)) error {
	if err := b.needStaging(); err != nil {
		return err
	}
	row := m.Type.RowSize(m.Cols)
	most := max(stagingBytes/row/unit*unit, unit)
	for at := 0; at < m.Rows; at += most {
		n := min(most, m.Rows-at)
		part := m.Data[at*row:][:n*row]
		if err := b.dev.Upload(b.staging, part); err != nil {
			return err
		}
		var p Pass
		move(&p, at, n)
		if err := b.dev.Run(&p); err != nil {
			return err
		}
		b.progress(len(part))
	}
	return nil
}

// slabPitch returns the bytes of a slab's rows.
func slabPitch(cols int) int { return ceil(cols, tileCols) * slabBytes }

// A halfspace is the input of products by tensor units, of a batch.
type halfspace struct {
	tiles, scales Ptr
}

// halves returns memory for vectors of n numbers as halves of a type.
func (b *Backend) halves(n int, t tensor.DType) halfspace {
	key := [2]int{n, halfParts(t)}
	h, ok := b.tiled[key]
	if !ok {
		h.tiles, h.scales = b.alloc(int64(halfParts(t)*b.partBytes(n))), b.alloc(int64(4*b.size.Rows))
		b.tiled[key] = h
	}
	return h
}

// partBytes returns what one part of a batch's vectors takes.
func (b *Backend) partBytes(n int) int { return ceil(b.size.Rows, slabRows) * slabPitch(n) }

// rows8Shared returns the memory of a block of vec or few: what is on its way, the vectors, and sums.
func rows8Shared(ring, cols, vectors, parts, sums int) int {
	return ring + vectors*parts*(ceil(cols, tileCols)*tileCols*2+64) + sums
}

// multiplyTiles launches products by tensor units.
func (b *Backend) multiplyTiles(args *productArgs, w *tensor.Mat, acts tensor.Acts, vectors int) {
	name, parts := b.matrix(w).name, halfParts(w.Type)
	last := args.P[args.N-1]
	rows := int(last.First + last.W.Rows)
	if vectors == 1 && rows8Shared(vecRing, w.Cols, 1, parts, tileSums) <= b.info.SharedBytes-1024 {
		b.launchTiles("vec_"+name, vecRing, args, rows, 1, parts)
		return
	}
	in := b.halves(acts.N, w.Type)
	up, act := b.takeGLU(args.X)
	Add(&b.pass, "halves_"+name, [3]int{vectors, 1, 1}, rows8Threads, 0, &normArgs{
		X: args.X, Norm: args.Norm, H: up, Q: in.tiles, Scales: in.scales, N: int32(acts.N), Stride: int32(acts.Stride),
		Group: int32(b.partBytes(acts.N)), Eps: args.Eps, Add: act,
	})
	args.Q, args.Scales, args.Group = in.tiles, in.scales, int32(b.partBytes(acts.N))
	if vectors > fewVectors && b.info.Tensors == GroupTensors {
		b.launchWide("wide_"+name, args, rows, vectors, parts)
		return
	}
	if shared := manyHalvesShared(parts); vectors >= halvesFrom && shared <= b.info.SharedBytes-1024 {
		blocks := [3]int{ceil(vectors, halvesVectors), ceil(rows, halvesRows), 1}
		Add(&b.pass, "mat_"+name, blocks, threads, shared, args)
		return
	}
	n := b.fewAtOnce(w)
	for first := 0; first < vectors; first += n {
		some := *args
		some.From, some.Vectors = int32(first), int32(min(n, vectors-first))
		b.launchTiles("few_"+name, fewRing, &some, rows, int(some.Vectors), parts)
	}
}

// takeGLU drops the last launch if it makes x of a gate, and returns what makes it when x is read: nobody reads it
// twice.
func (b *Backend) takeGLU(x Ptr) (up Ptr, act int32) {
	p := &b.pass
	if len(p.Launches) == 0 || p.Launches[len(p.Launches)-1].Kernel != "glu" {
		return 0, 0
	}
	l := p.Launches[len(p.Launches)-1]
	a := (*gluArgs)(unsafe.Pointer(&p.Args[l.First])) // aligned as in productOf
	if a.Gate != x {
		return 0, 0
	}
	up, act = a.Up, a.Act
	p.Launches, p.Args = p.Launches[:len(p.Launches)-1], p.Args[:l.First]
	return up, act
}

// fewAtOnce returns how many vectors a block has memory for, beside sums.
func (b *Backend) fewAtOnce(w *tensor.Mat) int {
	n := fewVectors
	for n > 1 && rows8Shared(fewRing, w.Cols, n, halfParts(w.Type), tileSums) > b.info.SharedBytes-1024 {
		n--
	}
	return n
}

// launchTiles launches vec or few.
func (b *Backend) launchTiles(kernel string, ring int, args *productArgs, rows, vectors, parts int) {
	args.Early = b.early(vectors)
	blocks, shared := b.tileGrid(ring, rows, int(args.Cols), vectors, parts, 1)
	Add(&b.pass, kernel, [3]int{blocks, 1, 1}, rows8Threads, shared, args)
}

// early returns 0 if the next launch, of one vector, follows another one of them, and 1 otherwise: blocks of such a
// launch take all registers of a multiprocessor, so that the next one's begin when they have ended, and ask for their
// vector first.
func (b *Backend) early(vectors int) int32 {
	n := len(b.pass.Launches)
	if vectors == 1 && n > 0 && strings.HasPrefix(b.pass.Launches[n-1].Kernel, "vec_") {
		return 0
	}
	return 1
}

// tileGrid returns the blocks of vec or few, one for each multiprocessor, or more if sums were too many, and their
// memory, with sums of parts of as many matrices as are multiplied row by row.
func (b *Backend) tileGrid(ring, rows, cols, vectors, parts, matrices int) (blocks, shared int) {
	tiles := ceil(rows, tileRows)
	sums := 4 * tileRows * vectors * ceil(cols, partCols) * matrices // of a tile
	blocks = min(tiles, max(b.info.Processors, ceil(tiles, max(1, tileSums/sums))))
	return blocks, rows8Shared(ring, cols, vectors, parts, ceil(tiles, blocks)*sums)
}

// manyHalvesShared returns the memory of a block that multiplies many vectors.
func manyHalvesShared(parts int) int {
	stages := 3
	if parts == 2 {
		stages = 2
	}
	return stages * (parts*halvesVectors + halvesRows) / tileRows * tileBytes
}

func (b *Backend) launchWide(kernel string, args *productArgs, rows, vectors, parts int) {
	stages := 6
	if parts == 2 {
		stages = 4
	}
	shared := stages * (wideRows/tileRows*(parts+1)*tileBytes + 16) // with two words of arrivals
	Add(&b.pass, kernel, [3]int{ceil(vectors, wideRows), ceil(rows, wideRows), 1}, wideThreads, shared, args)
}
