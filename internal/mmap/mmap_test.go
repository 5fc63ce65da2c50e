package mmap

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestOpen(t *testing.T) {
	for _, size := range []int{0, 1, 4095, 4096, 4097, 1 << 20} {
		want := make([]byte, size)
		for i := range want {
			want[i] = byte(i*7 + i>>8)
		}
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, want, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if f.Bytes() == nil || !bytes.Equal(f.Bytes(), want) {
			t.Errorf("%d bytes: Bytes differs from the file's contents", size)
		}
		for call := range 3 {
			if err := f.Close(); err != nil {
				t.Errorf("%d bytes: Close, call %d: %v", size, call+1, err)
			}
		}
		if f.Bytes() != nil {
			t.Errorf("%d bytes: Bytes is not nil after Close", size)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: error %v, want fs.ErrNotExist", err)
	}
	_, err := Open(dir)
	if err == nil || !strings.Contains(err.Error(), "directory") || !strings.Contains(err.Error(), dir) {
		t.Errorf("a directory: error %v, want one that names it and says directory", err)
	}
	if _, err := os.Stat(os.DevNull); err == nil {
		_, err := Open(os.DevNull)
		if err == nil || !strings.Contains(err.Error(), os.DevNull) {
			t.Errorf("a device: error %v, want one that names %s", err, os.DevNull)
		}
	}
}

// A mapping belongs to the file, not to its name.
func TestRename(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Skipf("this system cannot rename a mapped file: %v", err)
	}
	if got := string(f.Bytes()); got != "before" {
		t.Errorf("after a rename the mapping holds %q, want %q", got, "before")
	}
}

// TestLock locks what limits allow anywhere, and all of a file that they may not allow: then the error says so.
func TestLock(t *testing.T) {
	if err := Lock(nil); err != nil {
		t.Errorf("nothing: %v", err)
	}
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, 64<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	if err := Lock(f.Bytes()[:1<<12]); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a page: %v", err)
	}
	if err := Lock(f.Bytes()); err != nil && !strings.Contains(err.Error(), "67108864 bytes") {
		t.Errorf("a file: %v, want an error with its size", err)
	}
}

// TestHuge: asking for large pages changes no contents, whatever the size.
func TestHuge(t *testing.T) {
	for _, size := range []int{0, 1, 1 << 20, 4<<20 - 1, 9 << 20} {
		data := make([]byte, size)
		Huge(data)
		for i := range data {
			if data[i] != 0 {
				t.Fatalf("%d bytes: byte %d is %d", size, i, data[i])
			}
			data[i] = byte(i)
		}
		for i := range data {
			if data[i] != byte(i) {
				t.Fatalf("%d bytes: byte %d is %d after it was set to %d", size, i, data[i], byte(i))
			}
		}
	}
}
