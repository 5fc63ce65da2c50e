package token

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// ParseHF reads a tokenizer.json of Hugging Face's tokenizers library: the models
// BPE, of bytes or of characters, and Unigram, with the normalizers, pre-tokenizers,
// post-processors and decoders that go with them. What is not known is an
// error that names it, of type *FormatError like all others. config is the
// tokenizer_config.json beside it, or nil: it says which tokens begin and end a sequence
// where the file itself does not. The name is for errors.
//
// Two things differ from the library. Special tokens are found in a text as
// they are spelled, before it is normalized, also where the file has them
// "normalized": so a space that a normalizer puts in front of all text does not hide them.
// And bytes that are not UTF-8, which the library does not take, are encoded as they are.
func ParseHF(name string, data, config []byte) (*Tokenizer, error) {
	p := hfParser{}
	t, err := p.parse(data)
	if err == nil && config != nil {
		err = t.configure(config)
	}
	if err != nil {
		var fault *FormatError
		if !errors.As(err, &fault) {
			fault = &FormatError{Offset: -1, Field: "tokenizer.json", Reason: err.Error()}
		}
		fault.Name = name
		return nil, fault
	}
	return t, nil
}

// hfFile is a tokenizer.json.
type hfFile struct {
	AddedTokens   []hfAdded       `json:"added_tokens"`
	Normalizer    json.RawMessage `json:"normalizer"`
	PreTokenizer  json.RawMessage `json:"pre_tokenizer"`
	Model         hfModel         `json:"model"`
	PostProcessor json.RawMessage `json:"post_processor"`
	Decoder       json.RawMessage `json:"decoder"`
}

// hfAdded is a token that is found in a text as a whole.
type hfAdded struct {
	ID         int64  `json:"id"`
	Content    string `json:"content"`
	SingleWord bool   `json:"single_word"`
	LStrip     bool   `json:"lstrip"`
	RStrip     bool   `json:"rstrip"`
	Normalized bool   `json:"normalized"`
	Special    bool   `json:"special"`
}

// hfModel is a model of either type.
type hfModel struct {
	Type          string      `json:"type"`
	Vocab         *jsonReader `json:"-"`
	Merges        *jsonReader `json:"-"`
	UnkToken      *string     `json:"unk_token"`
	UnkID         *int64      `json:"unk_id"`
	ByteFallback  bool        `json:"byte_fallback"`
	FuseUnk       bool        `json:"fuse_unk"`
	IgnoreMerges  bool        `json:"ignore_merges"`
	Dropout       float64     `json:"dropout"`
	SubwordPrefix string      `json:"continuing_subword_prefix"`
	EndOfWord     string      `json:"end_of_word_suffix"`
}

// hfIDMax bounds ids, and with them the memory that a small file can ask for.
const hfIDMax = 1 << 22

// An hfParser is a file on the way to a Tokenizer.
type hfParser struct {
	file   hfFile
	pieces []string
	kinds  []kind
	vocab  []entry       // of the model
	ids    map[string]ID // of those that text can become
	scores []float64     // of a Unigram

	spelled, raw []string // of bytes: the normal pieces, and what they spell

	unk    ID
	norm   hfNormalizer
	stages []stage
	bytes  *byteLevel // how a pre-tokenizer turns text into bytes; nil: it does not
	prefix bool       // a space is put in front of a text
	decode hfDecoder
}

func (p *hfParser) parse(data []byte) (*Tokenizer, error) {
	var err error
	for _, part := range []func() error{
		func() error { return p.read(data) },
		p.vocabulary,
		func() error { return p.normalizer("normalizer", p.file.Normalizer) },
		func() error { return p.preTokenizer("pre_tokenizer", p.file.PreTokenizer) },
		func() error { return p.decode.read("decoder", p.file.Decoder) },
	} {
		if err = part(); err != nil {
			return nil, err
		}
	}
	t := newTokenizer(p.pieces, p.kinds)
	t.addPrefix, t.strip = p.prefix, p.decode.strip
	if err := p.postProcessor(t, "post_processor", p.file.PostProcessor); err != nil {
		return nil, err
	}
	t.addEnds(t.eos)
	t.addKnownEnds()
	p.texts(t)
	p.joinSplitters()
	e := &hfEngine{norm: p.norm.steps, stages: p.stages}
	if e.model, err = p.model(); err != nil {
		return nil, err
	}
	p.match(t, e)
	t.engine = e
	return t, nil
}

// jsonFault says where in a file JSON is not what it should be.
func jsonFault(field string, err error) error {
	at := int64(-1)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &typ):
		at = typ.Offset
		if typ.Field != "" {
			field = typ.Field
		}
	}
	return &FormatError{Offset: at, Field: field, Reason: err.Error()}
}

func hfFault(field, format string, args ...any) error {
	return &FormatError{Offset: -1, Field: field, Reason: fmt.Sprintf(format, args...)}
}

