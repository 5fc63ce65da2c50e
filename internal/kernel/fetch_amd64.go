//go:build !purego

package kernel

import (
	"unsafe"

	"cria/internal/cpuid"
)

//go:noescape
func fetchAVX512(p *byte, lines int)

func fetch[T any](x []T) {
	if isa == cpuid.AVX512 && len(x) > 0 {
		fetchAVX512((*byte)(unsafe.Pointer(&x[0])), int(unsafe.Sizeof(x[0]))*len(x)/64)
	}
}
