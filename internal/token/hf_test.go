package token

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// hfWords is a model of characters: ids 0 to 2 are <unk>, <s> and </s>, then
// the letters and pieces below in their order, then the tokens of all bytes.
var hfWords = []string{"▁", "a", "b", "c", "1", "2", ".", "-", "ab", "abc", "▁a", "▁ab", "▁abc", "é", "日", "12"}

var hfMerges = []string{"a b", "ab c", "▁ a", "▁ ab", "▁ abc", "1 2"}

// hfChars returns a model as JSON.
func hfChars(more string) string {
	vocab := map[string]int{"<unk>": 0, "<s>": 1, "</s>": 2}
	for i, w := range hfWords {
		vocab[w] = 3 + i
	}
	for b := range 256 {
		vocab[fmt.Sprintf("<0x%02X>", b)] = 3 + len(hfWords) + b
	}
	v, _ := json.Marshal(vocab)
	m, _ := json.Marshal(hfMerges)
	return fmt.Sprintf(`{"type":"BPE","unk_token":"<unk>","vocab":%s,"merges":%s%s}`, v, m, more)
}

const hfFallback = `,"byte_fallback":true`

// hfJSON returns a tokenizer.json of parts, each `"name": value`.
func hfJSON(parts ...string) string { return "{" + strings.Join(parts, ",") + "}" }

const (
	hfSpecials = `"added_tokens":[{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true},` +
		`{"id":2,"content":"</s>","special":true}]`
	hfLlamaNorm = `"normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},` +
		`{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}`
	hfLlamaDecoder = `"decoder":{"type":"Sequence","decoders":[` +
		`{"type":"Replace","pattern":{"String":"▁"},"content":" "},` +
		`{"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]}`
)

