// Package llmint8 turns matrices of floats into those of LLM.int8() (Dettmers, Lewis, Belkada
// and Zettlemoyer 2022, "LLM.int8(): 8-bit Matrix Multiplication for Transformers at Scale"):
// int8 with one scale for each row. The floats stay beside them, for the columns of outliers;
// which those are turns out when the model runs.
package llmint8

import (
	"fmt"

	"cria/internal/kernel"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/tensor"
)

// colsMax bounds the columns of a matrix: the sum of so many products of int8 fits an
// int32, and the number of a column 16 bits.
const colsMax = 1 << 16

// matrices calls f with the matrices that LLM.int8() is for, those of attention and of
// feed-forward networks, and their names in the paper's words. As in the paper, the embedding
// and the classifier stay as they are.
func matrices(w *model.Weights, f func(m *tensor.Mat, name string, layer int) error) error {
	for l := range w.Layers {
		layer := &w.Layers[l]
		for _, m := range []struct {
			mat  *tensor.Mat
			name string
		}{
			{&layer.WQ, "query"}, {&layer.WK, "key"}, {&layer.WV, "value"}, {&layer.WO, "output"},
			{&layer.W1, "gate"}, {&layer.W2, "down"}, {&layer.W3, "up"},
		} {
			if m.mat.Rows == 0 { // there are experts instead
				continue
			}
			if err := f(m.mat, m.name, l); err != nil {
				return err
			}
		}
		for i := range layer.Experts {
			e := &layer.Experts[i]
			for _, m := range []*tensor.Mat{&e.W1, &e.W2, &e.W3} {
				if err := f(m, fmt.Sprintf("expert %d", i), l); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Check returns an error that names the first matrix of which LLM.int8() cannot be made.
func Check(w *model.Weights) error {
	return matrices(w, func(m *tensor.Mat, name string, layer int) error {
		switch {
		case m.Type != tensor.F32 && m.Type != tensor.F16 && m.Type != tensor.BF16:
			return fmt.Errorf("llm.int8 is made of f32, f16 or bf16: layer %d, %s is %v", layer, name, m.Type)
		case m.Cols > colsMax:
			return fmt.Errorf("llm.int8: layer %d, %s has %d columns, at most %d are possible", layer, name, m.Cols, colsMax)
		}
		return nil
	})
}

// Bytes returns how many bytes Convert allocates for matrices.
func Bytes(w *model.Weights) (n int64) {
	// The function returns no error, so there is none.
	_ = matrices(w, func(m *tensor.Mat, _ string, _ int) error {
		n += int64(m.Rows) * int64(m.Cols+4)
		return nil
	})
	return n
}

// Convert returns the model with its matrices in int8: for each row a scale, the largest
// magnitude / 127, and numbers divided by it, rounded half to even. The matrices of w must
// stay where they are as long as the result is used.
func Convert(w *model.Weights, threads int) (*model.Weights, error) {
	if err := Check(w); err != nil {
		return nil, err
	}
	c := &converter{pool: par.New(threads)}
	defer c.pool.Close()
	c.scratch = make([]scratch, c.pool.Workers())
	c.task = par.NewTask("LLMInt8", c.rows)
	narrow := *w
	narrow.Layers = make([]model.Layer, len(w.Layers))
	for l, layer := range w.Layers {
		layer.Experts = append([]model.Expert(nil), layer.Experts...)
		narrow.Layers[l] = layer
	}
	return &narrow, matrices(&narrow, func(m *tensor.Mat, _ string, _ int) error {
		c.convert(m)
		return nil
	})
}

// A converter holds the matrix at hand.
type converter struct {
	pool    *par.Pool
	task    *par.Task
	scratch []scratch // of each worker
	src     tensor.Mat
	dst     tensor.Mat
	codes   []int8
}

type scratch struct {
	x   []float32 // a row
	sum [1]int32  // of its codes, which nobody wants
}

// convert replaces a matrix.
func (c *converter) convert(m *tensor.Mat) {
	wide := *m
	c.src, c.codes = wide, tensor.Make[int8](m.Rows*m.Cols)
	*m = tensor.Mat{
		Type: tensor.LLMInt8, Rows: m.Rows, Cols: m.Cols, Group: m.Cols,
		Data: tensor.Bytes(c.codes), Scales: make([]float32, m.Rows), Wide: &wide,
	}
	c.dst = *m
	for i := range c.scratch {
		c.scratch[i].x = make([]float32, m.Cols)
	}
	const elements = 1 << 14 // of a piece
	c.pool.Run(c.task, m.Rows, max(1, elements/m.Cols))
}

// rows quantizes rows lo to hi-1.
func (c *converter) rows(worker, lo, hi int) {
	s, n := &c.scratch[worker], c.src.Cols
	for r := lo; r < hi; r++ {
		x := s.x
		switch c.src.Type {
		case tensor.F32:
			x = c.src.F32()[r*n:][:n]
		case tensor.F16:
			kernel.DecodeF16(x, tensor.View[kernel.F16](c.src.Data)[r*n:])
		case tensor.BF16:
			kernel.DecodeBF16(x, tensor.View[kernel.BF16](c.src.Data)[r*n:])
		}
		kernel.Quantize(kernel.Q8{Q: c.codes[r*n:][:n], Scales: c.dst.Scales[r : r+1], Sums: s.sum[:]}, x, n)
	}
}
