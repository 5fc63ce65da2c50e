package token

import (
	"encoding/json"
	"fmt"
	"strings"
)

// hfDecoderGrowthMax bounds how many bytes the decoders may make of one. Real ones make fewer.
const hfDecoderGrowthMax = 16

// An hfDecoder says what a piece adds to a text.
type hfDecoder struct {
	steps []func(string) string
	raws  int  // of which are rawBytes
	bytes bool // pieces <0xNN> are bytes
	fused bool // what follows works on the text as a whole
	strip bool // the first space of the text falls away
	grow  int  // how many bytes at most become of one
}

// read reads a decoder. field says where it is, for errors.
func (d *hfDecoder) read(field string, raw json.RawMessage) error {
	typ, err := hfType(field, raw)
	if err != nil || typ == "" {
		return err
	}
	var s struct {
		Decoders      []json.RawMessage `json:"decoders"`
		Pattern       hfPattern         `json:"pattern"`
		Content       string            `json:"content"`
		Start         int               `json:"start"`
		Stop          int               `json:"stop"`
		Replacement   *string           `json:"replacement"`
		PrependScheme string            `json:"prepend_scheme"`
		AddPrefix     *bool             `json:"add_prefix_space"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return jsonFault(field, err)
	}
	switch typ {
	case "Sequence":
		for i, part := range s.Decoders {
			if err := d.read(fmt.Sprintf("%s.decoders[%d]", field, i), part); err != nil {
				return err
			}
		}
	case "ByteLevel":
		d.steps = append(d.steps, rawBytes)
		d.raws++
	case "ByteFallback":
		d.bytes = true
	case "Fuse":
		d.fused = true
	case "Metaspace":
		mark := spaceMark
		if s.Replacement != nil {
			mark = *s.Replacement
		}
		d.strip = s.PrependScheme != "never" && (s.PrependScheme != "" || s.AddPrefix == nil || *s.AddPrefix)
		return d.replace(field, mark, " ")
	case "Replace":
		if s.Pattern.String == nil {
			return hfFault(field, "a Replace without a string is not supported")
		}
		return d.replace(field, *s.Pattern.String, s.Content)
	case "Strip":
		switch {
		case s.Start == 0 && s.Stop == 0:
		case !d.fused || s.Content != " " || s.Start != 1 || s.Stop != 0:
			return hfFault(field, "a Strip of anything but the text's first space is not supported")
		default:
			d.strip = true
		}
	default:
		return hfFault(field, "type %q is not supported", typ)
	}
	return nil
}

func (d *hfDecoder) replace(field, old, content string) error {
	switch {
	case old == "":
		return hfFault(field, "the pattern is empty")
	case d.fused:
		return hfFault(field, "a Replace after Fuse is not supported")
	}
	if d.grow = max(1, d.grow) * growth(old, content); d.grow > hfDecoderGrowthMax {
		return hfFault(field, "the decoders make more than %d bytes of one", hfDecoderGrowthMax)
	}
	d.steps = append(d.steps, func(text string) string { return strings.ReplaceAll(text, old, content) })
	return nil
}

// isRaw reports whether the text of a piece is that of rawBytes.
func (d *hfDecoder) isRaw() bool { return len(d.steps) == 1 && d.raws == 1 && !d.bytes }

// text returns the text of a piece, and whether it is a single byte by its name.
func (d *hfDecoder) text(piece string) (text string, isByte bool) {
	if b, ok := byteValue(piece); ok && d.bytes {
		return allBytes[b : int(b)+1], true
	}
	for _, step := range d.steps {
		piece = step(piece)
	}
	return piece, false
}
