package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"cria"
	"cria/internal/token"
)

// tokenizeCmd turns text into tokens and back.
type tokenizeCmd struct {
	Model     string   `arg:"" name:"model" help:"A model, or a tokenizer.bin, .model or .json."`
	Text      []string `arg:"" optional:"" name:"text" help:"The text, or with --decode the ids; without them standard input is read."`
	Tokenizer string   `short:"z" placeholder:"FILE" env:"CRIA_TOKENIZER" help:"The model's tokenizer."`
	Decode    bool     `short:"d" help:"Turn ids into text."`
	BOS       *bool    `name:"bos" negatable:"" help:"Begin with the token that begins a sequence (default: if the model wants it; --no-bos)."`
	EOS       bool     `name:"eos" help:"End with the token that ends one."`
	Special   bool     `help:"Take names of control tokens in the text as these tokens."`
	JSON      bool     `name:"json" help:"Write one object."`
}

// A tokenization is what --json writes.
type tokenization struct {
	Text   string      `json:"text"`
	Tokens []pieceLine `json:"tokens"`
}

// A pieceLine is a token and how the vocabulary spells it.
type pieceLine struct {
	ID    token.ID `json:"id"`
	Piece string   `json:"piece"`
}

// Run is called by kong.
func (c *tokenizeCmd) Run(ctx context.Context, a *app) error {
	tok, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	text := strings.Join(c.Text, " ")
	if len(c.Text) == 0 {
		data, err := readAll(ctx, a.stdin)
		if err != nil {
			return err
		}
		text = string(data)
	}
	var ids []token.ID
	if c.Decode {
		if ids, err = parseIDs(text, tok.Size()); err != nil {
			return err
		}
		text = string(tok.AppendDecode(nil, ids))
	} else {
		ids = c.encode(tok, text)
		if bos, ok := tok.BOS(); ok {
			warnOfBOS(a, bos, ids)
		}
	}
	switch {
	case c.JSON:
		t := tokenization{Text: text, Tokens: []pieceLine{}}
		for _, id := range ids {
			t.Tokens = append(t.Tokens, pieceLine{id, tok.Piece(id)})
		}
		return json.NewEncoder(a.stdout).Encode(t)
	case c.Decode:
		_, err = io.WriteString(a.stdout, text+"\n")
	default:
		var b strings.Builder
		for _, id := range ids {
			fmt.Fprintf(&b, "%d\t%s\n", id, tok.Name(id))
		}
		_, err = io.WriteString(a.stdout, b.String())
	}
	return err
}

// encode returns the tokens of a text as the flags say. A text that begins with the name of BOS
// gets no second one, unless that is asked for.
func (c *tokenizeCmd) encode(tok *token.Tokenizer, text string) []token.ID {
	bos := tok.AddBOS()
	if c.BOS != nil {
		bos = *c.BOS
	}
	if !c.Special {
		return tok.Encode(nil, text, bos, c.EOS)
	}
	ids := tok.Encode(nil, "", bos && (c.BOS != nil || !tok.BeginsWithBOS(text)), false)
	ids = tok.EncodeSpecial(ids, text)
	return tok.Encode(ids, "", false, c.EOS)
}

// open reads the tokenizer: the file that is named, or the one of the model that is.
func (c *tokenizeCmd) open(ctx context.Context, a *app) (tok *token.Tokenizer, err error) {
	path, err := a.path(ctx, c.Model)
	if err != nil {
		return nil, err
	}
	m, err := openFiles(path)
	var missing *fs.PathError
	switch {
	case err == nil:
		defer func() { err = errors.Join(err, m.Close()) }()
		tok, tried, err := m.Tokenizer(c.Tokenizer)
		if tok == nil && err == nil {
			err = fmt.Errorf("%w: there is no %s", cria.ErrNoTokenizer, tried)
		}
		return tok, err
	case errors.As(err, &missing) || c.Tokenizer != "": // with --tokenizer, this must be a model
		return nil, err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	config, err := os.ReadFile(filepath.Join(filepath.Dir(path), "tokenizer_config.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return token.Parse(path, data, config, 0)
}

// parseIDs reads ids below n, with spaces or commas between them.
func parseIDs(text string, n int) ([]token.ID, error) {
	var ids []token.ID
	for word := range strings.FieldsSeq(strings.ReplaceAll(text, ",", " ")) {
		id, err := strconv.Atoi(word)
		if err != nil || id < 0 || id >= n {
			return nil, misuse("%q is no token: want 0 to %d", word, n-1)
		}
		ids = append(ids, token.ID(id))
	}
	return ids, nil
}
