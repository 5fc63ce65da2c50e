// Package mmap makes the bytes of a file readable without copying them: pages
// are read when they are first touched, and are shared by all processes that
// map the same file.
//
// Nothing is read ahead. A program that looks only at a header touches only
// its page, and one that reads everything is served by the system's own
// read-ahead.
package mmap

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"sync"
	"unsafe"
)

// A File is a file's bytes in memory, read-only.
type File struct {
	data  []byte
	unmap func() error
	once  sync.Once
}

// Open maps the regular file at path. Where the system cannot map files, it
// reads the whole file into memory.
//
// The file must not be shortened while it is mapped: reading bytes that are no
// longer there ends the program.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // a mapping outlives the descriptor that it was made from
	data, unmap, err := open(f)
	if err != nil {
		return nil, &fs.PathError{Op: "mmap", Path: path, Err: err}
	}
	return &File{data: data, unmap: unmap}, nil
}

func open(f *os.File) (data []byte, unmap func() error, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, nil, err
	}
	size := info.Size()
	switch {
	case info.IsDir():
		return nil, nil, errors.New("is a directory, want a file")
	case !info.Mode().IsRegular():
		return nil, nil, errors.New("is no regular file, and only those can be mapped")
	case size > math.MaxInt:
		return nil, nil, fmt.Errorf("its %d bytes exceed this machine's address space", size)
	case size == 0: // systems refuse to map nothing
		return []byte{}, func() error { return nil }, nil
	}
	return mapFile(f, int(size))
}

// Bytes returns the contents of the file, valid until Close. Nobody may write
// to them: on most systems that ends the program.
func (f *File) Bytes() []byte { return f.data }

// Lock keeps memory from being moved out to a disk, which the system allows up to a limit, and reads all of a
// mapped file into it. Closing the file ends that.
func Lock(data []byte) error {
	if len(data) == 0 {
		return nil
	}
	if err := lock(data); err != nil {
		return fmt.Errorf("mlock of %d bytes: %w%s", len(data), err, lockHint)
	}
	return nil
}

// Huge asks for large pages under memory that nobody has touched yet: a processor that reads all of it over and over
// looks up far fewer addresses. Only Linux is asked, and it may do as it likes.
func Huge(data []byte) {
	const page = 2 << 20
	first := -uintptr(unsafe.Pointer(unsafe.SliceData(data))) % page
	if n := (uintptr(len(data)) - min(first, uintptr(len(data)))) / page * page; n > 0 {
		huge(data[first:][:n])
	}
}

// Close ends the mapping. Slices of Bytes must no longer be used: reading them
// ends the program. Calls after the first do nothing.
func (f *File) Close() error {
	var err error
	f.once.Do(func() {
		f.data = nil
		err = f.unmap()
	})
	return err
}
