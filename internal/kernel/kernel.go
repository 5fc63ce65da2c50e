// Package kernel is the inner loops: products, sums and elementwise functions
// over slices. Each has a reference in plain Go, which every vector version
// matches bit for bit, and a choice among versions by instruction set.
//
// Functions take slices and numbers, allocate nothing, start no goroutine and
// check no lengths: callers inside this module state them in each contract.
// Where a contract says that a vector is padded, its slice is longer than n: a
// multiple of 16, with zeros at the end.
package kernel

import (
	"fmt"
	"slices"

	"cria/internal/cpuid"
)

// The instruction set in use. Only Use writes it. int8Matrix implies int8Dot.
var isa, int8Dot, int8Matrix = cpuid.Best, cpuid.Int8Dot, cpuid.Int8Matrix

// Use makes all kernels use one instruction set, with or without its int8
// instructions, for tests and measurements. It must not run at the same time as any kernel.
func Use(set cpuid.ISA, dot bool) error {
	if !slices.Contains(cpuid.Supported(), set) || dot && !cpuid.Int8Dot {
		return fmt.Errorf("kernel: this machine has no %v with int8 dot %v", set, dot)
	}
	isa, int8Dot, int8Matrix = set, dot, dot && cpuid.Int8Matrix
	return nil
}

// Name returns the instruction set in use, for people: "avx512+vnni".
func Name() string {
	switch {
	case isa == cpuid.AVX512 && int8Matrix:
		return "avx512+amx"
	case isa == cpuid.AVX512 && int8Dot:
		return "avx512+vnni"
	case isa == cpuid.NEON && int8Matrix:
		return "neon+i8mm"
	case isa == cpuid.NEON && int8Dot:
		return "neon+sdot"
	}
	return isa.String()
}
