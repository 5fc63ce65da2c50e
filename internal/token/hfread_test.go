package token

import (
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Where a tokenizer.json is wrong, and why.
func TestHFErrors(t *testing.T) {
	vocab := func(s string) string { return `{"model":{"type":"BPE","vocab":` + s + `}}` }
	merges := func(s string) string {
		return `{"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":` + s + `}}`
	}
	for _, c := range []struct {
		text, field string
		offset      int64
		reason      string
	}{
		{``, "tokenizer.json", 0, "want an object"},
		{`[]`, "tokenizer.json", 0, "want an object"},
		{`{}`, "model", -1, `type "" is not supported`},
		{`{"model":null}`, "model", -1, `type "" is not supported`},
		{`{"model":[]}`, "model", -1, `type "" is not supported`},
		{`{} x`, "tokenizer.json", 3, "more follows"},
		{`{"a" 1}`, "tokenizer.json", 5, `no colon after the key "a"`},
		{`{"a":1 "b":2}`, "tokenizer.json", 7, "want a comma"},
		{`{"a":}`, "a", 5, "unexpected end"},
		{`{"a":[1,}]}`, "a", 9, "invalid character"},
		{`{"a`, "tokenizer.json", 3, "without an end"},
		{`{"a\`, "tokenizer.json", 4, "without an end"},
		{"{\"\x01\":1}", "tokenizer.json", 1, "invalid character"},
		{`{"\q":1}`, "tokenizer.json", 1, "invalid character"},
		{`{"added_tokens":7}`, "added_tokens", 17, "cannot unmarshal number"},
		{`{"model":{"type":7}}`, "model.type", 18, "cannot unmarshal number"},
		{`{"model":{"type":"WordPiece"}}`, "model", -1, `"WordPiece" is not supported`},
		{`{"model":{"type":"BPE"}}`, "model.vocab", 0, "want an object"},
		{`{"model":{"type":"Unigram"}}`, "model.vocab", 0, "unexpected end"},
		{vocab(`[]`), "model.vocab", 31, "want an object"},
		{vocab(`{"a":1.5}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":01}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":+1}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":-}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":null}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":9223372036854775808}`), "model.vocab", 36, "want an integer"},
		{vocab(`{"a":-1}`), "model.vocab", -1, `the id of "a" is -1`},
		{vocab(`{"a":4194304}`), "model.vocab", -1, `the id of "a" is 4194304`},
		{vocab(`{"a":0,"b":0}`), "model.vocab", -1, `"a" and "b" have the same id 0`},
		{vocab(`{"a":0,}`), "model.vocab", 38, "want a string"},
		{merges(`{}`), "model.merges", 61, "want an array"},
		{merges(`[7]`), "model.merges", 62, "want a string"},
		{merges(`["a b",["a"]]`), "model.merges", 73, "a merge of 1 pieces"},
		{merges(`[["a","b","c"]]`), "model.merges", 75, "a merge of 3 pieces"},
		{merges(`["a b","a c"]`), "model.merges[1]", -1, "not of two pieces"},
		{merges(`["a b","ab"]`), "model.merges[1]", -1, "not of two pieces"},
	} {
		_, err := ParseHF("x", []byte(c.text), nil)
		var fault *FormatError
		if !errors.As(err, &fault) || fault.Field != c.field || fault.Offset != c.offset ||
			!strings.Contains(fault.Reason, c.reason) {
			t.Errorf("%s: error %#v, want %s at %d: %s", c.text, err, c.field, c.offset, c.reason)
		}
	}
}

// Strings are what encoding/json makes of them.
func TestHFStrings(t *testing.T) {
	const text = `{"model":{"vocab":{"a":0,"\u00e9":1,"\"":2,"\ud83e\udd99":3,"\ud83e":4,"` + "\xff" + `x":5,"日":6 ,` +
		"\n\t" + `"\\" : 7},"merges":[ ]}}`
	tok := parseHF(t, text)
	want := []string{"a", "é", `"`, "🦙", "\ufffd", "\ufffdx", "日", `\`}
	if !slices.Equal(tok.pieces, want) {
		t.Errorf("pieces are %q, want %q", tok.pieces, want)
	}
}

// What the reader takes is JSON, and means what encoding/json says.
func FuzzJSONReader(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"a":1}`, ` { "a\n" : -1 , "é\u00e9":0}`, `{"a":[1,{"b":"]"}]}`, `{"a":01}`, `{"a":1}x`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := map[string]int64{}
		r := &jsonReader{data: text}
		err := r.object("x", func(key string) error {
			n, err := r.int("x")
			got[key] = n
			return err
		})
		if err == nil && r.end("x") == nil {
			var want map[string]int64
			if err := json.Unmarshal([]byte(text), &want); err != nil || !maps.Equal(got, want) {
				t.Fatalf("%q is %v, want %v (error %v)", text, got, want, err)
			}
		}
		r = &jsonReader{data: text}
		var value, want json.RawMessage
		err = r.value("x", &value)
		if err == nil && r.end("x") == nil {
			if err := json.Unmarshal([]byte(text), &want); err != nil {
				t.Fatalf("%q is %s, but: %v", text, value, err)
			}
		} else if json.Valid([]byte(text)) {
			t.Fatalf("%q is JSON, and an error: %v", text, err)
		}
	})
}

// FuzzHF checks that any file is an error or a tokenizer that can be used.
func FuzzHF(f *testing.F) {
	for _, text := range []string{
		hfJSON(hfSpecials, hfLlamaNorm, hfLlamaDecoder,
			`"model":{"type":"BPE","unk_token":"<unk>","vocab":{"<unk>":0,"▁":3,"a":4,"▁a":5},"merges":["▁ a"]}`),
		`{"pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},` +
			`"model":{"vocab":{"▁":0,"<0x61>":1},"merges":[],"byte_fallback":true}}`,
		`{"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false},"decoder":{"type":"ByteLevel"},` +
			`"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2,"Ġ":3,"Ġa":4},"merges":["a b",["Ġ","a"]]}}`,
		`{"pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"a|b+"},` +
			`"behavior":"Isolated"},{"type":"ByteLevel","use_regex":false}]},"model":{"vocab":{"a":0},"merges":[]}}`,
		`{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1.5],["ab",-2]]}}`,
	} {
		f.Add(text, "ab a\xff<s>日")
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		if len(file) > 1<<16 || len(text) > 1<<12 {
			return
		}
		tok, err := ParseHF("x", []byte(file), nil)
		if err != nil {
			var fault *FormatError
			if !errors.As(err, &fault) || fault.Name != "x" {
				t.Fatalf("error %v is no FormatError", err)
			}
			return
		}
		for _, id := range append(tok.Encode(nil, text, true, true), tok.EncodeSpecial(nil, text)...) {
			if id < 0 || int(id) >= tok.Size() {
				t.Fatalf("token %d of %d", id, tok.Size())
			}
		}
		tok.AppendDecode(nil, tok.Encode(nil, text, false, false))
	})
}
