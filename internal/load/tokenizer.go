package load

import (
	"errors"
	"fmt"
	"io/fs"
	"math"

	"cria/internal/gguf"
	"cria/internal/hf"
	"cria/internal/token"
)

// Tokenizer returns the tokenizer in a file, or for an empty name that of the
// model: of its own metadata, tokenizer.json or tokenizer.model in its folder,
// or tokenizer.bin beside it. If there is none it is nil, and tried says where it was looked for.
func (m *Model) Tokenizer(name string) (tok *token.Tokenizer, tried string, err error) {
	switch {
	case name != "":
		tok, err = m.tokenizerFile(name)
		return tok, name, err
	case m.gguf != nil:
		if tok, err = ggufTokenizer(m.gguf); err == nil {
			err = m.fits(m.Path, tok)
		}
		return tok, "tokenizer.ggml.model in " + m.Path, m.named(err)
	case m.hf != nil:
		return m.hfTokenizer()
	}
	tried = m.disk.beside(m.Path, "tokenizer.bin")
	tok, err = m.tokenizerFile(tried)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, tried, nil
	}
	return tok, tried, err
}

// tokenizerFile reads a tokenizer of any kind.
func (m *Model) tokenizerFile(name string) (*token.Tokenizer, error) {
	data, err := m.disk.read(name)
	if err != nil {
		return nil, err
	}
	config, err := m.disk.read(m.disk.beside(name, "tokenizer_config.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	tok, err := token.Parse(name, data, config, m.Config.VocabSize)
	if err != nil {
		return nil, err
	}
	return tok, m.fits(name, tok)
}

// fits returns an error if a tokenizer, which may be nil, has tokens that the model does not know.
func (m *Model) fits(name string, tok *token.Tokenizer) error {
	if tok == nil || tok.Fits(m.Config.VocabSize) {
		return nil
	}
	return fmt.Errorf("%s has %d tokens, but the model's vocabulary has %d", name, tok.Size(), m.Config.VocabSize)
}

// hfTokenizer returns the tokenizer of a Hugging Face directory, with all tokens that end a text.
func (m *Model) hfTokenizer() (tok *token.Tokenizer, tried string, err error) {
	for _, name := range []string{"tokenizer.json", "tokenizer.model"} {
		tried = m.disk.in(m.Path, name)
		tok, err = m.tokenizerFile(tried)
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
		tok, err = nil, nil
	}
	if tok == nil || err != nil {
		return nil, tried, err
	}
	ends := m.hf.EOS
	name := m.disk.in(m.Path, "generation_config.json")
	data, err := m.disk.read(name)
	switch {
	case err == nil:
		g, err := hf.ParseGenerationConfig(name, data)
		if err != nil {
			return nil, tried, err
		}
		ends = append(ends, g.EOS...)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, tried, err
	}
	for _, id := range ends {
		tok = tok.WithEnds(token.ID(id))
	}
	return tok, tried, nil
}

// ggufTokenizer returns the tokenizer in a file's metadata, or nil if there is none.
func ggufTokenizer(f *gguf.File) (*token.Tokenizer, error) {
	k := &keys{f: f, arch: "tokenizer.ggml"}
	g := &token.GGUF{
		Model: k.string("model", ""), Pre: k.string("pre", ""),
		BOS: k.id("bos_token_id"), EOS: k.id("eos_token_id"), EOT: k.id("eot_token_id"), EOM: k.id("eom_token_id"),
		UNK:    k.id("unknown_token_id"),
		AddBOS: k.bool("add_bos_token"), AddEOS: k.bool("add_eos_token"),
		AddSpacePrefix: k.bool("add_space_prefix"), TrimSpaces: k.bool("remove_extra_whitespaces"),
	}
	if k.err == nil && (g.Model == "" || g.Model == "none" || g.Model == "no_vocab") {
		return nil, nil
	}
	g.Tokens, g.Merges = k.strings("tokens"), k.strings("merges")
	var err error
	g.Scores, _, err = f.Floats("tokenizer.ggml.scores")
	k.keep(err)
	types, _, err := f.Ints("tokenizer.ggml.token_type")
	k.keep(err)
	for i, t := range types {
		if t < 0 || t > math.MaxInt32 {
			k.fail("token_type", "has %d for token %d", t, i)
		}
		g.Types = append(g.Types, int32(t))
	}
	if charsmap, ok := f.Value("tokenizer.ggml.precompiled_charsmap").([]uint8); ok {
		g.Charsmap = charsmap
	}
	if k.err != nil {
		return nil, k.err
	}
	return token.FromGGUF(g)
}

// id returns a token's id, or nil if there is none.
func (k *keys) id(key string) *uint32 {
	n := k.int(key, -1, -1, math.MaxInt32)
	if n < 0 {
		return nil
	}
	id := uint32(n)
	return &id
}

func (k *keys) bool(key string) *bool {
	b, ok, err := k.f.Bool(k.arch + "." + key)
	k.keep(err)
	if !ok || err != nil {
		return nil
	}
	return &b
}

func (k *keys) strings(key string) []string {
	list, _, err := k.f.Strings(k.arch + "." + key)
	k.keep(err)
	return list
}
