//go:build linux && (amd64 || arm64) && !nogpu

package metal

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"
	"unsafe"

	"cria/internal/check"
	"cria/internal/gpu"
	"cria/internal/gpu/sim"
)

// open1 opens the simulated device. The test fails if anything is done wrong on it, or held for ever.
func open1(t *testing.T) *device {
	t.Helper()
	library := sim.Library(t)
	sim.Notes(t, library, true)
	dev, err := Open(library)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
		if notes := sim.Notes(t, library, true); notes != "" {
			t.Error(notes)
		}
	})
	return dev.(*device)
}

func TestList(t *testing.T) {
	infos, err := List(sim.Library(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(infos) != 1 || infos[0] != (Info{"Simulated Metal", 1 << 30, 1 << 30, ""}) {
		t.Errorf("%+v", infos)
	}
}

func TestNoMetal(t *testing.T) {
	for library, want := range map[string]string{
		"":           "it is a part of macOS, and this is linux",
		"nowhere.so": "nowhere.so cannot be opened",
		"libc.so.6":  "no library of it has ",
	} {
		if _, err := Open(library); !errors.Is(err, ErrNoMetal) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want ErrNoMetal with %q", library, err, want)
		}
	}
	library := sim.Library(t)
	sim.Plant(t, library, "MTLCreateSystemDefaultDevice", sim.Fail)
	if _, err := Open(library); !errors.Is(err, ErrNoMetal) || !strings.Contains(err.Error(), "no device") {
		t.Errorf("%v", err)
	}
}

// TestUnusable: a device that lacks something is named with what it lacks.
func TestUnusable(t *testing.T) {
	library := sim.Library(t)
	for selector, want := range map[string]string{
		"supportsFamily:":  "Simulated Metal: it is older than the M1",
		"hasUnifiedMemory": "it does not share the memory",
		"newCommandQueue":  "newCommandQueue: nothing came of it",
	} {
		sim.Plant(t, sim.Library(t), selector, sim.Drop)
		if _, err := Open(library); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", selector, err, want)
		}
		if notes := sim.Notes(t, library, true); notes != "" {
			t.Error(notes)
		}
	}
}

