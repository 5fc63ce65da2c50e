package train

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc64"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
)

// A sealed file is one that only this package reads and writes. Its numbers are
// little-endian, and a checksum at its end says whether it is whole:
//
//	byte 0   magic      8 bytes: what the file holds
//	     8   version    uint64
//	    16   ...        the fields of a state or a cache
//	end-8    checksum   uint64, CRC-64 (ECMA 182) of everything before it

const (
	sealBytes  = 8       // of the checksum
	sealBuffer = 1 << 16 // bytes that are read or written at once
)

var sealTable = crc64.MakeTable(crc64.ECMA)

// A sealWriter writes a sealed file until its first error, which close returns.
type sealWriter struct {
	w   *bufio.Writer
	sum uint64
	err error
	buf []byte
}

func newSealWriter(w io.Writer, magic string, version uint64) *sealWriter {
	s := &sealWriter{w: bufio.NewWriterSize(w, sealBuffer), buf: make([]byte, 0, sealBuffer)}
	s.bytes([]byte(magic))
	s.uint64(version)
	return s
}

func (s *sealWriter) bytes(b []byte) {
	if s.err == nil {
		s.sum = crc64.Update(s.sum, sealTable, b)
		_, s.err = s.w.Write(b)
	}
}

func (s *sealWriter) uint64(v uint64) { s.bytes(binary.LittleEndian.AppendUint64(s.buf[:0], v)) }

func (s *sealWriter) floats(x []float32) {
	writeWords(s, x, math.Float32bits)
}

func (s *sealWriter) int32s(x []int32) {
	writeWords(s, x, func(v int32) uint32 { return uint32(v) })
}

func writeWords[T any](s *sealWriter, x []T, bits func(T) uint32) {
	for len(x) > 0 && s.err == nil {
		n := min(len(x), sealBuffer/4)
		b := s.buf[:0]
		for _, v := range x[:n] {
			b = binary.LittleEndian.AppendUint32(b, bits(v))
		}
		s.bytes(b)
		x = x[n:]
	}
}

// close writes the checksum and what is buffered.
func (s *sealWriter) close() error {
	s.uint64(s.sum)
	if s.err != nil {
		return s.err
	}
	return s.w.Flush()
}

// A sealReader reads a sealed file until its first error, which close returns.
type sealReader struct {
	name   string // for errors
	r      io.Reader
	sum    uint64
	offset int64
	end    int64 // where the checksum begins
	err    error
	buf    []byte
}

// newSealReader reads from r, which has size bytes. The name is for errors.
func newSealReader(name string, r io.Reader, size int64, magic string, version uint64) *sealReader {
	s := &sealReader{name: name, r: r, end: size - sealBytes, buf: make([]byte, sealBuffer)}
	if got := s.next(int64(len(magic)), "magic"); s.err == nil && string(got) != magic {
		s.fault(0, "magic", "%q, want %q", got, magic)
	}
	at := s.offset
	if got := s.uint64("version"); s.err == nil && got != version {
		s.fault(at, "version", "%d, want %d", got, version)
	}
	return s
}

// openSealed opens a sealed file for newSealReader.
func openSealed(path string) (*os.File, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, fmt.Errorf("train: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close() // it was only read
		return nil, 0, fmt.Errorf("train: %w", err)
	}
	return f, info.Size(), nil
}

func (s *sealReader) fault(offset int64, field, format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("train: %s: byte %d: %s: %s", s.name, offset, field, fmt.Sprintf(format, args...))
	}
}

// has reports whether n more bytes are there before the checksum.
func (s *sealReader) has(n int64, field string) bool {
	if s.err == nil && n > s.end-s.offset {
		s.fault(s.offset, field, "needs %d bytes, but the content ends at byte %d", n, max(s.end, 0))
	}
	return s.err == nil
}

