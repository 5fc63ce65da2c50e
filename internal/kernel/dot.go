package kernel

import "cria/internal/float"

// Lanes is how many partial sums a float dot product keeps: lane j takes the
// elements k ≡ j (mod 16) in order, fused; at the end lanes fold 16→8→4→2→1
// (j with j+8, +4, +2, +1). A last block that is short is padded with zeros.
const Lanes = 16

// PanelRows is the number of rows in a panel.
const PanelRows = 4

// Weight is the element type of a matrix of floats: float32, the bits of a
// binary16 (F16) or of a bfloat16 (BF16).
type Weight interface{ float32 | F16 | BF16 }

// F16 is the bits of an IEEE 754 binary16 and BF16 those of a bfloat16.
type (
	F16  uint16
	BF16 uint16
)

// DotRows sets dst[r] to the dot product of row r of w, [len(dst)][n], and x,
// which is padded.
func DotRows[W Weight](dst []float32, w []W, x []float32, n int) {
	if len(dst) == 0 {
		return
	}
	if n%Lanes == 0 {
		dotRows(dst, w, x, n, nil, nil)
		return
	}
	// The last block of each row, decoded and padded.
	var tails [16][Lanes]float32
	for r := 0; r < len(dst); r += len(tails) {
		rows := min(len(tails), len(dst)-r)
		for i := range rows {
			decode(tails[i][:n%Lanes], w[(r+i)*n+n&^(Lanes-1):])
		}
		dotRows(dst[r:r+rows], w[r*n:], x, n, &tails, nil)
	}
}

// dotRowsGeneric is the reference of DotRows. If tails is not nil, it holds
// the last blocks of the rows, of which there are then at most 16.
func dotRowsGeneric[W Weight](dst []float32, w []W, x []float32, n int, tails *[16][Lanes]float32) {
	for r := range dst {
		var lane, block [Lanes]float32
		row := w[r*n:][:n]
		i := 0
		for ; i+Lanes <= n; i += Lanes {
			decodeGeneric(block[:], row[i:])
			fmaLanes(&lane, &block, (*[Lanes]float32)(x[i:]))
		}
		if tails != nil {
			fmaLanes(&lane, &tails[r], (*[Lanes]float32)(x[i:]))
		}
		dst[r] = fold(&lane)
	}
}

func fmaLanes(lane, x, y *[Lanes]float32) {
	for j := range lane {
		lane[j] = float.FMA(x[j], y[j], lane[j])
	}
}

func fold(lane *[Lanes]float32) float32 {
	for half := Lanes / 2; half > 0; half /= 2 {
		for j := range half {
			lane[j] += lane[j+half]
		}
	}
	return lane[0]
}

// decode sets dst to the numbers in w, of which it takes len(dst). The results
// are exact.
func decode[W Weight](dst []float32, w []W) {
	switch w := any(w).(type) {
	case []float32:
		copy(dst, w[:len(dst)])
	case []F16:
		DecodeF16(dst, w)
	case []BF16:
		DecodeBF16(dst, w)
	}
}

func decodeGeneric[W Weight](dst []float32, w []W) {
	switch w := any(w).(type) {
	case []float32:
		copy(dst, w[:len(dst)])
	case []F16:
		for i := range dst {
			dst[i] = float.F16ToF32(uint16(w[i]))
		}
	case []BF16:
		for i := range dst {
			dst[i] = float.BF16ToF32(uint16(w[i]))
		}
	}
}

// DecodeF16 sets dst to the numbers in w, of which it takes len(dst).
func DecodeF16(dst []float32, w []F16) { decodeF16(dst, w[:len(dst)]) }

// DecodeBF16 sets dst to the numbers in w, of which it takes len(dst).
func DecodeBF16(dst []float32, w []BF16) { decodeBF16(dst, w[:len(dst)]) }

// EncodeF16 sets dst to the numbers of x, rounded half to even, of which it takes len(dst).
func EncodeF16(dst []F16, x []float32) { encodeF16(dst, x[:len(dst)]) }

func encodeF16Generic(dst []F16, x []float32) {
	for i, f := range x {
		dst[i] = F16(float.F16(f))
	}
}

// PanelLen returns the length of a panel of rows with n elements.
func PanelLen(n int) int { return PanelRows * ((n + Lanes - 1) &^ (Lanes - 1)) }

// Pack sets panels, each [⌈n/16⌉][PanelRows][16], one after the other, to the
// decoded rows of w, [rows][n]. Missing rows of the last panel and missing ends of rows
// become zeros.
func Pack[W Weight](panels []float32, w []W, rows, n int) {
	for r := 0; r < rows; r += PanelRows {
		packPanel(panels[r/PanelRows*PanelLen(n):][:PanelLen(n)], w[r*n:], min(PanelRows, rows-r), n)
	}
}

func packPanel[W Weight](panel []float32, w []W, rows, n int) {
	first := 0
	if rows == PanelRows {
		first = pack(panel, w, n) * Lanes
	}
	if first == n {
		return
	}
	clear(panel[first*PanelRows:])
	for r := range rows {
		for i := first; i < n; i += Lanes {
			decode(panel[i*PanelRows+r*Lanes:][:min(Lanes, n-i)], w[r*n+i:])
		}
	}
}

// TileRows sets dst[t*stride+r] to the dot product of row r < rows of w, [rows][n], and vector
// x[t], of length n at x[t*xStride], padded, for each of the vectors. Results are those of
// DotRows. Rows that cannot be multiplied where they lie are packed in panels. Meanwhile memory
// that is wanted next may be fetched into the cache.
func TileRows[W Weight](
	dst []float32, stride int, w []W, rows int, x []float32, xStride, n, vectors int, panels []float32, next []byte,
) {
	done := 0
	if full := rows &^ (PanelRows - 1); full > 0 && vectors > 0 && n > 0 && n%Lanes == 0 {
		if tileRows(dst, stride, full, w, x, xStride, n, vectors, next) {
			done = full
		}
	}
	if done < rows {
		Pack(panels, w[done*n:], rows-done, n)
		Tile(dst[done:], stride, rows-done, panels, x, xStride, n, vectors)
	}
}

// Tile is TileRows for panels made by Pack.
func Tile(dst []float32, stride, rows int, panels, x []float32, xStride, n, vectors int) {
	if vectors == 0 || n == 0 {
		for t := range vectors {
			clear(dst[t*stride:][:rows])
		}
		return
	}
	full := rows / PanelRows
	if full > 0 {
		tile(dst, stride, full, panels, x, xStride, n, vectors)
	}
	if rest := rows % PanelRows; rest > 0 {
		var out [PanelRows]float32
		for t := range vectors {
			tile(out[:], PanelRows, 1, panels[full*PanelLen(n):], x[t*xStride:], xStride, n, 1)
			copy(dst[t*stride+full*PanelRows:][:rest], out[:])
		}
	}
}

// tileGeneric is the reference of Tile with full panels.
func tileGeneric(dst []float32, stride, panels int, panel, x []float32, xStride, n, vectors int) {
	for p := range panels * vectors {
		p, t := p/vectors, p%vectors
		for r := range PanelRows {
			var lane [Lanes]float32
			for i := 0; i < n; i += Lanes {
				row := panel[p*PanelLen(n)+i*PanelRows+r*Lanes:]
				fmaLanes(&lane, (*[Lanes]float32)(row), (*[Lanes]float32)(x[t*xStride+i:]))
			}
			dst[t*stride+p*PanelRows+r] = fold(&lane)
		}
	}
}