// vocabulary reads the model's vocabulary and the added tokens.
func (p *hfParser) vocabulary() error {
	m := &p.file.Model
	if m.Type == "" && m.Merges != nil {
		m.Type = "BPE" // old files do not say it
	}
	if m.Vocab == nil {
		m.Vocab = &jsonReader{}
	}
	var err error
	switch m.Type {
	case "BPE":
		err = p.bpeVocabulary()
	case "Unigram":
		err = p.unigramVocabulary()
	default:
		err = hfFault("model", "type %q is not supported, want BPE or Unigram", m.Type)
	}
	if err != nil {
		return err
	}
	for i, a := range p.file.AddedTokens {
		field := fmt.Sprintf("added_tokens[%d]", i)
		if a.Content == "" {
			return hfFault(field, "content is empty")
		}
		if a.ID >= 0 && a.ID < int64(len(p.pieces)) {
			p.pieces[a.ID] = "" // the added token counts
		}
		if err := p.add(field, a.Content, a.ID); err != nil {
			return err
		}
		p.kinds[a.ID] = userDefined
		if a.Special {
			p.kinds[a.ID] = control
		}
	}
	if p.unk != noID {
		p.kinds[p.unk] = unknown
	}
	return nil
}

// add puts a piece into the vocabulary.
func (p *hfParser) add(field, piece string, id int64) error {
	if id < 0 || id >= hfIDMax {
		return hfFault(field, "the id of %q is %d, want 0 to %d", piece, id, hfIDMax-1)
	}
	for int64(len(p.pieces)) <= id {
		p.pieces, p.kinds = append(p.pieces, ""), append(p.kinds, unused)
	}
	if old := p.pieces[id]; old != "" && old != piece {
		return hfFault(field, "%q and %q have the same id %d", old, piece, id)
	}
	p.pieces[id] = piece
	if p.kinds[id] == unused {
		p.kinds[id] = normal
	}
	return nil
}

func (p *hfParser) bpeVocabulary() error {
	m := &p.file.Model
	p.unk = noID
	switch {
	case m.Dropout != 0:
		return hfFault("model", "dropout %v is not supported", m.Dropout)
	case m.SubwordPrefix != "":
		return hfFault("model", "continuing_subword_prefix %q is not supported", m.SubwordPrefix)
	case m.EndOfWord != "":
		return hfFault("model", "end_of_word_suffix %q is not supported", m.EndOfWord)
	}
	if err := p.readVocabulary(); err != nil {
		return err
	}
	if m.UnkToken != nil && *m.UnkToken != "" {
		at := slices.IndexFunc(p.vocab, func(e entry) bool { return e.text == *m.UnkToken })
		if at < 0 {
			return hfFault("model", "unk_token %q is not in the vocabulary", *m.UnkToken)
		}
		p.unk = p.vocab[at].id
	}
	return nil
}

func (p *hfParser) unigramVocabulary() error {
	m := &p.file.Model
	p.unk = noID
	var vocab []hfScored
	if err := m.Vocab.value("model.vocab", &vocab); err != nil {
		return err
	}
	for i, s := range vocab {
		if err := p.add("model.vocab", s.piece, int64(i)); err != nil {
			return err
		}
		p.vocab = append(p.vocab, entry{s.piece, ID(i)})
		p.scores = append(p.scores, s.score)
	}
	if m.UnkID != nil {
		if *m.UnkID < 0 || *m.UnkID >= int64(len(vocab)) {
			return hfFault("model", "unk_id is %d, want 0 to %d", *m.UnkID, len(vocab)-1)
		}
		p.unk = ID(*m.UnkID)
	}
	return nil
}

// An hfScored is a piece of a Unigram: ["piece", score].
type hfScored struct {
	piece string
	score float64
}

// UnmarshalJSON is called by encoding/json.
func (s *hfScored) UnmarshalJSON(data []byte) error {
	pair := []any{&s.piece, &s.score}
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("%d elements for a piece, want 2", len(pair))
	}
	return nil
}

