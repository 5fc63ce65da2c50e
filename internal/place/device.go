package place

import (
	"fmt"

	"cria/internal/gpu"
	"cria/internal/gpu/cuda"
)

// Open opens the first GPU of a kind, "cuda", by a library of its driver; "" is the usual one.
func Open(kind, library string) (gpu.Device, error) {
	if kind == "cuda" {
		return cuda.Open(library, 0)
	}
	return nil, fmt.Errorf("device is %q, want cpu or cuda", kind)
}
