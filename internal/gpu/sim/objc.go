//go:build linux && (amd64 || arm64) && !nogpu

package sim

import (
	"runtime"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// Plant lets messages with a selector go wrong in a library's runtime of Objective-C, until the test ends.
func Plant(t testing.TB, library, selector string, how Mistake) {
	t.Helper()
	plant(t, library, selector, how)
	t.Cleanup(func() { plant(t, library, "", 0) })
}

func plant(t testing.TB, library, selector string, how Mistake) {
	t.Helper()
	cname := append([]byte(selector), 0)
	purego.SyscallN(symbol(t, library, "objc_plant"), uintptr(unsafe.Pointer(&cname[0])), uintptr(how))
	runtime.KeepAlive(cname)
}

// Notes returns what was done wrong with a library, a line for each, since it was called last. If all is to be
// over, these are also the objects that somebody still holds.
func Notes(t testing.TB, library string, over bool) string {
	t.Helper()
	arg := uintptr(0)
	if over {
		arg = 1
	}
	r, _, _ := purego.SyscallN(symbol(t, library, "objc_notes"), arg)
	return cString(r)
}

func symbol(t testing.TB, library, name string) uintptr {
	t.Helper()
	handle, err := purego.Dlopen(library, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	addr, err := purego.Dlsym(handle, name)
	if err != nil {
		t.Fatal(err)
	}
	return addr
}

// cString returns the string of C at an address.
func cString(addr uintptr) string {
	var b []byte
	for p := *(*unsafe.Pointer)(unsafe.Pointer(&addr)); *(*byte)(p) != 0; p = unsafe.Add(p, 1) {
		b = append(b, *(*byte)(p))
	}
	return string(b)
}
