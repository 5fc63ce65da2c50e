package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ParseVocab reads a vocab.json, an object with the id of every piece, spelled
// in GPT-2's byte alphabet. It returns the bytes of the pieces by id, "" for ids
// that the file leaves out; a piece that has characters of no such alphabet stays
// as it is. The name is for errors, which are of type *FormatError. Nothing of data is kept.
func ParseVocab(name string, data []byte) (pieces []string, err error) {
	r := vocabReader{name, json.NewDecoder(bytes.NewReader(data))}
	if t, err := r.Token(); err != nil || t != json.Delim('{') {
		return nil, r.fault("vocabulary", "it does not begin with {")
	}
	for r.More() {
		key, err := r.Token()
		if err != nil {
			return nil, r.jsonFault("piece", err)
		}
		piece := key.(string) // as all keys are
		id, err := r.id(piece, idLimit(data))
		if err != nil {
			return nil, err
		}
		for id >= len(pieces) {
			pieces = append(pieces, "")
		}
		if pieces[id] != "" {
			return nil, r.fault("id of "+shortened(piece), "%d, which %s has", id, shortened(pieces[id]))
		}
		pieces[id] = piece
		if raw, ok := parseByteAlphabet(piece); ok {
			pieces[id] = raw
		}
	}
	if _, err := r.Token(); err != nil {
		return nil, r.jsonFault("vocabulary", err)
	}
	if _, err := r.Token(); !errors.Is(err, io.EOF) {
		return nil, r.fault("vocabulary", "more follows it")
	}
	return pieces, nil
}

type vocabReader struct {
	name string
	*json.Decoder
}

// id reads the id of a piece, which must be below limit.
func (r *vocabReader) id(piece string, limit int) (int, error) {
	t, err := r.Token()
	if err != nil {
		return 0, r.jsonFault("id of "+shortened(piece), err)
	}
	x, isNumber := t.(float64)
	switch id := int(x); {
	case piece == "":
		return 0, r.fault("piece", "it is empty")
	case !isNumber || x != float64(id):
		return 0, r.fault("id of "+shortened(piece), "%v is not a number of a token", t)
	case id < 0 || id >= limit:
		return 0, r.fault("id of "+shortened(piece), "%d, want 0 to %d in a file of this size", id, limit-1)
	default:
		return id, nil
	}
}

func (r *vocabReader) fault(field, format string, args ...any) error {
	return &FormatError{r.name, r.InputOffset(), field, fmt.Sprintf(format, args...)}
}

func (r *vocabReader) jsonFault(field string, err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return r.fault(field, "the file ends here")
	}
	return r.fault(field, "%v", err)
}

// ParseMerges reads a merges.txt: after a line with the version, which may be
// missing, each line has the two pieces that merge, spelled in GPT-2's byte
// alphabet. The earlier of two merges goes first. It returns the bytes of the pieces.
// The name is for errors, which are of type *FormatError. Nothing of data is kept.
func ParseMerges(name string, data []byte) (merges [][2]string, err error) {
	f := lineFile{name: name, data: string(data)}
	for f.next() {
		if f.number == 1 && strings.HasPrefix(f.line, "#version") {
			continue
		}
		left, right, ok := strings.Cut(f.line, " ")
		if !ok || left == "" || right == "" {
			return nil, f.fault(0, "merge", "%s is not two pieces with a space between", shortened(f.line))
		}
		l, okL := parseByteAlphabet(left)
		r, okR := parseByteAlphabet(right)
		if !okL || !okR {
			return nil, f.fault(0, "merge", "%s is not spelled in the byte alphabet", shortened(f.line))
		}
		merges = append(merges, [2]string{l, r})
	}
	return merges, nil
}

// A lineFile goes through the lines of a file that are not empty.
type lineFile struct {
	name   string
	data   string
	line   string // without its end, \n or \r\n
	number int    // of the line, from 1 on
	start  int    // of the line
	end    int    // after the line's end
}

func (f *lineFile) next() bool {
	for f.end < len(f.data) {
		f.start = f.end
		f.number++
		n := strings.IndexByte(f.data[f.start:], '\n')
		if n < 0 {
			n = len(f.data) - f.start
		}
		f.end = min(f.start+n+1, len(f.data))
		if f.line = strings.TrimSuffix(f.data[f.start:f.start+n], "\r"); f.line != "" {
			return true
		}
	}
	return false
}

// fault returns an error about what stands at the offset in the line.
func (f *lineFile) fault(offset int, field, format string, args ...any) error {
	return &FormatError{f.name, int64(f.start + offset), fmt.Sprintf("line %d: %s", f.number, field),
		fmt.Sprintf(format, args...)}
}

// shortened returns the beginning of text, for an error, in quotes.
func shortened(text string) string { return strconv.Quote(text[:min(len(text), 40)]) }
