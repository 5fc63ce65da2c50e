package token

import (
	"fmt"
	"math"
	"strings"
)

// ParseSentencePiece reads a tokenizer.model of SentencePiece: of the models it
// has it reads BPE, Unigram and single characters. The name is for errors, which are of
// type *FormatError. Nothing of data is kept.
//
// The file is a protocol buffer (see wire.go):
//
//	1   pieces             repeated: 1 piece, 2 score (float), 3 type
//	2   trainer_spec       3 model_type, 24 treat_whitespace_as_suffix, 35 byte_fallback,
//	                       44 unk_surface, 46 bos_piece, 47 eos_piece
//	3   normalizer_spec    2 precompiled_charsmap, 3 add_dummy_prefix,
//	                       4 remove_extra_whitespaces, 5 escape_whitespaces
//	5   denormalizer_spec  2 precompiled_charsmap
func ParseSentencePiece(name string, data []byte) (*Tokenizer, error) {
	m := newSPModel()
	var fault *FormatError
	w := wire{data: data, what: "model", err: &fault}
	for w.next() {
		switch w.field {
		case 1:
			m.piece(w.message("piece"))
		case 2:
			m.trainer(w.message("trainer_spec"))
		case 3:
			m.normalizer(w.message("normalizer_spec"))
		case 5:
			m.denormalizer(w.message("denormalizer_spec"))
		}
	}
	if fault == nil {
		fault = m.check(len(data))
	}
	if fault != nil {
		fault.Name = name
		return nil, fault
	}
	return m.tokenizer(), nil
}

// The models of SentencePiece.
const (
	spUnigram = 1
	spBPE     = 2
	spChar    = 4
)

// An spModel is a SentencePiece model as it stands in a file.
type spModel struct {
	pieces []string
	scores []float32
	kinds  []kind
	ids    map[string]ID // of pieces that text can become
	names  map[string]ID // of the others

	model    uint64
	fallback bool
	unkText  string
	bos, eos string
	norm     spNormalizer
}

// newSPModel returns a model with the defaults of the format.
func newSPModel() *spModel {
	return &spModel{
		ids: map[string]ID{}, names: map[string]ID{}, model: spUnigram, unkText: " ⁇ ", bos: "<s>", eos: "</s>",
		norm: spNormalizer{dummy: true, trim: true, escape: true},
	}
}

// piece reads a piece of the vocabulary.
func (m *spModel) piece(w wire) {
	id, at := ID(len(m.pieces)), w.at
	w.what = fmt.Sprintf("piece %d", id)
	text, score, typ := "", float32(0), uint64(normal)
	for w.next() {
		switch w.field {
		case 1:
			text = string(w.bytes("piece"))
		case 2:
			score = math.Float32frombits(w.fixed32("score"))
		case 3:
			typ = w.varint("type")
		}
	}
	ids := m.names
	switch kind(min(typ, 255)) {
	case normal, userDefined, unused:
		ids = m.ids
	}
	_, twice := ids[text]
	switch {
	case text == "":
		w.fault(at, "is empty")
	case len(text) > pieceBytesMax:
		w.fault(at, "%d bytes exceed the limit of %d", len(text), pieceBytesMax)
	case typ < uint64(normal) || typ > uint64(byteToken):
		w.fault(at, "type is %d, want %d to %d", typ, normal, byteToken)
	case twice:
		w.fault(at, "%q is piece %d too", text, ids[text])
	case kind(typ) == byteToken && !isByte(text):
		w.fault(at, "%q is not of the form <0xNN>", text)
	}
	ids[text] = id
	m.pieces, m.scores, m.kinds = append(m.pieces, text), append(m.scores, score), append(m.kinds, kind(typ))
}

func isByte(piece string) bool {
	_, ok := byteValue(piece)
	return ok
}

func (m *spModel) trainer(w wire) {
	for w.next() {
		switch w.field {
		case 3:
			m.model = w.varint("model_type")
			if m.model != spUnigram && m.model != spBPE && m.model != spChar {
				w.fault(w.at, "model_type is %d, want %d (unigram), %d (BPE) or %d (characters)",
					m.model, spUnigram, spBPE, spChar)
			}
		case 24:
			if w.varint("treat_whitespace_as_suffix") != 0 {
				w.fault(w.at, "treat_whitespace_as_suffix is not supported")
			}
		case 35:
			m.fallback = w.varint("byte_fallback") != 0
		case 44:
			m.unkText = string(w.bytes("unk_surface"))
		case 46:
			m.bos = string(w.bytes("bos_piece"))
		case 47:
			m.eos = string(w.bytes("eos_piece"))
		}
	}
}

func (m *spModel) normalizer(w wire) {
	for w.next() {
		switch w.field {
		case 2:
			var err error
			if m.norm.chars, err = newCharsmap(w.bytes("precompiled_charsmap")); err != nil {
				w.fault(w.at, "precompiled_charsmap: %v", err)
			}
		case 3:
			m.norm.dummy = w.varint("add_dummy_prefix") != 0
		case 4:
			m.norm.trim = w.varint("remove_extra_whitespaces") != 0
		case 5:
			m.norm.escape = w.varint("escape_whitespaces") != 0
		}
	}
}

