package llama2c

import (
	"context"
	"fmt"
	"io"
	"os"
)

// ConvertFile is Convert into the file at path. It writes a temporary file
// beside it and renames that when all is on disk, so that path is never a part
// of a checkpoint, and stays as it was after an error or when ctx ends.
func ConvertFile(ctx context.Context, path string, src *File, opt Options,
	progress func(done, total int64)) (report Report, err error) {
	temp := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return Report{}, err
	}
	defer func() {
		if err != nil {
			_ = f.Close() // a second Close is harmless
			_ = os.Remove(temp)
		}
	}()
	if report, err = Convert(stopWriter{ctx, f}, src, opt, progress); err != nil {
		return report, err
	}
	if err = f.Sync(); err != nil {
		return report, err
	}
	if err = f.Close(); err != nil {
		return report, err
	}
	return report, os.Rename(temp, path)
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
