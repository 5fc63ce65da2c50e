package gpu

// What kernels are launched with: structs of the same layout as in kernels/args.h,
// which says what the fields are.

type rowArgs struct{ Token, Pos, Table, _ int32 }

type weightArgs struct {
	Data, Scales             Ptr
	Rows, Cols, Pitch, Group int32
}

type embedArgs struct {
	X            Ptr
	W            weightArgs
	Rows, Picked Ptr
	Stride       int32
	Scale        float32
}

type normArgs struct {
	X, Norm, H, Q, Scales, Sums Ptr
	N, Stride, Group            int32
	Eps                         float32
	Add, Together               int32
}

type productArg struct {
	W             weightArgs
	Dst, Bias     Ptr
	Stride, First int32
}

// What becomes of a product.
const (
	thenSet = iota
	thenAdd
	thenSiLU // which needs two: gate and up
	thenGELU
)

type productArgs struct {
	P                        [3]productArg
	X, Norm, Q, Scales, Sums Ptr
	N, Cols, Stride, Group   int32
	Vectors, Then            int32
	Eps                      float32
	From                     int32
	Early, _                 int32
}

// A cacheArg is the cache of keys and values as one layer sees it.
type cacheArg struct{ Layer, Layers, Groups, Type int32 }

type ropeArgs struct {
	Q, K, V, Cos, Sin, QNorm, KNorm Ptr
	Rows, Pages, Cache, Scales      Ptr
	Heads, KVHeads, Dim, Pad        int32
	QStride, KStride, Half, Halves  int32
	cacheArg
	Eps float32
	_   int32
}

type attendArgs struct {
	A, Q, Partial, Rows, Pages, Cache, Scales Ptr
	Heads, KVHeads, Dim, Pad                  int32
	AStride, QStride, Splits, Window          int32
	cacheArg
	Scale, Softcap float32
}

type turnArgs struct {
	attendArgs
	ropeArgs
}

type gluArgs struct {
	Gate, Up          Ptr
	N, Stride, Act, _ int32
}

type softcapArgs struct {
	X         Ptr
	N, Stride int32
	Cap       float32
	_         int32
}

type pickArgs struct {
	Logits, Token Ptr
	N, _          int32
}

type markArgs struct {
	Logits, Marks, Token        Ptr
	Repeat, Presence, Frequency float32
	_                           int32
}

type chooseArgs struct {
	Scores, Experts, Weights Ptr
	Vectors, N, Stride, Used int32
	Normed, _                int32
}

type routeArgs struct {
	Experts, Teams       Ptr
	Pairs, N, Most, Team int32
}

type expertArgs struct {
	W, Dst                     [2]Ptr
	Teams, X, Q, Scales, Sums  Ptr
	Cols, Pitch, Stride, Group int32
	Per, _                     int32
}

type mixArgs struct {
	X, Y, Weights      Ptr
	N, Stride, Used, _ int32
}

type topArgs struct {
	Logits, Keys, Top Ptr
	N, K              int32
}

type drawArgs struct {
	Keys, Number, Token     Ptr
	K                       int32
	Temperature, TopP, MinP float32
}

type repackArgs struct {
	Blocks, Codes, Scales Ptr
	N, Bytes              int32
}

type tileArgs struct {
	From, To             Ptr
	Rows, Cols, Pitch, _ int32
}
