package llama2c

import (
	"bufio"
	"fmt"
	"io"

	"cria/internal/tensor"
)

// chunkBytes is how much is written between two reports of progress.
const chunkBytes = 1 << 20

// Write writes a checkpoint with header h. It asks mat for each tensor by
// name, once, in file order, and has written it when it asks for the next, so that a
// buffer can be used again. If progress is not nil it is called now and then
// with the bytes written so far and the size of the file.
//
// After an error, what has been written is no checkpoint.
func Write(w io.Writer, h *Header, mat func(name string) (tensor.Mat, error),
	progress func(done, total int64)) error {
	return write(w, h, func(s *slot) (tensor.Mat, error) { return mat(s.name) }, progress)
}

func write(w io.Writer, h *Header, mat func(s *slot) (tensor.Mat, error),
	progress func(done, total int64)) error {
	total, err := h.FileSize()
	if err != nil {
		return err
	}
	out := &output{w: bufio.NewWriterSize(w, chunkBytes), total: total, progress: progress}
	out.write(h.encode(), 1)
	for s := range h.slots() {
		if out.err != nil {
			break
		}
		if s.kind == table {
			writeFreqs(out, &s)
			continue
		}
		m, err := mat(&s)
		if err == nil {
			err = s.accept(h, &m)
		}
		if err != nil {
			return fmt.Errorf("llama2c: %s: %w", s.name, err)
		}
		out.write(m.Data, m.Type.Size())
		out.write(tensor.Bytes(m.Scales), 4)
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("llama2c: writing: %w", out.err)
	}
	return nil
}

// accept returns an error unless m is what belongs into s.
func (s *slot) accept(h *Header, m *tensor.Mat) error {
	want := s.shape(h)
	if m.Type != want.Type || m.Rows != want.Rows || m.Cols != want.Cols || m.Group != want.Group {
		return fmt.Errorf("is %d x %d of %v in groups of %d, want %d x %d of %v in groups of %d",
			m.Rows, m.Cols, m.Type, m.Group, want.Rows, want.Cols, want.Type, want.Group)
	}
	held := int64(len(m.Data)) + 4*int64(len(m.Scales))
	if held != s.bytes || len(m.Data) != want.Rows*want.Cols*want.Type.Size() {
		return fmt.Errorf("holds %d bytes, want %d", held, s.bytes)
	}
	return nil
}

// An output writes numbers in the byte order of files, and keeps the first error.
type output struct {
	w           *bufio.Writer
	done, total int64
	progress    func(done, total int64)
	err         error
}

// write appends b, numbers of size bytes each.
func (o *output) write(b []byte, size int) {
	for len(b) > 0 && o.err == nil {
		chunk := b[:min(len(b), chunkBytes)]
		b = b[len(chunk):]
		_, o.err = o.w.Write(littleEndian(chunk, size))
		o.done += int64(len(chunk))
		if o.progress != nil {
			o.progress(o.done, o.total)
		}
	}
}

// littleEndian returns b, or a copy in the byte order of files where this
// machine's is another.
func littleEndian(b []byte, size int) []byte {
	if size == 1 || !bigEndian {
		return b
	}
	c := append([]byte(nil), b...)
	swap(c, size)
	return c
}
