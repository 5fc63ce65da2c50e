//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"fmt"
	"time"
	"unsafe"

	"cria/internal/gpu"
)

// Values of Metal's enumerations.
const (
	concurrent      = 1 // MTLDispatchTypeConcurrent
	scopeBuffers    = 1 // MTLBarrierScopeBuffers
	usageRead       = 1 // MTLResourceUsageRead
	usageReadWrite  = 3 // MTLResourceUsageRead | MTLResourceUsageWrite
	statusCompleted = 4 // MTLCommandBufferStatusCompleted
)

// Run does what a pass lists. All launches of a token are in one encoder, with barriers between them.
func (d *device) Run(p *gpu.Pass) error {
	return d.do(func() error {
		if len(p.Uploads)+len(p.Copies)+len(p.Launches)+len(p.Downloads) == 0 {
			return nil
		}
		w, err := d.prepare(p, &d.alone)
		if err != nil {
			return err
		}
		if p.Traced {
			err = d.computeTraced(p, w)
		} else {
			err = d.await(d.commitAll(p, w))
		}
		d.alone.deliver()
		return err
	})
}

// work is what the command buffers of a pass need.
type work struct {
	before, after [][]place // copies before the launches and after them: those of a group in any order
	states        []id      // of the launches
	args          buffer    // of the launches
}

// prepare finds the pipelines of a pass, and copies its arguments and uploads to buffers that the device does not
// use now.
func (d *device) prepare(p *gpu.Pass, f *flight) (w work, err error) {
	if w.states, err = d.states(p.Launches); err != nil {
		return w, err
	}
	if err = d.layArgs(p, &f.args); err != nil {
		return w, err
	}
	w.args = f.args
	w.before, w.after, err = d.exchange(p, f)
	return w, err
}

// commitAll commits all that a pass lists, and returns the command buffers. Nothing of it fails but at its end.
func (d *device) commitAll(p *gpu.Pass, w work) (all []id) {
	n, at := launchesMax, 0
	if p.Repeats {
		n = max(len(p.Launches), 1)
	}
	for first := 0; first == 0 || first < len(p.Launches); first += n {
		end := min(first+n, len(p.Launches))
		all = append(all, d.commit(func(commands id) {
			if first == 0 {
				d.encodeCopies(commands, w.before)
			}
			at = d.encodeLaunches(commands, p.Launches[first:end], w.states[first:end], w.args.object, at)
			if end == len(p.Launches) {
				d.encodeCopies(commands, w.after)
			}
		}))
	}
	return all
}

// launchesMax is how many launches of a pass of many tokens a command buffer has: the system ends one that runs for
// seconds.
const launchesMax = 32

// commit commits a command buffer of what encode writes.
func (d *device) commit(encode func(commands id)) id {
	commands := id(d.send(d.queue, commandBuffer))
	if commands != 0 {
		encode(commands)
		d.send(commands, commit)
	}
	return commands
}

// await waits for all command buffers, which end one after the other, and returns the first error.
func (d *device) await(all []id) (err error) {
	for _, commands := range all {
		if e := d.wait(commands); err == nil {
			err = e
		}
	}
	return err
}

func (d *device) wait(commands id) error {
	if commands == 0 {
		return d.error(commandBuffer, 0)
	}
	d.send(commands, waitUntilCompleted)
	if d.send(commands, status) != statusCompleted {
		return d.error(waitUntilCompleted, id(d.send(commands, commandError)))
	}
	return nil
}

// computeTraced gives each launch a command buffer of its own, which knows when it ran: by another clock than the
// host's, so that a span ends when the host has waited for it.
func (d *device) computeTraced(p *gpu.Pass, w work) error {
	if err := d.wait(d.commit(func(commands id) { d.encodeCopies(commands, w.before) })); err != nil {
		return err
	}
	at := 0
	for i := range p.Launches {
		l := &p.Launches[i]
		commands := d.commit(func(commands id) {
			at = d.encodeLaunches(commands, p.Launches[i:i+1], w.states[i:i+1], w.args.object, at)
		})
		if err := d.wait(commands); err != nil {
			return err
		}
		end := time.Now()
		seconds := d.seconds(commands, d.selectors[gpuEndTime]) - d.seconds(commands, d.selectors[gpuStartTime])
		p.Spans = append(p.Spans, gpu.Span{
			Name: l.Kernel, Blocks: l.Blocks[0] * l.Blocks[1] * l.Blocks[2],
			Start: end.Add(-time.Duration(seconds * 1e9)), End: end,
		})
	}
	return d.wait(d.commit(func(commands id) { d.encodeCopies(commands, w.after) }))
}

