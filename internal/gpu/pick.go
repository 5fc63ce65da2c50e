package gpu

import "cria/internal/tensor"

// picking is the choice of a token on the device.
type picking struct {
	wanted bool     // by the next pass
	device Ptr      // of the token
	token  [1]int32 // that was picked, or -1
	logits Ptr      // of it
}

// PickNext lets the next pass pick the most likely token, of equals the first, if one row of it asks for
// logits: these stay on the device, and Picked returns the token.
func (b *Backend) PickNext() { b.pick.wanted = true }

// Picked returns the token that the last pass picked. If a logit is not finite there is none: then it
// returns -1, and sets logits to those of the pass.
func (b *Backend) Picked(logits []float32) int32 {
	if b.pick.token[0] < 0 && b.err == nil {
		b.fail(b.dev.Download(tensor.Bytes(logits), b.pick.logits))
	}
	return b.pick.token[0]
}

// addPick appends to the pass the choice of a token from n logits.
func (b *Backend) addPick(logits Ptr, n int) {
	p := &b.pick
	if p.device == 0 {
		p.device = b.alloc(4)
	}
	p.wanted, p.logits = false, logits
	Add(&b.pass, "pick", [3]int{1, 1, 1}, vecThreads, 0, &pickArgs{Logits: logits, Token: p.device, N: int32(n)})
	b.pass.Downloads = append(b.pass.Downloads, Transfer{bytesOf(p.token[:]), p.device})
}
