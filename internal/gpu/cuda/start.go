//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"unsafe"

	"cria/internal/gpu"
)

// A flight is a pass that was started. It has pinned memory of its own, because a pass before it may be under way.
type flight struct {
	pinned pinned
	event  uintptr // at its end
}

// flightBytes is the pinned memory of a flight: one token's row, its pages and the token that is picked.
const flightBytes = 64 << 10

// Start begins a pass.
func (d *device) Start(p *gpu.Pass) error {
	return d.do(func() error {
		if d.started-d.waited == len(d.flights) {
			return fmt.Errorf("cuda: %d passes are under way", len(d.flights))
		}
		f := &d.flights[d.started%len(d.flights)]
		if err := f.open(d); err != nil {
			return err
		}
		if err := d.begin(p, &f.pinned); err != nil {
			return err
		}
		d.started++
		return d.call(cuEventRecord, f.event, d.stream)
	})
}

// Wait returns when the oldest pass is done that was started and not waited for.
func (d *device) Wait() error {
	return d.do(func() error {
		if d.started == d.waited {
			return fmt.Errorf("cuda: no pass is under way")
		}
		f := &d.flights[d.waited%len(d.flights)]
		d.waited++
		err := d.call(cuEventSynchronize, f.event)
		f.pinned.finish()
		return err
	})
}

func (f *flight) open(d *device) error {
	if f.event != 0 {
		return nil
	}
	if err := f.pinned.open(d.driver, flightBytes); err != nil {
		return err
	}
	const withoutTime = 2
	return d.call(cuEventCreate, uintptr(unsafe.Pointer(&f.event)), withoutTime)
}

func (f *flight) close(d *device) {
	f.pinned.close(d.driver)
	if f.event != 0 {
		_ = d.call(cuEventDestroy, f.event)
	}
}
