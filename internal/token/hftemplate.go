package token

import (
	"encoding/json"
	"fmt"
)

// postProcessor reads which tokens are put before and after a text. field says where it is, for errors.
func (p *hfParser) postProcessor(t *Tokenizer, field string, raw json.RawMessage) error {
	typ, err := hfType(field, raw)
	if err != nil || typ == "" {
		return err
	}
	var s struct {
		Processors []json.RawMessage `json:"processors"`
		Single     []struct {
			SpecialToken *struct{ ID string }
			Sequence     *struct{ ID string }
		} `json:"single"`
		SpecialTokens map[string]struct{ IDs []int64 } `json:"special_tokens"`
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return jsonFault(field, err)
	}
	switch typ {
	case "Sequence":
		for i, part := range s.Processors {
			if err := p.postProcessor(t, fmt.Sprintf("%s.processors[%d]", field, i), part); err != nil {
				return err
			}
		}
		return nil
	case "ByteLevel": // about offsets, which we do not have
		return nil
	case "TemplateProcessing":
	default:
		return hfFault(field, "type %q is not supported", typ)
	}
	where := &t.bos // and after the text, eos
	for i, item := range s.Single {
		field := fmt.Sprintf("%s.single[%d]", field, i)
		switch {
		case item.Sequence != nil:
			if where == &t.eos {
				return hfFault(field, "a second sequence is not supported")
			}
			where = &t.eos
		case item.SpecialToken == nil:
			return hfFault(field, "it is neither SpecialToken nor Sequence")
		default:
			ids := s.SpecialTokens[item.SpecialToken.ID].IDs
			if len(ids) != 1 || ids[0] < 0 || ids[0] >= int64(len(p.pieces)) {
				return hfFault(field, "the ids of %q are %v, want one of the vocabulary", item.SpecialToken.ID, ids)
			}
			if *where != noID {
				return hfFault(field, "more than one token on a side of the text is not supported")
			}
			*where = ID(ids[0])
		}
	}
	t.addBOS, t.addEOS = t.bos != noID, t.eos != noID
	return nil
}
