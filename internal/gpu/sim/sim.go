// Package sim builds a library that stands in for the CUDA driver, and for Metal: it runs the kernels of
// package kernels on the host, a thread of theirs being a fiber, and checks every access to
// memory. Tests open it in their place. It needs clang.
package sim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

const compiler = "clang++-19"

// The library has no floating-point shortcuts, as the kernels for the GPU have none.
var flags = []string{
	"-shared", "-fPIC", "-O2", "-ffp-contract=off", "-std=c++17", "-fvisibility=hidden",
	"-ftls-model=initial-exec", // for whose turn it is: otherwise that is a call each time
	"-Wall", "-Werror",
}

// A Mistake is what becomes of a message of Objective-C.
type Mistake int

// Messages may be dropped, sent twice (of release only), or fail with an error.
const (
	Drop Mistake = 1 + iota
	Twice
	Fail
)

// processor returns the flags for the processor that this program runs on: in an emulator, the compiler is that
// of another one.
func processor() ([]string, error) {
	machine, err := exec.Command(compiler, "-dumpmachine").Output()
	if err != nil {
		return nil, fmt.Errorf("sim: %s: %w", compiler, err)
	}
	if runtime.GOARCH == "arm64" && !strings.HasPrefix(string(machine), "aarch64") {
		return []string{"--target=aarch64-linux-gnu"}, nil
	}
	return []string{"-march=native"}, nil
}

// Library returns the path of the library, which it builds if no earlier test has. It skips
// the test where there is no compiler, or no processor that the library is made for.
func Library(t testing.TB) string {
	t.Helper()
	return get(t, library)
}

// MetalLibrary is like Library, for Metal alone: its kernels are what Metal is given as text, compiled with a
// header in place of Metal's. They check no access.
func MetalLibrary(t testing.TB) string {
	t.Helper()
	return get(t, metalLibrary)
}

func get(t testing.TB, library func() (string, error)) string {
	t.Helper()
	need(t)
	path, err := library()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func need(t testing.TB) {
	t.Helper()
	if reason != "" {
		t.Skip(reason)
	}
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("no %s to build the simulated GPU with", compiler)
	}
}

var library = sync.OnceValues(func() (string, error) {
	return once("cuda", func(path string) error {
		return build(path, "kernels.cc", "driver.cc", "block.cc", "tensor.cc", "objc.cc", "metal.cc")
	})
})

// once builds a library once for all processes: what it is made of names it.
func once(name string, build func(path string) error) (string, error) {
	key, err := sourceHash()
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "cria-sim")
	path := filepath.Join(dir, name+"-"+key+".so")
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	part := fmt.Sprintf("%s.%d", path, os.Getpid())
	if err := build(part); err != nil {
		return "", err
	}
	return path, os.Rename(part, path)
}

// build makes a library of files of src, or of absolute paths.
func build(out string, files ...string) error {
	target, err := processor()
	if err != nil {
		return err
	}
	args := []string{"-I", filepath.Join(folder(), "src"), "-I", metalHeaders(), "-o", out}
	args = append(append(args, target...), flags...)
	for _, f := range files {
		if !filepath.IsAbs(f) {
			f = filepath.Join(folder(), "src", f)
		}
		args = append(args, f)
	}
	if text, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("sim: %s: %w\n%s", compiler, err, text)
	}
	return nil
}

// folder returns where this package's files are.
func folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

func sourceHash() (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, flags, runtime.GOARCH)
	dirs := []string{filepath.Join(folder(), "src"), filepath.Join(folder(), "..", "kernels", "src"), metalHeaders()}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			fmt.Fprintln(h, filepath.Base(path), len(data))
			h.Write(data)
			return err
		})
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
