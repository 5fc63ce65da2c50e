package llama2c

import (
	"context"
	"io"

	"cria/internal/newfile"
)

// ConvertFile is Convert into the file at path, which is never a part of a
// checkpoint, and stays as it was after an error or when ctx ends.
func ConvertFile(ctx context.Context, path string, src *File, opt Options,
	progress func(done, total int64)) (report Report, err error) {
	err = newfile.Write(ctx, path, func(w io.Writer) (err error) {
		report, err = Convert(w, src, opt, progress)
		return err
	})
	return report, err
}
