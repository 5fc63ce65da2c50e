package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

// TestTraceCUDA: a timeline has the kernels of the device, the host's part, and the processor's layers.
func TestTraceCUDA(t *testing.T) {
	file := filepath.Join(t.TempDir(), "trace.json")
	succeed(t, "", "run", "--device", "cuda", "--cuda-library", sim.Library(t), "--gpu-layers", "1", "--trace", file,
		"--temp", "0", "-n", "3", "-c", "32", "-p", "Once")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var trace struct {
		TraceEvents []struct {
			Name    string
			Ph      string
			Pid     int
			Ts, Dur float64
		}
	}
	if err := json.Unmarshal(data, &trace); err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range trace.TraceEvents {
		if e.Ts < 0 || e.Dur < 0 {
			t.Errorf("%+v", e)
		}
		count[fmt.Sprint(e.Pid, " ", e.Name)]++
	}
	if count["1 Attend"] == 0 || count["2 Run"] < 3 || count["2 List"] != count["2 Run"] ||
		count["3 pick"] != 3 || count["3 attend_f32"] != count["2 Run"] {
		t.Errorf("%v", count)
	}
}

// TestOverheadCUDA: one line with the time of each kernel.
func TestOverheadCUDA(t *testing.T) {
	flags := []string{"bench", "--device", "cuda", "--cuda-library", sim.Library(t), "--synthetic", "260K",
		"--type", "f16", "--tg", "4", "--overhead"}
	out := succeed(t, "", flags...).stdout
	// Of each of 5 layers: q, k, v; rotation; attention; what follows it; gate and up; down. And the first and the last.
	fields := strings.Fields(strings.Split(out, "\n")[1])
	if fields[0] != "260K" || fields[7] != "32.0" || !strings.Contains(out, "vec_tiled_f16 ") {
		t.Errorf("%q", out)
	}
	fail(t, 2, append(flags, "--gpu-layers", "2"), "--overhead is of one device")
}

// TestGPULayers shares a model between the processor and the GPU.
func TestGPULayers(t *testing.T) {
	flags := []string{"--device", "cuda", "--cuda-library", sim.Library(t), "--gpu-layers", "1"}
	r := succeed(t, "", append([]string{"run", "--temp", "0", "-n", "4", "-c", "32", "-p", "Once", "-v"}, flags...)...)
	if !strings.Contains(r.stderr, "for the last 1 of ") || !strings.Contains(r.stderr, "cpu (") {
		t.Errorf("stderr %q", r.stderr)
	}
	out := succeed(t, "", append([]string{"bench", "--synthetic", "260K", "--type", "f16", "--pp", "8", "--tg", "2",
		"--rounds", "1", "--threads", "1,2"}, flags...)...).stdout
	if strings.Count(out, "pp8") != 2 || strings.Contains(out, "%") {
		t.Errorf("bench printed %q, want two rows of prompts and no share of a ceiling", out)
	}
	bad := append(flags, "--gpu-layers", "77")
	fail(t, 2, append([]string{"run", "-p", "x"}, bad...), "--gpu-layers: 77, want 0 to ")
	fail(t, 2, append([]string{"bench", "--synthetic", "260K"}, bad...), "--gpu-layers: 77, want 0 to 5")
	fail(t, 2, append([]string{"fit", "--shape", "260K"}, bad...), "--gpu-layers: 77, want 0 to 5")
}

