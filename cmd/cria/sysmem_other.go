//go:build !linux && !darwin && !windows

package main

import (
	"errors"
	"runtime"
)

// availableMemory does not know on this system.
func availableMemory() (n int64, what string, err error) {
	return 0, "", errors.New("how to ask " + runtime.GOOS + " for its free memory is not known")
}
