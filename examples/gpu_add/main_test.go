package main

import (
	"bytes"
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

func TestRun(t *testing.T) {
	library := sim.Library(t)
	var out bytes.Buffer
	if err := run(&out, "-n", "1000", "-library", library); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "1000 sums in ") {
		t.Errorf("printed %q", out.String())
	}
}

func TestBadInput(t *testing.T) {
	for args, want := range map[string]string{
		"-n 0": "-n is 0", "-library nothing.so": "nothing.so", "-x": "not defined",
	} {
		var out bytes.Buffer
		err := run(&out, strings.Fields(args)...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", args, err, want)
		}
	}
}
