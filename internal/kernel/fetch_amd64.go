//go:build !purego

package kernel

import (
	"unsafe"

	"cria/internal/cpuid"
)

//go:noescape
func fetchAVX512(p *byte, lines int)

// ahead returns how many bytes it is from w to next. Without a next one, that is what lies
// so many bytes beyond rows that are multiplied together, of some numbers.
func ahead[T any](w, next []T, rows, bytes int) int {
	if len(next) == 0 || len(w) == 0 {
		return rows*int(unsafe.Sizeof(w[0])) + bytes
	}
	return int(uintptr(unsafe.Pointer(&next[0])) - uintptr(unsafe.Pointer(&w[0])))
}

// fetch asks for memory that is wanted soon, so that it comes from the second-level cache then.
func fetch[T any](x []T) {
	if isa == cpuid.AVX512 && len(x) > 0 {
		fetchAVX512((*byte)(unsafe.Pointer(&x[0])), int(unsafe.Sizeof(x[0]))*len(x)/64)
	}
}
