// Package tensor says how numbers lie in memory: element types, sizes, and
// matrices as views of bytes. It does no arithmetic on the numbers themselves.
package tensor

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
	"unsafe"

	"cria/internal/mmap"
)

// A DType is the type of a matrix's elements.
type DType uint8

// The element types that cria computes with.
const (
	F32  DType = iota // IEEE 754 binary32
	F16               // IEEE 754 binary16
	BF16              // the upper half of a binary32
	Q8                // int8, with one F32 scale per group of a row (llama2.c v2)

	// Blocks of GGUF files: neighbours in a row that share scales.
	Q4_0
	Q4_1
	Q5_0
	Q5_1
	Q8_0
	Q2_K
	Q3_K
	Q4_K
	Q5_K
	Q6_K
	IQ4_NL
	IQ4_XS
	MXFP4

	// LLMInt8 is what a matrix of floats becomes for LLM.int8(): no file has it.
	LLMInt8
	nTypes
)

// Outlier is the magnitude from which a number that a matrix of LLMInt8 is
// multiplied by is an outlier (Dettmers et al. 2022, section 3.2: alpha).
const Outlier = 6

// types holds, for each type, the name users write, and the elements and bytes of a block.
var types = [nTypes]struct {
	name      string
	len, size int
}{
	F32: {"f32", 1, 4}, F16: {"f16", 1, 2}, BF16: {"bf16", 1, 2}, Q8: {"q8", 1, 1},
	Q4_0: {"q4_0", 32, 18}, Q4_1: {"q4_1", 32, 20}, Q5_0: {"q5_0", 32, 22}, Q5_1: {"q5_1", 32, 24}, Q8_0: {"q8_0", 32, 34},
	Q2_K: {"q2_k", 256, 84}, Q3_K: {"q3_k", 256, 110}, Q4_K: {"q4_k", 256, 144}, Q5_K: {"q5_k", 256, 176},
	Q6_K: {"q6_k", 256, 210}, IQ4_NL: {"iq4_nl", 32, 18}, IQ4_XS: {"iq4_xs", 256, 136}, MXFP4: {"mxfp4", 32, 17},
	LLMInt8: {"llm.int8", 1, 1},
}

// String returns the name users write: "f32", "q8", "q4_k".
func (t DType) String() string {
	if t < nTypes {
		return types[t].name
	}
	return fmt.Sprintf("tensor.DType(%d)", uint8(t))
}

// ParseDType returns the type that a user's word names, in upper or lower case: one that files have.
func ParseDType(s string) (DType, error) {
	var names []string
	for t, typ := range types[:LLMInt8] {
		if strings.EqualFold(s, typ.name) {
			return DType(t), nil
		}
		names = append(names, typ.name)
	}
	return 0, fmt.Errorf("unknown type %q (%s)", s, strings.Join(names, ", "))
}

// BlockLen returns how many elements share a block: 1, if there are no blocks.
func (t DType) BlockLen() int { return types[t].len }

// Size returns the bytes of a block, or of one element without scales.
func (t DType) Size() int { return types[t].size }

// IsBlocks reports whether elements share blocks.
func (t DType) IsBlocks() bool { return types[t].len > 1 }

// RowSize returns the bytes of n elements, which fill their blocks.
func (t DType) RowSize(n int) int { return n / types[t].len * types[t].size }

// A Mat is a matrix [Rows][Cols], row-major, usually a view of a mapped file.
// Nobody writes to it after loading.
type Mat struct {
	Type       DType
	Rows, Cols int
	Data       []byte    // Rows*Cols elements, or their blocks
	Scales     []float32 // Q8 and LLMInt8: [Rows][Cols/Group]
	Group      int       // Q8 and LLMInt8: elements that share a scale; divides Cols, and is Cols for LLMInt8
	Wide       *Mat      // LLMInt8 only: the floats that the matrix was made of
	Panels     []byte    // the rows once more, 16 side by side, as package kernel wants them; nil if they are not
}

// Bytes returns how many bytes a product with the matrix reads, whether they are there or only its shape is.
func (m *Mat) Bytes() int64 {
	n := int64(m.Rows) * int64(m.Type.RowSize(m.Cols))
	if m.Group > 0 {
		n += 4 * int64(m.Rows) * int64(m.Cols/m.Group)
	}
	return n
}

// F32 returns the elements of a matrix of type F32. Data must be aligned to 4 bytes.
func (m *Mat) F32() []float32 { return View[float32](m.Data) }

// U16 returns the bits of the elements of a matrix of type F16 or BF16. Data must be aligned to 2 bytes.
func (m *Mat) U16() []uint16 { return View[uint16](m.Data) }

// I8 returns the elements of a matrix of type Q8 or LLMInt8, without their scales.
func (m *Mat) I8() []int8 { return View[int8](m.Data) }

// View returns b as a slice of T, without copying. It panics if b is not
// aligned for T; bytes that do not fill a last element are left out.
func View[T number](b []byte) []T {
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

// Make returns n zeros for numbers that are read over and over: many of them lie in large pages of memory.
func Make[T number](n int) []T {
	s := make([]T, n)
	mmap.Huge(Bytes(s))
	return s
}

type number interface {
	~int8 | ~uint8 | ~uint16 | ~float32
}

// Bytes returns s as bytes, without copying.
func Bytes[T number](s []T) []byte {
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
