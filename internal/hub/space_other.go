//go:build !linux && !darwin && !freebsd && !windows

package hub

// freeSpace does not know on this system.
func freeSpace(string) (n int64, known bool) { return 0, false }
