//go:build (darwin || linux) && !nogpu

package metal

import (
	"unsafe"

	"github.com/ebitengine/purego"
)

// sendSizes sends a message with two structs of three words, which are handed over by their addresses.
func (o *objc) sendSizes(to id, s sel, a, b [3]uintptr) {
	o.words = [wordsMax]uintptr{uintptr(to), o.selectors[s], 0, 0, a[0], a[1], a[2], b[0], b[1], b[2]}
	o.words[2], o.words[3] = uintptr(unsafe.Pointer(&o.words[4])), uintptr(unsafe.Pointer(&o.words[7]))
	purego.SyscallN(o.msgSend, o.words[:4]...)
}
