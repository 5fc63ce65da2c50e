package kernel

import (
	"math"

	"cria/internal/float"
)

// Q8 is a vector of activations as int8, with one scale per group.
type Q8 struct {
	Q      []int8    // [n], of several vectors [vectors][Pitch(n)]
	Scales []float32 // [n/group]
	Sums   []int32   // [n/group] the sum of each group, which some kernels need
}

// Quantize sets q to x in groups: scale = max|x| / 127, q = x / scale rounded
// half to even. A group of zeros has scale 0; a group with an infinity or a NaN
// has scale NaN, which spoils every result that it enters. group divides len(x).
func Quantize(q Q8, x []float32, group int) { quantize(q, x, group) }

func quantizeGeneric(q Q8, x []float32, group int) {
	for g := range len(x) / group {
		xs, qs := x[g*group:][:group], q.Q[g*group:][:group]
		bits := uint32(0) // of max|x|; as unsigned numbers NaN > infinity > any number
		for _, f := range xs {
			bits = max(bits, math.Float32bits(f)&0x7fffffff)
		}
		scale := math.Float32frombits(bits) / 127
		q.Scales[g], q.Sums[g] = scale, 0
		if bits >= 0x7f800000 {
			q.Scales[g] = float32(math.NaN())
		}
		if bits >= 0x7f800000 || scale == 0 {
			clear(qs)
			continue
		}
		for i, f := range xs {
			r := math.RoundToEven(float64(f / scale))
			qs[i] = int8(max(-127, min(127, r)))
			q.Sums[g] += int32(qs[i])
		}
	}
}

// DotRowsQ8 sets dst[r] to the dot product of row r of w, [len(dst)][n] with
// scales ws [len(dst)][n/group], and x: groups in order, each with an exact
// integer sum s and one fused step fma(float32(s), ws*xs, sum).
func DotRowsQ8(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	if len(dst) > 0 {
		dotRowsQ8(dst, w, ws, x, n, group)
	}
}

func dotRowsQ8Generic(dst []float32, w []int8, ws []float32, x Q8, n, group int) {
	groups := n / group
	for r := range dst {
		sum := float32(0)
		for g := range groups {
			s := dotInt8(w[r*n+g*group:][:group], x.Q[g*group:][:group])
			sum = float.FMA(float32(s), ws[r*groups+g]*x.Scales[g], sum)
		}
		dst[r] = sum
	}
}

func dotInt8(w, x []int8) (sum int32) {
	for i, f := range w {
		sum += int32(f) * int32(x[i])
	}
	return sum
}

// PanelRowsQ8 is the number of rows in a panel of Q8.
const PanelRowsQ8 = 16

// PanelQ8 is 16 rows of a Q8 matrix side by side, so that a vector register
// holds one number of each row.
type PanelQ8 struct {
	W      []int8    // [n/4][16][4], or as a kernel wants them: room for 2*16*n
	Scales []float32 // [n/group][16]
}

// PackQ8 sets p to rows of w, [rows][n], rows ≤ 16; missing rows become zeros. 4 divides n.
func PackQ8(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	if rows < PanelRowsQ8 {
		clear(p.W[:n*PanelRowsQ8])
		clear(p.Scales[:n/group*PanelRowsQ8])
	}
	packQ8(p, w, ws, rows, n, group)
}

func packQ8Generic(p PanelQ8, w []int8, ws []float32, rows, n, group int) {
	for r := range rows {
		for i, f := range w[r*n:][:n] {
			p.W[i/4*64+r*4+i%4] = f
		}
		for g, s := range ws[r*(n/group):][:n/group] {
			p.Scales[g*PanelRowsQ8+r] = s
		}
	}
}

// TileQ8 sets dst[t*stride+r], r < rows ≤ 16, to the dot product of row r of a
// panel and vector t of x, whose vectors follow each other. Results are those of DotRowsQ8.
func TileQ8(dst []float32, stride, rows int, p PanelQ8, x Q8, n, group, vectors int) {
	if vectors == 0 {
		return
	}
	if rows == PanelRowsQ8 {
		tileQ8(dst, stride, p, x, n, group, vectors)
		return
	}
	var out [PanelRowsQ8]float32
	for t := range vectors {
		tileQ8(out[:], PanelRowsQ8, p, x.From(t, n, group), n, group, 1)
		copy(dst[t*stride:][:rows], out[:])
	}
}

// PitchMore is what Pitch adds at the most.
const PitchMore = 64

// Pitch returns how far one vector of n codes is from the next: n, or a line more, because where 4096 divides the
// distance all of them would share one set of the first-level cache, which holds eight lines.
func Pitch(n int) int {
	if n > 0 && n%4096 == 0 {
		return n + PitchMore
	}
	return n
}

// From returns the vectors of n codes from t on.
func (x Q8) From(t, n, group int) Q8 {
	g := t * (n / group)
	return Q8{x.Q[t*Pitch(n):], x.Scales[g:], x.Sums[g:]}
}

func tileQ8Generic(dst []float32, stride int, p PanelQ8, x Q8, n, group, vectors int) {
	for t := range vectors {
		v := x.From(t, n, group)
		for r := range PanelRowsQ8 {
			sum := float32(0)
			for g := range n / group {
				s := int32(0)
				for i := g * group; i < (g+1)*group; i++ {
					s += int32(p.W[i/4*64+r*4+i%4]) * int32(v.Q[i])
				}
				sum = float.FMA(float32(s), p.Scales[g*PanelRowsQ8+r]*v.Scales[g], sum)
			}
			dst[t*stride+r] = sum
		}
	}
}
