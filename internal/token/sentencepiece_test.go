package token

import (
	"encoding/binary"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"cria/internal/fixture"
)

// A message is a protocol buffer in the making.
type message []byte

func (m message) number(field, value uint64) message {
	return binary.AppendUvarint(binary.AppendUvarint(m, field<<3), value)
}

func (m message) bytes(field uint64, value string) message {
	m = binary.AppendUvarint(binary.AppendUvarint(m, field<<3|2), uint64(len(value)))
	return append(m, value...)
}

func (m message) float(field uint64, value float32) message {
	return binary.LittleEndian.AppendUint32(binary.AppendUvarint(m, field<<3|5), math.Float32bits(value))
}

func (m message) message(field uint64, value message) message { return m.bytes(field, string(value)) }

// pieces appends pieces.
func (m message) pieces(pieces ...testPiece) message {
	for _, p := range pieces {
		body := message{}.bytes(1, p.text).float(2, p.score)
		if p.kind != normal {
			body = body.number(3, uint64(p.kind))
		}
		m = m.message(1, body)
	}
	return m
}

// spFile returns a .model of pieces after <unk>, <s> and </s>.
func spFile(model uint64, norm message, pieces ...testPiece) message {
	first := []testPiece{{"<unk>", 0, unknown}, {"<s>", 0, control}, {"</s>", 0, control}}
	return message{}.pieces(append(first, pieces...)...).message(2, message{}.number(3, model)).message(3, norm)
}

// spWords are pieces of a small vocabulary.
var spWords = []testPiece{
	{"▁", -1, normal}, {"a", -2, normal}, {"b", -3, normal}, {"▁a", -1.8, normal},
	{"ab", -5, normal}, {"▁ab", -2.5, normal},
	{"▁▁", -1.9, normal}, {"fi", -8, normal}, {"<x>", 0, userDefined}, {"<end_of_turn>", 0, userDefined},
}

func TestSentencePiece(t *testing.T) {
	plain := message{}.number(4, 0) // as Llama's: a dummy prefix, and spaces stay
	bare := message{}.number(3, 0).number(4, 0)
	raw := message{}.number(3, 0).number(4, 0).number(5, 0)
	chars := message{}.bytes(2, string(arrayOf([][2]string{{"ﬁ", "fi"}, {"\u00a0", " "}, {"\u200b", ""}, {"A", "a"}})))
	for _, c := range []struct {
		why        string
		norm       message
		text, want string
		back       string // what comes back, if that is not the text
	}{
		{"nothing", plain, "", "", ""},
		{"a dummy prefix", plain, "ab", "▁ab", ""},
		{"which is another space", plain, " ab", "▁ ▁ab", ""},
		{"spaces stay", plain, "a  b ", "▁a ▁▁ b ▁", ""},
		{"no prefix", bare, "ab a", "ab ▁a", ""},
		{"a user-defined piece", plain, "a<x>b", "▁a <x> b", ""},
		{"control pieces are text", plain, "<s>a", "▁ <unk> a", " \u2047 a"},
		{"and so are ends of turns", plain, "<end_of_turn>", "▁ <unk>", " \u2047 "},
		{"spaces as they are", raw, "a b", "a <unk> b", "a \u2047 b"},
		{"extra spaces fall away", message{}, "  a   ab  ", "▁a ▁ab", "a ab"},
		{"nothing but spaces", message{}, "   ", "", ""},
		{"characters are replaced", chars, "\u00a0ﬁ\u00a0 Ab\u200b", "▁ fi ▁ab", "fi ab"},
		{"but not in user-defined pieces", chars, "<x>A", "▁ <x> a", "<x>a"},
	} {
		for _, model := range []uint64{spBPE, spUnigram} {
			tok, err := ParseSentencePiece("test.model", spFile(model, c.norm, spWords...))
			if err != nil {
				t.Fatal(err)
			}
			ids := tok.Encode(nil, c.text, true, true)
			var got []string
			for _, id := range ids[1 : len(ids)-1] {
				got = append(got, tok.Piece(id))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("%s: %q is %s by model %d, want %s", c.why, c.text, s, model, c.want)
			}
			if c.back == "" && c.want != "" {
				c.back = c.text
			}
			if back := string(tok.AppendDecode(nil, ids)); back != c.back {
				t.Errorf("%s: %q came back as %q, want %q", c.why, c.text, back, c.back)
			}
		}
	}
}

func TestSentencePieceMarks(t *testing.T) {
	file := spFile(spBPE, nil, spWords...)
	tok, err := ParseSentencePiece("", file)
	if err != nil {
		t.Fatal(err)
	}
	bos, hasBOS := tok.BOS()
	eos, hasEOS := tok.EOS()
	if bos != 1 || eos != 2 || !hasBOS || !hasEOS || !tok.AddBOS() || tok.AddEOS() || !tok.AddPrefix() {
		t.Errorf("BOS %d %v %v, EOS %d %v %v, prefix %v", bos, hasBOS, tok.AddBOS(), eos, hasEOS, tok.AddEOS(),
			tok.AddPrefix())
	}
	turn, _ := tok.Find("<end_of_turn>")
	if !tok.IsEnd(2) || !tok.IsEnd(turn) || tok.IsEnd(1) || tok.IsEnd(0) {
		t.Error("want </s> and <end_of_turn> to end a generation, and no others")
	}
	// Other names for BOS and EOS; a token that is only a piece is not BOS.
	file = spFile(spBPE, nil, append([]testPiece{{"[B]", 0, control}}, spWords...)...)
	tok, err = ParseSentencePiece("", file.message(2, message{}.number(3, spBPE).bytes(46, "[B]").bytes(47, "ab")))
	if err != nil {
		t.Fatal(err)
	}
	if bos, _ := tok.BOS(); bos != 3 || tok.AddEOS() {
		t.Errorf("BOS is %d, want 3", bos)
	}
	if ids := tok.Encode(nil, "", true, true); !slices.Equal(ids, []ID{3}) {
		t.Errorf("got %v, want BOS and no EOS", ids)
	}
}