// A place is a copy within and between buffers.
type place struct {
	from, to     id
	fromAt, toAt int64
	bytes        int64
}

// places returns copies in order: each is a group.
func (d *device) places(copies []gpu.Copy) ([][]place, error) {
	var groups [][]place
	for _, c := range copies {
		from, fromAt, err := d.find(c.Src, c.Bytes)
		if err != nil {
			return nil, err
		}
		to, toAt, err := d.find(c.Dst, c.Bytes)
		if err != nil {
			return nil, err
		}
		groups = append(groups, []place{{from.object, to.object, fromAt, toAt, c.Bytes}})
	}
	return groups, nil
}

// encodeCopies writes each group to an encoder of its own, which Metal keeps in order.
func (d *device) encodeCopies(commands id, groups [][]place) {
	for _, places := range groups {
		if len(places) == 0 {
			continue
		}
		e := id(d.send(commands, blitEncoder))
		for _, c := range places {
			d.send(e, copyBuffer, uintptr(c.from), uintptr(c.fromAt), uintptr(c.to), uintptr(c.toAt), uintptr(c.bytes))
		}
		d.send(e, endEncoding)
	}
}

// states returns the pipelines of launches.
func (d *device) states(launches []gpu.Launch) ([]id, error) {
	states := make([]id, len(launches))
	for i, l := range launches {
		if l.Shared != 0 {
			return nil, fmt.Errorf("metal: kernel %s: blocks have no more memory than the kernel's own", l.Kernel)
		}
		var err error
		if states[i], err = d.pipeline(l.Kernel, l.Threads); err != nil {
			return nil, fmt.Errorf("kernel %s: %w", l.Kernel, err)
		}
	}
	return states, nil
}

// argsAlign is what a kernel's arguments are aligned to.
const argsAlign = 256

func argsBytes(l *gpu.Launch) int { return (l.Size + argsAlign - 1) &^ (argsAlign - 1) }

// layArgs copies the arguments of a pass to a buffer, which it replaces by a larger one if that is too small.
func (d *device) layArgs(p *gpu.Pass, args *buffer) error {
	n := 0
	for i := range p.Launches {
		n += argsBytes(&p.Launches[i])
	}
	if err := d.enlarge(args, n); err != nil {
		return err
	}
	to := unsafe.Slice((*byte)(args.host), args.bytes)
	for i := range p.Launches {
		l := &p.Launches[i]
		copy(to, p.Args[l.First:][:l.Size])
		to = to[argsBytes(l):]
	}
	return nil
}

// encodeLaunches writes launches to one encoder. The arguments of the first are at a place of a buffer; it returns
// where those behind the last are.
func (d *device) encodeLaunches(commands id, launches []gpu.Launch, states []id, args id, at int) int {
	if len(launches) == 0 {
		return at
	}
	e := id(d.send(commands, computeEncoder, concurrent))
	// Kernels find memory by addresses, of which Metal does not know to which buffers they belong.
	d.use(e, d.resources, usageReadWrite)
	d.use(e, d.mapped, usageRead)
	d.send(e, setBuffer, uintptr(args), uintptr(at), 0)
	for i := range launches {
		l := &launches[i]
		if i > 0 && !l.Beside {
			d.send2(e, memoryBarrier, scopeBuffers, 0)
		}
		if i > 0 {
			d.send2(e, setBufferOffset, uintptr(at), 0)
		}
		if i == 0 || states[i] != states[i-1] {
			d.send2(e, setPipeline, uintptr(states[i]), 0)
		}
		d.sendSizes(e, dispatch, words(l.Blocks), [3]uintptr{uintptr(l.Threads), 1, 1})
		at += argsBytes(l)
	}
	d.send(e, endEncoding)
	return at
}

// use declares buffers.
func (d *device) use(encoder id, buffers []id, usage uintptr) {
	if n := len(buffers); n > 0 {
		d.send(encoder, useResources, uintptr(unsafe.Pointer(&buffers[0])), uintptr(n), usage)
	}
}

func words(n [3]int) [3]uintptr { return [3]uintptr{uintptr(n[0]), uintptr(n[1]), uintptr(n[2])} }
