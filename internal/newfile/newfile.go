// Package newfile writes files that are there as a whole or not at all.
package newfile

import (
	"context"
	"fmt"
	"io"
	"os"
)

// Write makes the file at path of what write writes. It goes to a temporary file
// beside path, which is renamed when all is on disk, so that path is never a
// part of a file, and stays as it was after an error or when ctx ends.
func Write(ctx context.Context, path string, write func(w io.Writer) error) (err error) {
	temp := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // a second Close is harmless
			_ = os.Remove(temp)
		}
	}()
	if err = write(stopWriter{ctx, f}); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

// A stopWriter writes until its context ends.
type stopWriter struct {
	ctx context.Context
	w   io.Writer
}

func (s stopWriter) Write(b []byte) (int, error) {
	if err := context.Cause(s.ctx); err != nil {
		return 0, err
	}
	return s.w.Write(b)
}
