package lint

import (
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport is the picture of ARCHITECTURE.md in a form that fails: for each
// package the packages of this module that it may import. Names leave out
// "cria/" and "internal/"; tests may import more.
var mayImport = map[string]string{
	// Leaves: they know nothing of ours.
	"corpus":       "",
	"corpus/write": "corpus",
	"float":        "",
	"tensor":       "mmap",
	"token":        "",
	"mmap":         "",
	"cpuid":        "",
	"lint":         "",
	"hf":           "",
	"hub":          "",
	"score":        "",
	"newfile":      "",
	"jinja":        "",

	// kernel takes slices and numbers, never our structs.
	"kernel": "cpuid float",
	"par":    "cpuid",

	// The heart knows no file format and no device.
	"kv":    "tensor float",
	"model": "tensor kv float",

	// A backend knows no model.
	"ref": "tensor kv float",
	"cpu": "tensor kv kernel par float",
	"gpu": "tensor kv",

	// A device knows its driver and the kernels, and no verb.
	"gpu/cuda":    "gpu gpu/kernels",
	"gpu/metal":   "gpu gpu/kernels",
	"gpu/kernels": "",
	"gpu/sim":     "gpu/kernels",

	"sample": "token float kernel",
	"chat":   "jinja",

	// What tests of backends share.
	"check": "model kv gpu",

	// A reader knows no model; only load knows both.
	"quant":       "float",
	"llama2c":     "tensor float newfile",
	"gguf":        "tensor",
	"safetensors": "tensor",
	"load":        "model kv llama2c gguf safetensors hf mmap token tensor float",
	"fixture":     "llama2c gguf safetensors tensor float",

	// What quantizes a file: which types, and how they are written.
	"mix":     "tensor",
	"imatrix": "gguf tensor load model kv cpu kernel",
	"convert": "gguf quant newfile par tensor float",

	"llmint8": "model tensor kernel par",

	// A trainer has a forward pass of its own, which keeps what the backward pass needs.
	"train": "model kv llama2c load token tensor kernel par float sample",

	// The root introduces them to each other.
	"place": "model load kv cpu par gpu gpu/cuda gpu/metal tensor",
	"cria":  "place gpu train load llmint8 cpu kernel model kv token sample chat llama2c tensor par mmap",
	"bench": "place load cpu gpu model kv token sample kernel par cpuid llama2c tensor float",
	"cmd/cria": "cria bench cpu load llmint8 model token sample train llama2c hub mmap par cpuid tensor score " +
		"gguf mix convert imatrix newfile place gpu",

	"examples/*": "cria kernel par float tensor gpu place",
}

func checkImports(t *tree) []string {
	var bad []string
	for _, f := range t.product() {
		name := f.name()
		if strings.HasPrefix(name, "examples/") {
			name = "examples/*"
		}
		allowed, listed := mayImport[name]
		if !listed {
			bad = append(bad, f.at(f.syntax.Name, "package %s is not in mayImport", name))
			continue
		}
		for _, spec := range f.syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			switch ours := imported == "cria" || strings.HasPrefix(imported, "cria/"); {
			case imported == "C":
				bad = append(bad, f.at(spec, "cgo"))
			case ours && !slices.Contains(strings.Fields(allowed), shortName(imported)):
				bad = append(bad, f.at(spec, "%s may not import %s", name, shortName(imported)))
			}
		}
	}
	return bad
}

func TestImports(t *testing.T) {
	run(t, checkImports,
		plant{map[string]string{
			"internal/kernel/a.go":      "package kernel\n\nimport \"cria/internal/tensor\"",
			"internal/kernel/a_test.go": "package kernel\n\nimport _ \"cria/internal/tensor\"",
			"internal/cpu/a.go":         "package cpu\n\nimport (\n\t\"fmt\"\n\t\"cria/internal/par\"\n\t\"cria\"\n)",
		}, []string{
			"internal/cpu/a.go:6: cpu may not import cria",
			"internal/kernel/a.go:3: kernel may not import tensor",
		}},
		plant{map[string]string{
			"internal/util/a.go":      "package util",
			"internal/fixture/a.go":   "package fixture\n\nimport \"cria/internal/cpu\"",
			"internal/cpu/_gen/a.go":  "package main\n\nimport \"cria/internal/cpu\"",
			"examples/dot/main.go":    "package main\n\nimport \"cria/internal/lint\"",
			"internal/par/par_x86.go": "//go:build amd64\n\npackage par\n\nimport \"C\"",
		}, []string{
			"examples/dot/main.go:3: examples/* may not import lint",
			"internal/fixture/a.go:3: fixture may not import cpu",
			"internal/par/par_x86.go:5: cgo",
			"internal/util/a.go:1: package util is not in mayImport",
		}})
}
