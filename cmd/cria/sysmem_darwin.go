package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// availableMemory returns what is installed: how much of it macOS would give
// up for a program, it does not say.
func availableMemory() (n int64, what string, err error) {
	size, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, "", fmt.Errorf("sysctl hw.memsize: %w", err)
	}
	return int64(size), "installed", nil
}
