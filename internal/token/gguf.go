package token

import (
	"fmt"
	"slices"
	"strings"
)

// GGUF is what the metadata of a GGUF file says about its tokenizer, under the
// names that begin with "tokenizer.ggml.". What is nil is not in the file.
type GGUF struct {
	Model          string // "llama" (SentencePiece's BPE), "gpt2" (BPE of bytes) or "t5" (Unigram)
	Pre            string // the pre-tokenizer of gpt2
	Tokens         []string
	Scores         []float32 // not needed for gpt2
	Types          []int32   // token_type: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte
	Merges         []string  // of gpt2: two pieces with a space between them
	Charsmap       []byte    // precompiled_charsmap of t5
	BOS, EOS       *uint32   // bos_token_id, eos_token_id
	EOT, EOM       *uint32   // eot_token_id, eom_token_id
	UNK            *uint32   // unknown_token_id
	AddBOS         *bool     // add_bos_token
	AddEOS         *bool     // add_eos_token
	AddSpacePrefix *bool     // add_space_prefix
	TrimSpaces     *bool     // remove_extra_whitespaces of t5
}

// ggufTokensMax is far more than any vocabulary has: Gemma's has 262,144.
const ggufTokensMax = 1 << 22

// ggufDefaults is what llama.cpp takes for a model if the file does not say it.
type ggufDefaults struct {
	bos, eos, unk          ID
	addBOS, addEOS, prefix bool
}

var ggufModels = map[string]ggufDefaults{
	"llama": {bos: 1, eos: 2, unk: 0, addBOS: true, prefix: true},
	"gpt2":  {bos: noID, eos: noID, unk: noID},
	"t5":    {bos: noID, eos: 1, unk: 2, addEOS: true},
}

// Pre-tokenizers whose words are looked up as a whole before they are merged.
// With all but youtu, BOS comes first if the file does not say it.
var ignoresMerges = []string{
	"llama3", "llama-v3", "llama-bpe", "laguna", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
	"tekken", "youtu",
}

