package gpu

import (
	"fmt"
	"unsafe"

	"cria/internal/kv"
	"cria/internal/tensor"
)

// What the kernels of mixtures take: see kernels/src/route.h and experts.h.
const (
	team       = 4 // where vectors are not multiplied in squares
	expertsMax = 1024
	usedMax    = 32 // a lane chooses each
	expertRows = 4  // of a warp
)

// experts are those of a layer on the device. Their matrices are W1, W3 and W2; each has a table of all experts', which
// kernels look up, because only the device knows who uses which. They lie as without tensor units.
type experts struct {
	tables [3]Ptr
	names  [3]string // of the formats' kernels
	groups [3]int    // of inputs
}

// Matrices by their numbers.
const gate, up, down = 0, 1, 2

// A mixing is memory for the pairs of a batch: a token and one of its experts each.
type mixing struct {
	experts, weights, teams Ptr
	gate, up, y             Ptr // [pairs][HiddenDim], [pairs][HiddenDim], [pairs][Dim]
	in                      *workspace
}

// Mix adds to x[t] what a mixture makes of it. It always does, or fails.
func (b *Backend) Mix(x tensor.Acts, m *tensor.Mixture, rows []kv.Row) bool {
	if b.err != nil {
		return true
	}
	e, pairs := b.loadExperts(m.Experts), len(rows)*m.Used
	if m.Used > usedMax {
		b.fail(fmt.Errorf("gpu: %d experts for each token exceed %d", m.Used, usedMax))
		return true
	}
	if b.mixing == nil {
		b.mixing = b.newMixing(x.N, m)
	}
	mx := b.mixing
	if b.err != nil {
		return true
	}
	b.NormProject([]tensor.Product{{Dst: m.Scores, W: m.Router}}, x, m.Norm, m.NormEps, rows)
	choose := chooseArgs{
		Scores: b.acts(m.Scores), Experts: mx.experts, Weights: mx.weights,
		Vectors: int32(len(rows)), N: int32(len(m.Experts)), Stride: int32(m.Scores.Stride), Used: int32(m.Used),
	}
	if m.IsNormed {
		choose.Normed = 1
	}
	Add(&b.pass, "choose", [3]int{ceil(len(rows), warps), 1, 1}, threads, 0, &choose)
	t := b.teams(m, pairs)
	Add(&b.pass, "route", [3]int{1, 1, 1}, vecThreads, 0, &routeArgs{
		Experts: mx.experts, Teams: mx.teams, Pairs: int32(pairs), N: int32(len(m.Experts)),
		Most: int32(t.n), Team: int32(t.size),
	})
	b.gateUp(e, m, x, len(rows), t)
	b.down(e, m, x, pairs, t)
	Add(&b.pass, "mix", [3]int{ceil(x.N, threads), len(rows), 1}, threads, 0, &mixArgs{
		X: b.acts(x), Y: mx.y, Weights: mx.weights, N: int32(x.N), Stride: int32(x.Stride), Used: int32(m.Used),
	})
	return true
}

// teams are the most that there can be, and how many pairs each has.
type teams struct{ n, size int }

// teamsOf returns teams of a size: none but an expert's last has room left.
func teamsOf(pairs, experts, size int) teams { return teams{pairs/size + min(pairs, experts), size} }

func (t teams) bytes() int64 { return int64(4 * t.n * (t.size + 4)) }

// teams returns those that multiply pairs: as large as squares, if these are what multiplies by all matrices, and an
// expert has about squaresFrom pairs.
func (b *Backend) teams(m *tensor.Mixture, pairs int) teams {
	size := squareVectors
	for _, of := range []*tensor.Mat{&m.Experts[0].W1, &m.Experts[0].W3, &m.Experts[0].W2} {
		if !b.inSquares(of) || pairs < squaresFrom*len(m.Experts) {
			size = team
		}
	}
	return teamsOf(pairs, len(m.Experts), size)
}

// gateUp multiplies tokens by W1 and W3 of their experts, and makes one activation of both.
func (b *Backend) gateUp(e *experts, m *tensor.Mixture, x tensor.Acts, vectors int, t teams) {
	mx, hidden := b.mixing, m.Experts[0].W1.Rows
	args := expertArgs{
		W: [2]Ptr{e.tables[gate], e.tables[up]}, Dst: [2]Ptr{mx.gate, mx.up}, Teams: mx.teams,
		Cols: int32(x.N), Pitch: int32(x.Stride), Stride: int32(tensor.Pitch(hidden)), Per: int32(m.Used),
	}
	both := e.names[gate] == e.names[up] && e.groups[gate] == e.groups[up]
	for i := range []int{gate, up} {
		in := productArgs{X: b.acts(x), Norm: b.vector(m.Norm), Eps: m.NormEps, Vectors: int32(vectors)}
		b.normalize(&in, x, e.groups[i], t.size == squareVectors)
		args.X, args.Q, args.Scales, args.Sums, args.Group = in.X, in.Q, in.Scales, in.Sums, int32(max(1, e.groups[i]))
		if both {
			b.addExperts(e.names[i], &args, hidden, t, 2)
			break
		}
		args.W[0], args.Dst[0] = e.tables[i], [2]Ptr{mx.gate, mx.up}[i]
		b.addExperts(e.names[i], &args, hidden, t, 1)
	}
	act := int32(thenSiLU)
	if m.Act == tensor.GELU {
		act = thenGELU
	}
	n := vectors * m.Used * tensor.Pitch(hidden)
	Add(&b.pass, "glu", [3]int{ceil(n, threads), 1, 1}, threads, 0, &gluArgs{
		Gate: mx.gate, Up: mx.up, N: int32(n), Act: act,
	})
}

