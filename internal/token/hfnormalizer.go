package token

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// hfGrowthMax bounds how many bytes the normalizers may make of one. NFKC makes 11.
const hfGrowthMax = 1 << 10

// An hfNormalizer is what is done to a text first, step by step.
type hfNormalizer struct {
	steps []func(string) string
	grow  int // how many bytes at most become of one
}

// hfType returns the type of a component; null and nothing have none.
func hfType(field string, raw json.RawMessage) (string, error) {
	var c *struct{ Type string }
	if len(raw) == 0 {
		return "", nil
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return "", jsonFault(field, err)
	}
	if c == nil {
		return "", nil
	}
	if c.Type == "" {
		return "", hfFault(field, "it has no type")
	}
	return c.Type, nil
}

// hfPattern is a pattern of text: {"String": ...} or {"Regex": ...}.
type hfPattern struct{ String, Regex *string }

// normalizer reads a normalizer. field says where it is, for errors.
func (p *hfParser) normalizer(field string, raw json.RawMessage) error {
	typ, err := hfType(field, raw)
	if err != nil || typ == "" {
		return err
	}
	var n struct {
		Normalizers []json.RawMessage `json:"normalizers"`
		Prepend     string            `json:"prepend"`
		Pattern     hfPattern         `json:"pattern"`
		Content     string            `json:"content"`
		Left        bool              `json:"strip_left"`
		Right       bool              `json:"strip_right"`
		Charsmap    string            `json:"precompiled_charsmap"`
	}
	if err := json.Unmarshal(raw, &n); err != nil {
		return jsonFault(field, err)
	}
	switch typ {
	case "Sequence":
		for i, part := range n.Normalizers {
			if err := p.normalizer(fmt.Sprintf("%s.normalizers[%d]", field, i), part); err != nil {
				return err
			}
		}
		return nil
	case "NFC", "NFD", "NFKC", "NFKD":
		form := map[string]norm.Form{"NFC": norm.NFC, "NFD": norm.NFD, "NFKC": norm.NFKC, "NFKD": norm.NFKD}[typ]
		return p.normalize(field, 18, form.String) // bytes of U+FDFA's decomposition for one of it
	case "Prepend":
		p.prefix = p.prefix || n.Prepend == spaceMark || n.Prepend == " "
		return p.normalize(field, 1+len(n.Prepend), func(text string) string {
			if text == "" {
				return ""
			}
			return n.Prepend + text
		})
	case "Replace":
		return p.replace(field, n.Pattern, n.Content)
	case "Lowercase":
		return p.normalize(field, 3, lower)
	case "Strip":
		return p.normalize(field, 1, func(text string) string {
			if n.Left {
				text = strings.TrimLeftFunc(text, unicode.IsSpace)
			}
			if n.Right {
				text = strings.TrimRightFunc(text, unicode.IsSpace)
			}
			return text
		})
	case "Precompiled":
		return p.precompiled(field, n.Charsmap)
	}
	return hfFault(field, "type %q is not supported", typ)
}

// normalize adds a step that makes at most grow bytes of one.
func (p *hfParser) normalize(field string, grow int, step func(string) string) error {
	p.norm.grow = max(1, p.norm.grow) * min(grow, hfGrowthMax+1)
	if p.norm.grow > hfGrowthMax {
		return hfFault(field, "the normalizers make more than %d bytes of one", hfGrowthMax)
	}
	p.norm.steps = append(p.norm.steps, step)
	return nil
}

func (p *hfParser) replace(field string, pattern hfPattern, content string) error {
	if pattern.String != nil {
		old := *pattern.String
		if old == "" {
			return hfFault(field, "the pattern is empty")
		}
		return p.normalize(field, growth(old, content), func(text string) string {
			return strings.ReplaceAll(text, old, content)
		})
	}
	if pattern.Regex == nil {
		return hfFault(field, "it has no pattern")
	}
	re, err := compile(*pattern.Regex)
	if err != nil {
		return hfFault(field, "%v", err)
	}
	return p.normalize(field, 2+len(content), func(text string) string {
		return re.ReplaceAllLiteralString(text, content)
	})
}

// growth returns how many bytes at most replacing old by content makes of one.
func growth(old, content string) int {
	return min(hfGrowthMax+1, max(1, (len(content)+len(old)-1)/len(old)))
}

func (p *hfParser) precompiled(field, text string) error {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return hfFault(field, "precompiled_charsmap: %v", err)
	}
	chars, err := newCharsmap(data)
	if err != nil {
		return hfFault(field, "precompiled_charsmap: %v", err)
	}
	if chars == nil {
		return nil
	}
	n := &spNormalizer{chars: chars}
	return p.normalize(field, chars.grow, n.normalize)
}

// lower returns text in small letters, character by character. It leaves bytes that are not UTF-8.
func lower(text string) string {
	var b strings.Builder
	for text != "" {
		c, n := utf8.DecodeRuneInString(text)
		switch c {
		case utf8.RuneError:
			b.WriteString(text[:n])
		case 'İ': // the only letter with two for its small form
			b.WriteString("i̇")
		default:
			b.WriteRune(unicode.ToLower(c))
		}
		text = text[n:]
	}
	return b.String()
}
