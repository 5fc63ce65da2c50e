package hf

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseTokenizerConfig(t *testing.T) {
	for _, c := range []struct {
		text string
		want TokenizerConfig
	}{
		{`{}`, TokenizerConfig{}},
		{`{"model_max_length":1000000000000000019884624838656,"bos_token":null,"add_bos_token":null}`, TokenizerConfig{}},
		{`{"tokenizer_class":"X","bos_token":"<s>","eos_token":{"__type":"AddedToken","content":"</s>","lstrip":false},
			"unk_token":"<unk>","pad_token":"","add_bos_token":true,"add_eos_token":false,"add_prefix_space":true,
			"legacy":false,"clean_up_tokenization_spaces":true,"chat_template":"{{ x }}"}`,
			TokenizerConfig{Class: "X", BOS: "<s>", EOS: "</s>", UNK: "<unk>", AddBOS: ptr(true), AddEOS: ptr(false),
				AddPrefixSpace: ptr(true), Legacy: ptr(false), CleanUpSpaces: true, Templates: []Template{{"default", "{{ x }}"}}}},
		{`{"chat_template":[{"name":"default","template":"a"},{"name":"tool_use","template":"b"}]}`,
			TokenizerConfig{Templates: []Template{{"default", "a"}, {"tool_use", "b"}}}},
		{`{"added_tokens_decoder":{"10":{"content":"b","special":true,"lstrip":true},"2":{"content":"a","normalized":true,
			"rstrip":true,"single_word":true}}}`,
			TokenizerConfig{AddedTokens: []AddedToken{
				{ID: 2, Content: "a", Normalized: true, RStrip: true, SingleWord: true},
				{ID: 10, Content: "b", Special: true, LStrip: true}}}},
	} {
		got, err := ParseTokenizerConfig("x", []byte(c.text))
		if diff := cmp.Diff(&c.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v, differs from what is wanted: %s", c.text, err, diff)
		}
	}
	for _, c := range []struct{ text, want string }{
		{`x`, "invalid character"},
		{`{"bos_token":1}`, "bos_token: is 1, want a string"},
		{`{"bos_token":{}}`, "bos_token: is {}, want a string, or an object with content"},
		{`{"bos_token":["a"]}`, "bos_token: is"},
		{`{"chat_template":{}}`, "chat_template: is {}, want a string"},
		{`{"chat_template":[1]}`, "chat_template: is [1], want"},
		{`{"chat_template":[{"name":"a"}]}`, "chat_template: entry 0 has no name or no template"},
		{`{"chat_template":[` + strings.Repeat("{},", 5000) + `{}]}`, "has 5001 templates"},
		{`{"add_bos_token":"yes"}`, "add_bos_token: is \"yes\""},
		{`{"added_tokens_decoder":[]}`, "added_tokens_decoder: is []"},
		{`{"added_tokens_decoder":{"x":{"content":"a"}}}`, `has an entry "x"`},
		{`{"added_tokens_decoder":{"-1":{"content":"a"}}}`, `has an entry "-1"`},
		{`{"added_tokens_decoder":{"01":{"content":"a"}}}`, `has an entry "01"`},
		{`{"added_tokens_decoder":{"4194304":{"content":"a"}}}`, `has an entry "4194304"`},
		{`{"added_tokens_decoder":{"1":{}}}`, `has an entry "1" without content`},
	} {
		got, err := ParseTokenizerConfig("x", []byte(c.text))
		var field *FieldError
		if !errors.As(err, &field) || got != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.60s: %+v, error %v, want %q", c.text, got, err, c.want)
		}
	}
}

func TestParseGenerationConfig(t *testing.T) {
	got, err := ParseGenerationConfig("x", []byte(`{"eos_token_id":[1,2],"do_sample":true,"temperature":0.6,"top_p":0.9,
		"top_k":20,"min_p":0,"repetition_penalty":1.1,"bos_token_id":3,"pad_token_id":0}`))
	want := &GenerationConfig{BOS: []int{3}, EOS: []int{1, 2}, PAD: []int{0}, DoSample: ptr(true), Temperature: ptr(0.6),
		TopP: ptr(0.9), MinP: ptr(0.0), RepetitionPenalty: ptr(1.1), TopK: ptr(20)}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v, differs from what is wanted: %s", err, diff)
	}
	for _, text := range []string{``, `{"temperature":"hot"}`, `{"top_k":-1}`, `{"do_sample":0}`, `{"eos_token_id":1.5}`} {
		got, err := ParseGenerationConfig("x", []byte(text))
		var field *FieldError
		if !errors.As(err, &field) || got != nil {
			t.Errorf("%s: %+v, error %v", text, got, err)
		}
	}
}

// FuzzTokenizerConfig feeds both small files.
func FuzzTokenizerConfig(f *testing.F) {
	for _, text := range []string{`{}`, `{"bos_token":{"content":"<s>"},"chat_template":[{"name":"a","template":"b"}]}`,
		`{"added_tokens_decoder":{"1":{"content":"a"}}}`, `{"eos_token_id":[1,2],"top_k":3}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := ParseTokenizerConfig("fuzz", data)
		if e := (*FieldError)(nil); (err == nil) != (c != nil) || err != nil && !errors.As(err, &e) {
			t.Fatalf("%+v, error %v, want one or a FieldError", c, err)
		}
		if c != nil {
			last := -1
			for _, a := range c.AddedTokens {
				if a.ID <= last || a.ID >= vocabMax {
					t.Fatalf("added token %d after %d", a.ID, last)
				}
				last = a.ID
			}
		}
		g, err := ParseGenerationConfig("fuzz", data)
		if e := (*FieldError)(nil); (err == nil) != (g != nil) || err != nil && !errors.As(err, &e) {
			t.Fatalf("%+v, error %v, want one or a FieldError", g, err)
		}
	})
}
