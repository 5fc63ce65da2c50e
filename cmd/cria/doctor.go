package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime"

	"cria"
	"cria/internal/gpu/cuda"
)

// doctorCmd says what a model can run on here, and why not on the rest.
type doctorCmd struct {
	CUDALibrary string `name:"cuda-library" placeholder:"FILE" env:"CRIA_CUDA_LIBRARY" help:"NVIDIA's driver, if it is not where the system looks for it."`
	JSON        bool   `name:"json" help:"Write one object."`
}

// A deviceReport is what doctor knows of a GPU.
type deviceReport struct {
	Device     string `json:"device"` // what --device takes
	Number     int    `json:"number"`
	Name       string `json:"name"`
	Total      int64  `json:"bytes"`
	Free       int64  `json:"free_bytes"`
	Driver     string `json:"driver"`
	Capability string `json:"capability"`
	Unusable   string `json:"unusable,omitempty"`
}

// Run is called by kong.
func (c *doctorCmd) Run(a *app) error {
	var reports []deviceReport
	infos, err := cuda.List(c.CUDALibrary)
	for _, i := range infos {
		reports = append(reports, deviceReport{
			"cuda", i.Number, i.Name, i.Total, i.Free, "CUDA " + i.Driver, i.Capability, i.Unusable,
		})
	}
	memory, what, memoryErr := a.memory()
	if c.JSON {
		object := map[string]any{
			"cores": runtime.GOMAXPROCS(0), "kernels": cria.Kernels(), "gpus": append([]deviceReport{}, reports...),
		}
		if memoryErr == nil {
			object["memory_bytes"] = memory
		}
		if err != nil {
			object["cuda_error"] = err.Error()
		}
		return json.NewEncoder(a.stdout).Encode(object)
	}
	fmt.Fprintf(a.stdout, "cpu: %d threads, kernels %s", runtime.GOMAXPROCS(0), cria.Kernels())
	if memoryErr == nil {
		fmt.Fprintf(a.stdout, "; %s of memory are %s", bytesText(memory), what)
	}
	fmt.Fprintln(a.stdout)
	for _, r := range reports {
		fmt.Fprintf(a.stdout, "%s %d: %s, compute capability %s, driver for %s; %s of memory, %s free: %s\n",
			r.Device, r.Number, r.Name, r.Capability, r.Driver, bytesText(r.Total), bytesText(r.Free), r.verdict())
	}
	switch {
	case errors.Is(err, cuda.ErrNoDriver):
		fmt.Fprintf(a.stdout, "cuda: not usable: %v\n", err)
	case err != nil:
		return err
	case len(reports) == 0:
		fmt.Fprintln(a.stdout, "cuda: not usable: the driver has no device")
	}
	return nil
}

func (r *deviceReport) verdict() string {
	if r.Unusable != "" {
		return "not usable: " + r.Unusable
	}
	return "usable"
}
