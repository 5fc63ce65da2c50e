package token

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestByteAlphabet(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""}, {" a", "Ġa"}, {"\n\t", "Ċĉ"}, {"é", "Ã©"}, {"\x00\x1f\x7f\x80\xa0\xad\xff", "ĀğġĢłŃÿ"}, {"~!", "~!"},
	} {
		if got := byteAlphabet(c.text); got != c.want {
			t.Errorf("%q is spelled %q, want %q", c.text, got, c.want)
		}
	}
	if got, ok := parseByteAlphabet(byteAlphabet(allBytes)); !ok || got != allBytes {
		t.Errorf("all bytes come back as %q, %v", got, ok)
	}
	for _, piece := range []string{" ", "a b", "\u00ad", "\x80", "\u0144", "日", "\xff", "\n"} {
		if got, ok := parseByteAlphabet(piece); ok {
			t.Errorf("%q is taken for the spelling of %q", piece, got)
		}
	}
}

func TestParseVocab(t *testing.T) {
	for _, c := range []struct {
		data string
		want []string
	}{
		{`{}`, nil},
		{`{"a": 0}`, []string{"a"}},
		{` {"Ġb":1, "a":0 , "\u0120":2}` + "\n", []string{"a", " b", " "}},
		{`{"a":3}`, []string{"", "", "", "a"}},
		{`{"a b":0}`, []string{"a b"}}, // a token that was added by hand
	} {
		got, err := ParseVocab("x", []byte(c.data))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, error %v, want %q", c.data, got, err, c.want)
		}
	}
}

func TestParseVocabErrors(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "byte 0: vocabulary: it does not begin with {"},
		{"[1]", "byte 1: vocabulary: it does not begin with {"},
		{"{", "byte 1: vocabulary: the file ends here"},
		{`{"a":0`, "byte 6: vocabulary: the file ends here"},
		{`{"a":0]`, `byte 6: vocabulary: invalid character ']'`},
		{`{"a":0}{`, "byte 8: vocabulary: more follows it"},
		{`{0:"a"}`, "byte 1: piece: invalid character '0'"},
		{`{"a":}`, `byte 5: id of "a": invalid character '}'`},
		{`{"a":"b"}`, `byte 8: id of "a": b is not a number of a token`},
		{`{"a":0.5}`, `byte 8: id of "a": 0.5 is not a number of a token`},
		{`{"a":{}}`, `byte 6: id of "a": { is not a number of a token`},
		{`{"a":-1}`, `byte 7: id of "a": -1, want 0 to 7 in a file of this size`},
		{`{"a":10}`, `byte 7: id of "a": 10, want 0 to 7 in a file of this size`},
		{`{"a":1,"b":1}`, `byte 12: id of "b": 1, which "a" has`},
		{`{"":1}`, `byte 5: piece: it is empty`},
	} {
		_, err := ParseVocab("x", []byte(c.data))
		if e := (*FormatError)(nil); !errors.As(err, &e) || !strings.HasPrefix(err.Error(), "token: x: "+c.want) {
			t.Errorf("%s: error %v, want %s", c.data, err, c.want)
		}
	}
}

func TestParseMerges(t *testing.T) {
	for _, c := range []struct {
		data string
		want [][2]string
	}{
		{"", nil},
		{"#version: 0.2\nĠ t\r\nh e", [][2]string{{" ", "t"}, {"h", "e"}}},
		{"# #\n\n## #version:\n", [][2]string{{"#", "#"}, {"##", "#version:"}}},
		{"a b\n#version c\n", [][2]string{{"a", "b"}, {"#version", "c"}}},
	} {
		got, err := ParseMerges("x", []byte(c.data))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, error %v, want %q", c.data, got, err, c.want)
		}
	}
	for _, c := range []struct{ data, want string }{
		{"a", `byte 0: line 1: merge: "a" is not two pieces with a space between`},
		{"a b\na ", `byte 4: line 2: merge: "a " is not two pieces with a space between`},
		{" a", `byte 0: line 1: merge: " a" is not two pieces with a space between`},
		{"a b c", `byte 0: line 1: merge: "a b c" is not spelled in the byte alphabet`},
		{"日 b", `byte 0: line 1: merge: "日 b" is not spelled in the byte alphabet`},
	} {
		_, err := ParseMerges("x", []byte(c.data))
		if e := (*FormatError)(nil); !errors.As(err, &e) || err.Error() != "token: x: "+c.want {
			t.Errorf("%q: error %v, want %s", c.data, err, c.want)
		}
	}
}

// FuzzVocabMerges checks that any files are errors or are as they were when
// written again, and that a bpe of them does not fail.
func FuzzVocabMerges(f *testing.F) {
	f.Add([]byte(`{"a":0,"b":1,"ab":2}`), []byte("#version: 0.2\na b\n"))
	f.Add([]byte(`{"Ġ":0,"ĠĠ":3,"<a b>":1}`), []byte("Ġ Ġ"))
	f.Add([]byte(`{"a":-1}`), []byte("a"))
	f.Add([]byte(`{"\ud800":1e0}`), []byte("\xff a"))
	f.Fuzz(func(t *testing.T, vocab, mergesFile []byte) {
		pieces, err := ParseVocab("vocab", vocab)
		if err != nil {
			checkFormatError(t, err, vocab)
		}
		if len(pieces) > len(vocab) {
			t.Fatalf("%d pieces of %d bytes", len(pieces), len(vocab))
		}
		again, err := ParseVocab("again", writeVocab(t, pieces))
		if err != nil || !slices.Equal(again, pieces) {
			t.Fatalf("written again: %q, error %v, want %q", again, err, pieces)
		}
		merges, err := ParseMerges("merges", mergesFile)
		if err != nil {
			checkFormatError(t, err, mergesFile)
		}
		b, err := newBPE(pieces, merges, whole, false)
		if err != nil {
			return
		}
		text := string(vocab)
		ids := b.encode(nil, text)
		if got := spelled(pieces, ids); hasAllBytes(b, text) && got != text {
			t.Fatalf("%q comes back as %q", text, got)
		}
		if got := b.mergeLong(nil, text); len(ids) != 1 && !slices.Equal(got, ids) {
			t.Fatalf("%q becomes %v, and %v by mergeLong", text, ids, got)
		}
	})
}

func checkFormatError(t *testing.T, err error, data []byte) {
	t.Helper()
	if e := (*FormatError)(nil); !errors.As(err, &e) || e.Offset > int64(len(data)) {
		t.Fatalf("error %v, want a FormatError within the file", err)
	}
}

func writeVocab(t *testing.T, pieces []string) []byte {
	var lines []string
	for i, p := range pieces {
		if p == "" {
			continue
		}
		key, err := json.Marshal(byteAlphabet(p))
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, fmt.Sprintf("%s: %d", key, i))
	}
	return []byte("{" + strings.Join(lines, ",\n") + "}" + strings.Repeat(" ", len(pieces)))
}
