// Command _gen compiles the kernels to PTX with clang, for CUDA devices from sm_80 on.
// It needs clang++-19 and no toolkit of CUDA's; every run gives the same bytes.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// formats are those of matrices that have kernels, by the names of their types.
var formats = strings.Fields("f32 f16 bf16 q8 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k iq4_nl iq4_xs mxfp4")

// target is the oldest processor, and ptx the oldest version of the language that it has:
// drivers translate both for all later ones.
const (
	target = "sm_80"
	ptx    = "ptx70"
)

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

func generate() error {
	if err := os.MkdirAll("ptx", 0o755); err != nil {
		return err
	}
	if err := compile("common", "common.cc"); err != nil {
		return err
	}
	for _, f := range formats {
		if err := compile(f, "product.cc", "-DNAME="+f, "-DFORMAT="+strings.ToUpper(f)); err != nil {
			return err
		}
	}
	return nil
}

// compile writes one module.
func compile(module, source string, defines ...string) error {
	args := append([]string{
		"-x", "cuda", "-nocudainc", "-nocudalib", "--cuda-device-only", "--cuda-gpu-arch=" + target,
		"--cuda-feature=+" + ptx, "-std=c++14", "-O3", "-ffp-contract=off", "-Wall", "-Werror",
		"-S", filepath.Join("src", source), "-o", filepath.Join("ptx", module+".ptx"),
	}, defines...)
	out, err := exec.Command("clang++-19", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: clang++-19: %w\n%s", module, err, out)
	}
	return nil
}
