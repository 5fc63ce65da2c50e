package token

import "strings"

// gpt2 is the scanner of GPT-2:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func gpt2(t *categoryTable, text string) int {
	if n := contraction(text); n > 0 {
		return n
	}
	at := 0
	if text[0] == ' ' {
		at = 1
	}
	switch c, n := t.at(text, at); {
	case n == 0 || c&catSpace != 0:
		return spaces(t, text)
	case c&catLetter != 0:
		return t.run(text, at, catLetter)
	case c&catNumber != 0:
		return t.run(text, at, catNumber)
	}
	return t.runNot(text, at, catSpace|catLetter|catNumber)
}

// contraction returns the length of the end of an English contraction that text
// begins with, 0 if it does not.
func contraction(text string) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	switch text[1] {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v', 'l':
		if len(text) > 2 && (text[2] == 'e' && text[1] != 'l' || text[2] == 'l' && text[1] == 'l') {
			return 3
		}
	}
	return 0
}

// anyContraction is contraction in any case. The long s is one too: Unicode folds it to s.
func anyContraction(text string) int {
	if len(text) < 2 || text[0] != '\'' {
		return 0
	}
	if strings.HasPrefix(text[1:], "ſ") {
		return 1 + len("ſ")
	}
	small := [3]byte{'\'', text[1] | 0x20, 0}
	if len(text) > 2 {
		small[2] = text[2] | 0x20
	}
	return contraction(string(small[:]))
}

// spaces returns the length of the first pre-token of text, which begins with white space:
//
//	\s+(?!\S)|\s+
//
// All of it, but not the last character if there is more than one and text follows.
func spaces(t *categoryTable, text string) int {
	end, last := 0, 0
	for {
		c, n := t.at(text, end)
		if c&catSpace == 0 {
			break
		}
		last = end
		end += n
	}
	if end < len(text) && last > 0 {
		return last
	}
	return end
}

// spacesOrLines is spaces with line ends, after the last of which it cuts:
//
//	\s*[\r\n]+|\s+(?!\S)|\s+
func spacesOrLines(t *categoryTable, text string) int {
	end := t.run(text, 0, catSpace)
	if n := strings.LastIndexAny(text[:end], "\r\n"); n >= 0 {
		return n + 1
	}
	return spaces(t, text)
}

// lineEnds returns where the characters \r and \n at text[i:] end, and those in others.
func lineEnds(text string, i int, other byte) int {
	for i < len(text) && (text[i] == '\r' || text[i] == '\n' || text[i] == other) {
		i++
	}
	return i
}

// beforeWord reports whether a character of category c at the front of text may
// be cut together with the word after it:
//
//	[^\r\n\p{L}\p{N}]
func beforeWord(text string, c category) bool {
	return text[0] != '\r' && text[0] != '\n' && c&(catLetter|catNumber) == 0
}

// plainWords is the scanner of Llama 3 (after that of GPT-4), Qwen2 and others, with
// digitsMax digits together:
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}
//	| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// With marks, these belong to words as letters do: [\p{L}\p{M}]+, [^\s\p{L}\p{M}\p{N}]+.
type plainWords struct {
	digitsMax int
	marks     bool
}

func (w plainWords) first(t *categoryTable, text string) int {
	inWord := catLetter
	if w.marks {
		inWord |= catMark
	}
	c, n := t.at(text, 0)
	if c&inWord != 0 {
		return t.run(text, n, inWord)
	}
	if n := anyContraction(text); n > 0 {
		return n
	}
	if next, _ := t.at(text, n); next&inWord != 0 && beforeWord(text, c) {
		return t.run(text, n, inWord)
	}
	return numberOrOther(t, text, w.digitsMax, inWord, '\n')
}

// numberOrOther is what plainWords and casedWords are where no word begins:
//
//	\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
//
// with digitsMax, other categories in words, and one more character that may
// stand among the line ends.
func numberOrOther(t *categoryTable, text string, digitsMax int, inWord category, end byte) int {
	c, _ := t.at(text, 0)
	if c&catNumber != 0 {
		return upToN(t, text, digitsMax)
	}
	at := 0
	if text[0] == ' ' {
		at = 1
		c, _ = t.at(text, 1)
	}
	if other := catSpace | inWord | catNumber; at < len(text) && c&other == 0 {
		return lineEnds(text, t.runNot(text, at, other), end)
	}
	return spacesOrLines(t, text)
}

// upToN returns the length of the numbers in front of text, max characters at most.
func upToN(t *categoryTable, text string, most int) int {
	end := 0
	for range most {
		c, n := t.at(text, end)
		if c&catNumber == 0 {
			break
		}
		end += n
	}
	return end
}

// casedWords is the scanner of Mistral's Tekken and, with contractions at the
// end of words, of GPT-4o and Llama 4. A word ends where a capital follows a
// small letter. Where [Aa] are [\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}] and [a] are
// [\p{Ll}\p{Lm}\p{Lo}\p{M}]:
//
//	[^\r\n\p{L}\p{N}]?[A]*[a]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	|[^\r\n\p{L}\p{N}]?[A]+[a]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//	|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+
type casedWords struct {
	digitsMax    int
	contractions bool
}

func (w casedWords) first(t *categoryTable, text string) int {
	c, n := t.at(text, 0)
	end := 0
	if beforeWord(text, c) {
		end = smallEnd(t, text, n)
	}
	if end == 0 {
		end = smallEnd(t, text, 0)
	}
	if end == 0 { // no small letter, and none without case: only capitals are left
		if next, _ := t.at(text, n); next&catUpper != 0 && beforeWord(text, c) {
			end = t.run(text, n, catUpper)
		} else {
			end = t.run(text, 0, catUpper)
		}
	}
	switch {
	case end == 0:
		return numberOrOther(t, text, w.digitsMax, catLetter, '/')
	case w.contractions:
		end += anyContraction(text[end:])
	}
	return end
}

// smallEnd returns where [A]*[a]+ ends that begins at text[at:], 0 if it does
// not. Letters without case and marks are in both sets.
func smallEnd(t *categoryTable, text string, at int) int {
	end := 0 // after the last character of both
	for i := at; ; {
		c, n := t.at(text, i)
		switch {
		case c&catLower != 0: // [A]* ends here: [a]+ takes all that follows
			for c&(catLetter|catMark) != 0 && c&catUpper == 0 {
				i += n
				c, n = t.at(text, i)
			}
			return i
		case c&(catLetter|catMark) == 0:
			return end
		}
		i += n
		if c&catUpper == 0 {
			end = i
		}
	}
}
