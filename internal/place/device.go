package place

import (
	"fmt"

	"cria/internal/gpu"
	"cria/internal/gpu/cuda"
	"cria/internal/gpu/metal"
)

// Kinds are the kinds of GPUs that there are kernels for.
var Kinds = []string{"cuda", "metal"}

// Libraries are the drivers of each kind; "" is where the system has one.
type Libraries struct{ CUDA, Metal string }

// A Device is what a GPU is, and whether it can be used.
type Device struct {
	Kind               string
	Number             int // of its kind
	Name               string
	Total, Free        int64  // bytes of memory
	Driver, Capability string // "CUDA 12.2" and "9.0"; "" where there is no such thing
	Unusable           string // why it cannot be used; "" if it can
}

// List returns the GPUs of a kind. It is an error if that has no driver here.
func List(kind string, l Libraries) ([]Device, error) {
	var list []Device
	if kind == "metal" {
		infos, err := metal.List(l.Metal)
		for i, d := range infos {
			list = append(list, Device{kind, i, d.Name, d.Total, d.Free, "", "", d.Unusable})
		}
		return list, err
	}
	infos, err := cuda.List(l.CUDA)
	for _, d := range infos {
		list = append(list, Device{kind, d.Number, d.Name, d.Total, d.Free, "CUDA " + d.Driver, d.Capability, d.Unusable})
	}
	return list, err
}

// Open opens the first GPU of a kind.
func Open(kind string, l Libraries) (gpu.Device, error) {
	switch kind {
	case "cuda":
		return cuda.Open(l.CUDA, 0)
	case "metal":
		return metal.Open(l.Metal)
	}
	return nil, fmt.Errorf("device is %q, want cpu, cuda or metal", kind)
}
