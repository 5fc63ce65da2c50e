package ref_test

import (
	"math"
	"slices"
	"testing"

	"cria/internal/kv"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// TestQuantize works two groups by hand, with a tie and a group of zeros.
func TestQuantize(t *testing.T) {
	q, scales := ref.Quantize([]float32{127, -1.5, 2.5, 0, 0, 0, 0, 0}, 4)
	wantQ, wantScales := []int8{127, -2, 2, 0, 0, 0, 0, 0}, []float32{1, 0}
	for i := range wantQ {
		if q[i] != wantQ[i] {
			t.Errorf("q = %v, want %v", q, wantQ)
			break
		}
	}
	if scales[0] != wantScales[0] || scales[1] != wantScales[1] {
		t.Errorf("scales = %v, want %v", scales, wantScales)
	}
	if _, scales := ref.Quantize([]float32{float32(math.Inf(1)), 1}, 2); scales[0] == scales[0] {
		t.Errorf("an infinity gives scale %v, want NaN", scales[0])
	}
}

// TestMatVec works one row of each type by hand: all numbers are exact in all types.
func TestMatVec(t *testing.T) {
	x := []float32{1, -2}
	for _, m := range []tensor.Mat{
		{Type: tensor.F32, Data: tensor.Bytes([]float32{3, 0.5})},
		{Type: tensor.F16, Data: tensor.Bytes([]uint16{0x4200, 0x3800})},
		{Type: tensor.BF16, Data: tensor.Bytes([]uint16{0x4040, 0x3f00})},
	} {
		m.Rows, m.Cols = 1, 2
		if y := ref.MatVec(&m, x); y[0] != 2 {
			t.Errorf("%v: %v, want 2", m.Type, y)
		}
	}
	// x becomes 64, -127 with scale 2/127: 0.5 * (3*64 + 1*-127) * 2/127 = 65/127.
	m := tensor.Mat{Type: tensor.Q8, Rows: 1, Cols: 2, Group: 2, Data: []byte{3, 1}, Scales: []float32{0.5}}
	if y := ref.MatVec(&m, x); math.Abs(float64(y[0])-65.0/127) > 1e-7 {
		t.Errorf("q8: %v, want %v", y, 65.0/127)
	}
}

// TestCacheQ8 stores the values of one position by hand, in a group of 32 and one of 8: with
// one position to see, attention returns the value.
func TestCacheQ8(t *testing.T) {
	const dim = 40
	cache, err := kv.New(kv.Shape{Layers: 1, KVHeads: 1, HeadDim: dim, Pages: 1, Type: tensor.Q8_0})
	if err != nil {
		t.Fatal(err)
	}
	seq := cache.NewSeq(1)
	if err := seq.Grow(1); err != nil {
		t.Fatal(err)
	}
	q, k, v, a := tensor.NewActs(1, dim), tensor.NewActs(1, dim), tensor.NewActs(1, dim), tensor.NewActs(1, dim)
	want := make([]float32, dim)
	for i := range dim {
		v.Row(0)[i], want[i] = float32(i)+0.25, float32(i)
	}
	v.Row(0)[3], want[3] = -127, -127 // the scale of the first 32 is 1
	v.Row(0)[4], want[4] = 2.5, 2     // half to even
	v.Row(0)[39], want[39] = 254, 254 // and that of the others 2
	for i := 32; i < 39; i++ {
		v.Row(0)[i], want[i] = float32(2*i)+0.5, float32(2*i)
	}
	rows := []kv.Row{{Seq: seq}}
	at := &tensor.Attention{Rope: &tensor.Rope{}, Scale: 1}
	ref.Backend{}.RopeStore(q, k, v, at, cache, 0, rows)
	ref.Backend{}.Attend(a, q, at, cache, 0, rows)
	if got := a.Row(0); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestLLMInt8 works one row by hand: 100 is an outlier, and 0.5 is 0 in int8. x is 127, -64 without
// it, with scale 1/32: (127*127 - 64)/32 + 0.5*100.
func TestLLMInt8(t *testing.T) {
	wide := tensor.Mat{Type: tensor.F32, Rows: 1, Cols: 4, Data: tensor.Bytes([]float32{127, 1, 0.5, 0})}
	m := tensor.Mat{
		Type: tensor.LLMInt8, Rows: 1, Cols: 4, Group: 4, Data: []byte{127, 1, 0, 0}, Scales: []float32{1}, Wide: &wide,
	}
	if y := ref.MatVec(&m, []float32{3.96875, -2, 100, 0}); y[0] != 16065.0/32+50 {
		t.Errorf("%v, want %v", y, 16065.0/32+50)
	}
	for x, want := range map[float32]float32{6: 3, -6: -3, 5.9999995: 0} { // 6 is an outlier, what is below is 0.5 as 0
		if y := ref.MatVec(&m, []float32{0, 0, x, 0}); y[0] != want {
			t.Errorf("of %v: %v, want %v", x, y, want)
		}
	}
	for _, x := range []float64{math.NaN(), math.Inf(1)} {
		if y := ref.MatVec(&m, []float32{0, 0, float32(x), 0}); y[0] == y[0] && !math.IsInf(float64(y[0]), 1) {
			t.Errorf("of %v: %v", x, y)
		}
	}
}
