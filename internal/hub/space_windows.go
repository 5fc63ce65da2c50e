package hub

import (
	"math"

	"golang.org/x/sys/windows"
)

// freeSpace returns how many bytes can be written to a folder's disk, if that is known.
func freeSpace(dir string) (n int64, known bool) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(path, &free, nil, nil); err != nil {
		return 0, false
	}
	return int64(min(free, math.MaxInt64)), true
}