// FromGGUF returns the tokenizer of a GGUF file, which gives the tokens that
// llama.cpp gives. User-defined tokens are found in a text as they are spelled,
// before anything else. Slices are kept and must not change; *g is not.
func FromGGUF(g *GGUF) (*Tokenizer, error) {
	defaults, ok := ggufModels[g.Model]
	if !ok {
		return nil, fmt.Errorf("token: tokenizer.ggml.model is %q, want llama, gpt2 or t5", g.Model)
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	t := newTokenizer(g.Tokens, g.kinds())
	if err := g.marks(t, defaults); err != nil {
		return nil, err
	}
	prefix := valueOr(g.AddSpacePrefix, defaults.prefix)
	var err error
	if g.Model == "gpt2" {
		t.engine, err = g.byteBPE(t)
	} else {
		t.addPrefix, t.strip = prefix, prefix
		t.engine, err = g.sentencePiece(t, prefix)
	}
	if err != nil {
		return nil, err
	}
	t.match(t.userDefined())
	return t, nil
}

func valueOr(value *bool, other bool) bool {
	if value != nil {
		return *value
	}
	return other
}

// check says whether the lists fit together.
func (g *GGUF) check() error {
	n := len(g.Tokens)
	switch {
	case n == 0 || n > ggufTokensMax:
		return fmt.Errorf("token: tokenizer.ggml.tokens has %d tokens, want 1 to %d", n, ggufTokensMax)
	case g.Types != nil && len(g.Types) != n:
		return fmt.Errorf("token: tokenizer.ggml.token_type has %d elements for %d tokens", len(g.Types), n)
	case g.Model != "gpt2" && len(g.Scores) != n:
		return fmt.Errorf("token: tokenizer.ggml.scores has %d elements for %d tokens", len(g.Scores), n)
	case len(g.Merges) > ggufTokensMax:
		return fmt.Errorf("token: tokenizer.ggml.merges has %d elements, want at most %d", len(g.Merges), ggufTokensMax)
	}
	for i, piece := range g.Tokens {
		if len(piece) > pieceBytesMax {
			return fmt.Errorf("token: tokenizer.ggml.tokens[%d] has %d bytes, want at most %d", i, len(piece), pieceBytesMax)
		}
	}
	return nil
}

// kinds returns what the tokens are; what the file does not tell is normal, and
// so is a byte whose name is not that of one.
func (g *GGUF) kinds() []kind {
	kinds := make([]kind, len(g.Tokens))
	for i := range kinds {
		kinds[i] = normal
		if g.Types == nil || g.Types[i] < int32(normal) || g.Types[i] > int32(byteToken) {
			continue
		}
		if k := kind(g.Types[i]); k != byteToken || isByte(g.Tokens[i]) {
			kinds[i] = k
		}
	}
	return kinds
}

// id returns an id of the vocabulary, other if the file has none.
func (g *GGUF) id(key string, from *uint32, other ID) (ID, error) {
	switch {
	case from == nil && int(other) < len(g.Tokens):
		return other, nil
	case from == nil:
		return noID, nil
	case int64(*from) >= int64(len(g.Tokens)):
		return noID, fmt.Errorf("token: tokenizer.ggml.%s_token_id is %d, outside of the vocabulary of %d",
			key, *from, len(g.Tokens))
	}
	return ID(*from), nil
}

// marks sets the tokens that begin and end sequences, turns and messages, and the unknown one.
func (g *GGUF) marks(t *Tokenizer, d ggufDefaults) error {
	eot, eom, unk := noID, noID, noID
	for _, mark := range []struct {
		key         string
		from        *uint32
		other       ID
		id          *ID
		ends, stays bool
	}{
		{"bos", g.BOS, d.bos, &t.bos, false, false},
		{"eos", g.EOS, d.eos, &t.eos, true, false},
		{"eot", g.EOT, noID, &eot, true, false},
		{"eom", g.EOM, noID, &eom, true, false},
		{"unknown", g.UNK, d.unk, &unk, false, true},
	} {
		id, err := g.id(mark.key, mark.from, mark.other)
		if err != nil {
			return err
		}
		*mark.id = id
		switch {
		case id == noID:
			continue
		case mark.ends:
			t.addEnds(id)
		}
		if k := &t.kinds[id]; !mark.stays && (*k == normal || *k == userDefined) {
			*k = control
		}
	}
	if unk != noID && g.Model != "gpt2" {
		t.kinds[unk] = unknown
	}
	t.addBOS = valueOr(g.AddBOS, d.addBOS || g.Pre != "youtu" && slices.Contains(ignoresMerges, g.Pre))
	t.addEOS = valueOr(g.AddEOS, d.addEOS)
	t.addKnownEnds()
	return nil
}

// userDefined returns the user-defined tokens.
func (t *Tokenizer) userDefined() []special {
	var list []special
	for id, k := range t.kinds {
		if k == userDefined {
			list = append(list, special{id: ID(id), text: t.pieces[id]})
		}
	}
	return list
}

// sentencePiece returns the engine of llama and t5, and sets the texts.
func (g *GGUF) sentencePiece(t *Tokenizer, prefix bool) (engine, error) {
	v := spVocabulary{pieces: g.Tokens, scores: g.Scores, kinds: slices.Clone(t.kinds), ids: map[string]ID{}, bytes: true}
	for id, k := range v.kinds {
		switch k {
		case userDefined:
			v.kinds[id] = control // the matcher has found them already
		case normal, unused:
			v.ids[g.Tokens[id]] = ID(id)
		}
	}
	t.spTexts("")
	for id, k := range t.kinds {
		if k == userDefined {
			t.texts[id] = t.pieces[id]
		}
	}
	norm := &spNormalizer{dummy: prefix, escape: true}
	if g.Model == "llama" {
		return &spEngine{norm, v.engine(spBPE)}, nil
	}
	var err error
	if norm.chars, err = newCharsmap(g.Charsmap); err != nil {
		return nil, fmt.Errorf("token: tokenizer.ggml.precompiled_charsmap: %w", err)
	}
	norm.trim = valueOr(g.TrimSpaces, false)
	u := v.unigram()
	u.round = false
	return &spEngine{norm, u}, nil
}

// byteBPE returns the engine of gpt2, and sets the texts.
func (g *GGUF) byteBPE(t *Tokenizer) (engine, error) {
	split, ok := splitterFor(g.Pre)
	if !ok {
		return nil, fmt.Errorf("token: tokenizer.ggml.pre is %q, which is not known", g.Pre)
	}
	pieces := normalPieces(g.Tokens, t.kinds)
	raw := rawPieces(pieces)
	for id, piece := range g.Tokens {
		switch t.kinds[id] {
		case normal:
			t.texts[id] = raw[id]
		case userDefined:
			t.texts[id] = piece
		case byteToken, unused:
			t.texts[id] = rawBytes(piece)
		}
	}
	words := newWordTable(pieces)
	find := words.merger(pieces)
	merges := make([][3]ID, len(g.Merges))
	for i, m := range g.Merges {
		at := strings.Index(m[min(1, len(m)):], " ") + 1 // a piece has a byte at least
		if at < 1 {
			return nil, fmt.Errorf("token: tokenizer.ggml.merges[%d] is %q, want two pieces with a space between them", i, m)
		}
		merges[i] = find(m[:at], m[at+1:])
	}
	b, err := newMergedBPE(raw, merges, split, slices.Contains(ignoresMerges, g.Pre))
	if err != nil {
		return nil, err
	}
	return &byteEngine{bpe: b}, nil
}
