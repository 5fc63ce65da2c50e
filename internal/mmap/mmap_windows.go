package mmap

import (
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

func mapFile(f *os.File, size int) (data []byte, unmap func() error, err error) {
	high, low := uint32(uint64(size)>>32), uint32(size)
	mapping, err := windows.CreateFileMapping(
		windows.Handle(f.Fd()), nil, windows.PAGE_READONLY, high, low, nil)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = windows.CloseHandle(mapping) }() // the view keeps the mapping alive
	addr, err := windows.MapViewOfFile(mapping, windows.FILE_MAP_READ, 0, 0, uintptr(size))
	if err != nil {
		return nil, nil, err
	}
	// The address is outside Go's heap. Reading the pointer through addr's own
	// address says so in a way that vet accepts.
	start := *(*unsafe.Pointer)(unsafe.Pointer(&addr))
	return unsafe.Slice((*byte)(start), size), func() error { return windows.UnmapViewOfFile(addr) }, nil
}

// lockHint says what to do about a limit.
const lockHint = " (the limit is the process's minimum working set)"

func lock(data []byte) error {
	return windows.VirtualLock(uintptr(unsafe.Pointer(&data[0])), uintptr(len(data)))
}
