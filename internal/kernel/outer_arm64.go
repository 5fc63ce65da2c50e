//go:build !purego

package kernel

// Six rows times 16 columns.
//
//go:noescape
func outerNEON(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

// outer adds the products of outerRows rows of a and cols columns, a multiple of 16,
// of b, [depth][outerCols], to c.
func outer(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, cols, depth int) {
	for j := 0; j < cols; j += Lanes {
		outerNEON(&c[j], cStride, ptr(a), aRow, aCol, &b[j], depth)
	}
}
