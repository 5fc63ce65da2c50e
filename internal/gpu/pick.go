package gpu

import (
	"math"

	"cria/internal/tensor"
)

// Follows stands in a row for the token that the pass before picked, which the host need not know.
const Follows = -1

// TopMax is how many of the most likely tokens a Choice may be among.
const TopMax = 256

// segment is how many tokens a block sorts: see kernels/src/draw.h.
const segment = 1024

// A Choice says which token a device picks: the most likely, or, if TopK is not 0, what package sample's Sampler would,
// which keeps the TopK most likely, of these those that TopP and MinP leave, and draws by Number, from 0 to below 1.
type Choice struct {
	TopK                    int // up to TopMax, and to the tokens that there are
	TopP, MinP, Temperature float32
	Number                  float64
	Marks                   Marks // which change logits before
}

// picking is the choice of a token on the device.
type picking struct {
	wanted bool // by the next pass
	choice Choice
	bits   [1]uint64 // of its number
	number Ptr
	keys   [2]Ptr // of the most likely tokens, each of what is left of the other
	starts bool   // and it is only started
	marks  Ptr
	list   []Mark // that is uploaded
	device Ptr    // of the token: see picked
	logits Ptr    // of it

	tokens  [2]int32 // that started passes pick, in turn; others pick the first
	started int
	waited  int
}

// picked returns where the token goes that was picked, or -1; behind it is the same, but 0 for -1.
func (b *Backend) picked() Ptr {
	if b.pick.device == 0 {
		b.pick.device = b.alloc(8)
	}
	return b.pick.device
}

// PickNext lets the next pass pick a token, of equally likely ones the first, if one row of it asks for
// logits: these stay on the device, and Picked returns the token.
func (b *Backend) PickNext(c Choice) { b.pick.wanted, b.pick.choice = true, c }

// Picked returns the token that the last pass picked. If a logit is not finite there is none: then it
// returns -1, and sets logits to those of the pass.
func (b *Backend) Picked(logits []float32) int32 {
	if b.pick.tokens[0] < 0 && b.err == nil {
		b.fail(b.dev.Download(tensor.Bytes(logits), b.pick.logits))
	}
	return b.pick.tokens[0]
}

// Starts reports whether the device lets the host go on while it computes.
func (b *Backend) Starts() bool {
	_, ok := b.dev.(Starter)
	return ok && b.trace == nil
}

// StartNext is PickNext for a pass that is only started, if the device Starts: Wait returns the token. Two passes
// may be under way, and only those that start until all are waited for.
func (b *Backend) StartNext(c Choice) {
	b.PickNext(c)
	b.pick.starts = true
}

// Wait waits for the oldest pass that was started and returns the token that it picked, or -1: its logits are gone.
func (b *Backend) Wait() int32 {
	p := &b.pick
	if b.err != nil {
		return -1
	}
	b.fail(b.dev.(Starter).Wait())
	p.waited++
	return p.tokens[(p.waited-1)%2]
}

// addPick appends to the pass the choice of a token from n logits.
func (b *Backend) addPick(logits Ptr, n int) {
	p := &b.pick
	token := b.picked()
	p.wanted, p.logits = false, logits
	b.addMarks(logits)
	if p.choice.TopK == 0 {
		Add(&b.pass, "pick", [3]int{1, 1, 1}, vecThreads, 0, &pickArgs{Logits: logits, Token: token, N: int32(n)})
	} else {
		b.addDraw(logits, n)
	}
	to := p.tokens[:1]
	if p.starts {
		to = p.tokens[p.started%2:][:1]
	}
	b.pass.Downloads = append(b.pass.Downloads, Transfer{bytesOf(to), token})
}

// addDraw appends the choice of one of the most likely tokens: segments are sorted until there is one.
func (b *Backend) addDraw(logits Ptr, n int) {
	p, c := &b.pick, b.pick.choice
	if p.number == 0 {
		p.number = b.alloc(8)
		for i := range p.keys {
			p.keys[i] = b.alloc(int64(8 * TopMax * ceil(n, segment)))
		}
	}
	args := topArgs{Logits: logits, Top: p.keys[0], N: int32(n), K: int32(c.TopK)}
	for blocks := 0; blocks != 1; {
		blocks = ceil(int(args.N), segment)
		Add(&b.pass, "top", [3]int{blocks, 1, 1}, segment/2, 0, &args)
		args.Keys, args.Top, args.N = args.Top, p.keys[0]+p.keys[1]-args.Top, int32(blocks*c.TopK)
	}
	p.bits[0] = math.Float64bits(c.Number)
	b.pass.Uploads = append(b.pass.Uploads, Transfer{bytesOf(p.bits[:]), p.number})
	Add(&b.pass, "draw", [3]int{1, 1, 1}, TopMax, 0, &drawArgs{
		Keys: args.Keys, Number: p.number, Token: b.picked(), K: int32(c.TopK),
		Temperature: c.Temperature, TopP: c.TopP, MinP: c.MinP,
	})
}

// run hands the pass to the device.
func (b *Backend) run() error {
	switch {
	case b.pick.starts:
		b.pick.starts = false
		b.pick.started++
		return b.dev.(Starter).Start(&b.pass)
	case b.trace != nil:
		return b.runTraced()
	}
	return b.dev.Run(&b.pass)
}
