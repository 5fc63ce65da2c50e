// Package quant turns blocks of quantized weights into float32 and back.
//
// A format packs a fixed number of neighbours in a row into a block of bytes. Each
// file draws the layout of one, bytes from left to right, bits from the lowest up;
// numbers of several bytes are little-endian, f16 is IEEE 754 binary16, and all
// formats are those of GGUF files. Element i of a block is x[i], its code q[i].
//
// Decoding is defined to the bit: the formula in the layout's comment, in float32,
// each operation rounded, from left to right. Encoding gives the same bytes on every
// machine:
//
//   - Q8_0, Q4_0, Q4_1, Q5_0, Q5_1 and MXFP4 have a reference encoder, ggml's, and give
//     its bytes for finite numbers. Where its C leaves a conversion to integers
//     undefined, for infinities and what follows from them, the code is 0.
//   - The others, and Q4_0 to Q5_1 with an importance, search for the scales of least
//     weighted squared error; see search.go.
package quant

import (
	"fmt"
	"strings"
)

// A Format is a layout of quantized blocks.
type Format uint8

// The formats, named as their users write them.
const (
	Q4_0 Format = iota
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
)

const (
	small = 32  // elements of a block
	super = 256 // elements of a super-block
)

// An encoder writes one block. importance is nil or a weight for each element;
// rowPower, the mean square of the row, is only set with it.
type encoder func(dst []byte, x, importance []float32, rowPower float64)

var formats = [...]struct {
	name      string
	blockLen  int
	blockSize int
	decode    func(dst []float32, block []byte)
	encode    encoder
}{
	Q4_0:   {"q4_0", small, 18, decodeQ4_0, encodeQ4_0},
	Q4_1:   {"q4_1", small, 20, decodeQ4_1, encodeQ4_1},
	Q5_0:   {"q5_0", small, 22, decodeQ5_0, encodeQ5_0},
	Q5_1:   {"q5_1", small, 24, decodeQ5_1, encodeQ5_1},
	Q8_0:   {"q8_0", small, 34, decodeQ8_0, encodeQ8_0},
	Q2_K:   {"q2_k", super, 84, decodeQ2K, encodeQ2K},
	Q3_K:   {"q3_k", super, 110, decodeQ3K, encodeQ3K},
	Q4_K:   {"q4_k", super, 144, decodeQ4K, encodeQ4K},
	Q5_K:   {"q5_k", super, 176, decodeQ5K, encodeQ5K},
	Q6_K:   {"q6_k", super, 210, decodeQ6K, encodeQ6K},
	IQ4_NL: {"iq4_nl", small, 18, decodeIQ4NL, encodeIQ4NL},
	IQ4_XS: {"iq4_xs", super, 136, decodeIQ4XS, encodeIQ4XS},
	MXFP4:  {"mxfp4", small, 17, decodeMXFP4, encodeMXFP4},
}

// String returns the format's name in lower case, such as "q4_k".
func (f Format) String() string {
	if int(f) < len(formats) {
		return formats[f].name
	}
	return fmt.Sprintf("quant.Format(%d)", uint8(f))
}

// BlockLen returns how many elements a block holds.
func (f Format) BlockLen() int { return formats[f].blockLen }

// BlockSize returns how many bytes a block has.
func (f Format) BlockSize() int { return formats[f].blockSize }

// Parse returns the format with a name, in upper or lower case.
func Parse(name string) (Format, error) {
	var names []string
	for f := range formats {
		if strings.EqualFold(name, formats[f].name) {
			return Format(f), nil
		}
		names = append(names, formats[f].name)
	}
	return 0, fmt.Errorf("quant: no format is named %q; there are %s", name, strings.Join(names, ", "))
}

// Decode sets dst to the numbers that blocks hold. Any bytes are valid; scales that
// are infinite or NaN give such numbers. Decode panics unless blocks has exactly the
// bytes for len(dst) elements, a multiple of BlockLen.
func Decode(f Format, dst []float32, blocks []byte) {
	n, size := f.BlockLen(), f.BlockSize()
	if len(dst)%n != 0 || len(dst)/n*size != len(blocks) {
		panic(fmt.Sprintf("quant.Decode: %d bytes of %v are not %d elements", len(blocks), f, len(dst)))
	}
	decode := formats[f].decode
	for ; len(dst) > 0; dst, blocks = dst[n:], blocks[size:] {
		decode(dst[:n:n], blocks[:size:size])
	}
}

// Encode sets dst to the blocks of x. It panics unless dst has exactly the bytes for
// len(x) elements, a multiple of BlockLen.
//
// The searches minimize Σ w (x - decoded x)². importance is nil, or holds a number for
// each column, typically the mean square of what the column is multiplied by; x then is
// a number of whole rows. w is 1.5σ²+x² without and importance*sqrt(σ²+x²) with one,
// where σ² is the mean square of the block or, with an importance and blocks of 32, of
// the row. A number below a millionth of the largest of the block (or NaN) counts as
// that, and a block with none above 0 as if there were no importance. Q8_0 and MXFP4
// make no use of it.
//
// Encoders without a search take numbers as they come: beyond the range of binary16
// scales they give infinities and NaNs. Those with one decode to finite numbers
// always: they take NaN for 0, infinity for the largest float32, and cut scales off
// at the largest binary16.
func Encode(f Format, dst []byte, x []float32, importance []float32) {
	n, size := f.BlockLen(), f.BlockSize()
	if len(x)%n != 0 || len(x)/n*size != len(dst) {
		panic(fmt.Sprintf("quant.Encode: %d elements are not %d bytes of %v", len(x), len(dst), f))
	}
	cols := len(x)
	if importance != nil {
		cols = len(importance)
		if len(x) > 0 && (cols == 0 || cols%n != 0 || len(x)%cols != 0) {
			panic(fmt.Sprintf("quant.Encode: %d elements are not rows of %d in %v", len(x), cols, f))
		}
	}
	encode := formats[f].encode
	for ; len(x) > 0; x = x[cols:] {
		var rowPower float64
		if importance != nil {
			rowPower = meanSquare(x[:cols])
		}
		for i := 0; i < cols; i += n {
			var w []float32
			if importance != nil {
				w = importance[i : i+n]
			}
			encode(dst[:size:size], x[i:i+n:i+n], w, rowPower)
			dst = dst[size:]
		}
	}
}
