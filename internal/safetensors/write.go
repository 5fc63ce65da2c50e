package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

const (
	// headerAlign makes the data begin where a cache line does, if the file is mapped.
	headerAlign = 64
	// chunkBytes is how much is written between two reports of progress.
	chunkBytes = 1 << 20
)

// Write writes a file with the tensors of list, by name, type and shape, in
// their order. It asks data for the bytes of each, once, in that order, and
// has written them when it asks for the next, so that a buffer can be used
// again. They are as in a Tensor that was read. If progress is not nil it is called now and
// then with the bytes written so far and the size of the file.
//
// The format knows no gaps: a tensor is aligned if all before it are multiples
// of its numbers' size. After an error, what has been written is no file.
func Write(w io.Writer, metadata map[string]string, list []Tensor,
	data func(t *Tensor) ([]byte, error), progress func(done, total int64)) error {
	header, err := encodeHeader(metadata, list)
	if err != nil {
		return err
	}
	out := &output{w: bufio.NewWriterSize(w, chunkBytes), total: int64(len(header)), progress: progress}
	for _, t := range list {
		n, _ := t.Type.bytes(t.Shape) // encodeHeader has checked it
		out.total += n
	}
	out.write(header, 1)
	for i := range list {
		if out.err != nil {
			break
		}
		t := &list[i]
		b, err := data(t)
		if n, _ := t.Type.bytes(t.Shape); err == nil && int64(len(b)) != n {
			err = fmt.Errorf("has %d bytes, want %d", len(b), n)
		}
		if err != nil {
			return fmt.Errorf("safetensors: %s: %w", quote(t.Name), err)
		}
		out.write(b, t.Type.matSize())
	}
	if out.err == nil {
		out.err = out.w.Flush()
	}
	if out.err != nil {
		return fmt.Errorf("safetensors: writing: %w", out.err)
	}
	return nil
}

// encodeHeader returns the bytes before the data.
func encodeHeader(metadata map[string]string, list []Tensor) ([]byte, error) {
	var b bytes.Buffer
	b.Write(make([]byte, prefixBytes))
	b.WriteByte('{')
	if metadata != nil {
		text, err := json.Marshal(metadata)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `"__metadata__":%s`, text)
	}
	seen, end := map[string]bool{"__metadata__": true}, int64(0)
	for i, t := range list {
		size, ok := t.Type.bytes(t.Shape)
		switch {
		case seen[t.Name] || !utf8.ValidString(t.Name):
			return nil, fmt.Errorf("safetensors: %s: a tensor cannot have this name, or is there twice", quote(t.Name))
		case bits[t.Type] == 0 || !ok || end+size < end:
			return nil, fmt.Errorf("safetensors: %s: %v of %s do not make a tensor", quote(t.Name), t.Shape,
				quote(string(t.Type)))
		}
		seen[t.Name] = true
		if i > 0 || metadata != nil {
			b.WriteByte(',')
		}
		name, err := json.Marshal(t.Name)
		if err != nil {
			return nil, err
		}
		shape, err := json.Marshal(append([]int{}, t.Shape...)) // a nil one would be null
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, `%s:{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, t.Type, shape, end, end+size)
		end += size
	}
	b.WriteByte('}')
	for b.Len()%headerAlign != 0 {
		b.WriteByte(' ')
	}
	if b.Len()-prefixBytes > headerBytesMax {
		return nil, fmt.Errorf("safetensors: a header of %d bytes exceeds the limit of %d", b.Len(), headerBytesMax)
	}
	binary.LittleEndian.PutUint64(b.Bytes(), uint64(b.Len()-prefixBytes))
	return b.Bytes(), nil
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
		if bigEndian && size > 1 {
			chunk = bytes.Clone(chunk)
			swap(chunk, size)
		}
		_, o.err = o.w.Write(chunk)
		o.done += int64(len(chunk))
		if o.progress != nil {
			o.progress(o.done, o.total)
		}
	}
}
