//go:build !purego

package kernel

import "cria/internal/cpuid"

// Six rows times 64, 48, 32 or 16 columns.
//
//go:noescape
func outer4AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

//go:noescape
func outer3AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

//go:noescape
func outer2AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

//go:noescape
func outer1AVX512(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

// Six rows times 16 columns.
//
//go:noescape
func outerAVX2(c *float32, cStride int, a *float32, aRow, aCol int, b *float32, depth int)

// outer adds the products of outerRows rows of a and cols columns, a multiple of 16,
// of b, [depth][outerCols], to c.
func outer(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, cols, depth int) {
	if isa == cpuid.AVX512 {
		switch cols / Lanes {
		case 4:
			outer4AVX512(ptr(c), cStride, ptr(a), aRow, aCol, ptr(b), depth)
		case 3:
			outer3AVX512(ptr(c), cStride, ptr(a), aRow, aCol, ptr(b), depth)
		case 2:
			outer2AVX512(ptr(c), cStride, ptr(a), aRow, aCol, ptr(b), depth)
		case 1:
			outer1AVX512(ptr(c), cStride, ptr(a), aRow, aCol, ptr(b), depth)
		}
		return
	}
	for j := 0; j < cols; j += Lanes {
		outerAVX2(&c[j], cStride, ptr(a), aRow, aCol, &b[j], depth)
	}
}
