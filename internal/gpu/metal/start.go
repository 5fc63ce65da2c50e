//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"fmt"
	"unsafe"

	"cria/internal/gpu"
)

// A flight is a pass that is under way. Its arguments, and what goes from the host to the device and back, are in
// buffers of its own, because a pass before it may be under way.
type flight struct {
	commands   []id // which it holds
	args, host buffer
	gets       []get
}

// A get is a download that is under way.
type get struct {
	dst []byte
	at  int // in host
}

// Start begins a pass.
func (d *device) Start(p *gpu.Pass) error {
	return d.do(func() error {
		if d.started-d.waited == len(d.flights) {
			return fmt.Errorf("metal: %d passes are under way", len(d.flights))
		}
		f := &d.flights[d.started%len(d.flights)]
		w, err := d.prepare(p, f)
		if err != nil {
			return err
		}
		f.commands = d.commitAll(p, w)
		for _, c := range f.commands {
			d.send(c, retain) // the pool of this job gives them back
		}
		d.started++
		return nil
	})
}

// exchange copies uploads to a flight's buffer, and returns the copies from there, those of the pass, and those of
// downloads.
func (d *device) exchange(p *gpu.Pass, f *flight) (before, after [][]place, err error) {
	n := 0
	for _, t := range p.Uploads {
		if copyBytes(t) != len(t.Host) {
			return nil, nil, fmt.Errorf("metal: an upload of %d bytes in a pass: they are no whole words", len(t.Host))
		}
		n += copyBytes(t)
	}
	for _, t := range p.Downloads {
		n += copyBytes(t)
	}
	if err := d.enlarge(&f.host, n); err != nil {
		return nil, nil, err
	}
	host, at := unsafe.Slice((*byte)(f.host.host), f.host.bytes), 0
	var up, down []place
	for _, t := range p.Uploads {
		b, to, err := d.find(t.Device, int64(len(t.Host)))
		if err != nil {
			return nil, nil, err
		}
		up = append(up, place{f.host.object, b.object, int64(at), to, int64(len(t.Host))})
		at += copy(host[at:], t.Host)
	}
	f.gets = f.gets[:0]
	for _, t := range p.Downloads {
		b, from, err := d.find(t.Device, int64(copyBytes(t)))
		if err != nil {
			return nil, nil, err
		}
		down = append(down, place{b.object, f.host.object, from, int64(at), int64(copyBytes(t))})
		f.gets = append(f.gets, get{t.Host, at})
		at += copyBytes(t)
	}
	copies, err := d.places(p.Copies)
	return append([][]place{up}, copies...), [][]place{down}, err
}

// copyBytes returns the bytes of a transfer in whole words, which are what copies have.
func copyBytes(t gpu.Transfer) int { return (len(t.Host) + 3) &^ 3 }

// Wait returns when the oldest pass is done that was started and not waited for.
func (d *device) Wait() error {
	return d.do(func() error {
		if d.started == d.waited {
			return fmt.Errorf("metal: no pass is under way")
		}
		f := &d.flights[d.waited%len(d.flights)]
		d.waited++
		err := d.await(f.commands)
		for _, c := range f.commands {
			d.send(c, release)
		}
		f.commands = nil
		f.deliver()
		return err
	})
}

// deliver hands out what was downloaded. The device has been waited for.
func (f *flight) deliver() {
	host := unsafe.Slice((*byte)(f.host.host), f.host.bytes)
	for _, g := range f.gets {
		copy(g.dst, host[g.at:])
	}
	f.gets = f.gets[:0]
}

// settle waits for the passes that are under way, so that the host may use the device's memory. Who started them
// waits for them all the same.
func (d *device) settle() {
	for i := d.waited; i < d.started; i++ {
		for _, c := range d.flights[i%len(d.flights)].commands {
			d.send(c, waitUntilCompleted)
		}
	}
}

// end gives a flight's objects back.
func (f *flight) end(d *device) {
	for _, c := range f.commands {
		d.send(c, release)
	}
	d.send(f.args.object, release)
	d.send(f.host.object, release)
}
