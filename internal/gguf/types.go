package gguf

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"cria/internal/tensor"
)

// A Type is the type of a tensor's elements, by the number that stands for it in files.
type Type uint32

// dtypes has the types that cria computes with.
var dtypes = map[Type]tensor.DType{
	0: tensor.F32, 1: tensor.F16, 30: tensor.BF16,
	2: tensor.Q4_0, 3: tensor.Q4_1, 6: tensor.Q5_0, 7: tensor.Q5_1, 8: tensor.Q8_0,
	10: tensor.Q2_K, 11: tensor.Q3_K, 12: tensor.Q4_K, 13: tensor.Q5_K, 14: tensor.Q6_K,
	20: tensor.IQ4_NL, 23: tensor.IQ4_XS, 39: tensor.MXFP4,
}

// others has the other published types: the name, and the elements and bytes of
// a block. Numbers that are in neither list stood for types that were given up.
var others = map[Type]struct {
	name      string
	len, size int
}{
	9: {"q8_1", 32, 36}, 15: {"q8_k", 256, 292}, 41: {"q1_0", 128, 18}, 42: {"q2_0", 64, 18},
	19: {"iq1_s", 256, 50}, 29: {"iq1_m", 256, 56},
	16: {"iq2_xxs", 256, 66}, 17: {"iq2_xs", 256, 74}, 22: {"iq2_s", 256, 82},
	18: {"iq3_xxs", 256, 98}, 21: {"iq3_s", 256, 110},
	34: {"tq1_0", 256, 54}, 35: {"tq2_0", 256, 66}, 40: {"nvfp4", 64, 36},
	24: {"i8", 1, 1}, 25: {"i16", 1, 2}, 26: {"i32", 1, 4}, 27: {"i64", 1, 8}, 28: {"f64", 1, 8},
}

// TypeOf returns the type that stands for d in files, and whether there is one.
func TypeOf(d tensor.DType) (Type, bool) {
	for t, have := range dtypes {
		if have == d {
			return t, true
		}
	}
	return 0, false
}

// String returns the type's published name in lower case, "f32" or "iq2_xxs", or
// its number if it has none.
func (t Type) String() string {
	if d, ok := dtypes[t]; ok {
		return d.String()
	}
	if o, ok := others[t]; ok {
		return o.name
	}
	return fmt.Sprintf("number %d", uint32(t))
}

// block returns the elements and bytes of a block. It returns zeros for a type
// that was never published.
func (t Type) block() (n, size int) {
	if d, ok := dtypes[t]; ok {
		return d.BlockLen(), d.Size()
	}
	return others[t].len, others[t].size
}

// bytes returns the size of an array in a file. It is 0 if nobody can know it.
func (t Type) bytes(dims []int) (int64, error) {
	n, size := t.block()
	if n == 0 {
		return 0, nil
	}
	if len(dims) > 0 && dims[0]%n != 0 || len(dims) == 0 && n > 1 {
		return 0, fmt.Errorf("rows of dims %v do not fill blocks of %d, as %v has them", dims, n, t)
	}
	elements, ok := int64(1), true
	for _, d := range dims {
		if elements, ok = tensor.Mul(elements, int64(d)); !ok {
			break
		}
	}
	bytes, fits := tensor.Mul(elements/int64(n), int64(size))
	if !ok || !fits {
		return 0, fmt.Errorf("dims %v of %v do not fit a file of 2^63 bytes", dims, t)
	}
	return bytes, nil
}

// Mat returns t as a matrix with t's data: a vector is a matrix of one row, and of more
// than two dimensions all but the first are rows. An error names t and says why it is none.
func (t *Tensor) Mat() (tensor.Mat, error) {
	d, ok := dtypes[t.Type]
	if !ok {
		var names []string
		for _, known := range slices.Sorted(maps.Keys(dtypes)) {
			names = append(names, known.String())
		}
		return tensor.Mat{}, t.fault("type %v is not supported (cria reads %s)", t.Type, strings.Join(names, ", "))
	}
	rows, cols := int64(1), 1
	for i, n := range t.Dims {
		if i == 0 {
			cols = n
		} else if rows, ok = tensor.Mul(rows, int64(n)); !ok || rows > math.MaxInt32 {
			return tensor.Mat{}, t.fault("dims %v make too many rows", t.Dims)
		}
	}
	return tensor.Mat{Type: d, Rows: int(rows), Cols: cols, Data: t.Data}, nil
}

// fault returns an error that names the file and t.
func (t *Tensor) fault(format string, args ...any) error {
	file := ""
	if t.file != "" {
		file = t.file + ": "
	}
	return fmt.Errorf("gguf: %stensor %s: %s", file, quote(t.Name), fmt.Sprintf(format, args...))
}
