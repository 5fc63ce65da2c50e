//go:build !purego

package kernel

import "cria/internal/cpuid"

// The assembly works on whole blocks: 512 bytes, or one round.

//go:noescape
func readAVX512(b *byte, blocks int) uint64

//go:noescape
func readAVX2(b *byte, blocks int) uint64

func peakFMAAVX512(n int)
func peakFMAAVX2(n int)
func peakInt8AMX(n int)
func peakInt8AVX512(n int)
func peakInt8AVX2(n int)

func read(b []byte) uint64 {
	blocks := len(b) / 512
	switch isa {
	case cpuid.AVX512:
		return readAVX512(ptr(b), blocks) ^ readGeneric(b[blocks*512:])
	case cpuid.AVX2:
		return readAVX2(ptr(b), blocks) ^ readGeneric(b[blocks*512:])
	default:
		return readGeneric(b)
	}
}

func peakFMA(n int) int {
	switch isa {
	case cpuid.AVX512:
		peakFMAAVX512(n)
		return 16 * 16 * 2 // registers, lanes, operations
	case cpuid.AVX2:
		peakFMAAVX2(n)
		return 12 * 8 * 2
	default:
		return peakFMAGeneric(n)
	}
}

func peakInt8(n int) int {
	switch {
	case isa == cpuid.AVX512 && int8Matrix:
		peakInt8AMX(n)
		return 4 * 16 * 16 * 64 * 2 // tiles, vectors, rows, columns, operations
	case isa == cpuid.AVX512 && int8Dot:
		peakInt8AVX512(n)
		return 16 * 64 * 2
	case isa == cpuid.AVX512, isa == cpuid.AVX2:
		peakInt8AVX2(n)
		return 8 * 32 * 2
	default:
		return peakInt8Generic(n)
	}
}
