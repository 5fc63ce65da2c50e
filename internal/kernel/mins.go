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
	return Mins{make([]float32, minRows/PanelRows*PanelLen(n)), make([]float32, vectors*minRows)}
}

// Add adds to dst[t*stride+r], r < rows ≤ 16, the dot product of row r of w, [rows][n], and x[t*xStride:], padded,
// for each of the vectors. Products are those of DotRows.
func (m Mins) Add(dst []float32, stride int, w []float32, rows int, x []float32, xStride, n, vectors int) {
	switch {
	case vectors > 1 && rows == minRows && addColumns(dst, stride, m.panel, w, x, xStride, n, vectors):
		return
	case vectors == 1:
		DotRows(m.out[:rows], w, x, n)
	default:
		Pack(m.panel, w, rows, n)
		Tile(m.out, minRows, rows, m.panel, x, xStride, n, vectors)
	}
	AddTile(dst, stride, m.out, minRows, rows, vectors)
}
