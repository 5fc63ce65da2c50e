package llmint8_test

import (
	"slices"
	"strings"
	"testing"

	"cria"
	"cria/internal/cpu"
	"cria/internal/kv"
	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/score"
	"cria/internal/tensor"
)

// storyteller returns the model inside cria with its weights in f32.
func storyteller(t *testing.T) (model.Config, *model.Weights) {
	t.Helper()
	m, err := load.Open(load.Disk{FS: cria.StorytellerFiles()}, "model.bin")
	if err != nil {
		t.Fatal(err)
	}
	w := *m.Weights
	w.Layers = slices.Clone(w.Layers)
	widen(&w.TokenEmbed)
	w.Output = w.TokenEmbed
	for i := range w.Layers {
		l := &w.Layers[i]
		l.AttnNorm, l.FFNNorm = slices.Clone(l.AttnNorm), slices.Clone(l.FFNNorm)
		for _, m := range []*tensor.Mat{&l.WQ, &l.WK, &l.WV, &l.WO, &l.W1, &l.W2, &l.W3} {
			widen(m)
		}
	}
	return m.Config, &w
}

// widen makes f32 of int8.
func widen(m *tensor.Mat) {
	x := make([]float32, m.Rows*m.Cols)
	for i, q := range m.I8() {
		x[i] = float32(q) * m.Scales[i/m.Group]
	}
	*m = tensor.Mat{Type: tensor.F32, Rows: m.Rows, Cols: m.Cols, Data: tensor.Bytes(x)}
}

// plant makes outliers of some features without changing what the model computes, not in
// one bit: what norms give is made larger by a power of two, and the weights that it is
// multiplied by smaller.
func plant(w *model.Weights) {
	const factor = 256
	for i := range w.Layers {
		l := &w.Layers[i]
		for _, j := range []int{7, 50, 51, 133} {
			l.AttnNorm[j] *= factor
			l.FFNNorm[j] *= factor
			for _, m := range []*tensor.Mat{&l.WQ, &l.WK, &l.WV, &l.W1, &l.W3} {
				for x := m.F32()[j:]; ; x = x[m.Cols:] {
					x[0] /= factor
					if len(x) <= m.Cols {
						break
					}
				}
			}
		}
	}
}

// plain returns int8 matrices without their floats: the same without outliers.
func plain(w *model.Weights) *model.Weights {
	p := *w
	p.Layers = slices.Clone(w.Layers)
	for i := range p.Layers {
		l := &p.Layers[i]
		for _, m := range []*tensor.Mat{&l.WQ, &l.WK, &l.WV, &l.WO, &l.W1, &l.W2, &l.W3} {
			m.Type, m.Wide = tensor.Q8, nil
		}
	}
	return &p
}

