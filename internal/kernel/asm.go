//go:build !purego && (amd64 || arm64)

package kernel

import "unsafe"

// ptr returns the address of the first element, for assembly; nil if there is none.
func ptr[T any](s []T) *T { return unsafe.SliceData(s) }
