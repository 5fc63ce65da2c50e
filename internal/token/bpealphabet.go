package token

import (
	"slices"
	"strings"
)

// GPT-2's vocabulary files spell every byte as a character that can be seen:
// those of Latin-1 that can be seen as themselves, the others, in order, as the
// characters from alphabetMore on. A space is Ġ.
const alphabetMore = 0x100

// byteChars has the character of each byte, charBytes the byte of each
// character, -1 where there is none.
var byteChars, charBytes = func() (chars [256]rune, bytes [2 * 256]int16) {
	for i := range bytes {
		bytes[i] = -1
	}
	more := rune(alphabetMore)
	for b := range chars {
		c := rune(b)
		if isSeen := b >= '!' && b <= '~' || b >= '¡' && b <= 'ÿ' && b != 0xad; !isSeen {
			c = more
			more++
		}
		chars[b], bytes[c] = c, int16(b)
	}
	return chars, bytes
}()

// parseByteAlphabet returns the bytes that a piece spells in GPT-2's alphabet,
// and whether all its characters are of that.
func parseByteAlphabet(piece string) (string, bool) {
	b, ok := appendByteAlphabet(make([]byte, 0, 64), piece) // longer than most
	if !ok {
		return "", false
	}
	return string(b), true
}

// appendByteAlphabet appends the bytes that a piece spells to dst.
func appendByteAlphabet(dst []byte, piece string) (bytes []byte, ok bool) {
	for _, c := range piece {
		if c >= rune(len(charBytes)) || charBytes[c] < 0 {
			return dst, false
		}
		dst = append(dst, byte(charBytes[c]))
	}
	return dst, true
}

// rawBytes returns the bytes that a piece spells, or itself if it is not of these letters.
func rawBytes(piece string) string {
	if raw, ok := parseByteAlphabet(piece); ok {
		return raw
	}
	return piece
}

// normalPieces returns the pieces by id that words can become, "" for others, which are found as a whole, if at all.
func normalPieces(pieces []string, kinds []kind) []string {
	list := slices.Clone(pieces)
	for id, k := range kinds {
		if k != normal {
			list[id] = ""
		}
	}
	return list
}

// rawPieces is rawBytes for many.
func rawPieces(pieces []string) []string {
	list := stringList{make([]byte, 0, 8*len(pieces)), make([]int, 0, len(pieces))} // most have 6 or 7 bytes
	for _, piece := range pieces {
		start := len(list.text)
		var ok bool
		if list.text, ok = appendByteAlphabet(list.text, piece); !ok {
			list.text = append(list.text[:start], piece...)
		}
		list.end()
	}
	return list.strings()
}

// byteAlphabet spells text in GPT-2's alphabet.
func byteAlphabet(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteRune(byteChars[text[i]])
	}
	return b.String()
}
