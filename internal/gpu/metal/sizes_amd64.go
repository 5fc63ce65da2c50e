//go:build (darwin || linux) && !nogpu

package metal

import "github.com/ebitengine/purego"

// sendSizes sends a message with two structs of three words. Such structs lie on the stack, where the words
// behind those that fill the registers go.
func (o *objc) sendSizes(to id, s sel, a, b [3]uintptr) {
	o.words = [wordsMax]uintptr{uintptr(to), o.selectors[s], 0, 0, 0, 0, a[0], a[1], a[2], b[0], b[1], b[2]}
	purego.SyscallN(o.msgSend, o.words[:]...)
}
