package quant_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"cria/internal/float"
	"cria/internal/quant"
)

var allFormats = []quant.Format{
	quant.Q4_0, quant.Q4_1, quant.Q5_0, quant.Q5_1, quant.Q8_0,
	quant.Q2_K, quant.Q3_K, quant.Q4_K, quant.Q5_K, quant.Q6_K,
	quant.IQ4_NL, quant.IQ4_XS, quant.MXFP4,
}

// one decodes element i of a block from the drawing of its layout and nothing else.
func one(f quant.Format, block []byte, i int) float32 {
	f16 := func(at int) float32 { return float.F16ToF32(binary.LittleEndian.Uint16(block[at:])) }
	bits := func(at, from, n int) int { return int(block[at]) >> from & (1<<n - 1) }
	nibble := func(at int) int { return bits(at+i%16, i%32/16*4, 4) } // of a block of 32
	sixBits := func(j int) (s, m int) {                               // of Q4_K and Q5_K
		if j < 4 {
			return bits(4+j, 0, 6), bits(8+j, 0, 6)
		}
		return bits(8+j, 0, 4) | bits(j, 6, 2)<<4, bits(8+j, 4, 4) | bits(4+j, 6, 2)<<4
	}
	iq4 := []int{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113}
	above := func(d float32, s, q int, dmin float32, m int) float32 {
		ds, dm := d*float32(s), float32(dmin*float32(m))
		return float32(ds*float32(q)) - dm
	}
	centered := func(d float32, s, q int) float32 { return d * float32(s) * float32(q) }

	switch f {
	case quant.Q4_0:
		return centered(f16(0), 1, nibble(2)-8)
	case quant.Q4_1:
		return float32(float32(nibble(4))*f16(0)) + f16(2)
	case quant.Q5_0:
		return centered(f16(0), 1, nibble(6)+bits(2+i/8, i%8, 1)*16-16)
	case quant.Q5_1:
		return float32(float32(nibble(8)+bits(4+i/8, i%8, 1)*16)*f16(0)) + f16(2)
	case quant.Q8_0:
		return centered(f16(0), 1, int(int8(block[2+i])))
	case quant.Q2_K:
		q := bits(16+i/128*32+i%32, i%128/32*2, 2)
		return above(f16(80), bits(i/16, 0, 4), q, f16(82), bits(i/16, 4, 4))
	case quant.Q3_K:
		q := bits(32+i/128*32+i%32, i%128/32*2, 2) | bits(i%32, i/32, 1)<<2
		j := i / 16
		s := bits(96+j%8, j/8*4, 4) | bits(104+j%4, j/4*2, 2)<<4
		return centered(f16(108), s-32, q-4)
	case quant.Q4_K:
		s, m := sixBits(i / 32)
		return above(f16(0), s, bits(16+i/64*32+i%32, i%64/32*4, 4), f16(2), m)
	case quant.Q5_K:
		s, m := sixBits(i / 32)
		q := bits(48+i/64*32+i%32, i%64/32*4, 4) | bits(16+i%32, i/32, 1)<<4
		return above(f16(0), s, q, f16(2), m)
	case quant.Q6_K:
		q := bits(i/128*64+i%64, i%128/64*4, 4) | bits(128+i/128*32+i%32, i%128/32*2, 2)<<4
		return centered(f16(208), int(int8(block[192+i/16])), q-32)
	case quant.IQ4_NL:
		return centered(f16(0), 1, iq4[nibble(2)])
	case quant.IQ4_XS:
		j := i / 32
		s := bits(4+j/2, j%2*4, 4) | bits(2+j/4, j%4*2, 2)<<4
		return centered(f16(0), s-32, iq4[bits(8+j*16+i%16, i%32/16*4, 4)])
	case quant.MXFP4:
		v := []float64{0, 0.5, 1, 1.5, 2, 3, 4, 6, 0, -0.5, -1, -1.5, -2, -3, -4, -6}[nibble(1)]
		return float32(math.Ldexp(v, int(block[0])-127))
	}
	panic("no such format")
}

// TestLayout checks Decode, bit by bit, against the drawings.
func TestLayout(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, f := range allFormats {
		blocks := make([]byte, 500*f.BlockSize())
		for i := range blocks {
			blocks[i] = byte(rng.Uint32())
		}
		checkDecode(t, f, blocks)
	}
}

// checkDecode compares Decode with one; all NaNs are the same.
func checkDecode(t *testing.T, f quant.Format, blocks []byte) {
	t.Helper()
	n := f.BlockLen()
	got := make([]float32, len(blocks)/f.BlockSize()*n)
	quant.Decode(f, got, blocks)
	for i, g := range got {
		block := blocks[i/n*f.BlockSize():][:f.BlockSize()]
		if want := one(f, block, i%n); !sameBits(g, want) {
			t.Fatalf("%v: element %d of % x is %g, want %g", f, i%n, block, g, want)
		}
	}
}

func sameBits(a, b float32) bool {
	return math.Float32bits(a) == math.Float32bits(b) || a != a && b != b
}
