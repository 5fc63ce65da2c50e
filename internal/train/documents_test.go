package train

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"
)

// collect returns what docs yields until its error.
func collect(t testing.TB, docs iter.Seq2[string, error]) ([]string, error) {
	t.Helper()
	var list []string
	var last error
	for doc, err := range docs {
		if last != nil {
			t.Fatalf("%q, %v come after the error %v", doc, err, last)
		}
		if last = err; err == nil {
			list = append(list, doc)
		}
	}
	return list, last
}

func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
		err        string
	}{
		{"empty.txt", "", nil, ""},
		{"blank.txt", " \n\t\r\n", nil, ""},
		{"one.txt", "\n One.\n\nTwo. \n", []string{"One.\n\nTwo."}, ""},
		{"two.txt", "One.\n<|endoftext|>\nTwo.", []string{"One.", "Two."}, ""},
		{"crlf.txt", "One.\r\n<|endoftext|>\r\nTwo.\r\n<|endoftext|>", []string{"One.", "Two."}, ""},
		{"gaps.txt", "<|endoftext|>\n<|endoftext|>\nOne.\n<|endoftext|>\n\n<|endoftext|>\n", []string{"One."}, ""},
		{"inside.txt", "One <|endoftext|>\n <|endoftext|>\nTwo.", []string{"One <|endoftext|>\n <|endoftext|>\nTwo."}, ""},
		{"bytes.txt", "\xff\x00One", []string{"\xff\x00One"}, ""},
		{"json.txt", `{"text":"One."}`, []string{`{"text":"One."}`}, ""},
		{"empty.jsonl", "", nil, ""},
		{"two.jsonl", "{\"text\":\"One.\",\"id\":1}\n\n{\"text\":\"\"}\r\n{\"text\":\"T\\nwo.\"}",
			[]string{"One.", "T\nwo."}, ""},
		{"bad.jsonl", "{\"text\":\"One.\"}\n{\"text\":\n", []string{"One."}, "line 2: unexpected end of JSON input"},
		{"other.jsonl", "\n{\"txt\":\"One.\"}\n", nil, `line 2: there is no field "text"`},
		{"null.jsonl", `{"text":null}`, nil, `line 1: there is no field "text"`},
		{"number.jsonl", `{"text":1}`, nil, "line 1: json: cannot unmarshal number"},
		{"long.jsonl", "{}" + strings.Repeat(" ", lineMax), nil, "line 1: bufio.Scanner: token too long"},
	} {
		path := filepath.Join(t.TempDir(), c.name)
		if err := os.WriteFile(path, []byte(c.text), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := collect(t, Documents(path))
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		switch {
		case c.err == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.err != "" && (err == nil || !strings.HasPrefix(err.Error(), "train: "+path+": "+c.err)):
			t.Errorf("%s: error %v, want %s", c.name, err, c.err)
		}
		Documents(path)(func(string, error) bool { return false }) // a caller that has enough
	}
	if _, err := collect(t, Documents(filepath.Join(t.TempDir(), "x"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func TestDocumentsOfBrokenFile(t *testing.T) {
	broken := errors.New("the disk is broken")
	for name, read := range map[string]func(io.Reader) iter.Seq2[string, error]{"text": readText, "jsonl": readJSONL} {
		text := "{\"text\":\"One.\"}\n<|endoftext|>\n{\"text\":"
		if name == "jsonl" {
			text = "{\"text\":\"One.\"}\n"
		}
		got, err := collect(t, read(io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))))
		if len(got) != 1 || !errors.Is(err, broken) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}

// FuzzDocuments checks readText against a definition that has all text at
// once, and that readJSONL reads what package json writes.
func FuzzDocuments(f *testing.F) {
	for _, s := range []string{"", "a", "a\n<|endoftext|>\nb", "<|endoftext|>\r\n\n<|endoftext|>", "<|endoftext|>\r\r\n",
		"{\"text\":\"a\"}\n{}", "{\"text\":\"\\ud800\"}", "\xff\n\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want []string
		doc := ""
		for _, line := range strings.SplitAfter(text, "\n") {
			if strings.TrimRight(line, "\r\n") == separator {
				want, doc = append(want, strings.TrimSpace(doc)), ""
			} else {
				doc += line
			}
		}
		want = append(want, strings.TrimSpace(doc))
		got, err := collect(t, readText(iotest.HalfReader(strings.NewReader(text))))
		empty := func(s string) bool { return s == "" }
		if got, want = slices.DeleteFunc(got, empty), slices.DeleteFunc(want, empty); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}

		_, _ = collect(t, readJSONL(strings.NewReader(text))) // comes to an end
		if !utf8.ValidString(text) {
			return
		}
		var lines strings.Builder
		enc := json.NewEncoder(&lines)
		want = []string{text, "", text + text}
		for _, s := range want {
			if err := enc.Encode(map[string]string{"other": s, "text": s}); err != nil {
				t.Fatal(err)
			}
		}
		if got, err = collect(t, readJSONL(strings.NewReader(lines.String()))); err != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, %v, want %q", got, err, want)
		}
	})
}
