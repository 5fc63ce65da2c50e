//go:build linux && (amd64 || arm64) && !nogpu

package cuda

import "github.com/ebitengine/purego"

const usualLibrary = "libcuda.so.1"

func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func symbol(library uintptr, name string) (uintptr, error) { return purego.Dlsym(library, name) }
