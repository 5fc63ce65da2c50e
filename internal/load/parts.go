package load

import (
	"fmt"
	"slices"

	"cria/internal/tensor"
)

// A Part is a tensor of a model, under the name that it has in GGUF files.
type Part struct {
	Name      string
	Dims      []int         // Dims[0] is the length of a row
	Mats      []*tensor.Mat // what the weights have it as: one matrix, or several on top of each other
	IsExperts bool          // whether each is an expert's
	Vec       []float32     // of a vector, which has no Mats
	// Turn is the width of a head if its rows are to be put in another order: the pairs that positions turn
	// are rows i and i+Turn/2 here, and neighbours in GGUF files. 0: the order is the same.
	Turn int
}

// Parts returns the tensors of the weights. Files may have them in other pieces and
// under other names.
func (m *Model) Parts() ([]Part, error) {
	fam, err := familyNamed(m.Family)
	if err != nil {
		return nil, err
	}
	c, w := &m.Config, m.Weights
	list := partsOf(fam.ends(c, w, m.IsTied), "")
	for i := range w.Layers {
		own := *fam
		if w.Layers[i].BO != nil {
			own.biases = all
		}
		list = append(list, partsOf(own.inLayer(c, &w.Layers[i]), fmt.Sprintf("blk.%d.", i))...)
	}
	if c.Rope.Halves != fam.isHalves {
		turn(list, c.HeadDim)
	}
	return list, nil
}

// partsOf returns what is there of the wants.
func partsOf(wants []want, prefix string) []Part {
	var list []Part
	for _, w := range wants {
		p := Part{Name: prefix + w.name, Dims: []int{w.cols, w.rows}, IsExperts: w.isExperts}
		switch {
		case w.mat != nil:
			p.Mats = []*tensor.Mat{w.mat}
		case w.vec != nil && len(*w.vec) == 0:
			continue // it was optional
		case w.vec != nil:
			p.Vec, p.Dims = *w.vec, []int{w.cols}
		default:
			for _, part := range w.parts {
				p.Mats = append(p.Mats, part.mat)
			}
		}
		if w.isExperts {
			p.Dims = []int{w.cols, w.rows / len(w.parts), len(w.parts)}
		}
		list = append(list, p)
	}
	return list
}

// turn marks the matrices whose rows are in another order, and puts biases in that of GGUF files.
func turn(list []Part, headDim int) {
	for i := range list {
		p := &list[i]
		switch roleInLayer(p.Name) {
		case "attn_q.weight", "attn_k.weight":
			p.Turn = headDim
		case "attn_q.bias", "attn_k.bias":
			turned := make([]float32, len(p.Vec))
			for j := range turned {
				turned[j] = p.Vec[TurnedRow(j, headDim)]
			}
			p.Vec = turned
		}
	}
}

// roleInLayer returns a name without the layer's.
func roleInLayer(name string) string {
	var layer int
	var role string
	if n, _ := fmt.Sscanf(name, "blk.%d.%s", &layer, &role); n == 2 {
		return role
	}
	return name
}

// TurnedRow returns which row becomes row r of a Part with a Turn.
func TurnedRow(r, turn int) int {
	i := r % turn
	return r - i + i/2 + i%2*(turn/2)
}

// Types returns the types of the matrices, without doubles.
func (p *Part) Types() []tensor.DType {
	var list []tensor.DType
	for _, m := range p.Mats {
		if !slices.Contains(list, m.Type) {
			list = append(list, m.Type)
		}
	}
	return list
}
