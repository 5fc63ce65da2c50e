package gpu

import "cria/internal/tensor"

// Follows stands in a row for the token that the pass before picked, which the host need not know.
const Follows = -1

// picking is the choice of a token on the device.
type picking struct {
	wanted bool // by the next pass
	starts bool // and it is only started
	device Ptr  // of the token that was picked, or -1; and of the same, but 0 for -1
	logits Ptr  // of it

	tokens  [2]int32 // that started passes pick, in turn; others pick the first
	started int
	waited  int
}

// PickNext lets the next pass pick the most likely token, of equals the first, if one row of it asks for
// logits: these stay on the device, and Picked returns the token.
func (b *Backend) PickNext() { b.pick.wanted = true }

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
func (b *Backend) StartNext() { b.pick.wanted, b.pick.starts = true, true }

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
	if p.device == 0 {
		p.device = b.alloc(8)
	}
	p.wanted, p.logits = false, logits
	Add(&b.pass, "pick", [3]int{1, 1, 1}, vecThreads, 0, &pickArgs{Logits: logits, Token: p.device, N: int32(n)})
	to := p.tokens[:1]
	if p.starts {
		to = p.tokens[p.started%2:][:1]
	}
	b.pass.Downloads = append(b.pass.Downloads, Transfer{bytesOf(to), p.device})
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
