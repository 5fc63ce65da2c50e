//go:build linux && (amd64 || arm64) && !nogpu

package sim

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/ebitengine/purego"
)

// TestPlanted runs kernels with mistakes and wants each to be noticed.
func TestPlanted(t *testing.T) {
	need(t)
	lib := filepath.Join(t.TempDir(), "planted.so")
	if err := build(lib, filepath.Join(folder(), "testdata", "planted.cc"), "driver.cc", "block.cc"); err != nil {
		t.Fatal(err)
	}
	handle, err := purego.Dlopen(lib, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	planted, err := purego.Dlsym(handle, "planted")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ kernel, want string }{
		{"good", ""},
		{"no_barrier", "no barrier between"},
		{"no_second_barrier", "no barrier between"},
		{"reads_behind", "thread 63: uses 4 bytes outside of device memory"},
		{"writes_before", "thread 0: uses 4 bytes outside of device memory"},
		{"shared_behind", "shared memory that it has not"},
		{"not_aligned", "not aligned"},
		{"barrier_of_some", "is not at the barrier"},
		{"lanes_of_some", "lanes of a warp part"},
		{"null", "thread 0: uses 4 bytes outside of device memory"},
	} {
		t.Run(c.kernel, func(t *testing.T) {
			name := append([]byte(c.kernel), 0)
			r, _, _ := purego.SyscallN(planted, uintptr(unsafe.Pointer(&name[0])))
			runtime.KeepAlive(name)
			got := cString(r)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if c.want != "" && !strings.Contains(got, c.kernel) {
				t.Errorf("%q does not name the kernel", got)
			}
		})
	}
}

// TestTypes wants mistakes that the compiler can see not to compile.
func TestTypes(t *testing.T) {
	need(t)
	for file, want := range map[string]string{
		"wrong_space.cc": "no matching function for call to 'first'",
		"wrong_const.cc": "const",
	} {
		err := build(filepath.Join(t.TempDir(), "wrong.so"), filepath.Join(folder(), "testdata", file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", file, err, want)
		}
	}
}
