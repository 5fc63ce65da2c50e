package lint

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// reserved lists what only some packages may use of the world around a
// process. A name among packages is one of mayImport, or "main" for programs.
var reserved = []struct{ names, packages, why string }{
	{"os.Getenv os.LookupEnv os.Environ os.ExpandEnv", "cmd/cria cpuid fixture",
		"a library's behaviour is in its arguments"},
	{"os.Args flag.Parse", "main",
		"only a program has arguments"},
	{"os.Exit log.Fatal log.Fatalf log.Fatalln log.Panic log.Panicf log.Panicln", "main",
		"return an error"},
	{"os.Stdin os.Stdout os.Stderr fmt.Print fmt.Printf fmt.Println", "main",
		"take an io.Reader or io.Writer"},
}

// initPackages choose instruction sets before anything runs. No other package
// does anything on being imported.
var initPackages = []string{"cpuid", "kernel"}

func checkWorld(t *tree) []string {
	var bad []string
	for _, f := range t.product() {
		imports := map[string]string{}
		for _, spec := range f.syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			local := path.Base(imported)
			if spec.Name != nil {
				local = spec.Name.Name
			}
			imports[local] = imported
		}
		ast.Inspect(f.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && imports[x.Name] != "" {
					bad = append(bad, f.checkReserved(n, imports[x.Name]+"."+n.Sel.Name)...)
				}
			case *ast.FuncDecl:
				if n.Recv == nil && n.Name.Name == "init" && !slices.Contains(initPackages, f.name()) {
					bad = append(bad, f.at(n, "func init: only %s have one", strings.Join(initPackages, " and ")))
				}
			}
			return true
		})
	}
	return bad
}

func (f *goFile) checkReserved(n ast.Node, name string) []string {
	for _, r := range reserved {
		if !slices.Contains(strings.Fields(r.names), name) {
			continue
		}
		packages := strings.Fields(r.packages)
		if !slices.Contains(packages, f.name()) && !slices.Contains(packages, f.syntax.Name.Name) {
			return []string{f.at(n, "%s: %s", name, r.why)}
		}
	}
	return nil
}

func TestWorld(t *testing.T) {
	run(t, checkWorld,
		plant{map[string]string{
			"cria.go":              "package cria\n\nimport \"os\"\n\nvar home = os.Getenv(\"HOME\")",
			"internal/par/a.go":    "package par\n\nfunc init() {}\n\nfunc (p *Pool) init() {}",
			"internal/cpuid/a.go":  "package cpuid\n\nimport \"os\"\n\nfunc init() { os.Getenv(\"CRIA_CPU\") }",
			"internal/bench/a.go":  "package bench\n\nimport l \"log\"\n\nfunc f(os T) { os.Exit(1); l.Fatal(1) }",
			"internal/load/a.go":   "package load\n\nimport \"fmt\"\n\nfunc f() { fmt.Println(fmt.Sprint(1)) }",
			"cmd/cria/main.go":     "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(len(os.Args)) }",
			"examples/dot/main.go": "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(len(os.Environ())) }",
		}, []string{
			"cria.go:5: os.Getenv: a library's behaviour is in its arguments",
			"examples/dot/main.go:5: os.Environ: a library's behaviour is in its arguments",
			"internal/bench/a.go:5: log.Fatal: return an error",
			"internal/load/a.go:5: fmt.Println: take an io.Reader or io.Writer",
			"internal/par/a.go:3: func init: only cpuid and kernel have one",
		}})
}
