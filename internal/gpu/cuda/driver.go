//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// A fn is a function of the driver.
type fn int

// The functions that are called, in the order of their names below.
const (
	cuInit fn = iota
	cuDriverGetVersion
	cuDeviceGetCount
	cuDeviceGet
	cuDeviceGetName
	cuDeviceGetAttribute
	cuDeviceTotalMem
	cuDevicePrimaryCtxRetain
	cuDevicePrimaryCtxRelease
	cuCtxSetCurrent
	cuMemGetInfo
	cuMemAlloc
	cuMemFree
	cuMemHostAlloc
	cuMemHostGetDevicePointer
	cuMemFreeHost
	cuMemcpyHtoDAsync
	cuMemcpyDtoHAsync
	cuMemcpyDtoDAsync
	cuMemsetD8Async
	cuStreamCreate
	cuStreamSynchronize
	cuStreamDestroy
	cuModuleLoadDataEx
	cuModuleUnload
	cuModuleGetFunction
	cuFuncSetAttribute
	cuLaunchKernel
	cuLaunchKernelEx
	cuStreamBeginCapture
	cuStreamEndCapture
	cuGraphInstantiateWithFlags
	cuGraphLaunch
	cuGraphDestroy
	cuGraphExecDestroy
	cuEventCreate
	cuEventRecord
	cuEventSynchronize
	cuEventElapsedTime
	cuEventDestroy
	cuGetErrorName
	cuGetErrorString
	nFns
)

var names = [nFns]string{
	"cuInit", "cuDriverGetVersion", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceGetAttribute",
	"cuDeviceTotalMem_v2", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2", "cuCtxSetCurrent",
	"cuMemGetInfo_v2", "cuMemAlloc_v2", "cuMemFree_v2", "cuMemHostAlloc", "cuMemHostGetDevicePointer_v2",
	"cuMemFreeHost",
	"cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuMemcpyDtoDAsync_v2", "cuMemsetD8Async",
	"cuStreamCreate", "cuStreamSynchronize", "cuStreamDestroy_v2",
	"cuModuleLoadDataEx", "cuModuleUnload", "cuModuleGetFunction", "cuFuncSetAttribute",
	"cuLaunchKernel", "cuLaunchKernelEx",
	"cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphLaunch", "cuGraphDestroy",
	"cuGraphExecDestroy", "cuEventCreate", "cuEventRecord", "cuEventSynchronize", "cuEventElapsedTime",
	"cuEventDestroy_v2",
	"cuGetErrorName", "cuGetErrorString",
}

// A driver is the open library.
type driver struct {
	version int32
	addr    [nFns]uintptr
}

// An Error is what a call of the driver returned.
type Error struct {
	Call string // "cuMemAlloc_v2"
	Code int
	Name string // "CUDA_ERROR_OUT_OF_MEMORY"
	Text string // "out of memory"
}

func (e *Error) Error() string {
	return fmt.Sprintf("cuda: %s: %s (%d): %s", e.Call, e.Name, e.Code, e.Text)
}

// load opens the driver's library; "" is where it usually is.
func load(library string) (*driver, error) {
	if library == "" {
		library = usualLibrary
	}
	handle, err := openLibrary(library)
	if err != nil {
		return nil, fmt.Errorf("%w: %s cannot be opened, which comes with NVIDIA's driver: %w", ErrNoDriver, library, err)
	}
	d := &driver{}
	for i, name := range names {
		addr, err := symbol(handle, name)
		if err != nil && fn(i) != cuLaunchKernelEx { // of which there is no need
			// A function that is missing means an old driver, which says its version if it can.
			return nil, fmt.Errorf("%w: %s has no %s; cria needs CUDA %s or later",
				ErrNoDriver, library, name, versionText(versionMin))
		}
		d.addr[i] = addr
	}
	if err := d.call(cuInit, 0); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	if err := d.call(cuDriverGetVersion, uintptr(unsafe.Pointer(&d.version))); err != nil {
		return nil, err
	}
	if d.version < versionMin {
		return nil, fmt.Errorf("%w: this one speaks CUDA %s, and cria needs %s or later",
			ErrNoDriver, versionText(d.version), versionText(versionMin))
	}
	return d, nil
}

// call calls a function and returns what is not success as an *Error. What args
// point to stays where it is until the call returns.
//
//go:uintptrescapes
func (d *driver) call(f fn, args ...uintptr) error {
	r, _, _ := purego.SyscallN(d.addr[f], args...)
	if code := int32(r); code != 0 {
		return d.error(f, int(code))
	}
	return nil
}

func (d *driver) error(f fn, code int) error {
	e := &Error{Call: names[f], Code: code, Name: "CUDA_ERROR", Text: "of a kind that the driver has no name for"}
	if s := d.text(cuGetErrorName, code); s != "" {
		e.Name, e.Text = s, d.text(cuGetErrorString, code)
	}
	return e
}

// text returns a string that the driver has for a code.
func (d *driver) text(f fn, code int) string {
	var s *byte
	r, _, _ := purego.SyscallN(d.addr[f], uintptr(code), uintptr(unsafe.Pointer(&s)))
	runtime.KeepAlive(&s)
	if r != 0 || s == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(s), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(s, n))
}

// Attributes of a device, by their numbers in the driver.
const (
	attrProcessors  = 16
	attrMajor       = 75
	attrMinor       = 76
	attrSharedBytes = 97
)

func (d *driver) attribute(device int32, attribute uintptr) (int, error) {
	var v int32
	err := d.call(cuDeviceGetAttribute, uintptr(unsafe.Pointer(&v)), attribute, uintptr(device))
	return int(v), err
}

// list returns what each device is.
func (d *driver) list() ([]Info, error) {
	var n int32
	if err := d.call(cuDeviceGetCount, uintptr(unsafe.Pointer(&n))); err != nil {
		return nil, err
	}
	infos := make([]Info, n)
	for i := range infos {
		if err := d.describe(&infos[i], i); err != nil {
			return nil, err
		}
	}
	return infos, nil
}

// majorMin is the oldest processors that the kernels are made for: sm_80, of 2020.
const majorMin = 8

func (d *driver) describe(info *Info, number int) error {
	var device int32
	var name [256]byte
	var total uint64
	if err := d.call(cuDeviceGet, uintptr(unsafe.Pointer(&device)), uintptr(number)); err != nil {
		return err
	}
	if err := d.call(cuDeviceGetName, uintptr(unsafe.Pointer(&name)), uintptr(len(name)), uintptr(device)); err != nil {
		return err
	}
	if err := d.call(cuDeviceTotalMem, uintptr(unsafe.Pointer(&total)), uintptr(device)); err != nil {
		return err
	}
	major, err := d.attribute(device, attrMajor)
	if err != nil {
		return err
	}
	minor, err := d.attribute(device, attrMinor)
	if err != nil {
		return err
	}
	*info = Info{
		Number: number, Name: cString(name[:]), Total: int64(total), Capability: fmt.Sprintf("%d.%d", major, minor),
		Driver: versionText(d.version),
	}
	if major < majorMin {
		info.Unusable = fmt.Sprintf("its compute capability is %s, and cria's kernels need %d.0", info.Capability, majorMin)
	}
	return nil
}

func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
