package token

import (
	"slices"
	"strconv"
	"strings"
)

// A kind says what a token stands for. The numbers are those of GGUF and SentencePiece.
type kind uint8

const (
	normal      kind = 1 + iota
	unknown          // what the vocabulary cannot spell
	control          // a mark that no text contains
	userDefined      // text that is always this token
	unused           // a piece that merges go through, but that is no result
	byteToken        // a single byte, <0xNN>
)

// A Tokenizer turns text into tokens and tokens into text, whatever kind of
// vocabulary and file it comes from. It does not change and may be shared.
type Tokenizer struct {
	pieces []string // how the vocabulary spells the tokens
	texts  []string // what they add to a text
	kinds  []kind

	bos, eos                  ID   // noID if there is none
	ends                      []ID // that end a generation, sorted
	addBOS, addEOS, addPrefix bool
	strip                     bool // the first space of a text falls away when it is decoded

	plain  *matcher // tokens that are whole words of every text
	marked *matcher // the same and control tokens
	engine engine
	spm    *SPM // not nil for a tokenizer.bin, whose engine needs to see BOS
}

// An engine encodes text between tokens that a matcher finds.
type engine interface {
	// encode appends the tokens of text to dst. first says that it begins the whole text.
	encode(dst []ID, text string, first bool) []ID
}

// newTokenizer takes over a vocabulary; the rest is the caller's to fill in.
func newTokenizer(pieces []string, kinds []kind) *Tokenizer {
	return &Tokenizer{pieces: pieces, kinds: kinds, texts: make([]string, len(pieces)), bos: noID, eos: noID}
}

// Tokenizer returns the vocabulary of a tokenizer.bin as a Tokenizer. Its
// control tokens are spelled <s> and </s>, as llama2.c's chat format has them.
func (s *SPM) Tokenizer() *Tokenizer {
	t := newTokenizer(slices.Clone(s.pieces), make([]kind, len(s.pieces)))
	for i, piece := range s.pieces {
		t.kinds[i], t.texts[i] = normal, piece
		if b, ok := byteValue(piece); ok {
			t.kinds[i], t.texts[i] = byteToken, allBytes[b:int(b)+1]
		}
	}
	t.kinds[unkID], t.kinds[bosID], t.kinds[eosID] = unknown, control, control
	t.pieces[unkID], t.pieces[bosID], t.pieces[eosID] = s.Name(unkID), s.Name(bosID), s.Name(eosID)
	t.bos, t.eos, t.ends = bosID, eosID, []ID{eosID}
	_, t.addPrefix = s.ids[" "]
	t.addBOS, t.spm, t.engine = true, s, s
	t.match(nil)
	return t
}

// encode is an engine's.
func (s *SPM) encode(dst []ID, text string, _ bool) []ID { return s.Encode(dst, text, false, false) }

// match sets the matchers: plain finds what is given, and marked control tokens too.
func (t *Tokenizer) match(plain []special) {
	all, given := slices.Clone(plain), map[ID]bool{}
	for _, s := range plain {
		given[s.id] = true
	}
	for id, k := range t.kinds {
		if (k == control || k == unknown) && !given[ID(id)] {
			all = append(all, special{id: ID(id), text: t.pieces[id]})
		}
	}
	t.plain, t.marked = newMatcher(plain), newMatcher(all)
}

// Encode appends the tokens of text to dst and returns it. bos puts the token
// that begins a sequence first, eos the one that ends it last, if there are
// such tokens. The text is text all through: where it spells the name of a
// control token, it does not become that token.
func (t *Tokenizer) Encode(dst []ID, text string, bos, eos bool) []ID {
	if t.spm != nil {
		return t.spm.Encode(dst, text, bos, eos)
	}
	if bos && t.bos != noID {
		dst = append(dst, t.bos)
	}
	dst = t.encode(dst, text, t.plain)
	if eos && t.eos != noID {
		dst = append(dst, t.eos)
	}
	return dst
}

// EncodeSpecial is Encode for text in which the names of control tokens are
// these tokens, such as a filled-in chat template. Nothing is put before or after it.
func (t *Tokenizer) EncodeSpecial(dst []ID, text string) []ID { return t.encode(dst, text, t.marked) }

func (t *Tokenizer) encode(dst []ID, text string, m *matcher) []ID {
	m.cut(text, func(part string, first bool, id ID) {
		if id != noID {
			dst = append(dst, id)
		} else {
			dst = t.engine.encode(dst, part, first)
		}
	})
	return dst
}

// Size returns the number of tokens.
func (t *Tokenizer) Size() int { return len(t.pieces) }

