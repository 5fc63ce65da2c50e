package token

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseTiktoken(t *testing.T) {
	for _, c := range []struct {
		why, data string
		want      []string
	}{
		{"one", "YQ== 0", []string{"a"}},
		{"several, one not UTF-8", "YQ== 0\nYWI= 1\n/w== 2\n", []string{"a", "ab", "\xff"}},
		{"carriage returns and empty lines", "YQ== 0\r\n\r\n\nYg== 1\r\n", []string{"a", "b"}},
		{"a gap, as in p50k_base", "YQ== 0\nYg== 3\n", []string{"a", "", "", "b"}},
		{"no 0", "YQ== 1\n", []string{"", "a"}},
	} {
		got, err := ParseTiktoken("x", []byte(c.data))
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, error %v, want %q", c.why, got, err, c.want)
		}
	}
}

func TestParseTiktokenErrors(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"", "byte 0: line 0: piece: there is none"},
		{"\n\n", "byte 1: line 2: piece: there is none"},
		{"YQ==", `byte 0: line 1: piece: "YQ==" is not base64, a space and a rank`},
		{"YQ== 0\nYg== x", `byte 12: line 2: rank: "x" is not a number`},
		{"YQ== -1", `byte 5: line 1: rank: "-1" is not a number`},
		{"YQ==  1", `byte 5: line 1: rank: " 1" is not a number`},
		{"YQ== 99999999999", `byte 5: line 1: rank: "99999999999" is not a number`},
		{"YQ== 1000000", "byte 5: line 1: rank: 1000000 is out of proportion to 12 bytes of file"},
		{"YQ== 0\nYg== 0", "byte 12: line 2: rank: 0 follows 0, want it to rise"},
		{"YQ== 2\nYg== 1", "byte 12: line 2: rank: 1 follows 2, want it to rise"},
		{"YQ= 0", `byte 0: line 1: piece: "YQ=" is not base64 of one byte or more`},
		{"YQ== 0\n 1", `byte 7: line 2: piece: "" is not base64 of one byte or more`},
		{strings.Repeat("!", 50) + " 1",
			`byte 0: line 1: piece: "` + strings.Repeat("!", 40) + `" is not base64 of one byte or more`},
	} {
		_, err := ParseTiktoken("x", []byte(c.data))
		if e := (*FormatError)(nil); !errors.As(err, &e) || err.Error() != "token: x: "+c.want {
			t.Errorf("%q: error %v, want %s", c.data, err, c.want)
		}
	}
}

// FuzzTiktoken checks that any file is an error or is as it was when written again.
func FuzzTiktoken(f *testing.F) {
	for _, data := range []string{"", "YQ== 0\n", "YQ== 0\nYWI= 1\n/w== 2\n", "YQ== 0\r\nYg== 3", "YQ= 0", "YQ== 9"} {
		f.Add([]byte(data))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		pieces, err := ParseTiktoken("fuzz", data)
		if err != nil {
			if e := (*FormatError)(nil); !errors.As(err, &e) || e.Offset > int64(len(data)) {
				t.Fatalf("error %v, want a FormatError within the file", err)
			}
			return
		}
		if len(pieces) > len(data) {
			t.Fatalf("%d pieces of %d bytes", len(pieces), len(data))
		}
		var file strings.Builder
		for i, p := range pieces {
			if p != "" {
				fmt.Fprintf(&file, "%s %d\n", base64.StdEncoding.EncodeToString([]byte(p)), i)
			}
		}
		// Enough of a file for its ids, whatever was left out of this one.
		again, err := ParseTiktoken("again", []byte(file.String()+strings.Repeat("\n", len(data))))
		if err != nil || !slices.Equal(again, pieces) {
			t.Fatalf("written again: %q, error %v, want %q", again, err, pieces)
		}
		if b, err := newRankedBPE(pieces, whole); err == nil {
			if text := strings.Join(pieces, ""); spelled(pieces, b.encode(nil, text)) != text && hasAllBytes(b, text) {
				t.Fatalf("%q does not come back", text)
			}
		}
	})
}

func hasAllBytes(b *bpe, text string) bool {
	for i := range len(text) {
		if b.bytes[text[i]] == noID {
			return false
		}
	}
	return true
}