// configure takes what tokenizer_config.json says.
func (t *Tokenizer) configure(data []byte) error {
	var c struct {
		BOS    hfName `json:"bos_token"`
		EOS    hfName `json:"eos_token"`
		AddBOS *bool  `json:"add_bos_token"`
		AddEOS *bool  `json:"add_eos_token"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return jsonFault("tokenizer_config.json", err)
	}
	for _, token := range []struct {
		name string
		is   *ID
	}{{string(c.BOS), &t.bos}, {string(c.EOS), &t.eos}} {
		if id, ok := t.Find(token.name); ok && token.name != "" {
			*token.is = id
		}
	}
	if c.AddBOS != nil {
		t.addBOS = *c.AddBOS
	}
	if c.AddEOS != nil {
		t.addEOS = *c.AddEOS
	}
	t.addEnds(t.eos)
	return nil
}

// An hfName is a token's name: "name", {"content": "name"} or null.
type hfName string

// UnmarshalJSON is called by encoding/json.
func (n *hfName) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte("{")) {
		var object struct{ Content string }
		err := json.Unmarshal(data, &object)
		*n = hfName(object.Content)
		return err
	}
	return json.Unmarshal(data, (*string)(n))
}

// texts sets what the tokens add to a text.
func (p *hfParser) texts(t *Tokenizer) {
	if p.decode.isRaw() {
		p.spelled = normalPieces(p.pieces, p.kinds)
		p.raw = rawPieces(p.spelled)
		for id, k := range p.kinds {
			if t.texts[id] = p.raw[id]; k == userDefined {
				t.texts[id] = p.pieces[id]
			}
		}
		return
	}
	for id, piece := range p.pieces {
		switch p.kinds[id] {
		case userDefined:
			t.texts[id] = piece
		case normal:
			text, isByte := p.decode.text(piece)
			t.texts[id] = text
			if isByte {
				t.kinds[id] = byteToken
			}
		}
	}
}

// model returns the engine for words.
func (p *hfParser) model() (engine, error) {
	switch {
	case p.scores != nil && p.bytes != nil:
		return nil, hfFault("pre_tokenizer", "ByteLevel is not supported for a Unigram")
	case p.bytes != nil:
		return p.byteBPE()
	}
	p.ids = make(map[string]ID, len(p.vocab))
	for _, e := range p.vocab {
		if p.kinds[e.id] != control && p.kinds[e.id] != unknown { // no text becomes these
			p.ids[e.text] = e.id
		}
	}
	if p.scores != nil {
		return p.unigram(), nil
	}
	return p.charBPE()
}

func (p *hfParser) unigram() engine {
	u := &unigram{scores: p.scores, unknown: math.Inf(1), fallback: p.fallback()}
	for _, s := range p.scores {
		u.unknown = min(u.unknown, s)
	}
	u.unknown -= unknownPenalty
	entries := make([]entry, 0, len(p.ids))
	for piece, id := range p.ids {
		entries = append(entries, entry{piece, id})
	}
	u.trie = newTrie(entries)
	return u
}

func (p *hfParser) fallback() fallback {
	f := fallback{unk: p.unk, separate: p.scores == nil && !p.file.Model.FuseUnk}
	if !p.file.Model.ByteFallback {
		return f
	}
	f.bytes = new([256]ID)
	for b := range f.bytes {
		f.bytes[b] = noID
		if id, ok := p.ids[fmt.Sprintf("<0x%02X>", b)]; ok {
			f.bytes[b] = id
		}
	}
	return f
}

func (p *hfParser) charBPE() (engine, error) {
	b := newCharBPE(p.ids, nil, p.fallback())
	b.ignore = p.file.Model.IgnoreMerges
	id := func(piece string) ID {
		if id, ok := p.ids[piece]; ok {
			return id
		}
		return noID
	}
	merges, err := p.merges(func(left, right string) [3]ID { return [3]ID{id(left), id(right), id(left + right)} })
	if err != nil {
		return nil, err
	}
	b.listed = make(map[[2]ID]merge, len(merges))
	for i, m := range merges {
		if !isMerge(m) {
			return nil, hfFault(fmt.Sprintf("model.merges[%d]", i), "it is not of two pieces that make one")
		}
		b.listed[[2]ID{m[0], m[1]}] = merge{m[2], -float32(i)} // exact up to 1<<24
	}
	return b, nil
}

// byteBPE returns the engine for pieces that are spelled with GPT-2's letters for bytes.
func (p *hfParser) byteBPE() (engine, error) {
	if p.raw == nil {
		p.spelled = normalPieces(p.pieces, p.kinds)
		p.raw = rawPieces(p.spelled)
	}
	words := newWordTable(p.spelled)
	merges, err := p.merges(words.merger(p.spelled))
	if err != nil {
		return nil, err
	}
	b, err := newMergedBPE(p.raw, merges, p.bytes.split, p.file.Model.IgnoreMerges)
	if err != nil {
		return nil, hfFault("model", "%s", strings.TrimPrefix(err.Error(), "token: "))
	}
	return &byteEngine{bpe: b, prefix: p.bytes.prefix}, nil
}

// match sets the matchers for the added tokens.
func (p *hfParser) match(t *Tokenizer, e *hfEngine) {
	var plain, marked, normalized []special
	for _, a := range p.file.AddedTokens {
		s := special{ID(a.ID), a.Content, a.LStrip, a.RStrip, a.SingleWord}
		switch {
		case a.Special || t.IsEnd(s.id) || s.id == t.bos:
			marked = append(marked, s)
		case a.Normalized:
			if s.text = e.normalize(s.text); s.text != "" {
				normalized = append(normalized, s)
			}
		default:
			plain, marked = append(plain, s), append(marked, s)
		}
	}
	t.plain, t.marked, e.added = newMatcher(plain), newMatcher(marked), newMatcher(normalized)
}
