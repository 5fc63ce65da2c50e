package kernel

import "cria/internal/float"

// CacheQ8 is rows of a key/value cache of int8: element i of a row is Q[i] * Scales[i/32].
// 16 divides the length of a row, and its last scale is of 16 numbers if 32 does not.
type CacheQ8 struct {
	Q      []int8
	Scales []F16
}

// groupsQ8 returns how many scales a row of n numbers has.
func groupsQ8(n int) int { return (n + smallLen - 1) / smallLen }

// From returns the rows of n numbers from row r on.
func (c CacheQ8) From(r, n int) CacheQ8 { return CacheQ8{c.Q[r*n:], c.Scales[r*groupsQ8(n):]} }

// Decode sets dst to the numbers of rows of n. The results are exact. Meanwhile the codes
// of next are fetched, if there are any, and their scales.
func (c CacheQ8) Decode(dst []float32, n int, next CacheQ8) {
	if len(dst) > 0 {
		fetch(next.Scales)
		decodeQ8(dst, c, n, next)
	}
}

func decodeQ8Generic(dst []float32, c CacheQ8, n int) {
	groups := groupsQ8(n)
	for i := range dst {
		dst[i] = float32(c.Q[i]) * float.F16ToF32(uint16(c.Scales[i/n*groups+i%n/smallLen]))
	}
}

// scalesMax is how many scales are decoded at once. Rows that have more of them are left to Decode.
const scalesMax = 128

// DotRows is Decode and DotRows, without numbers in between: it sets dst[r] to the dot product of
// row r and x, of n numbers. It reports whether there is a kernel for that.
func (c CacheQ8) DotRows(dst, x []float32, n int, next CacheQ8) bool {
	return dotCacheQ8(dst, c, x, n, next)
}

// AddRows is Decode and AddRows, without numbers in between: it adds row j, of len(dst) numbers,
// times p[j] to dst. It reports whether there is a kernel for that.
func (c CacheQ8) AddRows(dst, p []float32, next CacheQ8) bool { return addCacheQ8(dst, c, p, next) }