func TestMemory(t *testing.T) {
	dev := open1(t)
	dev.staging.half = 16 << 10
	data := make([]byte, 70001)
	for i := range data {
		data[i] = byte(i * 31 >> 3)
	}
	var at []gpu.Ptr
	for range 5 {
		p, err := dev.Alloc(int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, p)
	}
	back := make([]byte, len(data))
	for i, p := range at {
		if err := dev.Download(back, p); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsFunc(back, func(r rune) bool { return r != 0 }) {
			t.Error("memory does not begin as zeros")
		}
		if err := dev.Upload(p+gpu.Ptr(i), data[i:]); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range at {
		if err := dev.Download(back[i:], p+gpu.Ptr(i)); err != nil || !bytes.Equal(back[i:], data[i:]) {
			t.Errorf("error %v; bytes changed on their way", err)
		}
	}
	if free, err := dev.Memory(); err != nil || free > 1<<30-5*70001 || free < 1<<30-6*70001 {
		t.Errorf("error %v, %d bytes free", err, free)
	}
	for _, p := range []gpu.Ptr{0, 16, at[0] - 1, ^gpu.Ptr(0)} {
		if err := dev.Upload(p, data[:9]); err == nil || !strings.Contains(err.Error(), "are in no buffer") {
			t.Errorf("upload to %#x: %v", p, err)
		}
	}
	if err := dev.Download(back, at[4]+70000); err == nil {
		t.Error("a download reads behind a buffer")
	}
}

// TestStaging: bytes take several turns through staging memory, wherever they begin and end, and their neighbours stay;
// memory that is shared needs none.
func TestStaging(t *testing.T) {
	dev := open1(t)
	dev.staging.half = 64
	data := make([]byte, 1000)
	for i := range data {
		data[i] = byte(i*37>>2) | 1
	}
	for _, alloc := range []func(int64) (gpu.Ptr, error){dev.Alloc, dev.AllocShared} {
		for first := range 5 {
			for _, n := range []int{0, 1, 3, 5, 60, 61, 127, 128, 131, 300, 990} {
				p, err := alloc(1000)
				if err != nil {
					t.Fatal(err)
				}
				want, back := make([]byte, 1000), make([]byte, 1000)
				copy(want[first:], data[:n])
				if err := dev.Upload(p+gpu.Ptr(first), data[:n]); err != nil {
					t.Fatal(err)
				}
				if err := dev.Download(back, p); err != nil || !bytes.Equal(back, want) {
					t.Fatalf("%d bytes at %d: error %v; they changed on their way, or their neighbours", n, first, err)
				}
				some := back[:n/2]
				if err := dev.Download(some, p+gpu.Ptr(first+n/3)); err != nil || !bytes.Equal(some, want[first+n/3:][:n/2]) {
					t.Fatalf("%d bytes at %d: error %v; a part is different", n/2, first+n/3, err)
				}
			}
		}
		if private := dev.memory[0].host == nil; private != (dev.staging.object != 0) {
			t.Errorf("memory that the processor does not see: %v", private)
		}
		for i := range dev.memory { // the next ones alone
			dev.send(dev.memory[i].object, release)
		}
		dev.send(dev.staging.object, release)
		dev.memory, dev.resources, dev.staging.object = nil, nil, 0
	}
}

// TestStagingMistakes: an upload in which a message is forgotten is noticed by its bytes, or by the runtime.
func TestStagingMistakes(t *testing.T) {
	for selector, want := range map[sel]string{
		copyBuffer:         "other bytes",
		endEncoding:        "commit before endEncoding",
		commit:             "waitUntilCompleted without commit",
		waitUntilCompleted: "nobody waits for a command buffer",
		contents:           "no memory of the processor",
		none:               "",
	} {
		library := sim.Library(t)
		sim.Notes(t, library, true)
		dev, err := Open(library)
		if err != nil {
			t.Fatal(err)
		}
		name := "none"
		if selector != none {
			name = selNames[selector]
		}
		sim.Plant(t, library, name, sim.Drop)
		said := upload(t, dev.(*device))
		sim.Plant(t, library, "none", sim.Drop)
		if err := dev.Close(); err != nil {
			t.Error(err)
		}
		said += sim.Notes(t, library, true)
		if want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("%s: %q was noticed, want %q", name, said, want)
		}
	}
}

// none is no message.
const none sel = -1

// upload uploads more than staging memory holds, and returns what was noticed.
func upload(t *testing.T, dev *device) string {
	t.Helper()
	dev.staging.half = 64
	data := make([]byte, 300)
	for i := range data {
		data[i] = byte(i) | 1
	}
	p, err := dev.Alloc(300)
	if err != nil {
		t.Fatal(err)
	}
	back := make([]byte, 300)
	switch err = dev.Upload(p, data); {
	case err != nil:
		return err.Error()
	case dev.Download(back, p) != nil || !bytes.Equal(back, data):
		return "other bytes"
	}
	return ""
}

