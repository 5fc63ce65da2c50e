package tensor

import (
	"math"
	"testing"
)

func TestDType(t *testing.T) {
	for _, typ := range []DType{F32, F16, BF16, Q8} {
		if got, err := ParseDType(typ.String()); got != typ || err != nil {
			t.Errorf("ParseDType(%q) = %v, %v", typ.String(), got, err)
		}
	}
	if _, err := ParseDType("f64"); err == nil {
		t.Error(`ParseDType("f64"): no error`)
	}
	if got := DType(99).String(); got != "tensor.DType(99)" {
		t.Errorf("DType(99).String() = %q", got)
	}
	if F32.Size() != 4 || F16.Size() != 2 || BF16.Size() != 2 || Q8.Size() != 1 {
		t.Error("wrong sizes")
	}
}

func TestView(t *testing.T) {
	x := []float32{1, 2, 3}
	b := Bytes(x)
	if len(b) != 12 {
		t.Fatalf("%d bytes, want 12", len(b))
	}
	if y := View[float32](b[4:11]); len(y) != 1 || y[0] != 2 {
		t.Errorf("View = %v, want [2]", y)
	}
	if y := View[float32](b[:3]); y != nil {
		t.Errorf("View of 3 bytes = %v", y)
	}
	defer func() {
		if recover() == nil {
			t.Error("a view that is not aligned: no panic")
		}
	}()
	View[float32](b[1:])
}

func TestMul(t *testing.T) {
	for _, c := range []struct {
		sizes []int64
		want  int64
		ok    bool
	}{
		{nil, 1, true}, {[]int64{3, 4}, 12, true}, {[]int64{math.MaxInt64, 1}, math.MaxInt64, true},
		{[]int64{1 << 32, 1 << 31}, 0, false}, {[]int64{1 << 32, 1 << 32, 0}, 0, false}, {[]int64{-1, 2}, 0, false},
		{[]int64{0, math.MaxInt64}, 0, true},
	} {
		if got, ok := Mul(c.sizes...); got != c.want || ok != c.ok {
			t.Errorf("Mul(%v) = %d, %v, want %d, %v", c.sizes, got, ok, c.want, c.ok)
		}
	}
}

func TestActs(t *testing.T) {
	a := NewActs(3, 17)
	if a.Stride != 32 || len(a.Data) != 96 || len(a.Row(2)) != 17 {
		t.Errorf("stride %d, %d numbers, row of %d", a.Stride, len(a.Data), len(a.Row(2)))
	}
	a.Row(1)[16] = 5
	if a.Data[32+16] != 5 {
		t.Error("row 1 is not where it should be")
	}
}
