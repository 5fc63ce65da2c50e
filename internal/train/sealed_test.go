package train

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// A brokenWriter fails at a write. Before each one, it calls before.
type brokenWriter struct {
	w      io.Writer
	left   int // writes until it fails
	before func()
}

var errBroken = errors.New("the disk is full")

func (b *brokenWriter) Write(p []byte) (int, error) {
	b.before()
	if b.left--; b.left < 0 {
		n, _ := b.w.Write(p[:len(p)/2])
		return n, errBroken
	}
	return b.w.Write(p)
}

// testReplace checks that whatever happens while write writes, the file at path
// is what it was or what it should be: check returns which, 0 or 1.
func testReplace(t *testing.T, path string, write func(io.Writer) error, check func() int) {
	t.Helper()
	want := func(n int) {
		t.Helper()
		if got := check(); got != n {
			t.Fatalf("the file is number %d, want %d", got, n)
		}
	}
	for fails := 0; ; fails++ {
		b := &brokenWriter{left: fails, before: func() { want(0) }}
		err := ReplaceFile(path, func(w io.Writer) error {
			b.w = w
			return write(b)
		})
		if err == nil {
			if fails < 3 {
				t.Errorf("%d writes are too few for this test", fails)
			}
			break
		}
		if !errors.Is(err, errBroken) {
			t.Fatal(err)
		}
		want(0)
		if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
			t.Fatalf("files are left: %v", entries)
		}
	}
	want(1)
}

func TestReplaceFileRemovesWhatWasLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "[a]")
	for _, name := range []string{path, path + ".123.tmp", path + ".tmp", path + ".1x.tmp", path + "b.1.tmp"} {
		if err := os.WriteFile(name, []byte("old"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	err := ReplaceFile(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "new")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(path); string(got) != "new" {
		t.Errorf("the file holds %q", got)
	}
	var names []string
	entries, _ := os.ReadDir(filepath.Dir(path))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if len(names) != 4 { // all but [a].123.tmp
		t.Errorf("left: %q", names)
	}
}

// TestReplaceFileFails where no write can be to blame.
func TestReplaceFileFails(t *testing.T) {
	nothing := func(io.Writer) error { return nil }
	dir := t.TempDir()
	full := filepath.Join(dir, "full") // a folder, which no file can replace
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := ReplaceFile(full, nothing); err == nil {
		t.Error("no error where a folder is")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("files are left: %v", entries)
	}
	if err := ReplaceFile(filepath.Join(dir, "none", "file"), nothing); err == nil {
		t.Error("no error for a folder that is not there")
	}
}
