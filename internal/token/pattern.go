package token

import (
	"fmt"
	"regexp"
	"strings"
)

// classes are what \s, \d and \w mean in Oniguruma, which the regular
// expressions of a tokenizer.json are written for; Go's mean only ASCII. The
// ranges of \w are the signs with the property Other_Alphabetic.
var classes = map[byte]string{
	's': `\t-\r \x{85}\p{Z}`,
	'd': `\p{Nd}`,
	'w': `\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}` +
		`\x{24b6}-\x{24e9}\x{1f130}-\x{1f149}\x{1f150}-\x{1f169}\x{1f170}-\x{1f189}`,
}

// compile compiles a regular expression that Go's engine, whose time is
// linear, can match. What it cannot, such as looking ahead, is an error.
func compile(pattern string) (*regexp.Regexp, error) {
	var b strings.Builder
	inside := false // a class in brackets
	for i := 0; i < len(pattern); i++ {
		c := pattern[i]
		if c != '\\' || i+1 == len(pattern) {
			inside = c == '[' || inside && c != ']'
			b.WriteByte(c)
			continue
		}
		i++
		c = pattern[i]
		class, known := classes[c|0x20]
		switch negated := c&0x20 == 0; {
		case !known:
			b.WriteString(pattern[i-1 : i+1])
		case inside && negated:
			return nil, fmt.Errorf("regular expression %q: \\%c in brackets is not supported", pattern, c)
		case inside:
			b.WriteString(class)
		case negated:
			b.WriteString("[^" + class + "]")
		default:
			b.WriteString("[" + class + "]")
		}
	}
	re, err := regexp.Compile(b.String())
	if err != nil {
		return nil, fmt.Errorf("regular expression %q: %w", pattern, err)
	}
	return re, nil
}
