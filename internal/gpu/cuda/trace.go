//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"time"
	"unsafe"

	"cria/internal/gpu"
)

// launchTraced launches one by one, with an event before and after each. The stream is empty when the first event
// is recorded, so that its time is the host's.
func (d *device) launchTraced(p *gpu.Pass) error {
	if err := d.pinned.drain(d); err != nil {
		return err
	}
	for len(d.events) < 2*len(p.Launches)+1 {
		var e uintptr
		if err := d.call(cuEventCreate, uintptr(unsafe.Pointer(&e)), 0); err != nil {
			return err
		}
		d.events = append(d.events, e)
	}
	start := time.Now()
	if err := d.call(cuEventRecord, d.events[0], d.stream); err != nil {
		return err
	}
	for i := range p.Launches {
		l := &p.Launches[i]
		if err := d.call(cuEventRecord, d.events[2*i+1], d.stream); err != nil {
			return err
		}
		if err := d.launch(l, p.Args[l.First:][:l.Size], false); err != nil {
			return fmt.Errorf("kernel %s: %w", l.Kernel, err)
		}
		if err := d.call(cuEventRecord, d.events[2*i+2], d.stream); err != nil {
			return err
		}
	}
	if err := d.call(cuStreamSynchronize, d.stream); err != nil {
		return err
	}
	for i, l := range p.Launches {
		begin, err := d.since(d.events[2*i+1])
		if err != nil {
			return err
		}
		end, err := d.since(d.events[2*i+2])
		if err != nil {
			return err
		}
		blocks := l.Blocks[0] * l.Blocks[1] * l.Blocks[2]
		p.Spans = append(p.Spans, gpu.Span{Name: l.Kernel, Blocks: blocks, Start: start.Add(begin), End: start.Add(end)})
	}
	return nil
}

// since returns the time of an event after the first.
func (d *device) since(event uintptr) (time.Duration, error) {
	var ms float32
	err := d.call(cuEventElapsedTime, uintptr(unsafe.Pointer(&ms)), d.events[0], event)
	return time.Duration(float64(ms) * 1e6), err
}
