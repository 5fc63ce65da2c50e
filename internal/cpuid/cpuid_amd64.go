//go:build !purego

package cpuid

import "golang.org/x/sys/cpu"

// Supported returns the sets that this machine has, the best last.
func Supported() []ISA {
	have := []ISA{Generic}
	// Every processor with AVX2 and FMA has F16C too.
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		have = append(have, AVX2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512BW && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VL {
			have = append(have, AVX512)
		}
	}
	return have
}

func hasInt8Dot() bool { return cpu.X86.HasAVX512VNNI }

// hasInt8Matrix reports whether there is AMX, and the system lets this process use it.
func hasInt8Matrix() bool { return cpu.X86.HasAMXTile && cpu.X86.HasAMXInt8 && allowAMX() }
