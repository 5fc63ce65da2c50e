//go:build purego || !(amd64 || arm64)

package cpuid

// Supported returns the sets that this machine has, the best last.
func Supported() []ISA { return []ISA{Generic} }

func hasInt8Dot() bool { return false }

func hasInt8Matrix() bool { return false }
