//go:build !purego && !linux

package cpuid

// allowAMX says no: nobody has tried it here.
func allowAMX() bool { return false }
