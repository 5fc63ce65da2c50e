//go:build !purego

package cpuid

import "syscall"

// allowAMX asks for the registers of AMX, which Linux saves for a process that has asked for them
// (Documentation/arch/x86/xstate.rst).
func allowAMX() bool {
	const (
		request = 0x1023 // ARCH_REQ_XCOMP_PERM
		tiles   = 18     // XFEATURE_XTILEDATA
	)
	_, _, err := syscall.RawSyscall(syscall.SYS_ARCH_PRCTL, request, tiles, 0)
	return err == 0
}
