// Package kernels holds the kernels of the GPU: their source, in a dialect of C++ that
// is compiled for CUDA and for the host, and the PTX that clang made of it.
package kernels

import (
	"embed"
	"fmt"
	"strings"
)

//go:generate go run ./_gen

//go:embed ptx/sm_90/*.ptx ptx/sm_80_tiles/*.ptx ptx/sm_90_tiles/*.ptx ptx/sm_90a/*.ptx
var ptx embed.FS

// PTX returns the text of a module, for processors from sm_80 on, or sm_90. Modules whose names begin with group_ are
// for sm_90a only.
func PTX(module string, sm90 bool) (string, error) {
	dir, older := "ptx/sm_90", !sm90
	switch {
	case strings.HasPrefix(module, "group_"):
		dir, older = "ptx/sm_90a", false
	case strings.HasPrefix(module, "tiled_") && sm90:
		dir = "ptx/sm_90_tiles"
	case strings.HasPrefix(module, "tiled_"):
		dir, older = "ptx/sm_80_tiles", false
	}
	text, err := ptx.ReadFile(dir + "/" + module + ".ptx")
	if err != nil {
		return "", fmt.Errorf("kernels: no module %q", module)
	}
	if older {
		return Older(string(text)), nil
	}
	return string(text), nil
}

// Older makes the text for sm_80 of one for sm_90, whose kernels wait for each other by an instruction that sm_80
// does not need. The generator makes sure that clang makes the same.
func Older(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, ".version"):
			line = ".version 7.0\n"
		case strings.HasPrefix(line, ".target"):
			line = ".target sm_80\n"
		case strings.Contains(line, "griddepcontrol."):
			continue
		}
		b.WriteString(line)
	}
	return b.String()
}

// Modules returns the names of all modules.
func Modules() []string {
	entries, err := ptx.ReadDir("ptx/sm_90")
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
