package main

import (
	"encoding/json"
	"fmt"
	"runtime"

	"cria"
	"cria/internal/place"
)

// doctorCmd says what a model can run on here, and why not on the rest.
type doctorCmd struct {
	libraryFlags
	JSON bool `name:"json" help:"Write one object."`
}

// A deviceReport is what doctor knows of a GPU.
type deviceReport struct {
	Device     string `json:"device"` // what --device takes
	Number     int    `json:"number"`
	Name       string `json:"name"`
	Total      int64  `json:"bytes"`
	Free       int64  `json:"free_bytes"`
	Driver     string `json:"driver,omitempty"`
	Capability string `json:"capability,omitempty"`
	Unusable   string `json:"unusable,omitempty"`
}

// Run is called by kong.
func (c *doctorCmd) Run(a *app) error {
	reports, errs := []deviceReport{}, map[string]error{}
	for _, kind := range place.Kinds {
		devices, err := place.List(kind, c.libraries())
		if err == nil && len(devices) == 0 {
			err = fmt.Errorf("the driver has no device")
		}
		for _, d := range devices {
			reports = append(reports, deviceReport{
				d.Kind, d.Number, d.Name, d.Total, d.Free, d.Driver, d.Capability, d.Unusable,
			})
		}
		errs[kind] = err
	}
	memory, what, memoryErr := a.memory()
	if c.JSON {
		object := map[string]any{"cores": runtime.GOMAXPROCS(0), "kernels": cria.Kernels(), "gpus": reports}
		if memoryErr == nil {
			object["memory_bytes"] = memory
		}
		for kind, err := range errs {
			if err != nil {
				object[kind+"_error"] = err.Error()
			}
		}
		return json.NewEncoder(a.stdout).Encode(object)
	}
	fmt.Fprintf(a.stdout, "cpu: %d threads, kernels %s", runtime.GOMAXPROCS(0), cria.Kernels())
	if memoryErr == nil {
		fmt.Fprintf(a.stdout, "; %s of memory are %s", bytesText(memory), what)
	}
	fmt.Fprintln(a.stdout)
	for _, r := range reports {
		fmt.Fprintln(a.stdout, r.text())
	}
	for _, kind := range place.Kinds {
		if errs[kind] != nil {
			fmt.Fprintf(a.stdout, "%s: not usable: %v\n", kind, errs[kind])
		}
	}
	return nil
}

// text returns a device in one line.
func (r *deviceReport) text() string {
	s := fmt.Sprintf("%s %d: %s", r.Device, r.Number, r.Name)
	if r.Driver != "" {
		s += fmt.Sprintf(", compute capability %s, driver for %s", r.Capability, r.Driver)
	}
	return s + fmt.Sprintf("; %s of memory, %s free: %s", bytesText(r.Total), bytesText(r.Free), r.verdict())
}

func (r *deviceReport) verdict() string {
	if r.Unusable != "" {
		return "not usable: " + r.Unusable
	}
	return "usable"
}