func parseHF(t testing.TB, text string) *Tokenizer {
	t.Helper()
	tok, err := ParseHF("tokenizer.json", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// spellings returns the pieces of a text.
func spellings(tok *Tokenizer, text string) string {
	var parts []string
	for _, id := range tok.Encode(nil, text, false, false) {
		parts = append(parts, tok.Piece(id))
	}
	return strings.Join(parts, " ")
}

// What each component does, as Hugging Face's library has it.
func TestHFComponents(t *testing.T) {
	pre := func(s string) string { return `"pre_tokenizer":` + s }
	norm := func(s string) string { return `"normalizer":` + s }
	split := func(behavior string, invert bool) string {
		return pre(fmt.Sprintf(`{"type":"Split","pattern":{"String":"-"},"behavior":%q,"invert":%v}`, behavior, invert))
	}
	const meta = `{"type":"Metaspace","replacement":"▁","prepend_scheme":%q,"split":%v}`
	for _, c := range []struct{ part, text, want string }{
		{norm("null"), "abc", "abc"},
		{hfLlamaNorm, "abc a", "▁abc ▁a"},
		{norm(`{"type":"NFC"}`), "e\u0301", "é"},
		{norm(`{"type":"NFD"}`), "é", "<0x65> <0xCC> <0x81>"},
		{norm(`{"type":"NFKC"}`), "①", "1"},
		{norm(`{"type":"NFKD"}`), "①²", "12"},
		{norm(`{"type":"Lowercase"}`), "ABÉ\xff", "ab é <0xFF>"},
		{norm(`{"type":"Strip","strip_left":true,"strip_right":true}`), " a\n", "a"},
		{norm(`{"type":"Strip","strip_left":true,"strip_right":false}`), " a1", "a 1"},
		{norm(`{"type":"Replace","pattern":{"Regex":"[\\s-]+"},"content":"b"}`), "a -\u00a0c", "abc"},
		{pre(`{"type":"Digits","individual_digits":true}`), "a12", "a 1 2"},
		{pre(`{"type":"Digits","individual_digits":false}`), "a12", "a 12"},
		{pre(`{"type":"Punctuation"}`), "ab.ab", "ab . ab"},
		{pre(`{"type":"Whitespace"}`), " a\tb ab.", "a b ab ."},
		{pre(`{"type":"WhitespaceSplit"}`), " a\tb ab.", "a b ab ."},
		{pre(fmt.Sprintf(meta, "always", true)), "a ab", "▁a ▁ab"},
		{pre(fmt.Sprintf(meta, "first", true)), "  ab", "▁ ▁ab"},
		{pre(fmt.Sprintf(meta, "never", true)), "a ab", "a ▁ab"},
		{pre(fmt.Sprintf(meta, "always", false)), "a ab", "▁a ▁ab"},
		{pre(`{"type":"Metaspace","replacement":"▁","add_prefix_space":false}`), "a a", "a ▁a"},
		{split("Isolated", false), "a-b", "a - b"},
		{split("Removed", false), "a--b", "a b"},
		{split("Removed", true), "a--b", "- -"},
		{split("MergedWithPrevious", false), "a--b", "a - - b"},
		{pre(`{"type":"Sequence","pretokenizers":[{"type":"Punctuation"},{"type":"Digits","individual_digits":true}]}`),
			"ab.12", "ab . 1 2"},
		{pre(`{"type":"Split","pattern":{"Regex":"b"},"behavior":"MergedWithNext","invert":false}`), "abc", "a b c"},
	} {
		tok := parseHF(t, hfJSON(hfSpecials, c.part, `"model":`+hfChars(hfFallback)))
		if got := spellings(tok, c.text); got != c.want {
			t.Errorf("%s: %q is %s, want %s", c.part, c.text, got, c.want)
		}
	}
}

func TestHFUnknown(t *testing.T) {
	for _, c := range []struct{ more, text, want string }{
		{hfFallback, "xab\xffy", "<0x78> ab <0xFF> <0x79>"},
		{`,"fuse_unk":true`, "axyab\xff", "a <unk> ab <unk>"},
		{`,"fuse_unk":false`, "axyab", "a <unk> <unk> ab"},
		{`,"unk_token":null`, "axyb1x2", "ab 12"}, // nothing stays, and the neighbours merge
		{`,"ignore_merges":true`, "▁abc", "▁abc"},
	} {
		tok := parseHF(t, hfJSON(hfSpecials, `"model":`+hfChars(c.more)))
		if got := spellings(tok, c.text); got != c.want {
			t.Errorf("%s: %q is %s, want %s", c.more, c.text, got, c.want)
		}
	}
}

// Cutting at "-" in all ways; what a cut leaves together is between bars.
func TestCutter(t *testing.T) {
	for _, c := range []struct{ behavior, plain, inverted string }{
		{"Isolated", "-|ab|-|-|c|-", "-|ab|-|-|c|-"},
		{"Removed", "ab|c", "-|-|-|-"},
		{"Contiguous", "-|ab|--|c|-", "-|ab|--|c|-"},
		{"MergedWithPrevious", "-|ab-|-|c-", "-ab|-|-c|-"},
		{"MergedWithNext", "-ab|-|-c|-", "-|ab-|-|c-"},
	} {
		for _, invert := range []bool{false, true} {
			want := c.plain
			if invert {
				want = c.inverted
			}
			var parts []string
			firsts := 0
			stage := &cutter{literal("-"), invert, c.behavior}
			stage.cut("-ab--c-", true, func(part string, first bool) {
				parts = append(parts, part)
				if first {
					firsts++
				}
			})
			if got := strings.Join(parts, "|"); got != want {
				t.Errorf("%s, invert %v: %s, want %s", c.behavior, invert, got, want)
			}
			if firsts > 1 {
				t.Errorf("%s, invert %v: %d first parts", c.behavior, invert, firsts)
			}
		}
	}
}

func TestHFAddedTokens(t *testing.T) {
	n := 3 + len(hfWords) + 256
	added := fmt.Sprintf(`"added_tokens":[`+
		`{"id":0,"content":"<unk>","special":true},{"id":1,"content":"<s>","special":true,`+
		`"normalized":true},{"id":2,"content":"</s>","rstrip":true},{"id":%d,"content":"<t>"},{"id":%d,"content":"a b",`+
		`"normalized":true},{"id":%d,"content":"Q","single_word":true,"normalized":false},`+
		`{"id":%d,"content":"<|end|>","special":true,"rstrip":true}]`, n, n+1, n+2, n+3)
	tok := parseHF(t, hfJSON(added,
		`"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"}`, hfLlamaDecoder,
		`"model":`+hfChars(hfFallback)))
	for _, c := range []struct{ text, plain, marked string }{
		{"a<t>b", "a <t> b", "a <t> b"},
		{"<s>a", "<0x3C> <0x73> <0x3E> a", "<s> a"},
		{"</s>  a", "<0x3C> <0x2F> <0x73> <0x3E> ▁ ▁a", "</s> a"}, // an end is never text, whatever the file calls it
		{"ca b", "c a b", "c a b"},                                // found after normalizing, as a▁b
		{"Q aQ", "Q ▁a <0x51>", "Q ▁a <0x51>"},
		{"1<|end|> \n2", "1 <0x3C> <0x7C> <0x65> <0x6E> <0x64> <0x7C> <0x3E> ▁ <0x0A> 2", "1 <|end|> 2"},
	} {
		if got := spellings(tok, c.text); got != c.plain {
			t.Errorf("%q is %s, want %s", c.text, got, c.plain)
		}
		var marked []string
		for _, id := range tok.EncodeSpecial(nil, c.text) {
			marked = append(marked, tok.Piece(id))
		}
		if got := strings.Join(marked, " "); got != c.marked {
			t.Errorf("%q with control tokens is %s, want %s", c.text, got, c.marked)
		}
	}
	if !tok.IsEnd(2) || !tok.IsEnd(ID(n+3)) || tok.IsEnd(1) {
		t.Error("want </s> and <|end|> to end a generation, and not <s>")
	}
	if got := tok.Name(ID(n)) + tok.Name(1) + tok.Name(ID(n-1)); got != `"<t>"<s><0xFF>` {
		t.Errorf("names are %s", got)
	}
}

func TestHFTemplate(t *testing.T) {
	template := func(single string) string {
		return `"post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel"},` +
			`{"type":"TemplateProcessing","single":[` +
			single + `],"special_tokens":{"<s>":{"id":"<s>","ids":[1]},"</s>":{"id":"</s>","ids":[2]}}}]}`
	}
	const bos, text, eos = `{"SpecialToken":{"id":"<s>"}}`, `{"Sequence":{"id":"A"}}`, `{"SpecialToken":{"id":"</s>"}}`
	for _, c := range []struct {
		post, config   string
		addBOS, addEOS bool
		want           []ID
	}{
		{`"post_processor":null`, "", false, false, nil},
		{template(text), "", false, false, nil},
		{template(bos + "," + text), "", true, false, []ID{1}},
		{template(bos + "," + text + "," + eos), "", true, true, []ID{1, 2}},
		{template(bos + "," + text), `{"add_bos_token":false,"eos_token":"</s>"}`, false, false, []ID{1, 2}},
		{
			`"post_processor":null`, `{"add_bos_token":true,"bos_token":{"content":"<s>"},"eos_token":null}`,
			true, false, []ID{1},
		},
		{template(text), `{"add_bos_token":true,"bos_token":"<absent>"}`, false, false, nil},
	} {
		var config []byte
		if c.config != "" {
			config = []byte(c.config)
		}
		tok, err := ParseHF("", []byte(hfJSON(hfSpecials, c.post, `"model":`+hfChars(""))), config)
		if err != nil {
			t.Fatal(err)
		}
		if got := tok.Encode(nil, "", true, true); !slices.Equal(got, c.want) {
			t.Errorf("%s %s: BOS and EOS are %v, want %v", c.post, c.config, got, c.want)
		}
		if tok.AddBOS() != c.addBOS || tok.AddEOS() != c.addEOS {
			t.Errorf("%s %s: adds BOS %v, EOS %v", c.post, c.config, tok.AddBOS(), tok.AddEOS())
		}
	}
}

func TestHFDecoders(t *testing.T) {
	id := func(piece string) ID { return ID(3 + slices.Index(hfWords, piece)) }
	for _, c := range []struct{ decoder, want string }{
		{`"decoder":null`, "▁aab▁abc<0xC3><0xA9>"},
		{`"decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}`, "aab abc<0xC3><0xA9>"},
		{`"decoder":{"type":"Metaspace","replacement":"▁","prepend_scheme":"never"}`, " aab abc<0xC3><0xA9>"},
		{hfLlamaDecoder, "aab abcé"},
	} {
		tok := parseHF(t, hfJSON(hfSpecials, c.decoder, `"model":`+hfChars("")))
		first := ID(3 + len(hfWords)) // of the bytes
		ids := []ID{1, id("▁a"), id("ab"), 2, id("▁abc"), first + 0xc3, first + 0xa9}
		if got := string(tok.AppendDecode(nil, ids)); got != c.want {
			t.Errorf("%s: %q, want %q", c.decoder, got, c.want)
		}
	}
}

// A merge of pieces with spaces, and pairs in place of texts.
func TestHFMerges(t *testing.T) {
	for _, merges := range []string{`["a   "]`, `[["a ", " "]]`} {
		tok := parseHF(t, `{"model":{"vocab":{"a":0," ":1,"a ":2,"a  ":3},"merges":["a  ",`+merges[1:]+`}}`)
		if got := tok.Encode(nil, "a  a", false, false); !slices.Equal(got, []ID{3, 0}) {
			t.Errorf("%s: %v", merges, got)
		}
	}
}
