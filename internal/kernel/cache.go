package kernel

import "cria/internal/float"

// DecodeQ8 sets dst, rows of n numbers, to those that a key/value cache holds as
// int8 with a scale for every 32 of a row: q[i] * scales[i/32]. 16 divides n, and
// the last scale of a row is of 16 numbers if 32 does not. The results are exact.
func DecodeQ8(dst []float32, q []int8, scales []F16, n int) {
	if len(dst) > 0 {
		decodeQ8(dst, q, scales, n)
	}
}

func decodeQ8Generic(dst []float32, q []int8, scales []F16, n int) {
	groups := (n + smallLen - 1) / smallLen
	for i := range dst {
		dst[i] = float32(q[i]) * float.F16ToF32(uint16(scales[i/n*groups+i%n/smallLen]))
	}
}