// TestGPUMemory keeps weights in this machine's memory, of which the weights' part is checked.
func TestGPUMemory(t *testing.T) {
	flags := []string{"--device", "cuda", "--cuda-library", sim.Library(t), "--gpu-memory", "shared"}
	r := succeed(t, "", append([]string{"run", "--temp", "0", "-n", "4", "-c", "32", "-p", "Once", "-v"}, flags...)...)
	if !strings.Contains(r.stderr, "weights in shared memory") {
		t.Errorf("stderr %q", r.stderr)
	}
	out := succeed(t, "", append([]string{"bench", "--synthetic", "260K", "--type", "f16", "--pp", "0", "--tg", "2",
		"--rounds", "1", "--json"}, flags...)...).stdout
	if !strings.Contains(out, "weights in shared memory") {
		t.Errorf("bench printed %q", out)
	}
	fits := append([]string{"fit", "--shape", "1.1B", "--type", "f16", "-c", "256"}, flags...)
	out = succeed(t, "", fits...).stdout
	if !strings.Contains(out, "shared weights") || !strings.Contains(out, "22 of 22") {
		t.Errorf("fit printed %q", out)
	}
	a := newApp(nil, io.Discard, io.Discard)
	a.memory = func() (int64, string, error) { return 2e9, "there", nil }
	if err := a.run(context.Background(), fits); err == nil || !strings.Contains(err.Error(), "and 2.00 GB are there") {
		t.Errorf("%v, want an error with 2.00 GB", err)
	}
}

// TestDeviceMetal runs, measures and fits on the simulated Metal.
func TestDeviceMetal(t *testing.T) {
	flags := []string{"--device", "metal", "--metal-library", sim.Library(t)}
	r := succeed(t, "", append([]string{"run", "--temp", "0", "-n", "4", "-c", "32", "-p", "Once upon a time",
		"--log-level", "info"}, flags...)...)
	if !strings.HasPrefix(r.stdout, "Once upon a time") || !strings.Contains(r.stderr, "metal (Simulated Metal)") {
		t.Errorf("stdout %q, stderr %q", r.stdout, r.stderr)
	}
	out := succeed(t, "", append([]string{"bench", "--synthetic", "260K", "--type", "f16", "--pp", "8", "--tg", "2",
		"--rounds", "1", "--json"}, flags...)...).stdout
	if !strings.Contains(out, `"device": "Simulated Metal"`) {
		t.Errorf("bench printed %q", out)
	}
	out = succeed(t, "", append([]string{"fit", tiny(t)}, flags...)...).stdout
	if !strings.Contains(out, "free on Simulated Metal") {
		t.Errorf("fit printed %q", out)
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
	if r.code != 1 || !strings.Contains(r.stderr, "does not fit into memory: it needs ") ||
		!strings.Contains(r.stderr, "; not even the classifier fits") && !strings.Contains(r.stderr, " layers fit") {
		t.Errorf("exit code %d, stderr %q", r.code, r.stderr)
	}
	r = execute("", "fit", "--device", "cuda", "--cuda-library", library, "--shape", "1.1B", "--type", "f16", "-c", "256",
		"--json")
	if r.code != 1 || !strings.Contains(r.stdout, `"gpu_layers":22,"gpu_layers_fit":8}`) {
		t.Errorf("exit code %d, stdout %q", r.code, r.stdout)
	}
	flags := []string{"fit",
		"--device", "cuda", "--cuda-library", library, "--shape", "1.1B", "--type", "f16", "-c", "256"}
	out = succeed(t, "", append(flags, "--gpu-layers", "8")...).stdout
	if !strings.Contains(out, "8 of 22 layers fit") {
		t.Errorf("fit printed %q", out)
	}
	fail(t, 1, append(flags, "--gpu-layers", "9"), "8 of 22 layers fit")
}

// TestDeviceErrors: no other device takes the place of one that cannot be used.
func TestDeviceErrors(t *testing.T) {
	fail(t, 1, []string{"run", "--device", "cuda", "--cuda-library", "nowhere.so", "-p", "x"}, "nowhere.so", "no driver")
	fail(t, 1, []string{"run", "--device", "metal", "--metal-library", "nowhere.so", "-p", "x"}, "metal: no Metal")
	fail(t, 2, []string{"run", "--device", "abacus", "-p", "x"}, "--device")
	fail(t, 1, []string{"bench", "--device", "cuda", "--cuda-library", "nowhere.so", "--synthetic", "260K"}, "nowhere.so")
}
