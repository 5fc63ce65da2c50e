package lint

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
)

// A tree is the files of a repository.
type tree struct {
	text   map[string]string // by slash-separated path; empty if not text
	golang []*goFile
}

// A goFile is a parsed file of Go, whatever the platform it is for.
type goFile struct {
	path, dir string // of a tree; dir is "." at its root
	syntax    *ast.File
	fset      *token.FileSet
	generated bool
}

// A check returns what is wrong with a tree, each line starting with a path.
type check func(*tree) []string

// A plant is a small tree and what a check has to say about it.
type plant struct {
	files map[string]string
	want  []string
}

// repository is read once for all tests.
var repository = sync.OnceValues(func() (*tree, error) { return readTree(os.DirFS("../..")) })

// run reports what c finds in the repository, and what it misses in the plants.
func run(t *testing.T, c check, plants ...plant) {
	t.Helper()
	repo, err := repository()
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range c(repo) {
		t.Error(complaint)
	}
	for _, p := range plants {
		fsys := fstest.MapFS{}
		for name, text := range p.files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		small, err := readTree(fsys)
		if err != nil {
			t.Fatal(err)
		}
		got := c(small)
		slices.Sort(got)
		if !slices.Equal(got, p.want) {
			t.Errorf("planted %v:\n got %q\nwant %q", p.files, got, p.want)
		}
	}
}

func readTree(fsys fs.FS) (*tree, error) {
	t := &tree{text: map[string]string{}}
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (name == ".git" || name == "build"):
			return fs.SkipDir
		case !d.Type().IsRegular() || name == ".git": // a file in a linked work tree
			return nil
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if bytes.IndexByte(data, 0) >= 0 {
			data = nil // not text, but there
		}
		t.text[name] = string(data)
		if path.Ext(name) == ".go" {
			return t.parse(name, data)
		}
		return nil
	})
	return t, err
}

func (t *tree) parse(name string, data []byte) error {
	f := &goFile{path: name, dir: path.Dir(name), fset: token.NewFileSet()}
	var err error
	f.syntax, err = parser.ParseFile(f.fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	f.generated = ast.IsGenerated(f.syntax)
	t.golang = append(t.golang, f)
	return nil
}

// product returns the files that are compiled into packages of the module:
// no tests, and no folders that the go command passes over.
func (t *tree) product() []*goFile {
	var list []*goFile
	for _, f := range t.golang {
		if !f.test() && !hidden.MatchString(f.path) {
			list = append(list, f)
		}
	}
	return list
}

// hidden matches paths through folders that the go command passes over.
var hidden = regexp.MustCompile(`(^|/)(testdata|[._][^/]*)/`)

func (f *goFile) test() bool { return strings.HasSuffix(f.path, "_test.go") }

// at formats a complaint about a place in a file.
func (f *goFile) at(n ast.Node, format string, args ...any) string {
	return fmt.Sprintf("%s:%d: %s", f.path, f.fset.Position(n.Pos()).Line, fmt.Sprintf(format, args...))
}

// lines returns how many lines n takes.
func (f *goFile) lines(n ast.Node) int {
	return f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
}

// name returns the name of f's package in mayImport: its path below internal,
// or below the module's root.
func (f *goFile) name() string { return shortName(path.Join("cria", f.dir)) }

func shortName(importPath string) string {
	s := strings.TrimPrefix(importPath, "cria/")
	return strings.TrimPrefix(s, "internal/")
}
