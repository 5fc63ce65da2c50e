package token

import (
	"strings"
	"unicode/utf8"
)

// spaceMark stands for a space in the pieces of SentencePiece.
const spaceMark = "▁"

// A normalizer changes a text before it is cut into pieces.
type normalizer interface {
	normalize(text string) string
}

// An spNormalizer is SentencePiece's. Bytes that are not UTF-8 stay as they are.
type spNormalizer struct {
	chars  *charsmap
	whole  *trie // pieces that stay as they are; nil for none
	dummy  bool  // a space comes first
	trim   bool  // of spaces in a row one stays, and none at the ends
	escape bool  // a space becomes ▁
}

func (n *spNormalizer) normalize(text string) string {
	if n.chars == nil && n.whole == nil && !n.trim {
		return n.plain(text)
	}
	for n.trim && text != "" {
		size, to := n.char(text)
		if to != " " {
			break
		}
		text = text[size:]
	}
	if text == "" {
		return ""
	}
	space := " "
	if n.escape {
		space = spaceMark
	}
	var b strings.Builder
	b.Grow(len(text) + len(text)/2)
	if n.dummy {
		b.WriteString(space)
	}
	afterSpace := n.trim
	for text != "" {
		size, to := n.char(text)
		text = text[size:]
		if afterSpace {
			to = strings.TrimLeft(to, " ")
		}
		if to != "" {
			afterSpace = n.trim && strings.HasSuffix(to, " ")
			if n.escape {
				to = strings.ReplaceAll(to, " ", spaceMark)
			}
			b.WriteString(to)
		}
	}
	out := b.String()
	for n.trim && strings.HasSuffix(out, space) {
		out = strings.TrimSuffix(out, space)
	}
	return out
}

// plain is what most models of the Llama family do.
func (n *spNormalizer) plain(text string) string {
	if n.dummy && text != "" {
		text = " " + text
	}
	if n.escape {
		text = strings.ReplaceAll(text, " ", spaceMark)
	}
	return text
}

// char returns how many bytes at the beginning of text are replaced together, and by what.
func (n *spNormalizer) char(text string) (size int, to string) {
	if n.whole != nil {
		if piece, _ := n.whole.longest(text); piece != "" {
			return len(piece), piece
		}
	}
	if size, to = n.chars.longest(text); size > 0 {
		return size, to
	}
	_, size = utf8.DecodeRuneInString(text)
	return size, text[:size]
}
