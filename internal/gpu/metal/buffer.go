//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"unsafe"

	"cria/internal/gpu"
)

// A buffer is memory of the device.
type buffer struct {
	object id
	at     gpu.Ptr // for the device
	bytes  int64
	host   unsafe.Pointer // for the processor; nil if it is the device's alone
}

// How a buffer's memory is stored: MTLResourceStorageModeShared and MTLResourceStorageModePrivate.
const shared, private = 0, 2 << 4

// newBuffer returns a buffer, of which Metal makes zeros.
func (d *device) newBuffer(n int64, stored uintptr) (buffer, error) {
	n = (max(n, 16) + 15) &^ 15
	if n > d.bufferMax {
		return buffer{}, &Error{selNames[newBuffer], fmt.Sprintf("%d bytes, and a buffer has %d at most", n, d.bufferMax)}
	}
	b := buffer{object: id(d.send(d.device, newBuffer, uintptr(n), stored)), bytes: n}
	if b.object == 0 {
		return b, &Error{selNames[newBuffer], fmt.Sprintf("no memory for %d bytes, of %d that it may use", n, d.info.Total)}
	}
	if d.locate(&b, stored); stored == shared && b.host == nil {
		d.send(b.object, release)
		return buffer{}, &Error{selNames[contents], "no memory of the processor"}
	}
	return b, nil
}

// enlarge replaces a buffer by one that has at least n bytes.
func (d *device) enlarge(b *buffer, n int) error {
	if b.object != 0 && int64(n) <= b.bytes {
		return nil
	}
	larger, err := d.newBuffer(int64(2*n), shared)
	if err != nil {
		return err
	}
	d.send(b.object, release)
	*b = larger
	return nil
}

// locate asks a buffer where it is.
func (d *device) locate(b *buffer, stored uintptr) {
	b.at = gpu.Ptr(d.send(b.object, gpuAddress))
	if stored == private {
		return
	}
	addr := d.send(b.object, contents)
	b.host = *(*unsafe.Pointer)(unsafe.Pointer(&addr)) // memory of C
}

// keep adds a buffer to the device's memory.
func (d *device) keep(b buffer) {
	i, _ := d.search(b.at)
	d.memory = slices.Insert(d.memory, i, b)
}

func (d *device) search(p gpu.Ptr) (int, bool) {
	return slices.BinarySearchFunc(d.memory, p, func(b buffer, p gpu.Ptr) int { return cmp.Compare(b.at, p) })
}

// find returns the buffer that n bytes at p are in, and how far behind its beginning.
func (d *device) find(p gpu.Ptr, n int64) (*buffer, int64, error) {
	i, exact := d.search(p)
	if !exact {
		i--
	}
	if i >= 0 {
		b := &d.memory[i]
		if at := uint64(p - b.at); at <= uint64(b.bytes) && n <= b.bytes-int64(at) {
			return b, int64(at), nil
		}
	}
	return nil, 0, fmt.Errorf("metal: %d bytes at %#x are in no buffer", n, uint64(p))
}

// Alloc returns n bytes of zeros, which the processor does not see.
func (d *device) Alloc(n int64) (gpu.Ptr, error) { return d.alloc(n, private) }

// AllocShared returns n bytes of zeros, which the processor writes and reads where they are.
func (d *device) AllocShared(n int64) (gpu.Ptr, error) { return d.alloc(n, shared) }

func (d *device) alloc(n int64, stored uintptr) (p gpu.Ptr, err error) {
	err = d.do(func() error {
		b, err := d.newBuffer(n, stored)
		if err == nil {
			d.keep(b)
			d.resources = append(d.resources, b.object)
			p = b.at
		}
		return err
	})
	return p, err
}

// Map lets the device read data where it is, if nobody needs more of its last page than there is. The pages are
// kept in memory from their first use on.
func (d *device) Map(data []byte) (p gpu.Ptr, err error) {
	page := uintptr(os.Getpagesize())
	first := uintptr(unsafe.Pointer(unsafe.SliceData(data)))
	begin, last := first&^(page-1), first+uintptr(len(data))
	end := (last + page - 1) &^ (page - 1)
	// Kernels read 16 bytes at a time, and the last 32 whole.
	reads := first + uintptr((len(data)+31)&^31)
	if len(data) < int(page) || first%16 != 0 || reads > end || int64(end-begin) > d.bufferMax {
		return 0, nil
	}
	err = d.do(func() error {
		b := buffer{bytes: int64(end - begin)}
		b.object = id(d.send(d.device, newBufferNoCopy, begin, end-begin, 0, 0))
		if b.object == 0 {
			return nil // an upload takes its place
		}
		d.locate(&b, shared)
		d.keep(b)
		d.mapped = append(d.mapped, b.object)
		p = b.at + gpu.Ptr(first-begin)
		return nil
	})
	return p, err
}
