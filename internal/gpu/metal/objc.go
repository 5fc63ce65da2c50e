//go:build (darwin || linux) && (amd64 || arm64) && !nogpu

package metal

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// An id is an object of Objective-C, or 0, which takes every message and returns 0.
type id uintptr

// A sel is a message.
type sel int

// The messages that are sent, in the order of their names below.
const (
	release sel = iota
	retain
	respondsTo
	stringWithUTF8
	utf8String
	localizedDescription
	newObject
	setFastMath
	setMathMode
	setLanguageVersion
	deviceName
	supportsFamily
	hasUnifiedMemory
	workingSetSize
	allocatedSize
	maxBufferLength
	maxThreadgroupMemory
	newCommandQueue
	newBuffer
	newBufferNoCopy
	newLibrary
	newFunction
	newPipeline
	maxTotalThreads
	executionWidth
	contents
	gpuAddress
	commandBuffer
	computeEncoder
	blitEncoder
	setPipeline
	setBuffer
	setBufferOffset
	useResources
	dispatch
	memoryBarrier
	copyBuffer
	endEncoding
	commit
	waitUntilCompleted
	status
	commandError
	gpuStartTime
	gpuEndTime
	nSels
)

var selNames = [nSels]string{
	"release", "retain", "respondsToSelector:", "stringWithUTF8String:", "UTF8String", "localizedDescription", "new",
	"setFastMathEnabled:", "setMathMode:", "setLanguageVersion:",
	"name", "supportsFamily:", "hasUnifiedMemory", "recommendedMaxWorkingSetSize", "currentAllocatedSize",
	"maxBufferLength", "maxThreadgroupMemoryLength", "newCommandQueue", "newBufferWithLength:options:",
	"newBufferWithBytesNoCopy:length:options:deallocator:", "newLibraryWithSource:options:error:",
	"newFunctionWithName:", "newComputePipelineStateWithFunction:error:",
	"maxTotalThreadsPerThreadgroup", "threadExecutionWidth", "contents", "gpuAddress",
	"commandBuffer", "computeCommandEncoderWithDispatchType:", "blitCommandEncoder",
	"setComputePipelineState:", "setBuffer:offset:atIndex:", "setBufferOffset:atIndex:",
	"useResources:count:usage:", "dispatchThreadgroups:threadsPerThreadgroup:", "memoryBarrierWithScope:",
	"copyFromBuffer:sourceOffset:toBuffer:destinationOffset:size:", "endEncoding", "commit", "waitUntilCompleted",
	"status", "error", "GPUStartTime", "GPUEndTime",
}

// objc is the runtime of Objective-C with what cria asks of it.
type objc struct {
	msgSend, push, pop, create uintptr // functions
	selectors                  [nSels]uintptr
	seconds                    func(to id, selector uintptr) float64 // sends a message that returns a time
	words                      [wordsMax]uintptr                     // of the message in hand
	stringClass, optionsClass  id
}

// loadObjC opens the libraries; "" is where they usually are.
func loadObjC(library string) (*objc, error) {
	libraries := usualLibraries
	if library != "" {
		libraries = []string{library}
	}
	if len(libraries) == 0 {
		return nil, fmt.Errorf("%w: it is a part of macOS, and this is %s", ErrNoMetal, runtime.GOOS)
	}
	var handles []uintptr
	for _, path := range libraries {
		h, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
		if err != nil {
			return nil, fmt.Errorf("%w: %s cannot be opened: %w", ErrNoMetal, path, err)
		}
		handles = append(handles, h)
	}
	o := &objc{}
	var getClass, register uintptr
	for name, addr := range map[string]*uintptr{
		"objc_msgSend": &o.msgSend, "objc_autoreleasePoolPush": &o.push, "objc_autoreleasePoolPop": &o.pop,
		"objc_getClass": &getClass, "sel_registerName": &register, "MTLCreateSystemDefaultDevice": &o.create,
	} {
		if *addr = symbol(handles, name); *addr == 0 {
			return nil, fmt.Errorf("%w: no library of it has %s", ErrNoMetal, name)
		}
	}
	purego.RegisterFunc(&o.seconds, o.msgSend)
	for s, name := range selNames {
		o.selectors[s] = callName(register, name)
	}
	for name, class := range map[string]*id{"NSString": &o.stringClass, "MTLCompileOptions": &o.optionsClass} {
		if *class = id(callName(getClass, name)); *class == 0 {
			return nil, fmt.Errorf("%w: there is no class %s", ErrNoMetal, name)
		}
	}
	return o, nil
}

// symbol returns where a function is, or 0.
func symbol(handles []uintptr, name string) uintptr {
	for _, h := range handles {
		if addr, err := purego.Dlsym(h, name); err == nil && addr != 0 {
			return addr
		}
	}
	return 0
}

// callName calls a function with a string of C.
func callName(f uintptr, name string) uintptr {
	cname := append([]byte(name), 0)
	r, _, _ := purego.SyscallN(f, uintptr(unsafe.Pointer(&cname[0])))
	runtime.KeepAlive(cname)
	return r
}

// wordsMax is how many words a message has at most: the object, the selector and the arguments.
const wordsMax = 12

// send sends a message. What args point to stays where it is until it returns.
//
//go:uintptrescapes
func (o *objc) send(to id, s sel, args ...uintptr) uintptr {
	o.words[0], o.words[1] = uintptr(to), o.selectors[s]
	n := 2 + copy(o.words[2:], args)
	r, _, _ := purego.SyscallN(o.msgSend, o.words[:n]...)
	return r
}

// send2 is send for two words that point to nothing of Go, of which there may be less: it allocates nothing.
func (o *objc) send2(to id, s sel, a, b uintptr) {
	o.words[0], o.words[1], o.words[2], o.words[3] = uintptr(to), o.selectors[s], a, b
	purego.SyscallN(o.msgSend, o.words[:4]...)
}

// is sends a message that returns a BOOL.
func (o *objc) is(to id, s sel, args ...uintptr) bool { return o.send(to, s, args...)&0xff != 0 }

// inPool calls f within a pool of autoreleased objects.
func (o *objc) inPool(f func() error) error {
	pool, _, _ := purego.SyscallN(o.push)
	defer purego.SyscallN(o.pop, pool)
	return f()
}

// text returns an NSString of a Go string, which belongs to the pool.
func (o *objc) text(s string) id {
	ctext := append([]byte(s), 0)
	return id(o.send(o.stringClass, stringWithUTF8, uintptr(unsafe.Pointer(&ctext[0]))))
}

// goText returns the Go string of an NSString, which may be nil.
func (o *objc) goText(s id) string {
	addr := o.send(s, utf8String)
	if addr == 0 {
		return ""
	}
	p := *(*unsafe.Pointer)(unsafe.Pointer(&addr)) // memory of C
	n := 0
	for *(*byte)(unsafe.Add(p, n)) != 0 {
		n++
	}
	return string(unsafe.Slice((*byte)(p), n))
}

// error returns what an NSError, which may be nil, says of a message.
func (o *objc) error(s sel, err id) error {
	text := o.goText(id(o.send(err, localizedDescription)))
	if text == "" {
		text = "nothing came of it, and Metal does not say why"
	}
	return &Error{selNames[s], text}
}
