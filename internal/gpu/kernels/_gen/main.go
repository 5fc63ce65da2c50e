// Command _gen compiles the kernels to PTX with clang, for CUDA devices from sm_80 on and from sm_90 on.
// It needs clang++-19 and no toolkit of CUDA's; every run gives the same bytes.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// formats are those of matrices that have kernels, by the names of their types, and the files of these.
var formats = []struct{ names, source string }{
	{"f32 f16 bf16", "product.cc"},
	{"q8 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k iq4_nl iq4_xs mxfp4", "blocks.cc"},
}

// halves are the formats of matrices for tensor units.
var halves = []struct{ name, format string }{{"tiled_f16", "TiledF16"}, {"tiled_bf16", "TiledBF16"}}

// coded are the formats of matrices of codes for tensor units.
var coded = []struct{ name, format string }{{"tiled_q8_0", "TiledQ8_0"}, {"tiled_q4_0", "TiledQ4_0"}}

// targets are processors, each with the oldest version of the language that has it: drivers translate
// both for all later ones.
var targets = []struct{ processor, ptx string }{{"sm_80", "ptx70"}, {"sm_90", "ptx78"}}

// groups is the target whose warps multiply in groups: it alone has this, and none after it.
const groups, groupsPTX = "sm_90a", "ptx80"

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

func generate() error {
	for _, t := range targets {
		dir := filepath.Join("ptx", t.processor)
		flags := []string{"--cuda-gpu-arch=" + t.processor, "--cuda-feature=+" + t.ptx}
		for _, module := range []string{"common", "examples"} {
			if err := compile(dir, module, module+".cc", flags...); err != nil {
				return err
			}
		}
		for _, f := range formats {
			for _, name := range strings.Fields(f.names) {
				defines := []string{"-DNAME=" + name, "-DFORMAT=" + strings.ToUpper(name)}
				if err := compile(dir, name, f.source, append(defines, flags...)...); err != nil {
					return err
				}
			}
		}
		for _, h := range halves {
			defines := []string{"-DNAME=" + h.name, "-DFORMAT=" + h.format}
			if err := compile(dir+"_tiles", h.name, "tiled.cc", append(defines, flags...)...); err != nil {
				return err
			}
		}
		for _, c := range coded {
			defines := []string{"-DNAME=" + c.name, "-DFORMAT=" + c.format}
			defines = append(defines, flags...)
			if t.processor == "sm_90" {
				defines = append(defines, "--cuda-feature=+"+groupsPTX) // which has the copy engine
			}
			if err := compile(dir+"_tiles", c.name, "coded.cc", defines...); err != nil {
				return err
			}
		}
	}
	dir := filepath.Join("ptx", groups)
	flags := []string{"--cuda-gpu-arch=" + groups, "--cuda-feature=+" + groupsPTX}
	if err := compile(dir, "group_attention", "flash.cc", flags...); err != nil {
		return err
	}
	for _, h := range halves {
		defines := []string{"-DNAME=" + h.name, "-DFORMAT=" + h.format}
		if err := compile(dir, "group_"+h.name, "group.cc", append(defines, flags...)...); err != nil {
			return err
		}
	}
	return nil
}

// compile writes one module.
func compile(dir, module, source string, flags ...string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	args := append([]string{
		"-x", "cuda", "-nocudainc", "-nocudalib", "--cuda-device-only",
		"-std=c++14", "-O3", "-ffp-contract=off", "-Wall", "-Werror",
		"-S", filepath.Join("src", source), "-o", filepath.Join(dir, module+".ptx"),
	}, flags...)
	out, err := exec.Command("clang++-19", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: clang++-19: %w\n%s", module, err, out)
	}
	return nil
}
