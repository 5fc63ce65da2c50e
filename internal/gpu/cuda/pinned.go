//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"unsafe"

	"cria/internal/gpu"
)

// pinnedBytes is how much memory of the host the device reads and writes by itself.
const pinnedBytes = 32 << 20

// pinned is memory of the host that does not move. Large uploads use its halves in
// turn; a pass takes from its beginning what it needs.
type pinned struct {
	base unsafe.Pointer
	size int
	used int
	gets []get
}

// A get is a download that is under way.
type get struct {
	dst []byte
	at  int
}

func (m *pinned) open(d *driver, size int) error {
	if err := d.call(cuMemHostAlloc, uintptr(unsafe.Pointer(&m.base)), uintptr(size), 0); err != nil {
		return fmt.Errorf("%d bytes of the host: %w", size, err)
	}
	m.size = size
	return nil
}

func (m *pinned) close(d *driver) {
	if m.base != nil {
		_ = d.call(cuMemFreeHost, uintptr(m.base))
	}
}

// bytes returns n of the pinned bytes from at on.
func (m *pinned) bytes(at, n int) []byte { return unsafe.Slice((*byte)(unsafe.Add(m.base, at)), n) }

// upload copies src in halves: while the device reads one, the other is filled.
func (m *pinned) upload(d *device, dst gpu.Ptr, src []byte) error {
	half := m.size / 2
	for i := 0; len(src) > 0; i++ {
		n, at := min(half, len(src)), i%2*half
		if i >= 2 { // the half before the last one may still be read
			if err := d.call(cuStreamSynchronize, d.stream); err != nil {
				return err
			}
		}
		copy(m.bytes(at, n), src[:n])
		if err := d.call(cuMemcpyHtoDAsync, uintptr(dst), uintptr(m.base)+uintptr(at), uintptr(n), d.stream); err != nil {
			return err
		}
		dst, src = dst+gpu.Ptr(n), src[n:]
	}
	return d.call(cuStreamSynchronize, d.stream)
}

func (m *pinned) download(d *device, dst []byte, src gpu.Ptr) error {
	for len(dst) > 0 {
		n := min(m.size, len(dst))
		if err := d.call(cuMemcpyDtoHAsync, uintptr(m.base), uintptr(src), uintptr(n), d.stream); err != nil {
			return err
		}
		if err := d.call(cuStreamSynchronize, d.stream); err != nil {
			return err
		}
		copy(dst, m.bytes(0, n))
		dst, src = dst[n:], src+gpu.Ptr(n)
	}
	return nil
}

// take returns where n pinned bytes of a pass begin, or false if it has used too many.
func (m *pinned) take(n int) (int, bool) {
	at := m.used
	if at+n > m.size {
		return 0, false
	}
	m.used = (at + n + 255) &^ 255
	return at, true
}

// put begins an upload.
func (m *pinned) put(d *device, t gpu.Transfer) error {
	if len(t.Host) == 0 {
		return nil
	}
	at, ok := m.take(len(t.Host))
	if !ok {
		if err := m.drain(d); err != nil {
			return err
		}
		return m.upload(d, t.Device, t.Host)
	}
	copy(m.bytes(at, len(t.Host)), t.Host)
	return d.call(cuMemcpyHtoDAsync, uintptr(t.Device), uintptr(m.base)+uintptr(at), uintptr(len(t.Host)), d.stream)
}

// get begins a download, which finish ends after the device has been waited for.
func (m *pinned) get(d *device, t gpu.Transfer) error {
	at, ok := m.take(len(t.Host))
	if !ok {
		if err := m.drain(d); err != nil {
			return err
		}
		return m.download(d, t.Host, t.Device)
	}
	m.gets = append(m.gets, get{t.Host, at})
	return d.call(cuMemcpyDtoHAsync, uintptr(m.base)+uintptr(at), uintptr(t.Device), uintptr(len(t.Host)), d.stream)
}

// drain waits until nothing of it is in use.
func (m *pinned) drain(d *device) error {
	if err := d.call(cuStreamSynchronize, d.stream); err != nil {
		return err
	}
	m.finish()
	return nil
}

// finish hands out what was downloaded. The device has been waited for.
func (m *pinned) finish() {
	for _, g := range m.gets {
		copy(g.dst, m.bytes(g.at, len(g.dst)))
	}
	m.gets, m.used = m.gets[:0], 0
}