func TestOutOfMemory(t *testing.T) {
	dev := open1(t)
	for n, want := range map[int64]string{1<<29 + 1: "536870928 bytes, and a buffer has 536870912 at most"} {
		var e *Error
		if _, err := dev.Alloc(n); !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	sim.Plant(t, sim.Library(t), selNames[newBuffer], sim.Drop)
	if _, err := dev.Alloc(100); err == nil || !strings.Contains(err.Error(), "no memory for 112 bytes") {
		t.Errorf("%v", err)
	}
}

// TestMap: whole pages, and what lies well in them, are read where they are; all else is uploaded.
func TestMap(t *testing.T) {
	dev := open1(t)
	page := os.Getpagesize()
	memory := make([]byte, 5*page)
	base := int(-uintptr(unsafe.Pointer(&memory[0])) & uintptr(page-1)) // where a page begins
	for i := range memory {
		memory[i] = byte(i)
	}
	for _, c := range []struct {
		what        string
		first, size int
		mapped      bool
	}{
		{"pages", base, 2 * page, true},
		{"within pages", base + 48, 2*page - 64, true},
		{"up to the last 16 bytes", base + 16, 2*page - 32, true},
		{"the last 32 bytes are not whole", base, 2*page - 16 - 32, true},
		{"not aligned", base + 8, 2 * page, false},
		{"reads behind its last page", base + 16, 3*page - 16, false},
		{"small", base, page - 32, false},
	} {
		data := memory[c.first:][:c.size]
		p, err := dev.Map(data)
		if err != nil || (p != 0) != c.mapped {
			t.Errorf("%s: %#x, error %v", c.what, p, err)
			continue
		}
		back := make([]byte, len(data))
		if err := dev.Download(back, max(p, dev.memory[0].at)); p != 0 && (err != nil || !bytes.Equal(back, data)) {
			t.Errorf("%s: error %v; other bytes", c.what, err)
		}
	}
}

// TestABI compiles functions for macOS with the parameters of messages, and looks for where they find the last one:
// that is where send and sendSizes of both processors put it.
func TestABI(t *testing.T) {
	const compiler = "clang-19"
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("no %s to compile for macOS with", compiler)
	}
	const source = `typedef unsigned long W; typedef struct { W x, y, z; } Size;
		W sizes(void *to, void *s, Size a, Size b) { return b.z; }
		W words(void *to, void *s, W a, W b, W c, W d, W e) { return e; }`
	for target, want := range map[string]string{
		// Structs by their addresses in x2 and x3; seven words in registers.
		"arm64-apple-macos13": `(?s)_sizes:.*ldr\s+x0, \[x3, #16\].*_words:.*mov\s+x0, x6`,
		// Structs and the seventh word on the stack, behind the place to return to.
		"x86_64-apple-macos13": `(?s)_sizes:.*movq\s+48\(%rsp\), %rax.*_words:.*movq\s+8\(%rsp\), %rax`,
	} {
		c := exec.Command(compiler, "--target="+target, "-O1", "-fomit-frame-pointer", "-S", "-x", "c", "-", "-o", "-")
		c.Stdin = strings.NewReader(source)
		out, err := c.CombinedOutput()
		if err != nil || !regexp.MustCompile(want).Match(out) {
			t.Errorf("%s: error %v, want %s in\n%s", target, err, want, out)
		}
	}
}

type addArgs struct {
	X, Y, Sum gpu.Ptr
	N, _      int32
}

// adds returns a pass that doubles a vector of 100 ones n times, by kernels that need those before them.
func adds(t *testing.T, dev *device, n int) (pass *gpu.Pass, sum []byte) {
	t.Helper()
	p, err := dev.Alloc(400)
	if err != nil {
		t.Fatal(err)
	}
	other, err := dev.Alloc(400)
	if err != nil {
		t.Fatal(err)
	}
	ones := make([]byte, 400)
	for i := 0; i < 400; i += 4 {
		ones[i+2], ones[i+3] = 0x80, 0x3f
	}
	sum = make([]byte, 400)
	pass = &gpu.Pass{Uploads: []gpu.Transfer{{Host: ones, Device: other}}}
	pass.Copies = []gpu.Copy{{Dst: p, Src: other, Bytes: 400}}
	for range n {
		gpu.Add(pass, "add", [3]int{1, 1, 1}, 128, 0, &addArgs{X: p, Y: p, Sum: other, N: 100})
		p, other = other, p
	}
	pass.Downloads = []gpu.Transfer{{Host: sum, Device: p}}
	return pass, sum
}

func TestRun(t *testing.T) {
	dev := open1(t)
	for n, want := range map[int][]byte{5: {0, 0, 0, 0x42}, 100: {0, 0, 0x80, 0x71}} { // 2**5, 2**100
		pass, sum := adds(t, dev, n)
		for i := range 3 {
			pass.Repeats = i == 1
			if err := dev.Run(pass); err != nil {
				t.Fatal(err)
			}
			for i := 0; i < 400; i += 4 {
				if !bytes.Equal(sum[i:i+4], want) {
					t.Fatalf("sum %d is % x", i/4, sum[i:i+4])
				}
			}
		}
	}
	if err := dev.Run(&gpu.Pass{}); err != nil {
		t.Error(err)
	}
}

