package kernel

// Mins is the room to add products of minimums: of at most so many minimums a row and vectors.
type Mins struct {
	panel []float32 // 16 rows of minimums, packed
	out   []float32 // [vectors][16] products
}

// minRows is the number of rows whose minimums are multiplied together.
const minRows = 16

// NewMins returns room for n minimums a row and so many vectors.
func NewMins(n, vectors int) Mins {
	return Mins{make([]float32, minRows*((n+Lanes-1)&^(Lanes-1))), make([]float32, vectors*minRows)}
}

// Add adds to dst[t*stride+r], r < rows ≤ 16, the dot product of row r of w, [rows][n], and x[t*xStride:], padded,
// for each of the vectors. Products are those of DotRows.
func (m Mins) Add(dst []float32, stride int, w []float32, rows int, x []float32, xStride, n, vectors int) {
	switch {
	case vectors > 1 && rows == minRows && m.addColumns(dst, stride, w, x, xStride, n, vectors):
		return
	case vectors == 1:
		DotRows(m.out[:rows], w, x, n)
	default:
		Pack(m.panel, w, rows, n)
		Tile(m.out, minRows, rows, m.panel, x, xStride, n, vectors)
	}
	AddTile(dst, stride, m.out, minRows, rows, vectors)
}

// addColumns is Add for 16 rows side by side, lane = row. It reports whether there is a kernel for that.
func (m Mins) addColumns(dst []float32, stride int, w, x []float32, xStride, n, vectors int) bool {
	if !hasColumns() || n == 0 {
		return false
	}
	blocks := (n + Lanes - 1) / Lanes
	clear(m.panel[n*minRows : blocks*Lanes*minRows])
	columns(m.panel, w[:minRows*n], n)
	_, _ = dst[(vectors-1)*stride+minRows-1], x[(vectors-1)*xStride+blocks*Lanes-1]
	addColumns(dst, stride, m.panel, x, xStride, blocks, vectors)
	return true
}
