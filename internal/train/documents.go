package train

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
)

// separator stands on a line of its own between the documents of a text file.
const separator = "<|endoftext|>"

// lineMax is the most bytes of a line of JSON.
const lineMax = 16 << 20

// Documents yields the documents in a file: the field "text" of each line of a
// file whose name ends in .jsonl; else the text between lines "<|endoftext|>",
// which is all of it where there are none, without white space at its ends.
// Empty documents are left out. An error, the last thing to come, has the name
// of the file and the line.
func Documents(path string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		f, err := os.Open(path)
		if err != nil {
			yield("", fmt.Errorf("train: %w", err))
			return
		}
		defer func() { _ = f.Close() }() // it was only read
		read := readText
		if strings.HasSuffix(path, ".jsonl") {
			read = readJSONL
		}
		for doc, err := range read(f) {
			if err != nil {
				err = fmt.Errorf("train: %s: %w", path, err)
			}
			if (doc != "" || err != nil) && !yield(doc, err) || err != nil {
				return
			}
		}
	}
}

// readJSONL yields the field "text" of each line.
func readJSONL(r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, lineMax)
		n := 0
		for lines.Scan() {
			n++
			if len(bytes.TrimSpace(lines.Bytes())) == 0 {
				continue
			}
			var doc struct {
				Text *string `json:"text"`
			}
			err := json.Unmarshal(lines.Bytes(), &doc)
			if err == nil && doc.Text == nil {
				err = fmt.Errorf("there is no field \"text\"")
			}
			if err != nil {
				yield("", fmt.Errorf("line %d: %w", n, err))
				return
			}
			if !yield(*doc.Text, nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield("", fmt.Errorf("line %d: %w", n+1, err))
		}
	}
}

// readText yields the text between separators.
func readText(r io.Reader) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		in := bufio.NewReader(r)
		var doc strings.Builder
		for {
			line, err := in.ReadString('\n')
			if strings.TrimRight(line, "\r\n") != separator {
				doc.WriteString(line)
				if err == nil {
					continue
				}
			}
			if err != nil && err != io.EOF {
				yield("", err)
				return
			}
			if !yield(strings.TrimSpace(doc.String()), nil) || err == io.EOF {
				return
			}
			doc.Reset()
		}
	}
}
