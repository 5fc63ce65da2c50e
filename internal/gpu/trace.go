package gpu

import "time"

// A trace is what the device did, and what the host did for it.
type trace struct {
	device, host []Span
	began        time.Time // the pass in hand
}

// StartTrace makes the backend keep spans from now on. Launches then run one by one, and not as a graph.
func (b *Backend) StartTrace() {
	b.trace, b.pass.Traced = &trace{}, true
}

// Spans returns what the device ran since StartTrace, launch by launch, and what the host did meanwhile: "List", when
// verbs wrote a list of launches, and "Run", when it handed this over and waited for the end.
func (b *Backend) Spans() (device, host []Span) {
	if b.trace == nil {
		return nil, nil
	}
	return b.trace.device, b.trace.host
}

func (b *Backend) runTraced() error {
	start := time.Now()
	err := b.dev.Run(&b.pass)
	t := b.trace
	n := len(b.pass.Launches)
	t.host = append(t.host, Span{"List", n, t.began, start}, Span{"Run", n, start, time.Now()})
	t.device = append(t.device, b.pass.Spans...)
	return err
}
