//go:build !unix && !windows

package mmap

import (
	"errors"
	"io"
	"os"
)

// mapFile reads the file: this system has no mappings.
func mapFile(f *os.File, size int) (data []byte, unmap func() error, err error) {
	data = make([]byte, size)
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, nil, err
	}
	return data, func() error { return nil }, nil
}

const lockHint = ""

func lock([]byte) error { return errors.ErrUnsupported }
