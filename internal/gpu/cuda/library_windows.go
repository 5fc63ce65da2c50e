//go:build windows && (amd64 || arm64) && !nogpu

package cuda

import "golang.org/x/sys/windows"

const usualLibrary = "nvcuda.dll"

func openLibrary(path string) (uintptr, error) {
	h, err := windows.LoadLibrary(path)
	return uintptr(h), err
}

func symbol(library uintptr, name string) (uintptr, error) {
	return windows.GetProcAddress(windows.Handle(library), name)
}
