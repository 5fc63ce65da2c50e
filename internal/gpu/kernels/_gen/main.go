// Command _gen compiles the kernels to PTX with clang, for CUDA devices from sm_80 on and from sm_90 on. Where these
// differ in nothing but what package kernels leaves out, there is one file for both.
// It needs clang++-19 and no toolkit of CUDA's; every run gives the same bytes.
package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"cria/internal/gpu/kernels"
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
var targets = []target{{"sm_80", "ptx70"}, {"sm_90", "ptx78"}}

type target struct{ processor, ptx string }

func (t target) flags() []string {
	return []string{"--cuda-gpu-arch=" + t.processor, "--cuda-feature=+" + t.ptx}
}

// groups is the target whose warps multiply in groups: it alone has this, and none after it.
const groups, groupsPTX = "sm_90a", "ptx80"

func main() {
	if err := generate(); err != nil {
		fmt.Fprintln(os.Stderr, "kernels:", err)
		os.Exit(1)
	}
}

// A module is a file of PTX.
type module struct {
	name, source string
	defines      []string
}

func modules() []module {
	list := []module{{"common", "common.cc", nil}, {"examples", "examples.cc", nil}}
	for _, f := range formats {
		for _, name := range strings.Fields(f.names) {
			list = append(list, module{name, f.source, []string{"-DNAME=" + name, "-DFORMAT=" + strings.ToUpper(name)}})
		}
	}
	return list
}

func generate() error {
	older, newer := targets[0], targets[1]
	for _, m := range modules() {
		text, err := compile(m, newer.flags()...)
		if err != nil {
			return err
		}
		same, err := compile(m, older.flags()...)
		if err != nil {
			return err
		}
		if kernels.Older(text) != same {
			return fmt.Errorf("%s: for %s there is something else than for %s", m.name, older.processor, newer.processor)
		}
		if err := write(newer.processor, m.name, text); err != nil {
			return err
		}
	}
	for _, t := range targets {
		for _, h := range halves {
			m := module{h.name, "tiled.cc", []string{"-DNAME=" + h.name, "-DFORMAT=" + h.format}}
			if err := compileTo(t.processor+"_tiles", m, t.flags()...); err != nil {
				return err
			}
		}
		for _, c := range coded {
			m := module{c.name, "coded.cc", []string{"-DNAME=" + c.name, "-DFORMAT=" + c.format}}
			flags := t.flags()
			if t == newer {
				flags = append(flags, "--cuda-feature=+"+groupsPTX) // which has the copy engine
			}
			if err := compileTo(t.processor+"_tiles", m, flags...); err != nil {
				return err
			}
		}
	}
	flags := target{groups, groupsPTX}.flags()
	if err := compileTo(groups, module{"group_attention", "flash.cc", nil}, flags...); err != nil {
		return err
	}
	for _, h := range halves {
		m := module{"group_" + h.name, "group.cc", []string{"-DNAME=" + h.name, "-DFORMAT=" + h.format}}
		if err := compileTo(groups, m, flags...); err != nil {
			return err
		}
	}
	return nil
}

// compileTo compiles and writes a module.
func compileTo(dir string, m module, flags ...string) error {
	text, err := compile(m, flags...)
	if err != nil {
		return err
	}
	return write(dir, m.name, text)
}

func write(dir, name, text string) error {
	dir = filepath.Join("ptx", dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name+".ptx"), []byte(text), 0o644)
}

// compile returns a module's text, without comments.
func compile(m module, flags ...string) (string, error) {
	args := append([]string{
		"-x", "cuda", "-nocudainc", "-nocudalib", "--cuda-device-only",
		"-std=c++14", "-O3", "-ffp-contract=off", "-Wall", "-Werror",
		"-S", filepath.Join("src", m.source), "-o", "-",
	}, append(m.defines, flags...)...)
	var said bytes.Buffer
	cmd := exec.Command("clang++-19", args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: clang++-19: %w\n%s", m.name, err, said.String())
	}
	var b strings.Builder
	for line := range strings.Lines(string(out)) {
		line, _, _ = strings.Cut(line, "//")
		if line = strings.TrimRight(line, " \t\n"); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return b.String(), nil
}
