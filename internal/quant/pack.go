package quant

import (
	"encoding/binary"

	"cria/internal/float"
)

// How several formats lay out numbers.

// putFifths writes bit 4 of each code.
func putFifths(dst []byte, q *[small]uint8) {
	var h uint32
	for i, c := range q {
		h |= uint32(c>>4&1) << i
	}
	binary.LittleEndian.PutUint32(dst, h)
}

// putNibbles writes the low four bits of q: byte j holds q[j] and q[j+16].
func putNibbles(dst []byte, q *[small]uint8) {
	_ = dst[15]
	for j := range 16 {
		dst[j] = q[j]&15 | q[j+16]<<4
	}
}

// f16At returns the binary16 at block[i:].
func f16At(block []byte, i int) float32 {
	return float.F16ToF32(binary.LittleEndian.Uint16(block[i:]))
}

// putF16 writes x at block[i:] as a binary16, rounded half to even.
func putF16(block []byte, i int, x float32) {
	binary.LittleEndian.PutUint16(block[i:], float.F16(x))
}
