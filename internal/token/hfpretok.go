package token

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
)

// preTokenizer reads a pre-tokenizer. field says where it is, for errors.
func (p *hfParser) preTokenizer(field string, raw json.RawMessage) error {
	typ, err := hfType(field, raw)
	if err != nil || typ == "" {
		return err
	}
	if p.bytes != nil {
		return hfFault(field, "%s after ByteLevel is not supported", typ)
	}
	s := hfPreTokenizer{Split: true, UseRegex: true}
	if err := json.Unmarshal(raw, &s); err != nil {
		return jsonFault(field, err)
	}
	switch typ {
	case "Sequence":
		for i, part := range s.Pretokenizers {
			if err := p.preTokenizer(fmt.Sprintf("%s.pretokenizers[%d]", field, i), part); err != nil {
				return err
			}
		}
		return nil
	case "ByteLevel":
		return p.byteLevel(field, s)
	case "Metaspace":
		return p.metaspace(field, s)
	case "Split":
		return p.split(field, s)
	case "Digits":
		if s.Individual {
			return p.cutAt(field, runes(unicode.IsNumber), "Isolated", false)
		}
		return p.cutAt(field, runes(unicode.IsNumber), "Contiguous", false)
	case "Punctuation":
		if s.Behavior == "" {
			s.Behavior = "Isolated"
		}
		return p.cutAt(field, runes(isPunctuation), s.Behavior, false)
	case "Whitespace":
		return p.cutAt(field, words, "Removed", true)
	case "WhitespaceSplit":
		return p.cutAt(field, runes(unicode.IsSpace), "Removed", false)
	}
	return hfFault(field, "type %q is not supported", typ)
}

// hfPreTokenizer has the fields of all types.
type hfPreTokenizer struct {
	Pretokenizers []json.RawMessage `json:"pretokenizers"`
	AddPrefix     *bool             `json:"add_prefix_space"`
	UseRegex      bool              `json:"use_regex"`
	Replacement   *string           `json:"replacement"`
	PrependScheme string            `json:"prepend_scheme"`
	Split         bool              `json:"split"`
	Individual    bool              `json:"individual_digits"`
	Pattern       hfPattern         `json:"pattern"`
	Behavior      string            `json:"behavior"`
	Invert        bool              `json:"invert"`
}

// byteLevel ends the pre-tokenizers: what they cut goes to a bpe, which may cut it once more.
func (p *hfParser) byteLevel(field string, s hfPreTokenizer) error {
	p.bytes = &byteLevel{split: uncut, prefix: s.AddPrefix == nil || *s.AddPrefix}
	p.prefix = p.prefix || p.bytes.prefix
	if s.UseRegex {
		p.bytes.cuts = true
		var ok bool
		if p.bytes.split, ok = splitterFor("gpt-2"); !ok {
			return hfFault(field, "use_regex is not supported")
		}
	}
	return nil
}

// joinSplitters leaves to the bpe what only cuts, which saves a fifth of the time and more.
func (p *hfParser) joinSplitters() {
	if p.bytes == nil || p.bytes.prefix {
		return
	}
	var steps []splitter
	for _, s := range p.stages {
		split, ok := s.(splitter)
		if !ok {
			return
		}
		steps = append(steps, split)
	}
	if p.bytes.cuts || len(steps) == 0 {
		steps = append(steps, p.bytes.split)
	}
	p.bytes.split, p.stages = chain(steps...), nil
}

// uncut is a splitter that does not.
func uncut(text string, emit func(string)) {
	if text != "" {
		emit(text)
	}
}

// cut is a stage's.
func (s splitter) cut(text string, first bool, emit func(string, bool)) {
	s(text, func(part string) {
		emit(part, first)
		first = false
	})
}

func (p *hfParser) metaspace(field string, s hfPreTokenizer) error {
	m := metaspace{mark: spaceMark, split: s.Split, scheme: s.PrependScheme}
	if s.Replacement != nil {
		m.mark = *s.Replacement
	}
	if m.scheme == "" {
		m.scheme = "always"
		if s.AddPrefix != nil && !*s.AddPrefix {
			m.scheme = "never"
		}
	}
	switch {
	case m.mark == "" || len(m.mark) > 4:
		return hfFault(field, "replacement %q is not a character", m.mark)
	case m.scheme != "always" && m.scheme != "first" && m.scheme != "never":
		return hfFault(field, "prepend_scheme %q is not supported, want always, first or never", m.scheme)
	}
	p.prefix = p.prefix || m.scheme != "never"
	p.stages = append(p.stages, &m)
	return nil
}

// A metaspace puts a mark in place of every space and at the beginning, and
// cuts the text before each.
type metaspace struct {
	mark, scheme string
	split        bool
}

// cut is a stage's.
func (m *metaspace) cut(text string, first bool, emit func(string, bool)) {
	text = strings.ReplaceAll(text, " ", m.mark)
	if (m.scheme == "always" || m.scheme == "first" && first) && !strings.HasPrefix(text, m.mark) {
		text = m.mark + text
	}
	for m.split {
		at := 0
		if strings.HasPrefix(text, m.mark) {
			at = len(m.mark)
		}
		n := strings.Index(text[at:], m.mark)
		if n < 0 {
			break
		}
		emit(text[:at+n], first)
		text, first = text[at+n:], false
	}
	emit(text, first)
}
