package token

import "strings"

// An hfEngine is the way of a text through a tokenizer.json: it is normalized,
// added tokens are found in the result, the rest is cut into words by one stage
// after the other, and the model makes tokens of each.
type hfEngine struct {
	norm   []func(string) string
	added  *matcher
	stages []stage
	model  engine
}

// encode is an engine's.
func (e *hfEngine) encode(dst []ID, text string, first bool) []ID {
	emit := func(word string, first bool) { dst = e.model.encode(dst, word, first) }
	e.added.cut(e.normalize(text), func(part string, begins bool, id ID) {
		if id != noID {
			dst = append(dst, id)
		} else {
			cutWords(e.stages, part, first && begins, emit)
		}
	})
	return dst
}

func (e *hfEngine) normalize(text string) string {
	for _, step := range e.norm {
		text = step(text)
	}
	return text
}

// A stage cuts a text into parts and may change them. It calls emit for each that is
// not empty; first says that a part begins the whole text.
type stage interface {
	cut(text string, first bool, emit func(text string, first bool))
}

func cutWords(stages []stage, text string, first bool, emit func(string, bool)) {
	if len(stages) == 0 {
		emit(text, first)
		return
	}
	stages[0].cut(text, first, func(part string, first bool) { cutWords(stages[1:], part, first, emit) })
}

// A byteLevel says how the pre-tokenizer ByteLevel prepares a text.
type byteLevel struct {
	split  splitter
	cuts   bool // split does, and is not uncut
	prefix bool // a space in front of what does not begin with one
}

// A byteEngine is a bpe of bytes.
type byteEngine struct {
	bpe    *bpe
	prefix bool
}

// encode is an engine's.
func (e *byteEngine) encode(dst []ID, text string, _ bool) []ID {
	if e.prefix && text != "" && !strings.HasPrefix(text, " ") {
		text = " " + text
	}
	return e.bpe.encode(dst, text)
}
