//go:build !((linux || windows) && (amd64 || arm64)) || nogpu

package cuda

import (
	"fmt"

	"cria/internal/gpu"
)

var errBuild = fmt.Errorf("%w: this build of cria has no part for GPUs of NVIDIA", ErrNoDriver)

// List returns an error: this build knows no device.
func List(string) ([]Info, error) { return nil, errBuild }

// Open returns an error: this build knows no device.
func Open(string, int) (gpu.Device, error) { return nil, errBuild }
