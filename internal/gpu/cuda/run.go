//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"unsafe"

	"cria/internal/gpu"
)

// Run does what a pass lists. A pass that repeats becomes a graph, which is one call for all of its launches.
func (d *device) Run(p *gpu.Pass) error {
	return d.do(func() error {
		if err := d.begin(p, &d.pinned); err != nil {
			return err
		}
		return d.pinned.drain(d)
	})
}

// begin gives all that a pass lists to the stream. What the host has of it goes through m.
func (d *device) begin(p *gpu.Pass, m *pinned) error {
	for _, t := range p.Uploads {
		if err := m.put(d, t); err != nil {
			return err
		}
	}
	for _, c := range p.Copies {
		if err := d.call(cuMemcpyDtoDAsync, uintptr(c.Dst), uintptr(c.Src), uintptr(c.Bytes), d.stream); err != nil {
			return err
		}
	}
	if err := d.launchAll(p); err != nil {
		return err
	}
	for _, t := range p.Downloads {
		if err := m.get(d, t); err != nil {
			return err
		}
	}
	return nil
}

// A graph is launches that came before, made one by the driver.
type graph struct {
	launches   []gpu.Launch
	args       []byte
	executable uintptr
}

// graphsMax is how many graphs are kept: one for each power of two of splits of the context.
const graphsMax = 16

func (d *device) launchAll(p *gpu.Pass) error {
	if p.Traced {
		return d.launchTraced(p)
	}
	if !p.Repeats {
		return d.launchEach(p)
	}
	for _, g := range d.graphs {
		if bytes.Equal(g.args, p.Args) && slices.Equal(g.launches, p.Launches) {
			return d.call(cuGraphLaunch, g.executable, d.stream)
		}
	}
	executable, err := d.capture(p)
	if err != nil {
		return err
	}
	if len(d.graphs) == graphsMax {
		d.dropGraphs(graphsMax - 1)
	}
	d.graphs = append(d.graphs, graph{slices.Clone(p.Launches), slices.Clone(p.Args), executable})
	return d.call(cuGraphLaunch, executable, d.stream)
}

// dropGraphs keeps the last n graphs.
func (d *device) dropGraphs(n int) {
	for _, g := range d.graphs[:len(d.graphs)-n] {
		_ = d.call(cuGraphExecDestroy, g.executable)
	}
	d.graphs = slices.Delete(d.graphs, 0, len(d.graphs)-n)
}

// capture makes a graph of a pass's launches.
func (d *device) capture(p *gpu.Pass) (uintptr, error) {
	for _, l := range p.Launches { // loading a module cannot be part of a graph
		if _, err := d.kernel(l.Kernel, l.Shared); err != nil {
			return 0, err
		}
	}
	const threadLocal = 1
	if err := d.call(cuStreamBeginCapture, d.stream, threadLocal); err != nil {
		return 0, err
	}
	err := d.launchEach(p)
	var g, executable uintptr
	if end := d.call(cuStreamEndCapture, d.stream, uintptr(unsafe.Pointer(&g))); err == nil {
		err = end
	}
	if err != nil {
		return 0, err
	}
	err = d.call(cuGraphInstantiateWithFlags, uintptr(unsafe.Pointer(&executable)), g, 0)
	_ = d.call(cuGraphDestroy, g)
	return executable, err
}

func (d *device) launchEach(p *gpu.Pass) error {
	for i := range p.Launches {
		l := &p.Launches[i]
		if err := d.launch(l, p.Args[l.First:][:l.Size], i > 0 && d.overlap); err != nil {
			return fmt.Errorf("kernel %s: %w", l.Kernel, err)
		}
	}
	return nil
}

// A launchConfig is the driver's CUlaunchConfig.
type launchConfig struct {
	blocks, threads [3]uint32
	shared          uint32
	stream          uintptr
	attributes      *launchAttribute
	n               uint32
}

// A launchAttribute is the driver's CUlaunchAttribute.
type launchAttribute struct {
	id    uint32
	_     uint32
	value int32
	_     [60]byte
}

// launch hands the arguments over as one buffer, whose size the driver checks. If it overlaps, the kernel may
// begin before the one before it has ended, and waits for it by itself.
func (d *device) launch(l *gpu.Launch, args []byte, overlaps bool) error {
	function, err := d.kernel(l.Kernel, l.Shared)
	if err != nil {
		return err
	}
	const buffer, bufferBytes = 1, 2
	size := uintptr(len(args))
	extra := [5]uintptr{buffer, uintptr(unsafe.Pointer(&args[0])), bufferBytes, uintptr(unsafe.Pointer(&size)), 0}
	if overlaps {
		const programmaticStreamSerialization = 6
		attribute := launchAttribute{id: programmaticStreamSerialization, value: 1}
		config := launchConfig{
			blocks:  [3]uint32{uint32(l.Blocks[0]), uint32(l.Blocks[1]), uint32(l.Blocks[2])},
			threads: [3]uint32{uint32(l.Threads), 1, 1}, shared: uint32(l.Shared), stream: d.stream,
			attributes: &attribute, n: 1,
		}
		err = d.call(cuLaunchKernelEx, uintptr(unsafe.Pointer(&config)), function, 0, uintptr(unsafe.Pointer(&extra)))
		runtime.KeepAlive(&size)
		return err
	}
	err = d.call(cuLaunchKernel, function,
		uintptr(l.Blocks[0]), uintptr(l.Blocks[1]), uintptr(l.Blocks[2]), uintptr(l.Threads), 1, 1,
		uintptr(l.Shared), d.stream, 0, uintptr(unsafe.Pointer(&extra)))
	runtime.KeepAlive(&size)
	return err
}
