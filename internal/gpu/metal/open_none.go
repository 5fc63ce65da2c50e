//go:build !((darwin || linux) && (amd64 || arm64)) || nogpu

package metal

import (
	"fmt"
	"runtime"

	"cria/internal/gpu"
)

// List returns an error: this build knows no device.
func List(string) ([]Info, error) { return nil, errBuild() }

// Open returns an error: this build knows no device.
func Open(string) (gpu.Device, error) { return nil, errBuild() }

func errBuild() error {
	return fmt.Errorf("%w: this build of cria, for %s/%s, has no part for it", ErrNoMetal, runtime.GOOS, runtime.GOARCH)
}
