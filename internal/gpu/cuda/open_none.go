//go:build !((linux || windows) && (amd64 || arm64)) || nogpu

package cuda

import (
	"cmp"
	"fmt"

	"cria/internal/gpu"
)

// List returns an error: this build knows no device.
func List(library string) ([]Info, error) { return nil, errBuild(library) }

// Open returns an error: this build knows no device.
func Open(library string, _ int) (gpu.Device, error) { return nil, errBuild(library) }

func errBuild(library string) error {
	return fmt.Errorf("%w: this build of cria has no part for GPUs of NVIDIA and does not open %s",
		ErrNoDriver, cmp.Or(library, "their driver"))
}
