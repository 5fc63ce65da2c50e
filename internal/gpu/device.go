// Package gpu computes the verbs of the forward pass on a GPU. Weights, activations and the
// cache of keys and values stay in the device's memory: of a pass only its rows (token, position,
// pages) go there, and only logits, or the token that was chosen, come back.
//
// A pass is a list of launches, which the verbs write and the last of them hands to the
// device at once, so that a device can keep a list that repeats. Package kernels has the
// kernels, packages cuda and metal a Device each.
package gpu

import (
	"time"
	"unsafe"
)

// A Ptr is an address in a device's memory.
type Ptr uint64

// A Device is a GPU with its memory and its kernels. Its methods may be called from any
// goroutine; each returns when the device is done.
type Device interface {
	// Info returns what the device is.
	Info() Info
	// Memory returns how many bytes of the device's memory are free.
	Memory() (free int64, err error)
	// Alloc returns n bytes of zeros, aligned to 256.
	Alloc(n int64) (Ptr, error)
	// AllocShared is Alloc for memory of the host, which the device reads and writes where it is.
	AllocShared(n int64) (Ptr, error)
	// Upload copies bytes to the device.
	Upload(dst Ptr, src []byte) error
	// Download copies bytes from the device.
	Download(dst []byte, src Ptr) error
	// Run does what a pass lists, in order.
	Run(p *Pass) error
	// Close gives the device's memory back.
	Close() error
}

// A Starter is a device that begins a pass and lets the host go on; at most two may be under way. Passes end in the
// order in which they were started; what a pass downloads is there when it was waited for. Other methods may be
// called meanwhile.
type Starter interface {
	Device
	// Start begins what a pass lists.
	Start(p *Pass) error
	// Wait returns when the oldest pass is done that was started and not waited for.
	Wait() error
}

// Info is what a device is.
type Info struct {
	Name        string
	Processors  int   // multiprocessors
	SharedBytes int   // memory that a block may have for itself
	Direct      bool  // whether that is too little for a vector, which is then multiplied where it lies
	Total       int64 // bytes of memory
	Tensors     Tensors
}

// A Mapper is a device that may read the host's memory where it is.
type Mapper interface {
	// Map returns where the device finds data, which nobody changes until the device is closed. It
	// returns 0 for data that has to be uploaded.
	Map(data []byte) (Ptr, error)
}

// Tensors is what units a device has that multiply tiles.
type Tensors int

// What units there are: none; those that multiply squares of codes; those of a warp for tiles of halves as well, with
// copies of their own to the block's memory; and those of a group of four warps as well.
const (
	NoTensors Tensors = iota
	SquareTensors
	WarpTensors
	GroupTensors
)

// A Pass is work for a device: uploads, copies, launches and downloads, in this order.
type Pass struct {
	Uploads   []Transfer
	Copies    []Copy
	Launches  []Launch
	Args      []byte // of all launches
	Downloads []Transfer
	Repeats   bool // whether a pass with the same launches is likely to follow
	Traced    bool // whether Spans are wanted; launches then run one by one
	Spans     []Span
}

// A Span is when a launch ran, or when the host did something. A device that cannot tell leaves none.
type Span struct {
	Name       string // of the kernel
	Blocks     int
	Start, End time.Time
}

// A Transfer is bytes of the host and where they are on the device.
type Transfer struct {
	Host   []byte
	Device Ptr
}

// A Copy is from one place of the device's memory to another.
type Copy struct {
	Dst, Src Ptr
	Bytes    int64
}

// A Launch runs a kernel on Blocks blocks of Threads threads, each of which has
// Shared bytes beside the kernel's own. Its arguments are Pass.Args[First:][:Size].
type Launch struct {
	Kernel      string
	Blocks      [3]int
	Threads     int
	Shared      int
	First, Size int
	Beside      bool // whether it needs nothing of the launch before it, and may run beside that
}

// Reset empties a pass, but for whether it is traced.
func (p *Pass) Reset() {
	p.Uploads, p.Copies, p.Launches = p.Uploads[:0], p.Copies[:0], p.Launches[:0]
	p.Args, p.Downloads, p.Repeats, p.Spans = p.Args[:0], p.Downloads[:0], false, p.Spans[:0]
}

// Add appends a launch whose arguments are *args, which has no pointers of Go.
func Add[T any](p *Pass, kernel string, blocks [3]int, threads, shared int, args *T) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(args)), unsafe.Sizeof(*args))
	p.Launches = append(p.Launches, Launch{kernel, blocks, threads, shared, len(p.Args), len(b), false})
	p.Args = append(p.Args, b...)
}

// bytesOf returns the memory of s, whose elements have no pointers of Go.
func bytesOf[T any](s []T) []byte {
	var t T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(t)))
}