func TestSentencePieceErrors(t *testing.T) {
	ok := spFile(spBPE, nil)
	piece := func(text string, typ uint64) message {
		return append(ok[:len(ok):len(ok)], message{}.message(1, message{}.bytes(1, text).number(3, typ))...)
	}
	for _, c := range []struct {
		why, want string
		file      message
	}{
		{"nothing", "byte 0: end of file: 0 pieces of the type unknown, want 1", nil},
		{"half a number", "byte 0: model: a number does not end", message{0x80}},
		{"a number of 11 bytes", "a number does not end", message(strings.Repeat("\xff", 11))},
		{"a type of wire", "field 1 has type 3, want 0, 1, 2 or 5", message{1<<3 | 3}},
		{"a length", "byte 0: model: field 1 needs 5 bytes, but 0 are left", message{1<<3 | 2, 5}},
		{"8 bytes", "field 9 needs 8 bytes, but 1 are left", message{9<<3 | 1, 0}},
		{"a piece that is a number", "byte 0: model: piece has type 0, want 2", message{1 << 3, 5}},
		{"a score that is a number", "byte 2: piece 0: score has type 0, want 5",
			message{}.message(1, message{}.number(2, 5))},
		{"an empty piece", "piece 3: is empty", piece("", 1)},
		{"a type of piece", "piece 3: type is 7, want 1 to 6", piece("a", 7)},
		{"a great type", "piece 3: type is 257", piece("a", 257)},
		{"the same piece", `piece 3: "<s>" is piece 1 too`, piece("<s>", 3)},
		{"a byte", `piece 3: "<0xZZ>" is not of the form <0xNN>`, piece("<0xZZ>", 6)},
		{"another unknown", "end of file: 2 pieces of the type unknown, want 1", piece("<u>", 2)},
		{"a long piece", "piece 3: 65537 bytes exceed the limit of 65536", piece(strings.Repeat("a", 65537), 1)},
		{"a model", "trainer_spec: model_type is 3", message{}.message(2, message{}.number(3, 3))},
		{"a suffix", "treat_whitespace_as_suffix is not supported", message{}.message(2, message{}.number(24, 1))},
		{"missing bytes", "0 pieces for bytes, want 256", ok.message(2, message{}.number(35, 1))},
		{"a charsmap", "normalizer_spec: precompiled_charsmap: 1 bytes", message{}.message(3, message{}.bytes(2, "x"))},
		{"a denormalizer", "denormalizer_spec: a denormalizer is not", message{}.message(5, message{}.bytes(2, "x"))},
	} {
		_, err := ParseSentencePiece("test.model", c.file)
		if err == nil || !strings.Contains(err.Error(), c.want) ||
			!strings.HasPrefix(err.Error(), "token: test.model: byte ") {
			t.Errorf("%s: %v, want %q", c.why, err, c.want)
		}
	}
}

// Every cut of a real file is an error or a vocabulary that works.
func TestSentencePieceCut(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "models", "babyllama-tok105.model"))
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if tok, err := ParseSentencePiece("", data[:n]); err == nil {
			tok.Encode(nil, "Once upon a time", true, true)
		}
	}
}

func FuzzSentencePiece(f *testing.F) {
	for _, model := range []uint64{spBPE, spUnigram, spChar} {
		f.Add([]byte(spFile(model, nil, spWords...)), " a  b<x>\xff")
	}
	f.Add([]byte(spFile(spBPE, message{}.number(4, 0), testPiece{"ab", 0, unused},
		testPiece{"abab", 0, unused})), "ababab")
	f.Add([]byte(spFile(spUnigram, message{}.bytes(2, string(arrayOf([][2]string{{"a", "b "}}))))), "aab")
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tok, err := ParseSentencePiece("", data)
		if err != nil {
			return
		}
		checkTokenizer(t, tok, text)
	})
}

// checkTokenizer checks what holds for every tokenizer.
func checkTokenizer(t *testing.T, tok *Tokenizer, text string) {
	t.Helper()
	bos, _ := tok.BOS()
	for _, ids := range [][]ID{tok.Encode(nil, text, true, true), tok.EncodeSpecial(nil, text)} {
		for i, id := range ids {
			if id < 0 || int(id) >= tok.Size() {
				t.Fatalf("%q has the token %d of %d", text, id, tok.Size())
			}
			if i > 0 && id == bos && !strings.Contains(text, tok.Piece(bos)) {
				t.Fatalf("%q has BOS inside", text)
			}
			tok.Name(id)
		}
		var b strings.Builder
		d := tok.NewDecoder()
		for _, id := range ids {
			b.WriteString(d.Next(id))
		}
		b.WriteString(d.Flush())
		if all := string(tok.AppendDecode(nil, ids)); all != b.String() {
			t.Fatalf("%q streams as %q", all, b.String())
		}
	}
	for _, id := range []ID{-1, ID(tok.Size())} {
		if tok.Name(id) == "" || tok.Piece(id) != "" || len(tok.AppendDecode(nil, []ID{id})) > 0 || tok.IsEnd(id) {
			t.Fatalf("token %d is outside of the vocabulary", id)
		}
	}
}
