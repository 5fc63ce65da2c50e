package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"cria"
)

// versionCmd says what this program is.
type versionCmd struct {
	JSON bool `name:"json" help:"Write one object."`
}

// Run is called by kong.
func (c *versionCmd) Run(a *app) error {
	version := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	if c.JSON {
		return json.NewEncoder(a.stdout).Encode(map[string]string{
			"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH, "kernels": cria.Kernels(),
		})
	}
	_, err := fmt.Fprintf(a.stdout, "cria %s\n%s %s/%s\nkernels %s\n",
		version, runtime.Version(), runtime.GOOS, runtime.GOARCH, cria.Kernels())
	return err
}
