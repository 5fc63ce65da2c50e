package kernels

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed src
var source embed.FS

// elsewhere are the headers of the dialect's other targets.
var elsewhere = map[string]bool{"cuda.h": true, "host.h": true}

// Metal returns a module in the language of Metal, as one text: the files of its source follow each other,
// and #line says where each begins, so that a compiler's messages name them.
func Metal(module string) (string, error) {
	if _, err := PTX(module, false); err != nil { // it has the same modules
		return "", err
	}
	var b strings.Builder
	file := module + ".cc"
	if module != "common" && module != "examples" {
		file = "blocks.cc"
		if strings.HasSuffix(module, "f32") || strings.HasSuffix(module, "f16") {
			file = "product.cc"
		}
		fmt.Fprintf(&b, "#define NAME %s\n#define FORMAT %s\n", module, strings.ToUpper(module))
	}
	return b.String() + flat(file, map[string]bool{}), nil
}

// flat returns a file of the source with those that it includes in their places, but for those that were there before.
func flat(file string, seen map[string]bool) string {
	text, err := source.ReadFile(path.Join("src", file))
	if err != nil {
		panic(err) // a file of ours includes one that is not there
	}
	var b strings.Builder
	fmt.Fprintf(&b, "#line 1 %q\n", file)
	for i, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		included, ok := strings.CutPrefix(line, `#include "`)
		switch included = strings.TrimSuffix(included, `"`); {
		case line == "#pragma once", ok && (elsewhere[included] || seen[included]):
			line = ""
		case ok:
			seen[included] = true
			line = flat(included, seen) + fmt.Sprintf("#line %d %q", i+2, file)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}