// TestStart: see check.Starter; a pass is under way when the device is closed.
func TestStart(t *testing.T) { check.Starter(t, open1(t)) }

func TestStartBadLaunch(t *testing.T) { check.StarterBadLaunch(t, open1(t)) }

// TestBeside: no barrier keeps launches apart that may run beside each other. These may not.
func TestBeside(t *testing.T) {
	dev := open1(t)
	pass, sum := adds(t, dev, 4)
	pass.Launches[2].Beside = true
	if err := dev.Run(pass); err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(sum[396:], []byte{0, 0, 0x80, 0x41}) { // 16
		t.Error("the sums are as with a barrier")
	}
}

// TestAllocs: a launch allocates nothing.
func TestAllocs(t *testing.T) {
	dev := open1(t)
	var allocs [2]float64
	for i, n := range []int{5, 105} {
		pass, _ := adds(t, dev, n)
		pass.Repeats = true
		allocs[i] = testing.AllocsPerRun(10, func() {
			if err := dev.Run(pass); err != nil {
				t.Fatal(err)
			}
		})
	}
	// The race detector lets the pool of purego lose some: less than one for each of a hundred launches more.
	if allocs[1] >= allocs[0]+100 {
		t.Errorf("%v and %v allocations", allocs[0], allocs[1])
	}
}

// TestTraced wants a span for each launch, and the same sums.
func TestTraced(t *testing.T) {
	dev := open1(t)
	pass, sum := adds(t, dev, 4)
	pass.Traced = true
	start := time.Now()
	if err := dev.Run(pass); err != nil {
		t.Fatal(err)
	}
	if len(pass.Spans) != 4 || !bytes.Equal(sum[396:], []byte{0, 0, 0x80, 0x41}) {
		t.Fatalf("%d spans, the last sum is % x", len(pass.Spans), sum[396:])
	}
	for _, s := range pass.Spans {
		if s.Name != "add" || s.Blocks != 1 || s.Start.Before(start) || !s.End.After(s.Start) || s.End.After(time.Now()) {
			t.Errorf("%+v", s)
		}
		start = s.Start
	}
}

// TestBadLaunch wants errors that name the kernel and tell what Metal says.
func TestBadLaunch(t *testing.T) {
	dev := open1(t)
	p, err := dev.Alloc(400)
	if err != nil {
		t.Fatal(err)
	}
	good := addArgs{X: p, Y: p, Sum: p, N: 100}
	wild := good
	wild.Y += 4096
	for _, c := range []struct {
		what, kernel    string
		threads, shared int
		args            addArgs
		want            string
	}{
		{"no such kernel", "subtract", 128, 0, good, "kernel subtract: metal: newFunctionWithName:: the library has none"},
		{"no such module", "mat_q9", 128, 0, good, `no module "q9"`},
		{"too many threads", "add", 1024, 0, good,
			"kernel add: metal: dispatchThreadgroups:threadsPerThreadgroup:: 1024"},
		{"memory of the block", "add", 128, 64, good, "kernel add: blocks have no more memory"},
		{"nobody's memory", "add", 128, 0, wild,
			"waitUntilCompleted: kernel add, block (0, 0, 0), thread 0: uses 4 bytes outside"},
		{"nothing wrong", "add", 128, 0, good, ""},
	} {
		var pass gpu.Pass
		gpu.Add(&pass, c.kernel, [3]int{1, 1, 1}, c.threads, c.shared, &c.args)
		err := dev.Run(&pass)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.what, err, c.want)
		}
	}
	pass := gpu.Pass{Copies: []gpu.Copy{{Dst: p + 4, Src: p, Bytes: 400}}}
	if err := dev.Run(&pass); err == nil || !strings.Contains(err.Error(), "400 bytes at") {
		t.Errorf("a copy behind a buffer: %v", err)
	}
}

