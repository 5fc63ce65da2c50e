// Package metal is a gpu.Device for GPUs of Apple: Metal, called through the runtime of Objective-C, and the
// kernels of package kernels, which Metal compiles when they are needed.
//
// Autoreleased objects belong to a pool of one thread of the system. So a device has one goroutine that is locked
// to a thread, makes all calls, and drains its pool after each job.
//
// Nothing of this has run on a Mac yet: tests run it on a runtime and a Metal of package sim.
package metal

import "errors"

// ErrNoMetal says that there is no Metal here, or no device that it gives.
var ErrNoMetal = errors.New("metal: no Metal")

// An Info says what the device is and whether cria can use it.
type Info struct {
	Name     string
	Total    int64  // bytes that the system lets it use
	Free     int64  // of them, now
	Unusable string // why it cannot be used; "" if it can
}

// An Error is what a message of Metal's returned.
type Error struct {
	Message string // "newLibraryWithSource:options:error:"
	Text    string // what Metal says of it: its localizedDescription
}

func (e *Error) Error() string { return "metal: " + e.Message + ": " + e.Text }
