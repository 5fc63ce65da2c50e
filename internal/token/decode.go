package token

import (
	"strings"
	"unicode/utf8"
)

// AppendDecode appends the text of ids to dst and returns it: the bytes that
// went in, if they came from Encode with bos. Without BOS the text begins with
// the space that Encode put there. Every id must be from 0 to Size()-1.
func (s *SPM) AppendDecode(dst []byte, ids []ID) []byte { return appendDecode(s, dst, ids) }

// AppendDecode appends the text of ids to dst and returns it: the bytes that
// went in, if they came from Encode and the vocabulary loses nothing. Control
// tokens and ids outside of the vocabulary have no text. The space that Encode
// puts in front of a text falls away at the beginning; for a tokenizer.bin only
// after BOS.
func (t *Tokenizer) AppendDecode(dst []byte, ids []ID) []byte { return appendDecode(t, dst, ids) }

// A speller knows what a token adds to a text. prev is what text has returned as
// now for the token before, and noID at the beginning.
type speller interface {
	text(prev, id ID) (text string, now ID)
}

func appendDecode(s speller, dst []byte, ids []ID) []byte {
	prev, text := noID, ""
	for _, id := range ids {
		text, prev = s.text(prev, id)
		dst = append(dst, text...)
	}
	return dst
}

// text returns the text of a token: none for BOS and EOS, the byte for a byte
// token, else the piece. After BOS a space at its front is the one that Encode
// put there, and falls away.
func (s *SPM) text(prev, id ID) (text string, now ID) {
	if id == bosID || id == eosID {
		return "", id
	}
	return s.spelling(prev, id), id
}

func (s *SPM) spelling(prev, id ID) string {
	piece := s.pieces[id]
	if prev == bosID {
		piece = strings.TrimPrefix(piece, " ")
	}
	if b, ok := byteValue(piece); ok {
		return allBytes[b : int(b)+1]
	}
	return piece
}

// allBytes has the byte b at index b.
var allBytes = func() string {
	var b [256]byte
	for i := range b {
		b[i] = byte(i)
	}
	return string(b[:])
}()

// A Decoder turns tokens into text as they come and never splits a character
// of UTF-8: bytes that may be the beginning of one wait for the rest.
type Decoder struct {
	vocab speller
	prev  ID
	held  []byte // the beginning of a character: at most 3 bytes
}

// NewDecoder returns a Decoder whose text is that of AppendDecode.
func (s *SPM) NewDecoder() *Decoder { return &Decoder{vocab: s, prev: noID} }

// NewDecoder returns a Decoder whose text is that of AppendDecode.
func (t *Tokenizer) NewDecoder() *Decoder { return &Decoder{vocab: t, prev: noID} }

// NewLlama2cDecoder returns a Decoder whose text is what run.c of llama2.c
// prints, for those who want exactly that: EOS is spelled out, and a piece of
// one byte that is neither printable ASCII nor white space is left out, so that
// characters made of byte tokens are lost.
func (s *SPM) NewLlama2cDecoder() *Decoder { return &Decoder{vocab: runC{s}, prev: noID} }

// runC spells as run.c does.
type runC struct{ spm *SPM }

func (r runC) text(prev, id ID) (text string, now ID) {
	if id == bosID { // which run.c never prints: it ends there
		return "", id
	}
	text = r.spm.spelling(prev, id)
	if len(text) == 1 && !isShown(text[0]) {
		text = ""
	}
	return text, id
}

// Next returns the text that id completes, which may be empty. All texts and
// that of Flush together are the text of the ids.
func (d *Decoder) Next(id ID) string {
	var text string
	text, d.prev = d.vocab.text(d.prev, id)
	if len(d.held) > 0 {
		text = string(append(d.held, text...))
	}
	n := len(text) - unfinished(text)
	d.held = append(d.held[:0], text[n:]...)
	return text[:n]
}

// isShown reports what isprint or isspace of C do for ASCII.
func isShown(b byte) bool { return b >= ' ' && b <= '~' || b >= '\t' && b <= '\r' }

// Flush returns the bytes that wait, now that no more will come. The Decoder
// may then be used for more tokens.
func (d *Decoder) Flush() string {
	text := string(d.held)
	d.held = d.held[:0]
	return text
}

// unfinished returns how many bytes at the end of text may be the beginning of
// a character. Bytes that cannot become one are finished.
func unfinished(text string) int {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if tail := text[len(text)-n:]; utf8.RuneStart(tail[0]) {
			if utf8.FullRuneInString(tail) {
				return 0
			}
			return n
		}
	}
	return 0
}
