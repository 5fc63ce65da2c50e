package sim

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"

	"cria/internal/gpu/kernels"
)

// metalHeaders is where the header is that stands in for Metal's.
func metalHeaders() string { return filepath.Join(folder(), "..", "kernels", "testdata", "metal") }

var metalLibrary = sync.OnceValues(func() (string, error) {
	return once("metal", func(path string) error {
		source := path + ".cc"
		defer func() { _ = os.Remove(source) }() // if it was written
		if err := writeMetal(source); err != nil {
			return err
		}
		return build(path, source, "block.cc", "objc.cc", "metal.cc")
	})
})

// writeMetal writes all modules as Metal is given them, each in a namespace, and lets the machine find their kernels.
func writeMetal(path string) error {
	var b bytes.Buffer
	b.WriteString(metalBegins)
	for _, module := range kernels.Modules() {
		text, err := kernels.Metal(module)
		if err != nil {
			return err
		}
		list, err := kernelsOf(text)
		if err != nil {
			return fmt.Errorf("sim: module %s: %w", module, err)
		}
		fmt.Fprintf(&b, "#undef NAME\n#undef FORMAT\nnamespace module_%s {\n%s", module, text)
		for _, k := range list {
			fmt.Fprintf(&b, runsKernel, k[1], k[2])
		}
		b.WriteString("}\n")
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

const metalBegins = `
#define RUNS
#define __METAL_VERSION__ 300
#include <metal_simdgroup_matrix>
#include <metal_stdlib>
#pragma clang diagnostic ignored "-Wunknown-attributes"
#pragma clang diagnostic ignored "-Wunknown-pragmas"
#pragma clang diagnostic ignored "-Wunused-function"
`

// runsKernel lets the machine run a kernel by its name and its struct.
const runsKernel = `
static void %[1]s_run(const void *args) {
	const sim::Block *b = sim::now();
	u32 number = sim::number();
	metal::uint3 me = {number, 0, 0}, threads = {(u32)b->threads, 1, 1};
	metal::uint3 at = {(u32)b->block[0], (u32)b->block[1], (u32)b->block[2]};
	metal::uint3 all = {(u32)b->blocks[0], (u32)b->blocks[1], (u32)b->blocks[2]};
	%[1]s(*(constant %[2]s *)(u64)args, me, threads, at, all, number %% 32, number / 32);
}
static const sim::Kernel %[1]s_kernel("%[1]s", sizeof(%[2]s), %[1]s_run);
`

var kernelPattern = regexp.MustCompile(`\[\[kernel\b[^\]]*\]\]\s*void (\w+)\(constant (\w+) &a`)

// kernelsOf returns matches of what a module defines: a kernel's name and that of its struct.
func kernelsOf(text string) ([][]string, error) {
	c := exec.Command(compiler, "-x", "c++", "-E", "-P", "-DNAMES", "-D__METAL_VERSION__=300", "-I", metalHeaders(), "-")
	c.Stdin = bytes.NewBufferString(text)
	out, err := c.Output()
	return kernelPattern.FindAllStringSubmatch(string(out), -1), err
}