// down multiplies what is made of gate and up by W2.
func (b *Backend) down(e *experts, m *tensor.Mixture, x tensor.Acts, pairs int, t teams) {
	mx, hidden := b.mixing, m.Experts[0].W1.Rows
	args := expertArgs{
		W: [2]Ptr{e.tables[down]}, Dst: [2]Ptr{mx.y}, Teams: mx.teams, X: mx.gate, Cols: int32(hidden),
		Pitch: int32(tensor.Pitch(hidden)), Stride: int32(x.Stride), Group: int32(max(1, e.groups[down])), Per: 1,
	}
	if e.groups[down] > 0 {
		in := productArgs{X: mx.gate, Vectors: int32(pairs)}
		b.addNorm(&in, tensor.Acts{N: hidden, Stride: tensor.Pitch(hidden)}, e.groups[down], t.size == squareVectors, mx.in)
		args.Q, args.Scales, args.Sums = mx.in.q, mx.in.scales, mx.in.sums
	}
	b.addExperts(e.names[down], &args, x.N, t, 1)
}

func (b *Backend) addExperts(format string, args *expertArgs, rows int, t teams, matrices int) {
	kernel, of := "expert_", warps*expertRows
	if t.size == squareVectors {
		kernel, of = "square_expert_", squareRows
	}
	Add(&b.pass, kernel+format, [3]int{t.n, ceil(rows, of), matrices}, threads, 0, args)
}

func (b *Backend) newMixing(dim int, m *tensor.Mixture) *mixing {
	pairs, n, hidden := b.size.Rows*m.Used, len(m.Experts), m.Experts[0].W1.Rows
	numbers := func(n int) Ptr { return b.alloc(4 * int64(pairs) * int64(tensor.Pitch(n))) }
	return &mixing{
		experts: b.alloc(int64(4 * pairs)), weights: b.alloc(int64(4 * pairs)),
		teams: b.alloc(max(teamsOf(pairs, n, team).bytes(), teamsOf(pairs, n, squareVectors).bytes())),
		gate:  numbers(hidden), up: numbers(hidden), y: numbers(dim), in: b.newWorkspace(hidden, pairs),
	}
}

// LoadExperts uploads the experts of layers before they are needed, as Load does matrices.
func (b *Backend) LoadExperts(list []tensor.Expert, progress func(bytes int)) error {
	b.told = progress
	defer func() { b.told = nil }()
	b.loadExperts(list)
	return b.err
}

// loadExperts returns experts on the device, where they are uploaded first if they are not there.
func (b *Backend) loadExperts(list []tensor.Expert) *experts {
	key := unsafe.SliceData(list)
	if e := b.layers[key]; e != nil {
		return e
	}
	e := &experts{}
	for i, of := range []func(e *tensor.Expert) *tensor.Mat{
		func(e *tensor.Expert) *tensor.Mat { return &e.W1 },
		func(e *tensor.Expert) *tensor.Mat { return &e.W3 },
		func(e *tensor.Expert) *tensor.Mat { return &e.W2 },
	} {
		mats := make([]*tensor.Mat, len(list))
		for j := range list {
			mats[j] = of(&list[j])
		}
		b.fail(b.together(mats, func() error { return b.loadTable(e, i, mats) }))
	}
	b.layers[key] = e
	return e
}

// together lets load have one piece of memory for many matrices: a device has room for pieces in steps of up to 2 MB.
// One that reads the host's memory needs none.
func (b *Backend) together(mats []*tensor.Mat, load func() error) error {
	if _, ok := b.dev.(Mapper); ok && b.shares {
		return load()
	}
	const step = 256 // what memory is aligned to
	room := int64(0)
	for _, m := range mats { // rows are padded, and codes and scales may be apart
		room += int64(m.Rows)*int64((m.Type.RowSize(m.Cols)+15)&^15) + int64(4*len(m.Scales)) + 4*step
	}
	at, err := b.allocWeights(room)
	if err != nil {
		return err
	}
	alloc := b.allocWeights
	defer func() { b.allocWeights = alloc }()
	b.allocWeights = func(n int64) (Ptr, error) {
		p := at
		n = (n + step - 1) &^ (step - 1)
		if room -= n; room < 0 {
			return 0, fmt.Errorf("gpu: %d bytes more than experts were to have", -room)
		}
		at += Ptr(n)
		return p, nil
	}
	return load()
}

// loadTable uploads a matrix of each expert, and the table of them.
func (b *Backend) loadTable(e *experts, i int, mats []*tensor.Mat) error {
	if len(mats) > expertsMax {
		return fmt.Errorf("gpu: %d experts exceed %d", len(mats), expertsMax)
	}
	table := make([]weightArgs, len(mats))
	for j, m := range mats {
		switch {
		case m.Type == tensor.LLMInt8:
			return fmt.Errorf("gpu: matrices of %v are for the CPU only", m.Type)
		case !sameKernel(m, mats[0]):
			return fmt.Errorf("gpu: experts of one layer are of %v and of %v", mats[0].Type, m.Type)
		}
		d := newMatrix(m)
		if err := b.uploadPlain(d, m); err != nil {
			return err
		}
		table[j] = d.args
	}
	e.names[i], e.groups[i] = mats[0].Type.String(), inputGroup(mats[0])
	var err error
	if e.tables[i], err = b.dev.Alloc(int64(len(table)) * int64(unsafe.Sizeof(table[0]))); err != nil {
		return err
	}
	return b.dev.Upload(e.tables[i], bytesOf(table))
}
