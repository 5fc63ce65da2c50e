package jinja

import (
	"strings"
	"unicode/utf8"
)

// A tokKind says what a token is.
type tokKind uint8

const (
	tokText  tokKind = iota // between tags
	tokOpen                 // {{ or {%
	tokClose                // }} or %}
	tokName
	tokString
	tokNumber
	tokOp
	tokEnd
)

// A tok is a word of the source.
type tok struct {
	kind tokKind
	text string // of a string, what it stands for
	line int
}

// operators, so that none comes before one that begins with it.
var operators = []string{
	"**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",",
	".", ":", "|",
}

// A lexer cuts a source into tokens.
type lexer struct {
	src    string
	at     int
	line   int
	tokens []tok
}

// lex returns the tokens of a source, the last of which is tokEnd. One newline at the end
// of the source falls away, as Jinja has it.
func lex(source string) []tok {
	l := &lexer{src: strings.TrimSuffix(strings.ReplaceAll(source, "\r\n", "\n"), "\n"), line: 1}
	trim, newline := false, false // what the tag before asks for
	for l.at < len(l.src) {
		text, tag := l.untilTag()
		l.text(text, tag, trim, newline)
		if tag == "" {
			break
		}
		trim, newline = l.tag(tag)
	}
	l.add(tokEnd, "the end")
	return l.tokens
}

func (l *lexer) fail(format string, args ...any) {
	fail("line %d: "+format, append([]any{l.line}, args...)...)
}

func (l *lexer) add(kind tokKind, text string) { l.tokens = append(l.tokens, tok{kind, text, l.line}) }

// untilTag returns the text up to the next tag, and how that opens.
func (l *lexer) untilTag() (text, tag string) {
	rest := l.src[l.at:]
	for i := 0; i+1 < len(rest); i++ {
		if rest[i] == '{' && strings.IndexByte("{%#", rest[i+1]) >= 0 {
			l.at += i + 2
			return rest[:i], rest[i : i+2]
		}
	}
	l.at = len(l.src)
	return rest, ""
}

// text adds what is between two tags. Blocks and comments take the blanks before them on
// their line, unless they begin with +, and, as newline says, the newline behind them.
func (l *lexer) text(text, next string, trim, newline bool) {
	lines := strings.Count(text, "\n")
	after := ""
	if next != "" && l.at < len(l.src) {
		after = l.src[l.at : l.at+1]
	}
	begin := len(l.tokens) == 0 // of the source, and so of a line
	if newline {
		if t := strings.TrimPrefix(text, "\n"); t != text {
			text, begin = t, true
		}
	}
	switch {
	case after == "-":
		text = strings.TrimRight(text, " \t\n\r\v\f")
	case next != "" && next != "{{" && after != "+":
		line := strings.TrimRight(text, " \t")
		if strings.HasSuffix(line, "\n") || line == "" && begin {
			text = line
		}
	}
	if trim {
		text = strings.TrimLeft(text, " \t\n\r\v\f")
	}
	if text != "" {
		l.add(tokText, text)
	}
	l.line += lines
	if (after == "-" || after == "+") && next != "" {
		l.at++
	}
}

// tag adds the tokens of a tag, and returns what it does with the text behind it.
func (l *lexer) tag(open string) (trim, newline bool) {
	if open == "{#" {
		n := strings.Index(l.src[l.at:], "#}")
		if n < 0 {
			l.fail("a comment has no end")
		}
		comment := l.src[l.at : l.at+n]
		l.line += strings.Count(comment, "\n")
		l.at += n + 2
		return strings.HasSuffix(comment, "-"), true
	}
	end := map[string]string{"{{": "}}", "{%": "%}"}[open]
	l.add(tokOpen, open)
	depth := 0 // of braces, so that }} may end two dictionaries
	for {
		l.blanks()
		rest := l.src[l.at:]
		if depth == 0 {
			for _, sign := range []string{"", "-", "+"} {
				if strings.HasPrefix(rest, sign+end) {
					l.add(tokClose, end)
					l.at += len(sign) + len(end)
					return sign == "-", open == "{%" && sign != "+"
				}
			}
		}
		if rest == "" {
			l.fail("%q has no %q", open, end)
		}
		l.word(rest, &depth)
	}
}

func (l *lexer) blanks() {
	for l.at < len(l.src) && strings.IndexByte(" \t\n\r", l.src[l.at]) >= 0 {
		if l.src[l.at] == '\n' {
			l.line++
		}
		l.at++
	}
}

// word adds the token that rest begins with.
func (l *lexer) word(rest string, depth *int) {
	switch c := rest[0]; {
	case c == '"' || c == '\'':
		l.quoted(rest)
	case isLetter(c):
		n := 1
		for n < len(rest) && (isLetter(rest[n]) || isDigit(rest[n])) {
			n++
		}
		l.add(tokName, rest[:n])
		l.at += n
	case isDigit(c):
		n := 1
		for n < len(rest) && (isDigit(rest[n]) || rest[n] == '_' || rest[n] == '.' && n+1 < len(rest) && isDigit(rest[n+1])) {
			n++
		}
		l.add(tokNumber, strings.ReplaceAll(rest[:n], "_", ""))
		l.at += n
	default:
		for _, op := range operators {
			if strings.HasPrefix(rest, op) {
				switch op {
				case "{", "(", "[":
					*depth++
				case "}", ")", "]":
					*depth--
				}
				l.add(tokOp, op)
				l.at += len(op)
				return
			}
		}
		r, _ := utf8.DecodeRuneInString(rest)
		l.fail("unexpected %q", r)
	}
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// quoted adds the string that rest begins with.
func (l *lexer) quoted(rest string) {
	var b strings.Builder
	escapes := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", '\\': "\\", '\'': "'", '"': "\"", '\n': ""}
	for i := 1; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == rest[0]:
			l.add(tokString, b.String())
			l.line += strings.Count(rest[:i], "\n")
			l.at += i + 1
			return
		case c == '\\' && i+1 < len(rest):
			i++
			if s, ok := escapes[rest[i]]; ok {
				b.WriteString(s)
			} else if n := hexLen(rest[i]); n > 0 && i+n < len(rest) {
				b.WriteRune(l.hex(rest[i+1 : i+1+n]))
				i += n
			} else {
				b.WriteString(rest[i-1 : i+1]) // as Python has it
			}
		default:
			b.WriteByte(c)
		}
	}
	l.fail("a string has no end")
}

// hexLen returns how many digits follow \x, \u and \U.
func hexLen(c byte) int { return map[byte]int{'x': 2, 'u': 4, 'U': 8}[c] }

func (l *lexer) hex(digits string) rune {
	n := rune(0)
	for _, c := range strings.ToLower(digits) {
		d := strings.IndexRune("0123456789abcdef", c)
		if d < 0 || n > utf8.MaxRune {
			l.fail("\\ and %q are no character", digits)
		}
		n = n<<4 | rune(d)
	}
	return n
}
