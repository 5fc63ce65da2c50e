//go:build (linux || windows) && (amd64 || arm64) && !nogpu

package cuda

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/sim"
)

func open1(t *testing.T) gpu.Device {
	t.Helper()
	dev, err := Open(sim.Library(t), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
	})
	return dev
}

func TestList(t *testing.T) {
	infos, err := List(sim.Library(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(infos) != 1 || infos[0].Name != "Simulated GPU" || infos[0].Capability != "9.0" || infos[0].Driver != "12.3" ||
		infos[0].Total != 1<<30 || infos[0].Unusable != "" {
		t.Errorf("%+v", infos)
	}
}

func TestNoDriver(t *testing.T) {
	_, err := Open("nowhere.so", 0)
	if !errors.Is(err, ErrNoDriver) {
		t.Errorf("%v, want ErrNoDriver", err)
	}
}

func TestNoDevice(t *testing.T) {
	_, err := Open(sim.Library(t), 1)
	if err == nil || !strings.Contains(err.Error(), "no device 1: there are 1") {
		t.Errorf("%v", err)
	}
}

// TestMemory moves more than fits the pinned memory at once, there and back.
func TestMemory(t *testing.T) {
	dev := open1(t)
	data := make([]byte, 3*pinnedBytes/2+5)
	for i := range data {
		data[i] = byte(i * 31 >> 3)
	}
	p, err := dev.Alloc(int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(data))
	if err := dev.Download(back, p); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsFunc(back, func(r rune) bool { return r != 0 }) {
		t.Error("memory does not begin as zeros")
	}
	if err := dev.Upload(p, data); err != nil {
		t.Fatal(err)
	}
	if err := dev.Download(back, p); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(back, data) {
		t.Error("bytes changed on their way")
	}
}

// TestShared: memory of the host is the device's as well, and takes none of its own.
func TestShared(t *testing.T) {
	dev := open1(t)
	before, err := dev.Memory()
	if err != nil {
		t.Fatal(err)
	}
	p, err := dev.AllocShared(1200)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := dev.Memory(); err != nil || after != before {
		t.Errorf("error %v, %d bytes are free, and before %d", err, after, before)
	}
	x := make([]byte, 400)
	for i := 3; i < 400; i += 4 {
		x[i] = 0x40 // 2
	}
	if err := dev.Upload(p, x); err != nil {
		t.Fatal(err)
	}
	var pass gpu.Pass
	gpu.Add(&pass, "add", [3]int{1, 1, 1}, 128, 0, &addArgs{X: p, Y: p + 400, Sum: p + 800, N: 100})
	pass.Downloads = []gpu.Transfer{{Host: x, Device: p + 800}}
	clear(x)
	if err := dev.Run(&pass); err != nil {
		t.Fatal(err)
	}
	for i, b := range x { // 2, and the zeros that memory begins with
		if want := byte(i % 4 / 3 * 0x40); b != want {
			t.Fatalf("byte %d is %#x, want %#x", i, b, want)
		}
	}
}

func TestOutOfMemory(t *testing.T) {
	dev := open1(t)
	_, err := dev.Alloc(1 << 31)
	var e *Error
	if !errors.As(err, &e) || e.Name != "CUDA_ERROR_OUT_OF_MEMORY" || !strings.Contains(err.Error(), "2147483648 bytes") {
		t.Errorf("%v", err)
	}
}

type addArgs struct {
	X, Y, Sum gpu.Ptr
	N, _      int32
}

// TestRun adds vectors in a pass with uploads and a download, alone and as a graph.
func TestRun(t *testing.T) {
	dev := open1(t)
	p, err := dev.Alloc(3 * 400)
	if err != nil {
		t.Fatal(err)
	}
	args := addArgs{X: p, Y: p + 400, Sum: p + 800, N: 100}
	for i, repeats := range []bool{false, true, true, true} {
		x, y, sum := make([]byte, 400), make([]byte, 400), make([]byte, 400)
		for j := 3; j < 400; j += 4 {
			x[j], y[j] = 0x40, 0x40 // 2
		}
		if i == 3 {
			clear(y)
		}
		var pass gpu.Pass
		pass.Repeats = repeats
		pass.Uploads = []gpu.Transfer{{Host: x, Device: p}, {Host: y, Device: p + 400}}
		gpu.Add(&pass, "add", [3]int{1, 1, 1}, 128, 0, &args)
		pass.Downloads = []gpu.Transfer{{Host: sum, Device: p + 800}}
		if err := dev.Run(&pass); err != nil {
			t.Fatal(err)
		}
		for j := 0; j < 400; j += 4 {
			if four := sum[j+2] == 0x80 && sum[j+3] == 0x40; four != (i < 3) {
				t.Fatalf("run %d: sum %d is % x", i, j/4, sum[j:j+4])
			}
		}
	}
	if n := len(dev.(*device).graphs); n != 1 {
		t.Errorf("%d graphs, want 1", n)
	}
}

// TestStart: see check.Starter; a pass is under way when the device is closed.
func TestStart(t *testing.T) { check.Starter(t, open1(t).(gpu.Starter)) }

func TestStartBadLaunch(t *testing.T) { check.StarterBadLaunch(t, open1(t).(gpu.Starter)) }

// TestTraced wants spans of each launch, in order, within the time that the pass took.
func TestTraced(t *testing.T) {
	dev := open1(t)
	p, err := dev.Alloc(1200)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time there are events already
		pass := gpu.Pass{Repeats: true, Traced: true}
		for range 3 {
			gpu.Add(&pass, "add", [3]int{2, 1, 1}, 64, 0, &addArgs{X: p, Y: p + 400, Sum: p + 800, N: 100})
		}
		before := time.Now()
		if err := dev.Run(&pass); err != nil {
			t.Fatal(err)
		}
		after := time.Now()
		if len(pass.Spans) != 3 {
			t.Fatalf("%d spans, want 3", len(pass.Spans))
		}
		for _, s := range pass.Spans {
			if s.Name != "add" || s.Blocks != 2 || s.Start.Before(before) || s.End.Before(s.Start) || s.End.After(after) {
				t.Errorf("%+v, the pass took from %v to %v", s, before, after)
			}
			before = s.End
		}
	}
	if n := len(dev.(*device).graphs); n != 0 {
		t.Errorf("%d graphs", n)
	}
}

// TestBadLaunch wants errors that name the kernel and tell what the driver says.
func TestBadLaunch(t *testing.T) {
	dev := open1(t)
	p, err := dev.Alloc(400)
	if err != nil {
		t.Fatal(err)
	}
	good := addArgs{X: p, Y: p, Sum: p, N: 100}
	long := good
	long.N = 101
	for _, c := range []struct {
		what    string
		kernel  string
		threads int
		args    addArgs
		want    string
	}{
		{"no such kernel", "subtract", 128, good, "kernel subtract: cuda: cuModuleGetFunction: CUDA_ERROR_NOT_FOUND"},
		{"too many threads", "add", 2000, good, "kernel add: cuda: cuLaunchKernel: CUDA_ERROR_INVALID_VALUE"},
		{"too many elements", "add", 128, long, "CUDA_ERROR_LAUNCH_FAILED (719): kernel add, block (0, 0, 0), thread 100"},
		{"nothing wrong", "add", 128, good, ""},
	} {
		var pass gpu.Pass
		gpu.Add(&pass, c.kernel, [3]int{1, 1, 1}, c.threads, 0, &c.args)
		err := dev.Run(&pass)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
	var pass gpu.Pass
	gpu.Add(&pass, "add", [3]int{1, 1, 1}, 128, 0, &p) // not the kernel's struct
	if err := dev.Run(&pass); err == nil || !strings.Contains(err.Error(), "CUDA_ERROR_INVALID_VALUE") {
		t.Errorf("arguments of another size: %v", err)
	}
}
