package main

import (
	"strings"
	"testing"

	"cria/internal/gpu/sim"
)

func TestDoctor(t *testing.T) {
	library := sim.Library(t)
	out := succeed(t, "", "doctor", "--cuda-library", library).stdout
	for _, want := range []string{"cpu: ", "cuda 0: Simulated GPU, compute capability 9.0", ": usable\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor printed %q, want %q in it", out, want)
		}
	}
	out = succeed(t, "", "doctor", "--json", "--cuda-library", library).stdout
	if !strings.Contains(out, `"name":"Simulated GPU"`) {
		t.Errorf("doctor --json printed %q", out)
	}
}

// TestDoctorWithoutDriver: no driver is nothing wrong.
func TestDoctorWithoutDriver(t *testing.T) {
	out := succeed(t, "", "doctor", "--cuda-library", "nowhere.so").stdout
	if !strings.Contains(out, "cuda: not usable: cuda: no driver") {
		t.Errorf("doctor printed %q", out)
	}
}
