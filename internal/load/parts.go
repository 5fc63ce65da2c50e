package load

import (
	"fmt"

	"cria/internal/tensor"
)

// A Part is a tensor of a model, under the name that it has in GGUF files.
type Part struct {
	Name      string
	Mats      []*tensor.Mat // what the weights have it as: one matrix, or several on top of each other
	IsExperts bool          // whether each is an expert's
	Vec       []float32     // of a vector, which has no Mats
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
	return list, nil
}

// partsOf returns what is there of the wants.
func partsOf(wants []want, prefix string) []Part {
	var list []Part
	for _, w := range wants {
		p := Part{Name: prefix + w.name}
		switch {
		case w.mat != nil:
			p.Mats = []*tensor.Mat{w.mat}
		case w.vec != nil && len(*w.vec) == 0:
			continue // it was optional
		case w.vec != nil:
			p.Vec = *w.vec
		default:
			for _, part := range w.parts {
				p.Mats = append(p.Mats, part.mat)
			}
			p.IsExperts = w.isExperts
		}
		list = append(list, p)
	}
	return list
}
