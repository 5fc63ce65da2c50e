// Package cuda is a gpu.Device for GPUs of NVIDIA: their driver's library, opened when it is
// asked for, and the kernels of package kernels, which the driver translates.
//
// The driver's state belongs to a thread of the system. So each device has one goroutine that is
// locked to a thread and makes all calls for it.
package cuda

import (
	"errors"
	"fmt"
)

// ErrNoDriver says that there is no driver to open, or none that this program can use.
var ErrNoDriver = errors.New("cuda: no driver")

// versionMin is the driver's oldest version that has all that is called: CUDA 11.4, driver 470.
const versionMin = 11040

// Versions of the driver that read the kernels for sm_90 and sm_90a, and that let a kernel of a graph begin while the
// one before it ends.
const (
	versionSM90    = 12000
	versionOverlap = 12030
)

// An Info says what a device is and whether cria can use it.
type Info struct {
	Number     int
	Name       string
	Total      int64  // bytes of memory
	Free       int64  // of them, now
	Capability string // "9.0"
	Driver     string // the CUDA version that the driver speaks: "12.2"
	Unusable   string // why it cannot be used; "" if it can
}

// versionText returns "12.2" for 12020.
func versionText(v int32) string { return fmt.Sprintf("%d.%d", v/1000, v%1000/10) }
