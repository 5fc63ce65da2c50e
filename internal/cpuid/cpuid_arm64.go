//go:build !purego

package cpuid

import "golang.org/x/sys/cpu"

// Supported returns the sets that this machine has, the best last.
func Supported() []ISA { return []ISA{Generic, NEON} }

func hasInt8Dot() bool { return cpu.ARM64.HasASIMDDP }

func hasInt8Matrix() bool { return cpu.ARM64.HasI8MM }
