package lint

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"strings"
	"testing"
)

// checkDocs wants a comment on every package and on everything that package
// cria, the public one, exports.
func checkDocs(t *tree) []string {
	var bad []string
	documented := map[string]bool{}
	for _, f := range t.product() {
		documented[f.dir] = documented[f.dir] || strings.HasPrefix(f.syntax.Doc.Text(), f.docStart())
	}
	complained := map[string]bool{}
	for _, f := range t.product() {
		if !documented[f.dir] && !complained[f.dir] {
			complained[f.dir] = true
			bad = append(bad, fmt.Sprintf("%s: no file has a comment that starts with %q", f.dir, f.docStart()))
		}
		if f.dir == "." {
			for _, d := range f.syntax.Decls {
				bad = append(bad, f.checkDecl(d)...)
			}
		}
	}
	return bad
}

// docStart returns how the comment of f's package starts.
func (f *goFile) docStart() string {
	if f.syntax.Name.Name == "main" {
		return "Command " + path.Base(f.dir) + " "
	}
	return "Package " + f.syntax.Name.Name + " "
}

func (f *goFile) checkDecl(d ast.Decl) []string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && ast.IsExported(receiver(d)) {
			return []string{f.at(d, "%s has no comment", d.Name)}
		}
	case *ast.GenDecl:
		var bad []string
		for _, s := range d.Specs {
			names, commented := specNames(s)
			for _, name := range names {
				if name.IsExported() && !commented && d.Doc == nil {
					bad = append(bad, f.at(name, "%s has no comment", name))
				}
			}
		}
		return bad
	}
	return nil
}

// specNames returns what s declares, and whether it has a comment of its own.
func specNames(s ast.Spec) ([]*ast.Ident, bool) {
	switch s := s.(type) {
	case *ast.TypeSpec:
		return []*ast.Ident{s.Name}, s.Doc != nil
	case *ast.ValueSpec:
		return s.Names, s.Doc != nil || s.Comment != nil
	}
	return nil, true
}

// receiver returns the name of the type that d is a method of, or of d itself.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if generic, ok := typ.(*ast.IndexExpr); ok {
		typ = generic.X
	}
	name, _ := typ.(*ast.Ident)
	return name.Name
}

var (
	link  = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	fence = regexp.MustCompile("(?ms)^ *```.*?^ *```|`[^`\n]*`")
)

// checkLinks wants the links of documents to lead to files that are there.
func checkLinks(t *tree) []string {
	var bad []string
	for name, text := range t.text {
		if path.Ext(name) != ".md" {
			continue
		}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(text, ""), -1) {
			target, _, _ := strings.Cut(m[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if !t.has(path.Join(path.Dir(name), target)) {
				bad = append(bad, fmt.Sprintf("%s: link to %s, which is not there", name, target))
			}
		}
	}
	return bad
}

func TestDocs(t *testing.T) {
	run(t, checkDocs,
		plant{map[string]string{
			"cria.go": "// Package cria runs.\npackage cria\n\n// A T is.\ntype T struct{}\n\n// M does.\nfunc (*T) M() {}\n" +
				"func (t *T) N() {}\n\ntype u struct{}\n\nfunc (u) M() {}\n\nfunc F() {}\n",
			"errors.go":        "package cria\n\n// Errors.\nvar (\n\tErrA = 1\n)\n\nvar (\n\tErrB = 2 // B.\n\tErrC = 3\n)\n",
			"internal/kv/a.go": "package kv\n\nfunc F() {}\n",
			"internal/kv/b.go": "package kv\n",
			"cmd/cria/main.go": "// Command cria runs.\npackage main\n",
			"cmd/x/main.go":    "// Package main runs.\npackage main\n",
		}, []string{
			`cmd/x: no file has a comment that starts with "Command x "`,
			"cria.go:15: F has no comment",
			"cria.go:9: N has no comment",
			"errors.go:10: ErrC has no comment",
			`internal/kv: no file has a comment that starts with "Package kv "`,
		}})
}

func TestLinks(t *testing.T) {
	run(t, checkLinks,
		plant{map[string]string{
			"README.md":     "[a](docs/a.md) [b](docs/b.md#x) [c](https://example.org) [d](#d) [e](docs)\n",
			"CHANGELOG.md":  "```\n[f](g)\n```\n`[h](i)` ![q](docs/q.png)\n",
			"docs/a.md":     "[r](../README.md)\n![p](p.png)\n",
			"docs/q.png":    "PNG\x00",
			"docs/sub/x.md": "[a](a.md)",
		}, []string{
			"README.md: link to docs/b.md, which is not there",
			"docs/a.md: link to p.png, which is not there",
			"docs/sub/x.md: link to a.md, which is not there",
		}})
}
