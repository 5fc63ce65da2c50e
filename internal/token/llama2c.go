package token

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
)

// pieceBytesMax is far more than any tokenizer has: Llama 2's longest piece is 27 bytes.
const pieceBytesMax = 1 << 16

// A FormatError says where a tokenizer's file is not what it should be, and why.
type FormatError struct {
	Name   string // the file's name; may be empty
	Offset int64  // of the field, in bytes from the start of the file; -1 if that says nothing
	Field  string
	Reason string
}

func (e *FormatError) Error() string {
	var b strings.Builder
	b.WriteString("token: ")
	if e.Name != "" {
		b.WriteString(e.Name + ": ")
	}
	if e.Offset >= 0 {
		fmt.Fprintf(&b, "byte %d: ", e.Offset)
	}
	b.WriteString(e.Field + ": " + e.Reason)
	return b.String()
}

// ParseLlama2c reads a tokenizer.bin of llama2.c:
//
//	byte 0   max_token_length   uint32, the bytes of the longest piece
//	then, for every token:
//	         score              float32; of two merges the higher score goes first
//	         length             int32
//	         piece              length bytes
//
// Numbers are little-endian. The file does not say how many tokens it has: it
// must have vocabSize, unless that is 0 or less, which accepts any number. The
// name is for errors, which are of type *FormatError. Nothing of data is kept.
func ParseLlama2c(name string, data []byte, vocabSize int) (*SPM, error) {
	r := reader{data: data, text: string(data), token: -1}
	pieceMax := r.uint32("max_token_length")
	if r.err == nil && pieceMax > pieceBytesMax {
		r.fault(0, "max_token_length", "%d exceeds the limit of %d", pieceMax, pieceBytesMax)
	}
	// A token takes 8 bytes or more, so that no wrong vocabSize asks for much memory.
	n := len(data) / 8
	if vocabSize > 0 {
		n = min(n, vocabSize)
	}
	pieces, scores := make([]string, 0, n), make([]float32, 0, n)
	for r.err == nil && r.offset < len(data) {
		r.token++
		scores = append(scores, math.Float32frombits(r.uint32("score")))
		pieces = append(pieces, r.piece(pieceMax))
	}
	if r.err == nil {
		r.token = -1
		r.checkCount(len(pieces), vocabSize)
	}
	if r.err != nil {
		r.err.Name = name
		return nil, r.err
	}
	return newSPM(pieces, scores), nil
}

// A reader reads data from offset on until its first error.
type reader struct {
	data   []byte
	text   string // the same bytes, for pieces to share
	offset int
	token  int // what is being read, -1 for the file as a whole
	err    *FormatError
}

func (r *reader) uint32(field string) uint32 {
	if !r.has(4, field) {
		return 0
	}
	v := binary.LittleEndian.Uint32(r.data[r.offset:])
	r.offset += 4
	return v
}

func (r *reader) piece(bytesMax uint32) string {
	at := r.offset
	length := int32(r.uint32("length"))
	switch {
	case r.err != nil:
		return ""
	case length < 0:
		r.fault(at, "length", "%d, want at least 0", length)
		return ""
	case uint32(length) > bytesMax:
		r.fault(at, "length", "%d exceeds max_token_length %d", length, bytesMax)
		return ""
	case !r.has(int(length), "piece"):
		return ""
	}
	p := r.text[r.offset : r.offset+int(length)]
	r.offset += int(length)
	return p
}

// has reports whether the next n bytes are there.
func (r *reader) has(n int, field string) bool {
	if r.err == nil && n > len(r.data)-r.offset {
		r.fault(r.offset, field, "needs %d bytes, but the file ends at byte %d", n, len(r.data))
	}
	return r.err == nil
}

func (r *reader) checkCount(n, vocabSize int) {
	switch {
	case vocabSize > 0 && n != vocabSize:
		r.fault(len(r.data), "end of file", "the file has %d tokens, but the model's vocabulary has %d", n, vocabSize)
	case n <= int(eosID):
		r.fault(len(r.data), "end of file", "the file has %d tokens, want at least %d: <unk>, <s> and </s>", n, eosID+1)
	}
}

func (r *reader) fault(offset int, field, format string, args ...any) {
	if r.token >= 0 {
		field = fmt.Sprintf("token %d: %s", r.token, field)
	}
	r.err = &FormatError{Offset: int64(offset), Field: field, Reason: fmt.Sprintf(format, args...)}
}
