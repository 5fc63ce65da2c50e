package token

import "strings"

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
	b := make([]byte, 0, 64) // longer than most
	for _, c := range piece {
		if c >= rune(len(charBytes)) || charBytes[c] < 0 {
			return "", false
		}
		b = append(b, byte(charBytes[c]))
	}
	return string(b), true
}

// byteAlphabet spells text in GPT-2's alphabet.
func byteAlphabet(text string) string {
	var b strings.Builder
	for i := range len(text) {
		b.WriteRune(byteChars[text[i]])
	}
	return b.String()
}
