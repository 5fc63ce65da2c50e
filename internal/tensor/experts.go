package tensor

// An Expert is one feed-forward network of a mixture.
type Expert struct{ W1, W2, W3 Mat }

// A Mixture is the feed-forward network of a mixture of experts, of which each token uses some.
type Mixture struct {
	Router   *Mat // [experts][D]
	Experts  []Expert
	Scores   Acts      // [T][experts] of the router, for whoever computes them
	Norm     []float32 // [D] of what router and experts see
	NormEps  float32
	Act      Activation
	Used     int  // experts by each token
	IsNormed bool // whether the weights of those used are divided by their sum
}
