package token

import "strings"

// A Part is a piece of a text. In one that is Special, names of control tokens are these tokens.
type Part struct {
	Text    string
	Special bool
}

// EncodeParts is EncodeSpecial for a text of which only some parts are trusted, such as a chat
// template around what users wrote. A name that lies in a part that is not Special, or
// reaches into one, is text; nothing else tells the parts from a single text.
// Nothing is put before or after it.
func (t *Tokenizer) EncodeParts(dst []ID, parts []Part) []ID {
	var all strings.Builder
	for _, p := range parts {
		all.WriteString(p.Text)
	}
	text, done := all.String(), 0 // done says how much is encoded
	plain := func(end int) {
		begins := done == 0
		t.plain.cut(text[done:end], func(part string, first bool, id ID) {
			if id != noID {
				dst = append(dst, id)
			} else {
				dst = t.engine.encode(dst, part, first && begins)
			}
		})
		done = end
	}
	names := func(from, to int) { // encodes up to the last name in text[from:to]
		for {
			start, end, id := t.marked.next(text, done, max(from, done), to)
			if id == noID {
				return
			}
			plain(start)
			dst = append(dst, id)
			done = end
		}
	}
	from, to := 0, 0 // a run of parts that are Special
	for _, p := range parts {
		if !p.Special {
			names(from, to)
			from = to + len(p.Text)
		}
		to += len(p.Text)
	}
	names(from, to)
	plain(to)
	return dst
}
