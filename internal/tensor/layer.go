package tensor

// Attention says how a layer attends. What is nil or zero is not done.
type Attention struct {
	Rope         *Rope
	QNorm, KNorm []float32 // [HeadDim] weights of the RMSNorm of each head before it is rotated
	NormEps      float32
	Scale        float32 // of products of queries and keys
	Softcap      float32 // a score s becomes Softcap·tanh(s/Softcap)
	Window       int     // positions that a token sees, itself the last
}

// First returns the first position that the token at pos sees.
func (a *Attention) First(pos int) int {
	if a.Window == 0 {
		return 0
	}
	return max(0, pos-a.Window+1)
}

// Rope is the table of rotations for rotary position embeddings: the cosine
// and sine of pos·theta^(-i/Half) for pair i of a head (Su et al. 2021, RoFormer).
// A head has Half pairs at its beginning; what is behind them stays as it is.
type Rope struct {
	Cos, Sin []float32 // [SeqLen][Half]
	Half     int
	// Halves says that pair i is (i, i+Half), as in files of Hugging Face, and
	// not (2i, 2i+1), as in Meta's. Such pairs are moved to where the others
	// stand, so that both kinds of file give the same bits.
	Halves bool
}

// An Activation is the function of a gated linear unit (Shazeer 2020).
type Activation uint8

// The activations.
const (
	SiLU Activation = iota // x / (1 + e^-x)
	GELU                   // x·Φ(x) by its approximation with tanh (Hendrycks and Gimpel 2016)
)

// String returns the name that users read.
func (a Activation) String() string {
	if a == GELU {
		return "gelu"
	}
	return "silu"
}