func (m *spModel) denormalizer(w wire) {
	for w.next() {
		if w.field == 2 && len(w.bytes("precompiled_charsmap")) > 0 {
			w.fault(w.at, "a denormalizer is not supported")
		}
	}
}

// check says what is wrong with the model as a whole.
func (m *spModel) check(end int) *FormatError {
	unknowns, bytes := 0, 0
	for _, k := range m.kinds {
		switch k {
		case unknown:
			unknowns++
		case byteToken:
			bytes++
		}
	}
	e := &FormatError{Offset: int64(end), Field: "end of file"}
	switch {
	case unknowns != 1:
		e.Reason = fmt.Sprintf("%d pieces of the type unknown, want 1", unknowns)
	case m.fallback && bytes != 256:
		e.Reason = fmt.Sprintf("%d pieces for bytes, want 256", bytes)
	default:
		return nil
	}
	return e
}

// tokenizer returns the model as a Tokenizer.
func (m *spModel) tokenizer() *Tokenizer {
	v := spVocabulary{pieces: m.pieces, scores: m.scores, kinds: m.kinds, ids: m.ids, bytes: m.fallback}
	t := newTokenizer(m.pieces, m.kinds)
	t.addKnownEnds()
	t.spTexts(m.unkText)
	m.norm.whole = v.whole()
	t.engine = &spEngine{&m.norm, v.engine(m.model)}
	if id, ok := m.names[m.bos]; ok && m.kinds[id] == control {
		t.bos, t.addBOS = id, true
	}
	if id, ok := m.names[m.eos]; ok && m.kinds[id] == control {
		t.eos = id
	}
	t.addPrefix, t.strip = m.norm.dummy, m.norm.dummy
	t.match(nil)
	t.addEnds(t.eos)
	return t
}

// spTexts sets the texts of a SentencePiece vocabulary.
func (t *Tokenizer) spTexts(unkText string) {
	for id, piece := range t.pieces {
		switch t.kinds[id] {
		case control:
		case unknown:
			t.texts[id] = unkText
		case byteToken:
			b, _ := byteValue(piece)
			t.texts[id] = allBytes[b : int(b)+1]
		default:
			t.texts[id] = strings.ReplaceAll(piece, spaceMark, " ")
		}
	}
}

// An spEngine normalizes text and then encodes it.
type spEngine struct {
	norm  normalizer
	inner engine
}

// encode is an engine's.
func (e *spEngine) encode(dst []ID, text string, first bool) []ID {
	return e.inner.encode(dst, e.norm.normalize(text), first)
}

// An spVocabulary is what SentencePiece's algorithms work with.
type spVocabulary struct {
	pieces []string
	scores []float32
	kinds  []kind
	ids    map[string]ID // of normal, user-defined and unused pieces
	bytes  bool          // what is no piece becomes bytes
}

// whole returns the user-defined pieces, or nil if there are none.
func (v *spVocabulary) whole() *trie {
	var entries []entry
	for id, k := range v.kinds {
		if k == userDefined {
			entries = append(entries, entry{v.pieces[id], ID(id)})
		}
	}
	if len(entries) == 0 {
		return nil
	}
	return newTrie(entries)
}

func (v *spVocabulary) fallback() fallback {
	f := fallback{unk: noID}
	var bytes [256]ID
	for id, k := range v.kinds {
		switch k {
		case unknown:
			f.unk = ID(id)
		case byteToken:
			if b, ok := byteValue(v.pieces[id]); ok && v.bytes {
				bytes[b], f.bytes = ID(id), &bytes
			}
		}
	}
	return f
}

func (v *spVocabulary) engine(model uint64) engine {
	for piece, id := range v.ids {
		if v.kinds[id] == control {
			delete(v.ids, piece)
		}
	}
	if model == spUnigram {
		return v.unigram()
	}
	b := newCharBPE(v.ids, v.scores, v.fallback())
	b.whole, b.unused = v.whole(), map[ID]bool{}
	for id, k := range v.kinds {
		if k == unused {
			b.unused[ID(id)] = true
		}
	}
	if model == spChar {
		b.listed = map[[2]ID]merge{} // nothing merges
	}
	return b
}

func (v *spVocabulary) unigram() *unigram {
	u := &unigram{fallback: v.fallback(), round: true, whole: map[ID]bool{}, scores: make([]float64, len(v.scores))}
	worst := float32(math.MaxFloat32)
	for id, s := range v.scores {
		u.scores[id] = float64(s)
		switch v.kinds[id] {
		case normal:
			worst, u.best = min(worst, s), max(u.best, s)
		case userDefined:
			u.whole[ID(id)] = true
		}
	}
	u.unknown = float64(worst - unknownPenalty)
	var entries []entry
	for piece, id := range v.ids {
		if v.kinds[id] != unused {
			entries = append(entries, entry{piece, id})
		}
	}
	u.trie = newTrie(entries)
	return u
}
