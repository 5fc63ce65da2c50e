package kernel

import (
	"cria/internal/cpuid"
	"cria/internal/float"
)

// Sizes of the blocks of AddOuter. The number of rows and columns is what
// registers hold, the depth such that a block of b stays in the first-level cache.
// Of c as many rows at a time go through all depths as stay in the second-level
// cache, with what is read of a at one depth.
const (
	outerRows   = 6
	outerCols   = 64
	outerDepth  = 128
	outerHeight = 128 * outerRows
	outerWidth  = 5 * outerCols
)

// OuterScratch is what AddOuter needs beside its arguments. A zero one will do.
type OuterScratch struct {
	b [outerWidth * outerDepth]float32 // [outerWidth/outerCols][outerDepth][outerCols] of b
	a [outerRows * outerDepth]float32  // [outerRows][outerDepth] of a, where rows are missing
	c [outerRows * outerCols]float32   // [outerRows][outerCols] of c, where rows or columns are missing
}

// AddOuter adds a·b to c: to each c[i*cStride+j], i < m and j < n, the products
// a[i*aRow+k*aCol] * b[k*bStride+j] for k = 0 to depth-1 in order, each fused.
// One of aRow and aCol is 1: with aRow 1 the left side is read transposed. Nothing
// need be padded.
func AddOuter(s *OuterScratch, c []float32, cStride int, a []float32, aRow, aCol int,
	b []float32, bStride, m, n, depth int) {
	if isa == cpuid.Generic {
		addOuterGeneric(c, cStride, a, aRow, aCol, b, bStride, m, n, depth)
		return
	}
	for j := 0; j < n; j += outerWidth {
		for i := 0; i < m; i += outerHeight {
			for k := 0; k < depth; k += outerDepth {
				s.addDepth(c[i*cStride+j:], cStride, a[i*aRow+k*aCol:], aRow, aCol, b[k*bStride+j:], bStride,
					min(outerHeight, m-i), min(outerWidth, n-j), min(outerDepth, depth-k))
			}
		}
	}
}

// addDepth is AddOuter for at most outerHeight rows, outerWidth columns, and
// outerDepth products of each element.
func (s *OuterScratch) addDepth(c []float32, cStride int, a []float32, aRow, aCol int,
	b []float32, bStride, m, n, depth int) {
	s.packB(b, bStride, n, depth)
	for j := 0; j < n; j += outerCols {
		for i := 0; i < m; i += outerRows {
			s.addBlock(c[i*cStride+j:], cStride, a[i*aRow:], aRow, aCol, s.b[j*outerDepth:],
				min(outerRows, m-i), min(outerCols, n-j), depth)
		}
	}
}

// addOuterGeneric is the reference of AddOuter.
func addOuterGeneric(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, bStride, m, n, depth int) {
	for i := range m {
		for k := range depth {
			f, dst := a[i*aRow+k*aCol], c[i*cStride:][:n]
			for j, g := range b[k*bStride:][:n] {
				dst[j] = float.FMA(f, g, dst[j])
			}
		}
	}
}

// packB copies b in blocks of outerCols columns, the last one with zeros up to a
// multiple of 16. It reads whole rows, which follow each other in memory.
func (s *OuterScratch) packB(b []float32, bStride, n, depth int) {
	for k := range depth {
		row, j := b[k*bStride:][:n], 0
		for ; j+outerCols <= n; j += outerCols { // copying a fixed length calls no function
			*(*[outerCols]float32)(s.b[j*outerDepth+k*outerCols:]) = *(*[outerCols]float32)(row[j:])
		}
		if j < n {
			last := s.b[j*outerDepth+k*outerCols:][:(n-j+Lanes-1)&^(Lanes-1)]
			clear(last[copy(last, row[j:]):])
		}
	}
}

// addBlock adds the products of at most outerRows rows of a and the block of b.
// What is less than a whole block makes a detour through scratch.
func (s *OuterScratch) addBlock(c []float32, cStride int, a []float32, aRow, aCol int,
	b []float32, rows, cols, depth int) {
	padded := (cols + Lanes - 1) &^ (Lanes - 1)
	if rows == outerRows && cols == padded {
		outer(c, cStride, a, aRow, aCol, b, cols, depth)
		return
	}
	if rows < outerRows {
		for i := range rows {
			for k := range depth {
				s.a[i*outerDepth+k] = a[i*aRow+k*aCol]
			}
		}
		a, aRow, aCol = s.a[:], outerDepth, 1 // rows that are missing have what was there before: nobody reads the results
	}
	for i := range rows {
		copy(s.c[i*outerCols:], c[i*cStride:][:cols])
	}
	outer(s.c[:], outerCols, a, aRow, aCol, b, padded, depth)
	for i := range rows {
		copy(c[i*cStride:][:cols], s.c[i*outerCols:])
	}
}