func convert(t *testing.T, w *model.Weights, threads int) *model.Weights {
	t.Helper()
	c, err := llmint8.Convert(w, threads)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// logits returns those after each of some tokens.
func logits(t *testing.T, c model.Config, w *model.Weights, tokens []int32) [][]float32 {
	t.Helper()
	cache, err := kv.New(c.KVShape(len(tokens), tensor.F32))
	if err != nil {
		t.Fatal(err)
	}
	b := cpu.New(cpu.Sizes{
		Rows: len(tokens), Cols: max(c.Dim, c.HiddenDim, c.NHeads*c.HeadDim),
		Heads: c.NHeads, KVHeads: c.NKVHeads, HeadDim: c.HeadDim, SeqLen: len(tokens),
	}, cpu.Options{Threads: 2})
	defer b.Close()
	state, seq := model.NewState(&c, cache, len(tokens), len(tokens), len(tokens)), cache.NewSeq(len(tokens))
	if err := seq.Grow(len(tokens)); err != nil {
		t.Fatal(err)
	}
	rows := make([]kv.Row, len(tokens))
	for i, token := range tokens {
		rows[i] = kv.Row{Seq: seq, Token: token, Pos: i, Logits: true}
	}
	out, list := model.Forward(b, &c, w, state, rows), [][]float32{}
	for i := range rows {
		list = append(list, slices.Clone(out.Row(i)))
	}
	return list
}

// divergence returns how far q is from p, both logits.
func divergence(p, q [][]float32) (mean, sameTop float64) {
	var d score.Divergence
	for i := range p {
		d.Add(p[i], q[i])
	}
	return d.KL.Value(), d.Same.Value()
}

// story returns tokens of a story.
func story(t *testing.T) []int32 {
	t.Helper()
	m, err := cria.Storyteller()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	tokens, err := m.Encode("Mia found a small key near the old bridge. She was a quiet girl, and she wanted to know " +
		"what it could open. Mia tried the key on the toy box, but it did not fit. She tried it on the mailbox, but it " +
		"did not fit there, either.")
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// TestOutliers plants outliers: int8 without their columns fails, LLM.int8() does not notice.
func TestOutliers(t *testing.T) {
	tokens := story(t)
	c, w := storyteller(t)
	want := logits(t, c, w, tokens)
	int8, _ := divergence(want, logits(t, c, plain(convert(t, w, 2)), tokens))
	plant(w)
	if got := logits(t, c, w, tokens); !slices.EqualFunc(got, want, slices.Equal[[]float32]) {
		t.Error("planting outliers changed what f32 computes")
	}
	planted := convert(t, w, 2)
	ours, oursSame := divergence(want, logits(t, c, planted, tokens))
	int8Planted, int8Same := divergence(want, logits(t, c, plain(planted), tokens))
	t.Logf("KL divergence from f32: int8 %.5f; with outliers LLM.int8() %.5f, %.0f %% the same, int8 %.5f, %.0f %%",
		int8, ours, 100*oursSame, int8Planted, 100*int8Same)
	if !(ours < 0.001) || oursSame < 0.95 {
		t.Errorf("LLM.int8() with outliers is %.5f from f32, %.0f %% the same: want what int8 is without outliers, %.5f",
			ours, 100*oursSame, int8)
	}
	if !(int8Planted > 1) || int8Same > 0.5 {
		t.Errorf("int8 with outliers is %.5f from f32, %.0f %% the same: the outliers make no difference",
			int8Planted, 100*int8Same)
	}
}

// TestConvert works rows by hand, in every type of floats.
func TestConvert(t *testing.T) {
	for _, m := range []tensor.Mat{
		{Type: tensor.F32, Data: tensor.Bytes([]float32{127, 1, 2.5, -0.5, 0, 0})},
		{Type: tensor.F16, Data: tensor.Bytes([]uint16{0x57f0, 0x3c00, 0x4100, 0xb800, 0, 0})},
		{Type: tensor.BF16, Data: tensor.Bytes([]uint16{0x42fe, 0x3f80, 0x4020, 0xbf00, 0, 0})},
	} {
		m.Rows, m.Cols = 2, 3
		w := &model.Weights{Layers: []model.Layer{{WQ: m, Experts: []model.Expert{{W1: m, W2: m, W3: m}}}}}
		for _, l := range []*tensor.Mat{&w.Layers[0].WK, &w.Layers[0].WV, &w.Layers[0].WO} {
			*l = m
		}
		got := convert(t, w, 3)
		for _, q := range []*tensor.Mat{&got.Layers[0].WO, &got.Layers[0].Experts[0].W2} {
			if q.Type != tensor.LLMInt8 || q.Group != 3 || q.Wide.Type != m.Type ||
				!slices.Equal(q.I8(), []int8{127, 1, 2, -127, 0, 0}) || q.Scales[0] != 1 || q.Scales[1] != float32(0.5)/127 {
				t.Errorf("%v: %v %v, group %d", m.Type, q.I8(), q.Scales, q.Group)
			}
		}
		if w.Layers[0].WQ.Type != m.Type || w.Layers[0].Experts[0].W1.Type != m.Type {
			t.Errorf("%v: the model itself has changed", m.Type)
		}
		if n := llmint8.Bytes(w); n != 7*(6+8) {
			t.Errorf("Bytes = %d, want %d", n, 7*(6+8))
		}
	}
}

func TestCheck(t *testing.T) {
	for want, m := range map[string]tensor.Mat{
		"layer 1, value is q4_k":           {Type: tensor.Q4_K, Rows: 1, Cols: 256},
		"layer 1, value is q8":             {Type: tensor.Q8, Rows: 1, Cols: 2},
		"layer 1, value has 65537 columns": {Type: tensor.F16, Rows: 1, Cols: 65537},
	} {
		w := &model.Weights{Layers: []model.Layer{{}, {WV: m}}}
		if _, err := llmint8.Convert(w, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
