package main

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// memoryStatus is MEMORYSTATUSEX of the Windows API.
type memoryStatus struct {
	length                   uint32
	load                     uint32
	totalPhys, availPhys     uint64
	totalPage, availPage     uint64
	totalVirtual             uint64
	availVirtual, availExtra uint64
}

// availableMemory returns the physical memory that programs can have at once.
func availableMemory() (n int64, what string, err error) {
	status := memoryStatus{length: uint32(unsafe.Sizeof(memoryStatus{}))}
	call := windows.NewLazySystemDLL("kernel32.dll").NewProc("GlobalMemoryStatusEx")
	if ok, _, err := call.Call(uintptr(unsafe.Pointer(&status))); ok == 0 {
		return 0, "", fmt.Errorf("GlobalMemoryStatusEx: %w", err)
	}
	return int64(status.availPhys), "available", nil
}
