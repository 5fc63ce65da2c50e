package corpus

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A teller fills in templates. In a template
//
//	[a|b|]     is one of a, b and nothing, each of which is a template
//	{word}     is what words or phrases have for it, itself a template
//	{Word}     is the same with a capital letter
//	{a word}   is the same with "a" or "an" in front, {A word} with "A" or "An"
//
// A sentence has its first letter capital by itself. White space where nothing was chosen falls away.
type teller struct {
	rng   *rand.Rand
	words map[string]string
}

// tell returns the text of paragraphs.
func (t *teller) tell(paragraphs []string) string {
	var lines []string
	for _, p := range paragraphs {
		if line := strings.Join(strings.Fields(t.fill(p)), " "); line != "" {
			lines = append(lines, capital(line))
		}
	}
	return strings.Join(lines, "\n")
}

// fill returns a template with everything chosen and filled in.
func (t *teller) fill(s string) string {
	var b strings.Builder
	for s != "" {
		i := strings.IndexAny(s, "[{")
		if i < 0 {
			b.WriteString(s)
			break
		}
		b.WriteString(s[:i])
		if s[i] == '{' {
			n := strings.IndexByte(s[i:], '}')
			b.WriteString(t.word(s[i+1 : i+n]))
			s = s[i+n+1:]
			continue
		}
		options, rest := alternatives(s[i:])
		b.WriteString(t.fill(options[t.rng.IntN(len(options))]))
		s = rest
	}
	return b.String()
}

// alternatives returns what stands between the | of the bracket that s begins
// with, and what follows it.
func alternatives(s string) (options []string, rest string) {
	depth, start := 0, 1
	for i := range len(s) {
		switch s[i] {
		case '[':
			depth++
		case '|':
			if depth == 1 {
				options, start = append(options, s[start:i]), i+1
			}
		case ']':
			if depth--; depth == 0 {
				return append(options, s[start:i]), s[i+1:]
			}
		}
	}
	panic("corpus: a bracket is not closed: " + s) // a mistake in a table, which every test finds
}

// word returns what a name in braces stands for.
func (t *teller) word(name string) string {
	bare, article := strings.CutPrefix(name, "a ")
	if !article {
		if bare, article = strings.CutPrefix(name, "A "); article {
			return capital(t.word("a " + bare))
		}
	}
	key := strings.ToLower(bare[:1]) + bare[1:]
	value, ok := t.words[key]
	if !ok {
		value, ok = phrases[key]
	}
	if !ok {
		panic(fmt.Sprintf("corpus: nothing is called %q", name)) // see alternatives
	}
	value = t.fill(value)
	switch {
	case article && strings.ContainsRune("aeiou", rune(value[0])):
		return "an " + value
	case article:
		return "a " + value
	case key != bare:
		return capital(value)
	}
	return value
}

// capital returns s with its first letter, which may stand after a quote, capital.
func capital(s string) string {
	i := 0
	if strings.HasPrefix(s, `"`) {
		i = 1
	}
	if i == len(s) {
		return s
	}
	return s[:i] + strings.ToUpper(s[i:i+1]) + s[i+1:]
}
