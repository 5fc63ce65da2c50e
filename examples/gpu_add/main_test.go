package main

import (
	"bytes"
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

func TestRun(t *testing.T) {
	library := sim.Library(t)
	for device, want := range map[string]string{"cuda": "Simulated GPU: 1000", "metal": "Simulated Metal: 1000"} {
		var out bytes.Buffer
		if err := run(&out, "-n", "1000", "-device", device, "-library", library); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), want+" sums in ") {
			t.Errorf("printed %q, want %q", out.String(), want)
		}
	}
}

func TestBadInput(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "-n is 0", "-library nothing.so": "nothing.so", "-x": "not defined",
		"-device abacus": `device is "abacus"`,
	} {
		var out bytes.Buffer
		err := run(&out, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", args, err, want)
		}
	}
}