// TestErrors: what Metal says of a failure is part of the error.
func TestErrors(t *testing.T) {
	for selector, want := range map[sel]string{
		newLibrary:    "module common: metal: newLibraryWithSource:options:error:: program_source:1:1: error: planted",
		newPipeline:   "newComputePipelineStateWithFunction:error:: Compute function exceeds available registers",
		commandBuffer: "commandBuffer: nothing came of it",
	} {
		t.Run(selNames[selector], func(t *testing.T) {
			dev := open1(t)
			pass, _ := adds(t, dev, 1)
			how := sim.Fail
			if selector == commandBuffer {
				how = sim.Drop
			}
			sim.Plant(t, sim.Library(t), selNames[selector], how)
			if err := dev.Run(pass); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %q", err, want)
			}
		})
	}
}

// TestMistakes leaves out one message at a time, as if the device had forgotten it, and wants the
// simulated runtime to notice, or the sums to be others. So these tests could fail.
func TestMistakes(t *testing.T) {
	for selector, want := range map[sel]string{
		endEncoding:        "commit before endEncoding",
		commit:             "waitUntilCompleted without commit",
		waitUntilCompleted: "nobody waits for a command buffer",
		memoryBarrier:      "other sums",
		useResources:       "outside of device memory",
		setPipeline:        "a dispatch without a pipeline",
		setBuffer:          "an offset into a buffer that is not set",
		setBufferOffset:    "other sums",
		copyBuffer:         "other sums",
		dispatch:           "other sums",
		setMathMode:        "fast arithmetic gives other numbers",
		release:            "is held for ever",
	} {
		t.Run(selNames[selector], func(t *testing.T) {
			if got := misrun(t, selNames[selector], sim.Drop); !strings.Contains(got, want) {
				t.Errorf("%q was noticed, want %q", got, want)
			}
		})
	}
	if got := misrun(t, selNames[release], sim.Twice); !strings.Contains(got, "that nobody holds") {
		t.Errorf("%q was noticed of what is released twice", got)
	}
	if got := misrun(t, "none", sim.Drop); got != "" {
		t.Errorf("%q was noticed of no mistake", got)
	}
}

// misrun runs a pass with a mistake and returns all that tells of it.
func misrun(t *testing.T, selector string, how sim.Mistake) string {
	t.Helper()
	library := sim.Library(t)
	sim.Notes(t, library, true)
	sim.Plant(t, sim.Library(t), selector, how)
	dev, err := Open(library)
	if err != nil {
		t.Fatal(err)
	}
	pass, sum := adds(t, dev.(*device), 4)
	err = dev.Run(pass)
	said := ""
	switch {
	case err != nil:
		said = err.Error() + "\n"
	case !bytes.Equal(sum[396:], []byte{0, 0, 0x80, 0x41}): // 16
		said = "other sums\n"
	}
	if err := dev.Close(); err != nil {
		t.Error(err)
	}
	return said + sim.Notes(t, library, true)
}

// TestNoPool: without a pool, objects that belong to one are noticed.
func TestNoPool(t *testing.T) {
	dev := open1(t)
	if err := dev.do(func() error {
		done := make(chan string)
		go func() { // on another thread
			s := dev.text("nobody's")
			dev.send(s, release)
			done <- sim.Notes(t, sim.Library(t), false)
		}()
		if notes := <-done; !strings.Contains(notes, "no pool on this thread holds a NSString") {
			t.Errorf("%q", notes)
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
}

// TestRelease: a message to what is released is noticed.
func TestRelease(t *testing.T) {
	dev := open1(t)
	if err := dev.do(func() error {
		o := dev.options()
		dev.send(o, release)
		dev.send(o, release)
		dev.send(o, setFastMath, 0)
		return nil
	}); err != nil {
		t.Error(err)
	}
	want := "release to a released MTLCompileOptions\nsetFastMathEnabled: to a released MTLCompileOptions\n"
	if notes := sim.Notes(t, sim.Library(t), false); notes != want {
		t.Errorf("%q, want %q", notes, want)
	}
}
