package float

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// exactFMA computes a*b + c without rounding and rounds once.
func exactFMA(a, b, c float32) float32 {
	x := new(big.Float).SetPrec(600).SetFloat64(float64(a) * float64(b))
	x.Add(x, new(big.Float).SetPrec(600).SetFloat64(float64(c)))
	f, _ := x.Float32()
	return f
}

// finite returns a random finite float32 of any exponent.
func finite(rng *rand.Rand) float32 {
	for {
		if f := math.Float32frombits(rng.Uint32()); f-f == 0 {
			return f
		}
	}
}

func TestFMA(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 500000 {
		a, b, c := finite(rng), finite(rng), finite(rng)
		switch rng.IntN(4) {
		case 0: // near cancellation
			c = -a * b
		case 1: // c far below the product: double rounding
			b = 1 + float32(rng.IntN(1<<12))*0x1p-12
			c = math.Float32frombits(math.Float32bits(a)&0xff800000) * 0x1p-24 * (1 - 2*float32(rng.IntN(2)))
		case 2: // subnormal results
			a, b, c = a*0x1p-60, 0x1p-70, finite(rng)*0x1p-140
		}
		if c-c != 0 || a-a != 0 {
			continue
		}
		want := exactFMA(a, b, c)
		if want == 0 { // big.Float and IEEE 754 differ in the sign of an exact zero
			if FMA(a, b, c) != 0 {
				t.Fatalf("FMA(%x, %x, %x) = %x, want 0", a, b, c, FMA(a, b, c))
			}
			continue
		}
		if got := FMA(a, b, c); got != want {
			t.Fatalf("FMA(%x, %x, %x) = %x, want %x", a, b, c, got, want)
		}
	}
}

func TestFMASpecial(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	negZero := float32(math.Copysign(0, -1))
	for _, c := range []struct{ a, b, c, want float32 }{
		{inf, 1, 1, inf}, {inf, 0, 1, nan}, {inf, 1, -inf, nan}, {nan, 0, 0, nan}, {1, 1, nan, nan},
		{negZero, 1, negZero, negZero}, {negZero, 1, 0, 0}, {1, -1, 1, 0},
		{math.MaxFloat32, 2, 0, inf}, {math.MaxFloat32, 2, -math.MaxFloat32, math.MaxFloat32},
		{0x1p-100, -0x1p-100, 0, negZero}, {0x1p-75, 0x1p-75, 0, 0}, {0x1.8p-75, 0x1p-75, 0, 0x1p-149},
	} {
		got := FMA(c.a, c.b, c.c)
		same := math.Float32bits(got) == math.Float32bits(c.want) || got != got && c.want != c.want
		if !same {
			t.Errorf("FMA(%v, %v, %v) = %v, want %v", c.a, c.b, c.c, got, c.want)
		}
	}
}

func TestExp(t *testing.T) {
	worst := 0.0
	for i := range 2000000 {
		x := float32(-87.3 + float64(i)*(88.3+87.3)/2e6)
		want := math.Exp(float64(x))
		ulp := math.Ldexp(1, max(math.Ilogb(want), -126)-23)
		worst = max(worst, math.Abs(float64(Exp(x))-want)/ulp)
	}
	if !(worst < 1.1) {
		t.Errorf("error of %v units in the last place, want below 1.1", worst)
	}
	inf := float32(math.Inf(1))
	for x, want := range map[float32]float32{0: 1, -inf: 0, inf: inf, -88: 0, 100: inf} {
		if got := Exp(x); got != want {
			t.Errorf("Exp(%v) = %v, want %v", x, got, want)
		}
	}
	if got := Exp(float32(math.NaN())); got == got {
		t.Errorf("Exp(NaN) = %v", got)
	}
}

// TestHalf walks all binary16 and checks each float32 between two of them.
func TestHalf(t *testing.T) {
	for h := range uint16(0x7c00) {
		lo := F16ToF32(h)
		if got := F16(lo); got != h {
			t.Fatalf("F16(F16ToF32(%#x)) = %#x", h, got)
		}
		hi := float32(65536)
		if h+1 < 0x7c00 {
			hi = F16ToF32(h + 1)
		}
		mid := lo + (hi-lo)/2 // exact
		even := h + h&1
		below, above := math.Nextafter32(mid, 0), math.Nextafter32(mid, 1e9)
		if F16(below) != h || F16(mid) != even || F16(above) != h+1 {
			t.Fatalf("around %v: %#x %#x %#x, want %#x %#x %#x", mid, F16(below), F16(mid), F16(above), h, even, h+1)
		}
		if F16(-mid) != 0x8000|even || F16ToF32(0x8000|h) != -lo {
			t.Fatalf("sign lost at %v", mid)
		}
	}
	if F16(float32(math.Inf(-1))) != 0xfc00 || F16(float32(math.NaN()))&0x7fff <= 0x7c00 {
		t.Error("infinity or NaN lost")
	}
	if x := F16ToF32(0x7c01); x == x {
		t.Errorf("F16ToF32(NaN) = %v", x)
	}
}

func TestBF16(t *testing.T) {
	for _, c := range []struct {
		x    float32
		want uint16
	}{
		{0, 0}, {1, 0x3f80}, {-2, 0xc000}, {0x1.01p0, 0x3f80}, {0x1.03p0, 0x3f82}, {0x1.010002p0, 0x3f81},
		{math.MaxFloat32, 0x7f80}, {float32(math.Inf(1)), 0x7f80},
	} {
		if got := BF16(c.x); got != c.want {
			t.Errorf("BF16(%x) = %#x, want %#x", c.x, got, c.want)
		}
	}
	if x := BF16ToF32(BF16(math.Float32frombits(0x7f800001))); x == x {
		t.Errorf("NaN became %v", x)
	}
	for h := range 1 << 16 {
		if x := BF16ToF32(uint16(h)); x == x && BF16(x) != uint16(h) {
			t.Fatalf("BF16(BF16ToF32(%#x)) = %#x", h, BF16(x))
		}
	}
}

func TestTables(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 100000 {
		x := math.Exp(rng.Float64()*30 - 15)
		y := rng.Float64()*4 - 2
		if got, want := Pow(x, y), math.Pow(x, y); math.Abs(got/want-1) > 0x1p-48 {
			t.Fatalf("Pow(%v, %v) = %v, want %v", x, y, got, want)
		}
		a := rng.Float64() * 200000
		s, c := SinCos(a)
		if math.Abs(s-math.Sin(a)) > 0x1p-50 || math.Abs(c-math.Cos(a)) > 0x1p-50 {
			t.Fatalf("SinCos(%v) = %v, %v, want %v, %v", a, s, c, math.Sin(a), math.Cos(a))
		}
	}
}

// TestTanhGELU compares with float64 over the range where they are no constants.
func TestTanhGELU(t *testing.T) {
	for x := float32(-12); x <= 12; x += 1.0 / 512 {
		d := float64(x)
		if got, want := float64(Tanh(x)), math.Tanh(d); math.Abs(got-want) > 2e-7 {
			t.Fatalf("Tanh(%v) = %v, want %v", x, got, want)
		}
		want := d / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(d+0.044715*d*d*d)))
		if got := float64(GELU(x)); math.Abs(got-want) > 1e-6*math.Abs(want)+1e-7 {
			t.Fatalf("GELU(%v) = %v, want %v", x, got, want)
		}
	}
}
