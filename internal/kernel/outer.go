package kernel

import "cria/internal/float"

// AddOuter adds a·b to c: to each c[i*cStride+j], i < m and j < n, the products
// a[i*aRow+k*aCol] * b[k*bStride+j] for k = 0 to depth-1 in order, each fused.
// With aRow 1 the left side is read transposed. Nothing need be padded.
func AddOuter(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, bStride, m, n, depth int) {
	addOuterGeneric(c, cStride, a, aRow, aCol, b, bStride, m, n, depth)
}

// addOuterGeneric is the reference of AddOuter.
func addOuterGeneric(c []float32, cStride int, a []float32, aRow, aCol int, b []float32, bStride, m, n, depth int) {
	for i := range m {
		for k := range depth {
			f, row := a[i*aRow+k*aCol], b[k*bStride:][:n]
			dst := c[i*cStride:][:n]
			for j, g := range row {
				dst[j] = float.FMA(f, g, dst[j])
			}
		}
	}
}
