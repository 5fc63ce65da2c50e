//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"fmt"
	"runtime"
	"unsafe"

	"cria/internal/gpu"
	"cria/internal/gpu/kernels"
)

// List returns what each device of a driver's library is; "" is the usual library.
func List(library string) ([]Info, error) {
	d, err := load(library)
	if err != nil {
		return nil, err
	}
	infos, err := d.list()
	if err != nil {
		return nil, err
	}
	for i := range infos {
		if infos[i].Unusable != "" {
			continue
		}
		if dev, err := open(d, infos[i]); err != nil {
			infos[i].Unusable = err.Error()
		} else {
			infos[i].Free, _ = dev.Memory() // 0 is what nobody knows
			_ = dev.Close()
		}
	}
	return infos, nil
}

// Open opens a device of a driver's library; "" is the usual library.
func Open(library string, number int) (gpu.Device, error) {
	d, err := load(library)
	if err != nil {
		return nil, err
	}
	infos, err := d.list()
	switch {
	case err != nil:
		return nil, err
	case len(infos) == 0:
		return nil, fmt.Errorf("cuda: the driver has no device")
	case number < 0 || number >= len(infos):
		return nil, fmt.Errorf("cuda: no device %d: there are %d", number, len(infos))
	case infos[number].Unusable != "":
		return nil, fmt.Errorf("cuda: device %d, %s: %s", number, infos[number].Name, infos[number].Unusable)
	}
	return open(d, infos[number])
}

// device is a gpu.Device. Fields below jobs belong to its goroutine.
type device struct {
	info gpu.Info
	jobs chan job

	*driver
	handle  int32
	sm90    bool // whether it is of sm_90 or later
	overlap bool // whether a kernel may begin while the one before it ends
	context uintptr
	stream  uintptr
	pinned  pinned
	memory  []gpu.Ptr
	shared  []uintptr // memory of the host
	modules map[string]uintptr
	kernels map[string]kernel
	graphs  []graph
	events  []uintptr // of traces

	flights         [2]flight
	started, waited int // passes
}

type job struct {
	do   func() error
	done chan error
}

// open makes a device ready.
func open(d *driver, info Info) (*device, error) {
	dev := &device{
		info: gpu.Info{Name: info.Name, Total: info.Total}, jobs: make(chan job), driver: d,
		modules: map[string]uintptr{}, kernels: map[string]kernel{},
	}
	go dev.work()
	if err := dev.do(func() error { return dev.start(info.Number) }); err != nil {
		_ = dev.Close() // the first error is the one to report
		return nil, err
	}
	return dev, nil
}

// work does jobs on one thread of the system until there are no more.
func (d *device) work() {
	runtime.LockOSThread()
	// The thread is not given back: it ends with the goroutine.
	for j := range d.jobs {
		j.done <- j.do()
	}
}

// do lets the device's goroutine call f.
func (d *device) do(f func() error) error {
	done := make(chan error, 1)
	d.jobs <- job{f, done}
	return <-done
}

func (d *device) start(number int) (err error) {
	if err = d.call(cuDeviceGet, uintptr(unsafe.Pointer(&d.handle)), uintptr(number)); err != nil {
		return err
	}
	if err = d.call(cuDevicePrimaryCtxRetain, uintptr(unsafe.Pointer(&d.context)), uintptr(d.handle)); err != nil {
		return err
	}
	if err = d.call(cuCtxSetCurrent, d.context); err != nil {
		return err
	}
	const nonBlocking = 1
	if err = d.call(cuStreamCreate, uintptr(unsafe.Pointer(&d.stream)), nonBlocking); err != nil {
		return err
	}
	major, err := d.attribute(d.handle, attrMajor)
	if err != nil {
		return err
	}
	minor, err := d.attribute(d.handle, attrMinor)
	if err != nil {
		return err
	}
	d.info.Tensors = gpu.WarpTensors
	if major == 9 && minor == 0 && d.version >= versionSM90 {
		d.info.Tensors = gpu.GroupTensors
	}
	d.sm90 = major >= 9 && d.version >= versionSM90
	d.overlap = d.sm90 && d.version >= versionOverlap && d.addr[cuLaunchKernelEx] != 0
	if d.info.Processors, err = d.attribute(d.handle, attrProcessors); err != nil {
		return err
	}
	if d.info.SharedBytes, err = d.attribute(d.handle, attrSharedBytes); err != nil {
		return err
	}
	return d.pinned.open(d.driver, pinnedBytes)
}

// Info returns what the device is.
func (d *device) Info() gpu.Info { return d.info }

// Memory returns how many bytes of the device's memory are free.
func (d *device) Memory() (int64, error) {
	var free, total uint64
	err := d.do(func() error {
		return d.call(cuMemGetInfo, uintptr(unsafe.Pointer(&free)), uintptr(unsafe.Pointer(&total)))
	})
	return int64(free), err
}

