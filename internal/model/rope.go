package model

import (
	"fmt"

	"cria/internal/float"
	"cria/internal/tensor"
)

// Rope says how positions are embedded: pair i of a head is turned by
// pos·Theta^(-2i/Dim)/Stretch[i]. All ways to reach positions beyond those that
// a model was first trained on (linear, YaRN, Llama 3's, LongRoPE) are stretches.
type Rope struct {
	Theta  float64
	Dim    int  // numbers of a head that are turned, from its beginning; 0: all
	Halves bool // see tensor.Rope
	// Stretch divides the frequencies of the Dim/2 pairs; nil: not. A model with
	// a Short one has been trained on ShortLen positions: if that is enough for a
	// sequence, it takes the short one.
	Stretch, Short []float64
	ShortLen       int
	Scale          float64 // of cosines and sines; 0: 1
}

func (r *Rope) check(headDim int) error {
	dim := r.dim(headDim)
	switch {
	case !(r.Theta > 0):
		return fmt.Errorf("model: the base of the rotary embedding is %g, want more than 0", r.Theta)
	case dim < 2 || dim > headDim || dim%2 != 0:
		return fmt.Errorf("model: the rotary embedding turns %d of the %d numbers of a head", dim, headDim)
	}
	for _, stretch := range [][]float64{r.Stretch, r.Short} {
		if stretch != nil && len(stretch) != dim/2 {
			return fmt.Errorf("model: %d stretches for the %d pairs of a head", len(stretch), dim/2)
		}
		for i, s := range stretch {
			if !(s > 0) {
				return fmt.Errorf("model: the stretch of pair %d is %g, want more than 0", i, s)
			}
		}
	}
	return nil
}

func (r *Rope) dim(headDim int) int {
	if r.Dim == 0 {
		return headDim
	}
	return r.Dim
}

// table returns the rotations for positions 0 to seqLen-1.
func (r *Rope) table(headDim, seqLen int) *tensor.Rope {
	dim := r.dim(headDim)
	half, stretch, scale := dim/2, r.Stretch, r.Scale
	if r.Short != nil && seqLen <= r.ShortLen {
		stretch = r.Short
	}
	if scale == 0 {
		scale = 1
	}
	t := &tensor.Rope{
		Cos: make([]float32, seqLen*half), Sin: make([]float32, seqLen*half), Half: half, Halves: r.Halves,
	}
	for i := range half {
		freq := float.Pow(r.Theta, -2*float64(i)/float64(dim))
		if stretch != nil {
			freq /= stretch[i]
		}
		for pos := range seqLen {
			sin, cos := float.SinCos(float64(pos) * freq)
			t.Cos[pos*half+i], t.Sin[pos*half+i] = float32(float64(cos*scale)), float32(float64(sin*scale))
		}
	}
	return t
}

// NewRope returns the rotations of layers that are not Local for positions 0 to seqLen-1.
func (c *Config) NewRope(seqLen int) *tensor.Rope { return c.Rope.table(c.HeadDim, seqLen) }
