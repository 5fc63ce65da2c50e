package kernels

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const compiler = "clang++-19"

func needCompiler(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("no %s to check the types of Metal's kernels with", compiler)
	}
}

// check lets clang check a module's types, and then looks for what it cannot see.
func check(t *testing.T, text string) error {
	t.Helper()
	file := filepath.Join(t.TempDir(), "module.cc")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := []string{"-x", "c++", "-std=c++14", "-D__METAL_VERSION__=300", "-Itestdata/metal", file,
		"-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wno-unknown-attributes", "-Wno-unknown-pragmas", "-Wno-keyword-macro",
		"-Wno-unused-function", "-Wno-unused-parameter"}
	out, err := exec.Command(compiler, append(flags, "-fsyntax-only")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	out, err = exec.Command(compiler, append(flags, "-E", "-P", "-DNAMES")...).Output()
	if err != nil {
		return err
	}
	return unqualified(string(out))
}

// TestMetalTypes compiles all modules with a header in place of Metal's where address spaces are clang's.
func TestMetalTypes(t *testing.T) {
	needCompiler(t)
	for _, module := range Modules() {
		text, err := Metal(module)
		if err != nil {
			t.Fatal(err)
		}
		if err := check(t, text); err != nil {
			t.Errorf("%s: %v", module, err)
		}
	}
	if _, err := Metal("q9"); err == nil {
		t.Error("there is a module q9")
	}
}

// TestMetalMistakes wants mistakes that Metal's compiler would see to be seen here.
func TestMetalMistakes(t *testing.T) {
	needCompiler(t)
	common, err := Metal("common")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ what, text, want string }{
		{"none", "DEVICE float first(SHARED(const float) s) { return s[0]; }", ""},
		{"a pointer to nowhere", "DEVICE float first(const float *s, GLOBAL(const float) p) { s = p; return s[0]; }",
			"changes address space of pointer"},
		{"no qualifier", "DEVICE float first(const float *s) { return s[0]; }", "float *s: of which memory?"},
		{"no qualifier in a struct", "struct First { const float *s; };", "float *s: of which memory?"},
		{"no qualifier of a reference", "DEVICE void first(Row &r) { r.pos = 1; }", "Row &r: of which memory?"},
		{"a template's", "template <class Y> DEVICE void first(const Y &y) {}", "Y &y: of which memory?"},
		{"memory of the device for the block's", `DEVICE float first(SHARED(float) s) { return s[0]; }
			KERNEL(wrong, AddArgs) { a.sum[0] = first(a.sum); }`, "no matching function for call to 'first'"},
		{"writing to what is read", "KERNEL(wrong, AddArgs) { a.sum[0] = 1; a.x[0] = 1; }", "cannot assign to variable 'a'"},
		{"writing to the arguments", "KERNEL(wrong, AddArgs) { a.n = 1; }", "const"},
		{"a struct from memory to memory", "KERNEL(wrong, RopeArgs) { Row r = a.rows[0]; a.q[r.pos] = 0; }",
			"no matching constructor"},
		{"numbers that are not handed on", "DEVICE int first(int x) { return THREAD + x; }", "id_thread"},
		{"memory of the block in a function", "DEVICE float first() { SHARED_ARRAY(float, s, 4); return s[0]; }",
			"only kernels have memory of the block"},
		{"a reserved name", "struct First { int half; };", "_Float16"},
		{"double precision", "DEVICE float first(float x) { return (double)x; }", "Metal"},
		{"C++17", "DEVICE float first() { return 0x1p3f; }", "C++17"},
		{"64 bits between lanes", "DEVICE i64 first(i64 x) { return SWAP_LANES(x, 1); }", "lanes exchange 32 bits"},
		{"a matrix of halves of floats",
			"DEVICE void first(SHARED(const float) s) { MATRIX8(f16) m; MATRIX8_LOAD(m, s, 8); }",
			"no matching function for call to 'simdgroup_load'"},
		{"a matrix of the arguments' memory", "KERNEL(wrong, AddArgs) { MATRIX8(float) m; MATRIX8_LOAD(m, &a.x, 8); }",
			"no matching function for call to 'simdgroup_load'"},
		{"a matrix of integers", "DEVICE void first() { MATRIX8(i8) m; (void)m; }", "are of half or float"},
		{"a matrix of another size",
			"DEVICE void first() { metal::simdgroup_matrix<f16, 16, 16> m; (void)m; }", "are 8 by 8"},
		{"sums of another type",
			"DEVICE void first() { MATRIX8(f16) a = MATRIX8_ZERO(float); (void)a; }", "no viable conversion"},
	} {
		t.Run(c.what, func(t *testing.T) {
			err := check(t, common+c.text+"\n")
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

var (
	isType   = regexp.MustCompile(`\b(?:struct|class)\s+(\w+)|\btypedef\b[^;]*?\b(\w+)(?:\s+__attribute__[^;]*)?;`)
	space    = regexp.MustCompile(`\b(?:device|constant|threadgroup|thread)\b`)
	declared = regexp.MustCompile(`([\w:<>, ]*?)\b(\w+)(?:<[^<>;(){}]*>)?\s*([*&])\s*(\w+)\s*[,;)=]`)
)

// unqualified finds what clang takes as it is, and Metal does not: pointers and references that do not say which
// memory they are of, where thread would do, and memory of the block outside of kernels. text is preprocessed.
func unqualified(text string) error {
	types := map[string]bool{"int": true, "float": true, "char": true, "short": true, "long": true, "unsigned": true}
	for _, m := range isType.FindAllStringSubmatch(text, -1) {
		types[m[1]+m[2]] = true
	}
	_, text, _ = strings.Cut(text, "struct Row") // behind what stands in for Metal
	for _, m := range declared.FindAllStringSubmatch(text, -1) {
		if types[m[2]] && !space.MatchString(m[1]) {
			return fmt.Errorf("%s %s%s: of which memory?", m[2], m[3], m[4])
		}
	}
	return blockMemory(text)
}

// blockMemory looks at what stands before the outermost braces.
func blockMemory(text string) error {
	depth, head, begin := 0, "", 0
	for i, c := range text {
		switch c {
		case '{':
			if depth++; depth == 1 {
				head = text[begin:i]
			}
		case '}':
			if depth--; depth == 0 {
				if strings.Contains(text[begin:i], "_memory[") && !strings.Contains(head, "[[kernel") {
					return fmt.Errorf("only kernels have memory of the block:%s", head)
				}
				begin = i + 1
			}
		}
	}
	return nil
}
