package load

import (
	"fmt"
	"maps"
	"slices"

	"cria/internal/float"
	"cria/internal/tensor"
)

// A want is a tensor that a file must hold: a matrix for which mat is where it
// goes, or a vector for which vec is, or matrices on top of each other, which parts are.
type want struct {
	name       string
	rows, cols int
	mat        *tensor.Mat
	vec        *[]float32
	parts      []part
	isOptional bool
	isExperts  bool // parts are the experts'
}

// A part is so many rows of a matrix, and where they go.
type part struct {
	rows int
	mat  *tensor.Mat
}

// A have is a tensor that a file holds.
type have struct {
	mat    tensor.Mat
	err    error // why it is none that can be used
	isUsed bool
}

// haves are the tensors of a file, by name.
type haves map[string]*have

// bind puts tensors where wants say. It is an error that names a tensor if one
// is missing, or of another shape. plus is added to the numbers of vectors.
func (h haves) bind(wants []want, plus float32) error {
	for _, w := range wants {
		t, ok := h[w.name]
		switch {
		case !ok && w.isOptional:
			continue
		case !ok:
			return fmt.Errorf("load: tensor %s is missing", w.name)
		case t.err != nil:
			return t.err
		case t.mat.Rows != w.rows || t.mat.Cols != w.cols:
			return fmt.Errorf("load: tensor %s is [%d][%d], want [%d][%d]", w.name, t.mat.Rows, t.mat.Cols, w.rows, w.cols)
		}
		t.isUsed = true
		if err := w.put(&t.mat, plus); err != nil {
			return err
		}
	}
	return nil
}

// put puts m where w says.
func (w *want) put(m *tensor.Mat, plus float32) (err error) {
	switch {
	case w.vec != nil:
		if *w.vec, err = vector(m, plus); err != nil {
			err = fmt.Errorf("load: tensor %s: %w", w.name, err)
		}
	case w.mat != nil:
		*w.mat = *m
	default:
		at := 0
		for _, p := range w.parts {
			*p.mat = rowsOf(m, at, p.rows)
			at += p.rows
		}
	}
	return err
}

// rowsOf returns a view of n rows of m from row at on.
func rowsOf(m *tensor.Mat, at, n int) tensor.Mat {
	size := m.Type.RowSize(m.Cols)
	part := tensor.Mat{Type: m.Type, Rows: n, Cols: m.Cols}
	if m.Data != nil {
		part.Data = m.Data[at*size:][: n*size : n*size]
	}
	return part
}

// vector returns the elements of m with plus added, a view if nothing changes
// them, and zeros if only the header was read.
func vector(m *tensor.Mat, plus float32) ([]float32, error) {
	n := m.Rows * m.Cols
	if m.Data != nil && m.Type == tensor.F32 && plus == 0 {
		return m.F32(), nil
	}
	x := make([]float32, n)
	var get func(i int) float32
	switch m.Type {
	case tensor.F32:
		get = func(i int) float32 { return m.F32()[i] }
	case tensor.F16:
		get = func(i int) float32 { return float.F16ToF32(m.U16()[i]) }
	case tensor.BF16:
		get = func(i int) float32 { return float.BF16ToF32(m.U16()[i]) }
	default:
		return nil, fmt.Errorf("is a vector of type %v, want f32, f16 or bf16", m.Type)
	}
	for i := range x {
		if m.Data != nil {
			x[i] = get(i) + plus
		}
	}
	return x, nil
}

// unused returns an error that names the first tensor, by name, that nothing
// asked for: the file is of a model that computes something else.
func (h haves) unused(arch string, isKnown func(name string) bool) error {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !h[name].isUsed && !isKnown(name) {
			return fmt.Errorf("load: tensor %s is not part of %s as this program knows it", name, arch)
		}
	}
	return nil
}

// factors returns the numbers of a vector that a file may have, or nil; ones if only the header was read.
func (h haves) factors(name string) ([]float64, error) {
	t := h[name]
	if t == nil {
		return nil, nil
	}
	var x []float32
	if err := h.bind([]want{{name: name, rows: 1, cols: t.mat.Cols, vec: &x}}, 0); err != nil {
		return nil, err
	}
	list := make([]float64, len(x))
	for i := range x {
		list[i] = 1
		if t.mat.Data != nil {
			list[i] = float64(x[i])
		}
	}
	return list, nil
}
