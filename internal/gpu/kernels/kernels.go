// Package kernels holds the kernels of the GPU: their source, in a dialect of C++ that
// is compiled for CUDA and for the host, and the PTX that clang made of it.
package kernels

import (
	"embed"
	"fmt"
	"strings"
)

//go:generate go run ./_gen

//go:embed ptx/sm_80/*.ptx ptx/sm_90/*.ptx ptx/sm_80_tiles/*.ptx ptx/sm_90_tiles/*.ptx ptx/sm_90a/*.ptx
var ptx embed.FS

// PTX returns the text of a module, for processors from sm_80 on, or sm_90. Modules whose names begin with group_ are
// for sm_90a only.
func PTX(module string, sm90 bool) (string, error) {
	dir := "ptx/sm_80"
	if sm90 {
		dir = "ptx/sm_90"
	}
	switch {
	case strings.HasPrefix(module, "group_"):
		dir = "ptx/sm_90a"
	case strings.HasPrefix(module, "tiled_"):
		dir += "_tiles"
	}
	text, err := ptx.ReadFile(dir + "/" + module + ".ptx")
	if err != nil {
		return "", fmt.Errorf("kernels: no module %q", module)
	}
	return string(text), nil
}

// Modules returns the names of all modules.
func Modules() []string {
	entries, err := ptx.ReadDir("ptx/sm_80")
	if err != nil {
		panic(err) // of what is embedded
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".ptx"))
	}
	return names
}

// ofFormats begin the names of kernels that each format has for itself.
var ofFormats = []string{
	"vec_", "direct_", "mat_", "square_expert_", "square_", "embed_", "few_", "halves_", "expert_", "codes_", "pack_",
}

// Module returns the name of the module that a kernel is in: the format's of those that
// multiply by a matrix or look up its rows, "examples" of those that no model runs, "common" for all others.
func Module(kernel string) string {
	if format, ok := strings.CutPrefix(kernel, "wide_"); ok {
		return "group_" + format
	}
	switch prefix, _, _ := strings.Cut(kernel, "_"); prefix {
	case "flash", "split", "turn", "join":
		return "group_attention"
	case "matmul", "narrow", "widen":
		return "examples"
	}
	for _, prefix := range ofFormats {
		if format, ok := strings.CutPrefix(kernel, prefix); ok {
			return format
		}
	}
	return "common"
}
