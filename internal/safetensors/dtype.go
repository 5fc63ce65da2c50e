package safetensors

import (
	"fmt"
	"math"

	"cria/internal/tensor"
)

// A Type is the type of a tensor's numbers, as the header spells it.
type Type string

// The types that models are trained in. A file may have tensors of others;
// only their use is an error.
const (
	F32    Type = "F32"
	F16    Type = "F16"
	BF16   Type = "BF16"
	F8E4M3 Type = "F8_E4M3" // 4 bits of exponent, 3 of mantissa; the largest is 448
)

// bits has the size of a number of each type of the format's definition.
var bits = map[Type]int64{
	"F4": 4, "F6_E2M3": 6, "F6_E3M2": 6, "BOOL": 8, "U8": 8, "I8": 8,
	F8E4M3: 8, "F8_E5M2": 8, "F8_E8M0": 8, "F8_E4M3FNUZ": 8, "F8_E5M2FNUZ": 8,
	F16: 16, BF16: 16, "I16": 16, "U16": 16, F32: 32, "I32": 32, "U32": 32,
	"F64": 64, "I64": 64, "U64": 64, "C64": 64,
}

// matTypes are the types that matrices of this program can have.
var matTypes = map[Type]tensor.DType{F32: tensor.F32, F16: tensor.F16, BF16: tensor.BF16}

// matSize returns the bytes of a number that a matrix can be made of, and 1 for all others.
func (t Type) matSize() int {
	if d, ok := matTypes[t]; ok {
		return d.Size()
	}
	return 1
}

// bytes returns the size of an array in a file. ok is false if that is not a
// whole number of bytes, or does not fit a file.
func (t Type) bytes(shape []int) (n int64, ok bool) {
	n = bits[t]
	for _, d := range shape {
		if n, ok = tensor.Mul(n, int64(d)); !ok {
			return 0, false
		}
	}
	return n / 8, n%8 == 0
}

// Mat returns t as a matrix with t's data: a vector is a matrix of one row, and of more
// than two dimensions all but the last are rows. An error names t and says why it is none.
func (t *Tensor) Mat() (tensor.Mat, error) {
	typ, ok := matTypes[t.Type]
	if !ok {
		return tensor.Mat{}, fmt.Errorf("safetensors: %s: is of type %s, want F32, F16 or BF16",
			quote(t.Name), quote(string(t.Type)))
	}
	rows, cols := int64(1), int64(1)
	if n := len(t.Shape); n > 0 {
		cols = int64(t.Shape[n-1])
		for _, d := range t.Shape[:n-1] {
			rows, ok = tensor.Mul(rows, int64(d))
			if !ok || rows > math.MaxInt32 {
				return tensor.Mat{}, fmt.Errorf("safetensors: %s: shape %v has too many rows",
					quote(t.Name), t.Shape)
			}
		}
	}
	return tensor.Mat{Type: typ, Rows: int(rows), Cols: int(cols), Data: t.Data}, nil
}
