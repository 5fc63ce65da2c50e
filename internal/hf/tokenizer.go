package hf

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// A TokenizerConfig is what tokenizer_config.json says. special_tokens_map.json
// and chat_template.json have some of the same fields.
type TokenizerConfig struct {
	Class              string     // tokenizer_class: "LlamaTokenizer"
	Templates          []Template // chat_template
	BOS, EOS, UNK, PAD string     // the text of bos_token, eos_token, unk_token, pad_token
	AddBOS, AddEOS     *bool      // add_bos_token, add_eos_token
	AddPrefixSpace     *bool      // add_prefix_space
	Legacy             *bool      // legacy: whether text after a special token begins with a space
	CleanUpSpaces      bool       // clean_up_tokenization_spaces
	AddedTokens        []AddedToken
}

// A Template is a chat template in the language of Jinja.
type Template struct{ Name, Text string }

// DefaultTemplate is the name of a template that has none.
const DefaultTemplate = "default"

// An AddedToken is an entry of added_tokens_decoder.
type AddedToken struct {
	ID                         int
	Content                    string
	LStrip, RStrip, SingleWord bool
	Normalized, Special        bool
}

// ParseTokenizerConfig reads tokenizer_config.json. The error is a *FieldError; name is used in it only.
func ParseTokenizerConfig(name string, data []byte) (*TokenizerConfig, error) {
	o, err := parse(name, data)
	if err != nil {
		return nil, err
	}
	c := &TokenizerConfig{
		Class:          o.string("tokenizer_class"),
		Templates:      o.templates("chat_template"),
		BOS:            o.token("bos_token"),
		EOS:            o.token("eos_token"),
		UNK:            o.token("unk_token"),
		PAD:            o.token("pad_token"),
		AddBOS:         o.maybe("add_bos_token"),
		AddEOS:         o.maybe("add_eos_token"),
		AddPrefixSpace: o.maybe("add_prefix_space"),
		Legacy:         o.maybe("legacy"),
		CleanUpSpaces:  o.bool("clean_up_tokenization_spaces"),
		AddedTokens:    o.addedTokens("added_tokens_decoder"),
	}
	if err := o.fault(name); err != nil {
		return nil, err
	}
	return c, nil
}

// token returns the text of a token: a string, or the content of an object.
func (o *object) token(key string) string {
	raw, at := o.get(key)
	if raw == nil {
		return ""
	}
	if raw[0] != '{' {
		return o.string(key)
	}
	var t struct{ Content *string }
	if err := json.Unmarshal(raw, &t); err != nil || t.Content == nil {
		at.fail(key, "is %.60s, want a string, or an object with content", raw)
		return ""
	}
	return *t.Content
}

// templates returns one template, or a list of those with names.
func (o *object) templates(key string) []Template {
	raw, at := o.get(key)
	if raw == nil {
		return nil
	}
	if raw[0] != '[' {
		return []Template{{DefaultTemplate, o.string(key)}}
	}
	var list []struct{ Name, Template *string }
	if !o.decode(key, &list, "a string, or a list of templates with names") {
		return nil
	}
	if len(list) > wordsMax {
		at.fail(key, "has %d templates, more than %d", len(list), wordsMax)
		return nil
	}
	var templates []Template
	for i, t := range list {
		if t.Name == nil || t.Template == nil {
			at.fail(key, "entry %d has no name or no template", i)
			return nil
		}
		templates = append(templates, Template{*t.Name, *t.Template})
	}
	return templates
}

// addedTokens returns tokens by their ids, in order.
func (o *object) addedTokens(key string) []AddedToken {
	var entries map[string]struct {
		Content    *string
		LStrip     bool
		RStrip     bool
		SingleWord bool `json:"single_word"`
		Normalized bool
		Special    bool
	}
	if !o.decode(key, &entries, "an object of tokens") {
		return nil
	}
	var list []AddedToken
	for text, e := range entries {
		id, err := strconv.Atoi(text)
		if err != nil || id < 0 || id >= vocabMax || strconv.Itoa(id) != text || e.Content == nil {
			o.fail(key, "has an entry %.40q without content, or that is no token", text)
			return nil
		}
		list = append(list, AddedToken{id, *e.Content, e.LStrip, e.RStrip, e.SingleWord, e.Normalized, e.Special})
	}
	slices.SortFunc(list, func(a, b AddedToken) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
