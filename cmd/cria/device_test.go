package main

import (
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

// TestDeviceCUDA runs and measures on the simulated GPU.
func TestDeviceCUDA(t *testing.T) {
	library := sim.Library(t)
	r := succeed(t, "", "run", "--device", "cuda", "--cuda-library", library, "--temp", "0", "-n", "4", "-c", "32",
		"-p", "Once upon a time", "--log-level", "info")
	if !strings.HasPrefix(r.stdout, "Once upon a time") || !strings.Contains(r.stderr, "cuda (Simulated GPU)") {
		t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
	}
	out := succeed(t, "", "bench", "--device", "cuda", "--cuda-library", library, "--synthetic", "260K", "--type", "f16",
		"--pp", "8", "--tg", "2", "--rounds", "1", "--json").stdout
	if !strings.Contains(out, `"device": "Simulated GPU"`) {
		t.Errorf("bench printed %q", out)
	}
}

// TestFitDevice compares with the device's memory, not this machine's.
func TestFitDevice(t *testing.T) {
	library := sim.Library(t)
	model := tiny(t)
	out := succeed(t, "", "fit", "--device", "cuda", "--cuda-library", library, model).stdout
	if !strings.Contains(out, "free on Simulated GPU") {
		t.Errorf("fit printed %q", out)
	}
	r := execute("", "fit", "--device", "cuda", "--cuda-library", library, "--sessions", "65536", model)
	if r.code != 1 || !strings.Contains(r.stderr, "does not fit into memory: it needs ") {
		t.Errorf("exit code %d, stderr %q", r.code, r.stderr)
	}
}

// TestDeviceErrors: no other device takes the place of one that cannot be used.
func TestDeviceErrors(t *testing.T) {
	fail(t, 1, []string{"run", "--device", "cuda", "--cuda-library", "nowhere.so", "-p", "x"}, "nowhere.so", "no driver")
	fail(t, 2, []string{"run", "--device", "abacus", "-p", "x"}, "--device")
	fail(t, 2, []string{"run", "--device", "cuda", "--trace", "x.json", "-p", "x"}, "traces are of threads of the CPU")
	fail(t, 1, []string{"bench", "--device", "cuda", "--cuda-library", "nowhere.so", "--synthetic", "260K"}, "nowhere.so")
}