// next returns the next n bytes, at most sealBuffer, until the next call; nil after an error.
func (s *sealReader) next(n int64, field string) []byte {
	if !s.has(n, field) {
		return nil
	}
	b := s.buf[:n]
	if _, err := io.ReadFull(s.r, b); err != nil {
		s.fault(s.offset, field, "%v", err)
		return nil
	}
	s.offset += n
	s.sum = crc64.Update(s.sum, sealTable, b)
	return b
}

func (s *sealReader) uint64(field string) uint64 {
	if b := s.next(8, field); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// count reads how many things follow that take width bytes each, and checks
// that the file has room for them.
func (s *sealReader) count(width int64, field string) int {
	at := s.offset
	n := s.uint64(field)
	if room := min(max(s.end-s.offset, 0), math.MaxInt) / width; s.err == nil && n > uint64(room) {
		s.fault(at, field, "%d, but the file has room for %d", n, room)
	}
	if s.err != nil {
		return 0
	}
	return int(n)
}

// bytes reads n bytes, which count has checked.
func (s *sealReader) bytes(n int, field string) []byte {
	dst := make([]byte, 0, n)
	for len(dst) < n && s.err == nil {
		dst = append(dst, s.next(int64(min(n-len(dst), sealBuffer)), field)...)
	}
	return dst
}

// floats reads n numbers, which count has checked.
func (s *sealReader) floats(n int, field string) []float32 {
	return readWords(s, n, field, math.Float32frombits)
}

// int32s reads n numbers, which count has checked.
func (s *sealReader) int32s(n int, field string) []int32 {
	return readWords(s, n, field, func(bits uint32) int32 { return int32(bits) })
}

func readWords[T any](s *sealReader, n int, field string, value func(uint32) T) []T {
	if !s.has(4*int64(n), field) {
		return nil
	}
	dst := make([]T, 0, n)
	for len(dst) < n && s.err == nil {
		b := s.next(4*int64(min(n-len(dst), sealBuffer/4)), field)
		for ; len(b) > 0; b = b[4:] {
			dst = append(dst, value(binary.LittleEndian.Uint32(b)))
		}
	}
	return dst
}

// close checks that all was read and that the checksum is right. It closes no file.
func (s *sealReader) close() error {
	if s.err == nil && s.offset != s.end {
		s.fault(s.offset, "checksum", "want it here, but the file has %d bytes more", s.end-s.offset)
	}
	want := s.sum
	at := s.offset
	s.end += sealBytes
	if got := s.uint64("checksum"); s.err == nil && got != want {
		s.fault(at, "checksum", "%016x, but the content has %016x: the file is damaged", got, want)
	}
	return s.err
}

// ReplaceFile makes the file at path hold what write writes. It goes to a
// temporary file beside path first, which is renamed when all is on disk: path
// is never a part of a file, and after an error, or when the process is
// killed, it is what it was. Temporary files that were left by killed
// processes are removed, so only one process may replace a file at a time.
func ReplaceFile(path string, write func(io.Writer) error) (err error) {
	if err := removeLeft(path); err != nil {
		return fmt.Errorf("train: %w", err)
	}
	temp := fmt.Sprintf("%s.%d.tmp", path, os.Getpid())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("train: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close() // a second Close is harmless
			_ = os.Remove(temp)
			err = fmt.Errorf("train: %s stays as it was: %w", path, err)
		}
	}()
	if err = write(f); err != nil {
		return err
	}
	if err = f.Sync(); err != nil {
		return err
	}
	if err = f.Close(); err != nil {
		return err
	}
	if err = os.Rename(temp, path); err != nil {
		return err
	}
	syncFolder(filepath.Dir(path))
	return nil
}

// removeLeft removes the temporary files of path.
func removeLeft(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return err
	}
	for _, e := range entries {
		pid, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+".")
		if pid, ok2 := strings.CutSuffix(pid, ".tmp"); ok && ok2 && pid != "" && strings.Trim(pid, "0123456789") == "" {
			if err := os.Remove(filepath.Join(filepath.Dir(path), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// syncFolder makes a rename last through a power cut, where the system can do
// that to folders. Where it cannot, the old file or the new one is there.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
