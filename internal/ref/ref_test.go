package ref_test

import (
	"math"
	"testing"

	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/ref"
	"cria/internal/tensor"
)

// plain is the network in float64, one token at a time, written from the papers
// and not from package ref.
type plain struct {
	c    model.Config
	w    *model.Weights
	keys [][][]float64 // [layer][pos][G*K]
	vals [][][]float64
}

func (p *plain) matVec(m *tensor.Mat, x []float64) []float64 {
	y, w := make([]float64, m.Rows), m.F32()
	for r := range y {
		for i, f := range x {
			y[r] += float64(w[r*m.Cols+i]) * f
		}
	}
	return y
}

func (p *plain) norm(x []float64, w []float32) []float64 {
	sum, y := 0.0, make([]float64, len(x))
	for _, f := range x {
		sum += f * f
	}
	for i, f := range x {
		y[i] = f / math.Sqrt(sum/float64(len(x))+float64(p.c.NormEps)) * float64(w[i])
	}
	return y
}

func (p *plain) rotate(x []float64, pos int) {
	for i := 0; i < len(x); i += 2 {
		angle := float64(pos) * math.Pow(p.c.Rope.Theta, -float64(i%p.c.HeadDim)/float64(p.c.HeadDim))
		sin, cos := math.Sincos(angle)
		x[i], x[i+1] = x[i]*cos-x[i+1]*sin, x[i]*sin+x[i+1]*cos
	}
}

func (p *plain) attend(layer int, q []float64) []float64 {
	a, k := make([]float64, len(q)), p.c.HeadDim
	for h := range p.c.NHeads {
		g := h * p.c.NKVHeads / p.c.NHeads * k
		weights, sum := make([]float64, len(p.keys[layer])), 0.0
		for pos, key := range p.keys[layer] {
			score := 0.0
			for i := range k {
				score += q[h*k+i] * key[g+i]
			}
			weights[pos] = math.Exp(score / math.Sqrt(float64(k)))
			sum += weights[pos]
		}
		for pos, val := range p.vals[layer] {
			for i := range k {
				a[h*k+i] += weights[pos] / sum * val[g+i]
			}
		}
	}
	return a
}

// forward returns the logits after a token.
func (p *plain) forward(token, pos int) []float64 {
	x := make([]float64, p.c.Dim)
	for i := range x {
		x[i] = float64(p.w.TokenEmbed.F32()[token*p.c.Dim+i])
	}
	add := func(y []float64) {
		for i, f := range y {
			x[i] += f
		}
	}
	for l := range p.w.Layers {
		lw := &p.w.Layers[l]
		h := p.norm(x, lw.AttnNorm)
		q, k := p.matVec(&lw.WQ, h), p.matVec(&lw.WK, h)
		p.rotate(q, pos)
		p.rotate(k, pos)
		p.keys[l], p.vals[l] = append(p.keys[l], k), append(p.vals[l], p.matVec(&lw.WV, h))
		add(p.matVec(&lw.WO, p.attend(l, q)))
		h = p.norm(x, lw.FFNNorm)
		gate, up := p.matVec(&lw.W1, h), p.matVec(&lw.W3, h)
		for i, f := range gate {
			gate[i] = f / (1 + math.Exp(-f)) * up[i]
		}
		add(p.matVec(&lw.W2, gate))
	}
	return p.matVec(&p.w.Output, p.norm(x, p.w.FinalNorm))
}

// TestForward holds the reference against float64 arithmetic.
func TestForward(t *testing.T) {
	for _, heads := range [][2]int{{3, 3}, {6, 2}, {4, 1}} {
		c := model.Config{
			Dim: 8 * heads[0], HiddenDim: 50, NLayers: 3, NHeads: heads[0], NKVHeads: heads[1], HeadDim: 8,
			VocabSize: 33, SeqLen: 70, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
		}
		w, err := load.Synthetic(&c, tensor.F32, 0, false, 3)
		if err != nil {
			t.Fatal(err)
		}
		cache, err := kv.New(c.KVShape(c.SeqLen, tensor.F32))
		if err != nil {
			t.Fatal(err)
		}
		state, seq := model.NewState(&c, cache, c.SeqLen, 1, 1), cache.NewSeq(c.SeqLen)
		p := &plain{c, w, make([][][]float64, c.NLayers), make([][][]float64, c.NLayers)}
		for pos := range c.SeqLen {
			if err := seq.Grow(1); err != nil {
				t.Fatal(err)
			}
			token := (pos*pos + 5) % c.VocabSize
			rows := []kv.Row{{Seq: seq, Token: int32(token), Pos: pos, Logits: true}}
			got := model.Forward(ref.Backend{}, &c, w, state, rows).Row(0)
			want := p.forward(token, pos)
			for i := range want {
				// Logits have variance near 1. Three layers of seven products of up to 50
				// terms round about 3·7·50/16 times a lane, in sequence: 66 · 2^-24 · 8 for what
				// the norms may amplify.
				if !(math.Abs(float64(got[i])-want[i]) <= 66*8*0x1p-24) {
					t.Fatalf("heads %v, position %d: logit %d = %v, want %v", heads, pos, i, got[i], want[i])
				}
			}
		}
	}
}

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
