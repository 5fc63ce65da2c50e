package load

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"cria/internal/mmap"
)

// A Disk is where a model's files are: the system's, or FS if it is not nil.
type Disk struct{ FS fs.FS }

// smallMax is more than any tokenizer or configuration has.
const smallMax = 1 << 28

// mapped returns a file's bytes: mapped, or of FS read.
func (d Disk) mapped(name string) (data []byte, unmap func() error, err error) {
	if d.FS != nil {
		data, err = fs.ReadFile(d.FS, name)
		return data, func() error { return nil }, err
	}
	f, err := mmap.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return f.Bytes(), f.Close, nil
}

// read returns a file that is not large.
func (d Disk) read(name string) ([]byte, error) {
	info, err := d.stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.Size() > smallMax:
		return nil, fmt.Errorf("load: %s has %d bytes, want at most %d", name, info.Size(), smallMax)
	case d.FS != nil:
		return fs.ReadFile(d.FS, name)
	}
	return os.ReadFile(name)
}

func (d Disk) stat(name string) (fs.FileInfo, error) {
	if d.FS != nil {
		return fs.Stat(d.FS, name)
	}
	return os.Stat(name)
}

// beside returns the path of a file in the same folder as another.
func (d Disk) beside(name, other string) string {
	if d.FS != nil {
		return path.Join(path.Dir(name), other)
	}
	return filepath.Join(filepath.Dir(name), other)
}

// in returns the path of a file in a folder.
func (d Disk) in(dir, name string) string {
	if d.FS != nil {
		return path.Join(dir, name)
	}
	return filepath.Join(dir, name)
}

func (d Disk) split(name string) (dir, base string) {
	if d.FS != nil {
		return path.Dir(name), path.Base(name)
	}
	return filepath.Dir(name), filepath.Base(name)
}
