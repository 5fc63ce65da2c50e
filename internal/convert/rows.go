package convert

import (
	"fmt"

	"cria/internal/float"
	"cria/internal/quant"
	"cria/internal/tensor"
)

// formats has the block formats of element types.
var formats = map[tensor.DType]quant.Format{
	tensor.Q4_0: quant.Q4_0, tensor.Q4_1: quant.Q4_1, tensor.Q5_0: quant.Q5_0, tensor.Q5_1: quant.Q5_1,
	tensor.Q8_0: quant.Q8_0, tensor.Q2_K: quant.Q2_K, tensor.Q3_K: quant.Q3_K, tensor.Q4_K: quant.Q4_K,
	tensor.Q5_K: quant.Q5_K, tensor.Q6_K: quant.Q6_K, tensor.IQ4_NL: quant.IQ4_NL, tensor.IQ4_XS: quant.IQ4_XS,
	tensor.MXFP4: quant.MXFP4,
}

// rowBytes returns row r of m.
func rowBytes(m *tensor.Mat, r int) []byte {
	n := m.Type.RowSize(m.Cols)
	return m.Data[r*n:][:n]
}

// decodeRow sets dst, of m.Cols numbers, to row r of m.
func decodeRow(dst []float32, m *tensor.Mat, r int) {
	row := rowBytes(m, r)
	switch m.Type {
	case tensor.F32:
		copy(dst, tensor.View[float32](row))
	case tensor.F16:
		for i, h := range tensor.View[uint16](row) {
			dst[i] = float.F16ToF32(h)
		}
	case tensor.BF16:
		for i, h := range tensor.View[uint16](row) {
			dst[i] = float.BF16ToF32(h)
		}
	case tensor.Q8:
		scales := m.Scales[r*(m.Cols/m.Group):]
		for i, q := range tensor.View[int8](row) {
			dst[i] = float32(q) * scales[i/m.Group]
		}
	default:
		quant.Decode(format(m.Type), dst, row)
	}
}

// encodeRow sets row r of m to x.
func encodeRow(m *tensor.Mat, r int, x, importance []float32) {
	row := rowBytes(m, r)
	switch m.Type {
	case tensor.F32:
		copy(tensor.View[float32](row), x)
	case tensor.F16:
		for i, h := 0, tensor.View[uint16](row); i < len(x); i++ {
			h[i] = float.F16(x[i])
		}
	case tensor.BF16:
		for i, h := 0, tensor.View[uint16](row); i < len(x); i++ {
			h[i] = float.BF16(x[i])
		}
	default:
		quant.Encode(format(m.Type), row, x, importance)
	}
}

func format(t tensor.DType) quant.Format {
	f, ok := formats[t]
	if !ok {
		panic(fmt.Sprintf("convert: no format for %v", t))
	}
	return f
}

// areFinite reports whether there is no infinity and no NaN in x.
func areFinite(x []float32) bool {
	var sum float32
	for _, v := range x {
		sum += v * 0 // 0, or NaN for ever
	}
	return sum == 0
}
