package token

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// ParseTiktoken reads a file of tiktoken's, such as Llama 3's tokenizer.model:
// a line for each token, with its bytes in base64, a space and its rank, which is
// its id. It returns the pieces by id, "" for ids that the file leaves out. Ranks
// must rise. The name is for errors, which are of type *FormatError. Nothing of
// data is kept.
func ParseTiktoken(name string, data []byte) (pieces []string, err error) {
	f := lineFile{name: name, data: string(data)}
	text := make([]byte, 0, len(data)) // of all pieces, one after the other
	type end struct{ id, at int }
	ends := make([]end, 0, strings.Count(f.data, "\n")+1)
	last := -1
	for f.next() {
		piece, rank, ok := strings.Cut(f.line, " ")
		if !ok {
			return nil, f.fault(0, "piece", "%s is not base64, a space and a rank", shortened(f.line))
		}
		at := len(text)
		if text, err = base64.StdEncoding.AppendDecode(text, []byte(piece)); err != nil || len(text) == at {
			return nil, f.fault(0, "piece", "%s is not base64 of one byte or more", shortened(piece))
		}
		id, err := strconv.ParseUint(rank, 10, 31)
		switch {
		case err != nil:
			return nil, f.fault(len(piece)+1, "rank", "%s is not a number", shortened(rank))
		case int(id) <= last:
			return nil, f.fault(len(piece)+1, "rank", "%d follows %d, want it to rise", id, last)
		case int(id) >= idLimit(data):
			return nil, f.fault(len(piece)+1, "rank", "%d is out of proportion to %d bytes of file", id, len(data))
		}
		last = int(id)
		ends = append(ends, end{last, len(text)})
	}
	if last < 0 {
		return nil, f.fault(0, "piece", "there is none")
	}
	all, start := string(text), 0
	pieces = make([]string, last+1)
	for _, e := range ends {
		pieces[e.id] = all[start:e.at]
		start = e.at
	}
	return pieces, nil
}

// idLimit bounds what a small file can ask for: ids, a token taking at least
// four bytes of its file, may leave out three of four.
func idLimit(data []byte) int { return min(len(data), bpeIDsMax) }
