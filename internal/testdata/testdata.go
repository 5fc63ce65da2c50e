// Package testdata finds the third-party models, tokenizers and texts that some tests use.
// They have licences of their own and are not part of the repository.
package testdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Dir returns the folder of third-party test data: $CRIA_DATA, or shared/data
// beside the repository. Where there is none it skips the test and says so;
// if CRIA_REQUIRE_DATA is set, as in CI, that is a failure.
func Dir(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("CRIA_DATA")
	if dir == "" {
		_, file, _, _ := runtime.Caller(0)
		dir = filepath.Join(filepath.Dir(file), "..", "..", "..", "shared", "data")
	}
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if os.Getenv("CRIA_REQUIRE_DATA") != "" {
		t.Fatalf("no test data in %s, and CRIA_REQUIRE_DATA is set", dir)
	}
	t.Skipf("no test data in %s (set CRIA_DATA to its folder)", dir)
	return ""
}

// Path returns the path of a file below Dir.
func Path(t testing.TB, elem ...string) string {
	t.Helper()
	return filepath.Join(append([]string{Dir(t)}, elem...)...)
}
