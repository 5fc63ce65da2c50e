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
	out = succeed(t, "", "doctor", "--json", "--cuda-library", library, "--metal-library", library).stdout
	for _, want := range []string{`"name":"Simulated GPU"`, `"device":"metal","number":0,"name":"Simulated Metal"`} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor --json printed %q, want %q in it", out, want)
		}
	}
	out = succeed(t, "", "doctor", "--metal-library", library).stdout
	if !strings.Contains(out, "metal 0: Simulated Metal; 1.07 GB of memory, 1.07 GB free: usable\n") {
		t.Errorf("doctor printed %q", out)
	}
}

// TestDoctorWithoutDriver: no driver is nothing wrong.
func TestDoctorWithoutDriver(t *testing.T) {
	args := []string{"--cuda-library", "nowhere.so", "--metal-library", "nowhere.so"}
	out := succeed(t, "", append([]string{"doctor"}, args...)...).stdout
	for _, want := range []string{"cuda: not usable: cuda: no driver", "metal: not usable: metal: no Metal"} {
		if !strings.Contains(out, want) {
			t.Errorf("doctor printed %q, want %q in it", out, want)
		}
	}
	out = succeed(t, "", append([]string{"doctor", "--json"}, args...)...).stdout
	if !strings.Contains(out, `"gpus":[]`) || !strings.Contains(out, `"metal_error":"metal: no Metal`) {
		t.Errorf("doctor --json printed %q", out)
	}
}