// Fits reports whether a model with a vocabulary of n tokens can use the
// Tokenizer: tokens from n on are marks that no text contains. Some models
// for text share a tokenizer with one that takes images, which has more of them.
func (t *Tokenizer) Fits(n int) bool {
	for _, k := range t.kinds[min(n, len(t.kinds)):] {
		if k != control && k != userDefined {
			return false
		}
	}
	return true
}

// BOS returns the token that begins a sequence, and whether there is one.
func (t *Tokenizer) BOS() (ID, bool) { return t.bos, t.bos != noID }

// EOS returns the token that ends a sequence, and whether there is one.
func (t *Tokenizer) EOS() (ID, bool) { return t.eos, t.eos != noID }

// IsEnd reports whether a token ends what a model generates: the end of the
// sequence, of a turn or of a message.
func (t *Tokenizer) IsEnd(id ID) bool {
	_, ok := slices.BinarySearch(t.ends, id)
	return ok
}

// WithEnds returns the same Tokenizer, for which these tokens too end what a model generates.
func (t *Tokenizer) WithEnds(ids ...ID) *Tokenizer {
	c := *t
	c.ends = slices.Clone(t.ends)
	c.addEnds(ids...)
	return &c
}

// addEnds adds those of the ids that are in the vocabulary.
func (t *Tokenizer) addEnds(ids ...ID) {
	for _, id := range ids {
		if id >= 0 && int(id) < len(t.pieces) {
			t.ends = append(t.ends, id)
		}
	}
	slices.Sort(t.ends)
	t.ends = slices.Compact(t.ends)
}

// AddBOS reports whether the model wants BOS before every text.
func (t *Tokenizer) AddBOS() bool { return t.addBOS && t.bos != noID }

// AddEOS reports whether the model wants EOS after every text.
func (t *Tokenizer) AddEOS() bool { return t.addEOS && t.eos != noID }

// AddPrefix reports whether Encode puts a space in front of a text.
func (t *Tokenizer) AddPrefix() bool { return t.addPrefix }

// BeginsWithBOS reports whether text begins with the name of BOS, so that
// with another BOS in front of it EncodeSpecial would give two.
func (t *Tokenizer) BeginsWithBOS(text string) bool {
	return t.bos != noID && strings.HasPrefix(text, t.pieces[t.bos])
}

// Piece returns how the vocabulary spells a token, which is not always its
// text: see AppendDecode. There is none for an id outside of the vocabulary.
func (t *Tokenizer) Piece(id ID) string {
	if id < 0 || int(id) >= len(t.pieces) {
		return ""
	}
	return t.pieces[id]
}

// Find returns the token that the vocabulary spells so, and whether there is one.
func (t *Tokenizer) Find(piece string) (ID, bool) {
	id := slices.Index(t.pieces, piece)
	return ID(id), id >= 0
}

// Name returns a token in a form for people: control tokens by their names,
// tokens of single bytes as <0xNN>, and text in quotes, so that it looks like neither.
func (t *Tokenizer) Name(id ID) string {
	if id < 0 || int(id) >= len(t.pieces) {
		return "<outside>"
	}
	switch t.kinds[id] {
	case normal, userDefined:
		return strconv.Quote(t.texts[id])
	default:
		return t.pieces[id]
	}
}

// text is a speller's. The space that Encode put in front of the whole text falls away.
func (t *Tokenizer) text(prev, id ID) (text string, now ID) {
	switch {
	case id < 0 || int(id) >= len(t.texts):
		return "", prev // a model's vocabulary may be padded
	case t.spm != nil:
		return t.spm.text(prev, id)
	case t.texts[id] == "":
		return "", prev
	case t.strip && prev == noID:
		return strings.TrimPrefix(t.texts[id], " "), id
	}
	return t.texts[id], id
}

// knownEnds are names of control tokens that end a turn or a message in the
// formats of well-known models; files do not always say so.
var knownEnds = []string{
	"<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|endoftext|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>",
	"<|calls|>", "<|flush|>", "<end_of_turn>", "<turn|>", "<end_of_utterance>", "<eos>", "</s>", "<EOT>", "_<EOT>",
	"[EOT]",
	"[EOS]", "<｜end▁of▁sentence｜>",
}

// addKnownEnds makes the tokens with such names control tokens that end a generation.
func (t *Tokenizer) addKnownEnds() {
	for id, k := range t.kinds {
		if (k == control || k == userDefined) && slices.Contains(knownEnds, t.pieces[id]) {
			t.kinds[id] = control
			t.addEnds(ID(id))
		}
	}
}
