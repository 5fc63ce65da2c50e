//go:build (darwin || linux) && !nogpu

package metal

import (
	"unsafe"

	"github.com/ebitengine/purego"
)

// sendSizes sends a message with two structs of three words, which are handed over by their addresses.
func (o *objc) sendSizes(to id, s sel, a, b [3]uintptr) {
	purego.SyscallN(o.msgSend, uintptr(to), o.selectors[s], uintptr(unsafe.Pointer(&a)), uintptr(unsafe.Pointer(&b)))
}
