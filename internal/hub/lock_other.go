//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package hub

import "os"

// tryLock knows no locks on this system: two who fetch one file write the same bytes.
func tryLock(*os.File) (bool, error) { return true, nil }
