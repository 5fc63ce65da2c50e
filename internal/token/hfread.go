package token

import (
	"encoding/json"
	"strings"
	"unsafe"
)

// read reads a tokenizer.json into p.file.
func (p *hfParser) read(data []byte) error {
	f, m := &p.file, &p.file.Model
	r := &jsonReader{data: unsafe.String(unsafe.SliceData(data), len(data))} // no part of it is kept
	members := func(field string, to map[string]any) func(key string) error {
		return func(key string) error {
			to, ok := to[key]
			if !ok {
				to = new(json.RawMessage) // it is not known, but must be JSON
			}
			return r.value(field+key[:min(len(key), 40)], to)
		}
	}
	inModel := members("model.", map[string]any{
		"type": &m.Type, "unk_token": &m.UnkToken, "unk_id": &m.UnkID, "byte_fallback": &m.ByteFallback,
		"fuse_unk": &m.FuseUnk, "ignore_merges": &m.IgnoreMerges, "dropout": &m.Dropout,
		"continuing_subword_prefix": &m.SubwordPrefix, "end_of_word_suffix": &m.EndOfWord,
	})
	inFile := members("", map[string]any{
		"added_tokens": &f.AddedTokens, "normalizer": &f.Normalizer, "pre_tokenizer": &f.PreTokenizer,
		"post_processor": &f.PostProcessor, "decoder": &f.Decoder,
	})
	err := r.object("tokenizer.json", func(key string) error {
		if key != "model" || r.peek() != '{' {
			return inFile(key)
		}
		return r.object("model", func(key string) (err error) {
			switch key {
			case "vocab":
				m.Vocab, err = r.part("model.vocab")
			case "merges":
				m.Merges, err = r.part("model.merges")
			default:
				err = inModel(key)
			}
			return err
		})
	})
	if err != nil {
		return err
	}
	return r.end("tokenizer.json")
}

// readVocabulary reads the pieces of a BPE.
func (p *hfParser) readVocabulary() error {
	const field = "model.vocab"
	r := p.file.Model.Vocab
	n := strings.Count(r.data, ":")
	text := stringList{make([]byte, 0, len(r.data)), make([]int, 0, n)}
	ids := make([]int64, 0, n)
	err := r.object(field, func(key string) error {
		text.add(key)
		id, err := r.int(field)
		ids = append(ids, id)
		return err
	})
	if err == nil {
		err = r.end(field)
	}
	if err != nil {
		return err
	}
	p.vocab = make([]entry, len(ids))
	p.pieces, p.kinds = make([]string, 0, len(ids)), make([]kind, 0, len(ids))
	for i, piece := range text.strings() {
		if err := p.add(field, piece, ids[i]); err != nil {
			return err
		}
		p.vocab[i] = entry{piece, ID(ids[i])}
	}
	return nil
}

// A stringList puts strings into one, which costs less than many, and copies them.
type stringList struct {
	text []byte
	ends []int
}

func (l *stringList) add(s string) {
	l.text = append(l.text, s...)
	l.end()
}

// end makes a string of what was appended to text since the last one.
func (l *stringList) end() { l.ends = append(l.ends, len(l.text)) }

func (l *stringList) strings() []string {
	list := make([]string, len(l.ends))
	all, start := string(l.text), 0
	for i, end := range l.ends {
		list[i] = all[start:end]
		start = end
	}
	return list
}

// A mergeFinder returns the ids of two pieces and of what they spell together, of which one is
// noID if that is not in the vocabulary.
type mergeFinder func(left, right string) [3]ID

// merges returns the model's merges.
func (p *hfParser) merges(find mergeFinder) (list [][3]ID, err error) {
	const field = "model.merges"
	r := p.file.Model.Merges
	if r == nil || r.data == "null" {
		return nil, nil
	}
	list = make([][3]ID, 0, strings.Count(r.data, ",")+1)
	err = r.array(field, func(i int) error {
		if i == hfIDMax {
			return r.fault(field, "there are more than %d", hfIDMax)
		}
		if r.peek() != '[' {
			text, err := r.string(field)
			list = append(list, find.cut(text))
			return err
		}
		var pair [2]string
		n := 0
		err := r.array(field, func(i int) (err error) {
			n++
			pair[min(i, 1)], err = r.string(field)
			return err
		})
		if err == nil && n != 2 {
			err = r.fault(field, "a merge of %d pieces, want 2", n)
		}
		list = append(list, find(pair[0], pair[1]))
		return err
	})
	if err == nil {
		err = r.end(field)
	}
	return list, err
}

// isMerge reports whether a merge is of pieces and to one.
func isMerge(m [3]ID) bool { return min(m[0], m[1], m[2]) != noID }

// cut returns a merge that is written as a text, with a space between the pieces. One with
// several spaces is cut at the first where both pieces and what they spell are in the vocabulary.
func (f mergeFinder) cut(text string) (m [3]ID) {
	m = [3]ID{noID, noID, noID}
	at := strings.IndexByte(text, ' ')
	if at < 0 || len(text) > 1000 && strings.Count(text, " ") > 1 { // cutting takes the square of the time
		return m
	}
	for ; at < len(text); at++ {
		if text[at] != ' ' {
			continue
		}
		if m = f(text[:at], text[at+1:]); isMerge(m) {
			break
		}
	}
	return m
}