// Alloc returns n bytes of zeros.
func (d *device) Alloc(n int64) (gpu.Ptr, error) {
	var p gpu.Ptr
	err := d.do(func() error {
		n := max(n, 16) // the driver gives nobody nothing
		if err := d.call(cuMemAlloc, uintptr(unsafe.Pointer(&p)), uintptr(n)); err != nil {
			return fmt.Errorf("%d bytes: %w", n, err)
		}
		d.memory = append(d.memory, p)
		return d.clear(p, n)
	})
	return p, err
}

// AllocShared returns n bytes of zeros in memory of the host, which the system then cannot move.
func (d *device) AllocShared(n int64) (gpu.Ptr, error) {
	var p gpu.Ptr
	err := d.do(func() error {
		const mapped = 2
		var host uintptr
		n := max(n, 16)
		if err := d.call(cuMemHostAlloc, uintptr(unsafe.Pointer(&host)), uintptr(n), mapped); err != nil {
			return fmt.Errorf("%d bytes of the host: %w", n, err)
		}
		d.shared = append(d.shared, host)
		if err := d.call(cuMemHostGetDevicePointer, uintptr(unsafe.Pointer(&p)), host, 0); err != nil {
			return err
		}
		return d.clear(p, n)
	})
	return p, err
}

// clear sets memory to zeros.
func (d *device) clear(p gpu.Ptr, n int64) error {
	if err := d.call(cuMemsetD8Async, uintptr(p), 0, uintptr(n), d.stream); err != nil {
		return err
	}
	return d.call(cuStreamSynchronize, d.stream)
}

// Upload copies bytes to the device.
func (d *device) Upload(dst gpu.Ptr, src []byte) error {
	return d.do(func() error { return d.pinned.upload(d, dst, src) })
}

// Download copies bytes from the device.
func (d *device) Download(dst []byte, src gpu.Ptr) error {
	return d.do(func() error { return d.pinned.download(d, dst, src) })
}

// Close gives the device's memory back and ends its goroutine.
func (d *device) Close() error {
	err := d.do(func() error {
		if d.stream != 0 {
			_ = d.call(cuStreamSynchronize, d.stream) // what was started may use what follows
		}
		d.dropGraphs(0)
		for _, p := range d.memory {
			_ = d.call(cuMemFree, uintptr(p)) // the context below is what counts
		}
		for _, p := range d.shared {
			_ = d.call(cuMemFreeHost, p)
		}
		for _, m := range d.modules {
			_ = d.call(cuModuleUnload, m)
		}
		for _, e := range d.events {
			_ = d.call(cuEventDestroy, e)
		}
		for i := range d.flights {
			d.flights[i].close(d)
		}
		d.pinned.close(d.driver)
		if d.stream != 0 {
			_ = d.call(cuStreamDestroy, d.stream)
		}
		if d.context == 0 {
			return nil
		}
		return d.call(cuDevicePrimaryCtxRelease, uintptr(d.handle))
	})
	close(d.jobs)
	return err
}

// A kernel is a function of a module.
type kernel struct {
	function uintptr
	shared   int // what a block may ask for
}

// sharedUsual is what a block may ask for without saying so before.
const sharedUsual = 48 << 10

// kernel returns a kernel whose blocks may ask for shared bytes, and loads its module first.
func (d *device) kernel(name string, shared int) (uintptr, error) {
	k, ok := d.kernels[name]
	if !ok {
		module, err := d.module(kernels.Module(name))
		if err != nil {
			return 0, err
		}
		cname := append([]byte(name), 0)
		if err := d.call(cuModuleGetFunction, uintptr(unsafe.Pointer(&k.function)), module,
			uintptr(unsafe.Pointer(&cname[0]))); err != nil {
			return 0, fmt.Errorf("kernel %s: %w", name, err)
		}
		k.shared = sharedUsual
	}
	if shared > k.shared {
		const maxDynamicSharedBytes = 8
		if err := d.call(cuFuncSetAttribute, k.function, maxDynamicSharedBytes, uintptr(shared)); err != nil {
			return 0, fmt.Errorf("kernel %s with %d bytes of shared memory: %w", name, shared, err)
		}
		k.shared = shared
	}
	d.kernels[name] = k
	return k.function, nil
}

// module loads a module, which the driver translates.
func (d *device) module(name string) (uintptr, error) {
	if m, ok := d.modules[name]; ok {
		return m, nil
	}
	ptx, err := kernels.PTX(name, d.sm90)
	if err != nil {
		return 0, err
	}
	text, said := append([]byte(ptx), 0), make([]byte, 4096)
	const errorLog, errorLogBytes = 5, 6
	options := [2]int32{errorLog, errorLogBytes}
	values := [2]uintptr{uintptr(unsafe.Pointer(&said[0])), uintptr(len(said))}
	var m uintptr
	err = d.call(cuModuleLoadDataEx, uintptr(unsafe.Pointer(&m)), uintptr(unsafe.Pointer(&text[0])),
		uintptr(len(options)), uintptr(unsafe.Pointer(&options)), uintptr(unsafe.Pointer(&values)))
	runtime.KeepAlive(said)
	if err != nil {
		return 0, fmt.Errorf("module %s: %w: %s", name, err, cString(said))
	}
	d.modules[name] = m
	return m, nil
}
