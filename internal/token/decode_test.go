package token_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"cria/internal/token"
)

// stream returns what d gives for the ids, piece by piece, and what Flush gives.
func stream(d *token.Decoder, ids ...token.ID) []string {
	var texts []string
	for _, id := range ids {
		texts = append(texts, d.Next(id))
	}
	return append(texts, d.Flush())
}

// ofByte returns the byte token in a vocabulary that has them.
func ofByte(b byte) token.ID { return token.ID(b) + 3 }

func TestDecode(t *testing.T) {
	s := parse(t, append(letters(), entry{"\t", 0}, entry{" <0x41>", 0}, entry{"<0x4", 0}, entry{"<0xG0>", 0}))
	const space, a, ab, wordA, tab, hexByte, cut, noHex = 259, 260, 265, 268, 281, 282, 283, 284
	for _, c := range []struct {
		why        string
		ids        []token.ID
		want, runC string
	}{
		{"nothing", nil, "", ""},
		{"the dummy space falls away after BOS", []token.ID{1, wordA, wordA}, "a a", "a a"},
		{"and only there", []token.ID{wordA, wordA}, " a a", " a a"},
		{"one space of one", []token.ID{1, space, space, a}, " a", " a"},
		{"control tokens have no text", []token.ID{1, a, 2, ab}, "aab", "a\n</s>\nab"},
		{"nor does EOS after BOS", []token.ID{1, 2}, "", "\n</s>\n"},
		{"unknown", []token.ID{0}, "<unk>", "<unk>"},
		{"byte tokens", []token.ID{ofByte('A'), ofByte('\n'), tab}, "A\n\t", "A\n\t"},
		{"bytes above 0x7f are themselves", []token.ID{ofByte(0xc3), ofByte(0xa9)}, "é", ""},
		{"control characters", []token.ID{ofByte(0), ofByte(7), ofByte(127)}, "\x00\a\x7f", ""},
		{"the last bytes", []token.ID{ofByte(0xfd), ofByte(0xfe), ofByte(0xff)}, "\xfd\xfe\xff", ""},
		{"a byte token after BOS keeps its space", []token.ID{1, ofByte(' ')}, " ", " "},
		{"the space goes before a byte is read", []token.ID{1, hexByte}, "A", "A"},
		{"what is not quite a byte token", []token.ID{cut, noHex, hexByte}, "<0x4<0xG0> <0x41>", "<0x4<0xG0> <0x41>"},
	} {
		if got := string(s.AppendDecode(nil, c.ids)); got != c.want {
			t.Errorf("%s: %v is %q, want %q", c.why, c.ids, got, c.want)
		}
		if got := strings.Join(stream(s.NewDecoder(), c.ids...), ""); got != c.want {
			t.Errorf("%s: %v streams as %q, want %q", c.why, c.ids, got, c.want)
		}
		if got := strings.Join(stream(s.NewLlama2cDecoder(), c.ids...), ""); got != c.runC {
			t.Errorf("%s: run.c's text of %v is %q, want %q", c.why, c.ids, got, c.runC)
		}
	}
}

// What Next returns for each byte, and Flush at the end.
func TestDecoderHolds(t *testing.T) {
	s := parse(t, vocab())
	for _, c := range []struct {
		bytes string
		want  []string
	}{
		{"", []string{""}},
		{"ab", []string{"a", "b", ""}},
		{"é", []string{"", "é", ""}},
		{"日", []string{"", "", "日", ""}},
		{"🦙a", []string{"", "", "", "🦙", "a", ""}},
		{"\xc3", []string{"", "\xc3"}},
		{"\xc3a", []string{"", "\xc3a", ""}},
		{"\xf0\x9f\xa6", []string{"", "", "", "\xf0\x9f\xa6"}},
		{"\xf0\x9fé", []string{"", "", "\xf0\x9f", "é", ""}},
		{"\x80", []string{"\x80", ""}},
		{"\xc0\x80", []string{"\xc0", "\x80", ""}},             // never valid
		{"\xe0\x80\x80", []string{"", "\xe0\x80", "\x80", ""}}, // overlong
		{"\xed\xa0\x80", []string{"", "\xed\xa0", "\x80", ""}}, // a surrogate
		{"\xf5", []string{"\xf5", ""}},
		{"\xff\xc3\xa9", []string{"\xff", "", "é", ""}},
	} {
		var ids []token.ID
		for i := range len(c.bytes) {
			ids = append(ids, ofByte(c.bytes[i]))
		}
		got := stream(s.NewDecoder(), ids...)
		if strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("%q comes as %q, want %q", c.bytes, got, c.want)
		}
	}
}

// What is held back goes in front of a longer piece.
func TestDecoderMixed(t *testing.T) {
	s := parse(t, letters())
	const ab = 265
	got := stream(s.NewDecoder(), ofByte(0xe6), ab, ofByte(0xe6), ofByte(0x97), ofByte(0xa5), ab)
	want := []string{"", "\xe6ab", "", "", "日", "ab", ""}
	if strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Whatever goes in comes out: by AppendDecode, and by a Decoder that splits no character.
func checkRoundTrip(t rapid.TB, s *token.SPM, text string) {
	t.Helper()
	ids := s.Encode(nil, text, true, true)
	if got := string(s.AppendDecode(nil, ids)); got != text {
		t.Fatalf("%q became %v and came back as %q", text, ids, got)
	}
	texts := stream(s.NewDecoder(), ids...)
	if got := strings.Join(texts, ""); got != text {
		t.Fatalf("%q became %v and streamed back as %q", text, ids, got)
	}
	if utf8.ValidString(text) {
		for _, part := range texts {
			if !utf8.ValidString(part) {
				t.Fatalf("%q is split: %q", text, texts)
			}
		}
	}
	if text != "" {
		text = " " + text
	}
	if got := string(s.AppendDecode(nil, s.Encode(nil, text[min(1, len(text)):], false, false))); got != text {
		t.Fatalf("%q came back as %q without BOS", text, got)
	}
}

func TestRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for name, s := range map[string]*token.SPM{
		"llama2": llama2(t), "tok512": fromFile(t, 512, "models", "tok512.bin"), "words": parse(t, words()),
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{"", " ", "  ", "a", " a", "\x00", "\xff", "é", "<s>", "\n<s>\n", "<0x41>", "🦙"} {
				checkRoundTrip(t, s, text)
			}
			for b := range 256 {
				checkRoundTrip(t, s, string([]byte{byte(b)}))
				checkRoundTrip(t, s, string([]byte{'a', byte(b), 'b'}))
			}
			for range 300 {
				checkRoundTrip(t, s, noise(rng, rng.IntN(200)))
			}
			rapid.Check(t, func(t *rapid.T) { checkRoundTrip(t, s, rapid.String().Draw(t, "text")) })
		})
	}
}

// A token with whole characters costs no memory.
func TestDecoderAllocs(t *testing.T) {
	s := parse(t, letters())
	d := s.NewDecoder()
	if n := testing.AllocsPerRun(100, func() { d.Next(265); d.Next(ofByte('A')) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func FuzzRoundTrip(f *testing.F) {
	for _, text := range []string{"", " a", "日é🦙", "\xf0\x9f\xa6", "\xff\xfe\x00", "a\x80", "\xed\xa0\x80"} {
		f.Add(text)
	}
	s := parse(f, words())
	f.Fuzz(func(t *testing.T, text string) { checkRoundTrip(t, s, text) })
}
