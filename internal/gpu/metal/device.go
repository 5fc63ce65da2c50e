//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"fmt"
	"runtime"

	"github.com/ebitengine/purego"

	"cria/internal/gpu"
)

// List returns what the system's device is, of a library that has Metal; "" is the usual one.
func List(library string) ([]Info, error) {
	dev, err := start(library)
	if err != nil {
		return nil, err
	}
	info := Info{Name: dev.info.Name, Total: dev.info.Total, Unusable: dev.unusable}
	info.Free, _ = dev.Memory() // 0 is what nobody knows
	return []Info{info}, dev.Close()
}

// Open opens the system's device, by a library that has Metal; "" is the usual one.
func Open(library string) (gpu.Device, error) {
	dev, err := start(library)
	if err != nil {
		return nil, err
	}
	if dev.unusable != "" {
		_ = dev.Close() // what counts is the reason
		return nil, fmt.Errorf("metal: %s: %s", dev.info.Name, dev.unusable)
	}
	return dev, nil
}

// device is a gpu.Device. Fields below jobs belong to its goroutine.
type device struct {
	info     gpu.Info
	unusable string
	jobs     chan job

	*objc
	device, queue id
	bufferMax     int64
	memory        []buffer // by address
	resources     []id     // the buffers of memory,
	mapped        []id     // but for those that only are read
	staging       staging
	alone         flight // of a pass that is waited for at once
	flights       [2]flight
	started       int // passes
	waited        int // for passes that were started
	libraries     map[string]id
	pipelines     map[string]pipeline
}

type job struct {
	do   func() error
	done chan error
}

func start(library string) (*device, error) {
	o, err := loadObjC(library)
	if err != nil {
		return nil, err
	}
	d := &device{objc: o, jobs: make(chan job), libraries: map[string]id{}, pipelines: map[string]pipeline{}}
	d.staging.half = stagingHalf
	go d.work()
	if err := d.do(d.begin); err != nil {
		_ = d.Close() // the first error is the one to report
		return nil, err
	}
	return d, nil
}

// work does jobs on one thread of the system until there are no more.
func (d *device) work() {
	runtime.LockOSThread()
	// The thread is not given back: it ends with the goroutine.
	for j := range d.jobs {
		j.done <- d.inPool(j.do)
	}
}

// do lets the device's goroutine call f.
func (d *device) do(f func() error) error {
	done := make(chan error, 1)
	d.jobs <- job{f, done}
	return <-done
}

// Families of GPUs: that of the M1, from which on lanes exchange numbers, and those whose buffers have addresses.
const (
	familyApple7 = 1007
	familyMetal3 = 5001
)

// begin gets the device and finds out whether it can be used.
func (d *device) begin() error {
	dev, _, _ := purego.SyscallN(d.create)
	if d.device = id(dev); dev == 0 {
		return fmt.Errorf("%w: the system has no device of it", ErrNoMetal)
	}
	d.info = gpu.Info{
		Name: d.goText(id(d.send(d.device, deviceName))), Total: int64(d.send(d.device, workingSetSize)), Direct: true,
		Tensors: gpu.SquareTensors,
	}
	switch {
	case !d.is(d.device, supportsFamily, familyApple7):
		d.unusable = "it is older than the M1, or not Apple's"
	case !d.is(d.device, supportsFamily, familyMetal3):
		d.unusable = "the system has no Metal 3, which came with macOS 13"
	case !d.is(d.device, hasUnifiedMemory):
		d.unusable = "it does not share the memory of the processor"
	}
	if d.unusable != "" {
		return nil
	}
	d.info.SharedBytes = int(d.send(d.device, maxThreadgroupMemory))
	d.bufferMax = int64(d.send(d.device, maxBufferLength))
	if d.queue = id(d.send(d.device, newCommandQueue)); d.queue == 0 {
		return d.error(newCommandQueue, 0)
	}
	return nil
}

// Info returns what the device is.
func (d *device) Info() gpu.Info { return d.info }

// Memory returns how many bytes the device may still use.
func (d *device) Memory() (int64, error) {
	var used int64
	err := d.do(func() error {
		used = int64(d.send(d.device, allocatedSize))
		return nil
	})
	return max(d.info.Total-used, 0), err
}

// Close gives everything back and ends the device's goroutine.
func (d *device) Close() error {
	err := d.do(func() error {
		d.settle()
		for i := range d.flights {
			d.flights[i].end(d)
		}
		for _, p := range d.pipelines {
			d.send(p.state, release)
		}
		for _, l := range d.libraries {
			d.send(l, release)
		}
		d.alone.end(d)
		for _, b := range append(d.memory, d.staging.buffer) {
			d.send(b.object, release)
		}
		d.send(d.queue, release)
		d.send(d.device, release)
		return nil
	})
	close(d.jobs)
	return err
}
