// Package tensor says how numbers lie in memory: element types, sizes, and
// matrices as views of bytes. It does no arithmetic on the numbers themselves.
package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"unsafe"
)

// A DType is the type of a matrix's elements.
type DType uint8

// The element types that cria computes with.
const (
	F32  DType = iota // IEEE 754 binary32
	F16               // IEEE 754 binary16
	BF16              // the upper half of a binary32
	Q8                // int8, with one F32 scale per group of a row (llama2.c v2)
)

var names = [...]string{F32: "f32", F16: "f16", BF16: "bf16", Q8: "q8"}

// String returns the name users write: "f32", "f16", "bf16" or "q8".
func (t DType) String() string {
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("tensor.DType(%d)", uint8(t))
}

// ParseDType returns the type that a user's word names.
func ParseDType(s string) (DType, error) {
	for t, name := range names {
		if s == name {
			return DType(t), nil
		}
	}
	return 0, fmt.Errorf("unknown type %q (f32, f16, bf16, q8)", s)
}

// Size returns the bytes of one element, without scales.
func (t DType) Size() int {
	switch t {
	case F32:
		return 4
	case F16, BF16:
		return 2
	default:
		return 1
	}
}

// A Mat is a matrix [Rows][Cols], row-major, usually a view of a mapped file.
// Nobody writes to it after loading.
type Mat struct {
	Type       DType
	Rows, Cols int
	Data       []byte    // Rows*Cols elements
	Scales     []float32 // Q8 only: [Rows][Cols/Group]
	Group      int       // Q8 only: elements that share a scale; divides Cols
}

// Bytes returns how many bytes a product with the matrix reads.
func (m *Mat) Bytes() int64 { return int64(len(m.Data)) + 4*int64(len(m.Scales)) }

// F32 returns the elements of a matrix of type F32. Data must be aligned to 4 bytes.
func (m *Mat) F32() []float32 { return View[float32](m.Data) }

// U16 returns the bits of the elements of a matrix of type F16 or BF16. Data must be aligned to 2 bytes.
func (m *Mat) U16() []uint16 { return View[uint16](m.Data) }

// I8 returns the elements of a matrix of type Q8, without their scales.
func (m *Mat) I8() []int8 { return View[int8](m.Data) }

// View returns b as a slice of T, without copying. It panics if b is not
// aligned for T; bytes that do not fill a last element are left out.
func View[T ~int8 | ~uint16 | ~float32](b []byte) []T {
	var t T
	size := int(unsafe.Sizeof(t))
	if len(b) < size {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(b))
	if uintptr(p)%unsafe.Alignof(t) != 0 {
		panic("tensor.View: bytes are not aligned")
	}
	return unsafe.Slice((*T)(p), len(b)/size)
}

// Bytes returns s as bytes, without copying.
func Bytes[T ~int8 | ~uint16 | ~float32](s []T) []byte {
	var t T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(t)))
}

// Mul returns the product of sizes and whether it fits an int64. No size may be negative.
func Mul(sizes ...int64) (int64, bool) {
	p := uint64(1)
	for _, s := range sizes {
		if s < 0 {
			return 0, false
		}
		hi, lo := bits.Mul64(p, uint64(s))
		if hi != 0 || lo > math.MaxInt64 {
			return 0, false
		}
		p = lo
	}
	return int64(p), true
}
