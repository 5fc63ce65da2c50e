package quant_test

import (
	"math"
	"slices"
	"testing"

	"cria/internal/quant"
)

// FuzzDecode checks that any bytes decode as the layout's drawing says.
func FuzzDecode(f *testing.F) {
	for _, format := range allFormats {
		f.Add(uint8(format), []byte(nil))
		f.Add(uint8(format), slices.Repeat([]byte{0xff}, format.BlockSize()))
		f.Add(uint8(format), slices.Repeat([]byte{0x3c, 0x81}, format.BlockSize()))
	}
	f.Fuzz(func(t *testing.T, format uint8, data []byte) {
		if int(format) >= len(allFormats) {
			return
		}
		g := quant.Format(format)
		checkDecode(t, g, data[:len(data)/g.BlockSize()*g.BlockSize()])
	})
}

// FuzzEncode checks that any numbers, under any importance, are encoded, and that
// moderate ones come out finite and no further off than the block's largest number or,
// if others are more important, twice as far.
func FuzzEncode(f *testing.F) {
	seeds := [][]byte{nil, {0, 0, 0x80, 0x3f}, {0, 0, 0xc0, 0x7f}, {0, 0, 0x80, 0xff}, {1, 0, 0, 0},
		{0xff, 0xff, 0x7f, 0x7f}, {0xcd, 0xcc, 0x4c, 0x3d, 1, 2, 3, 0xbc, 0, 0, 0x40, 0x3f}}
	for _, format := range allFormats {
		f.Add(uint8(format), []byte{0x81, 0x81, 0x81, 0x39, 0x81, 0x81, 0x81, 0xb7}, []byte{0, 0, 0, 0x39, 0, 0, 0, 0xb7})
		for _, seed := range seeds {
			f.Add(uint8(format), seed, []byte(nil))
			f.Add(uint8(format), seed, seed)
		}
	}
	f.Fuzz(func(t *testing.T, format uint8, data, weights []byte) {
		if int(format) >= len(allFormats) {
			return
		}
		g := quant.Format(format)
		x := cycle(data, g.BlockLen())
		var importance []float32
		if len(weights) >= 4 {
			importance = cycle(weights, g.BlockLen())
		}
		y := decode(g, encode(g, x, importance))
		reach := 1.01
		if importance != nil {
			reach = 2.02
		}
		var top float64
		for _, v := range x {
			if !(math.Abs(float64(v)) <= 1e4) {
				return
			}
			top = max(top, math.Abs(float64(v)))
		}
		for i, v := range y {
			if r := math.Abs(float64(v) - float64(x[i])); !(r <= reach*top+1e-6) {
				t.Fatalf("%v: %g becomes %g; the largest is %g", g, x[i], v, top)
			}
		}
	})
}

// cycle returns n floats made of b again and again.
func cycle(b []byte, n int) []float32 {
	x := make([]float32, n)
	if from := floats(b); len(from) > 0 {
		for i := range x {
			x[i] = from[i%len(from)]
		}
	}
	return x
}
