package main

import (
	"context"
	"io"
	"os"
	"path/filepath"

	"cria/internal/train"
)

// tokenizerCmd is the verbs that make tokenizers.
type tokenizerCmd struct {
	Train tokenizerTrainCmd `cmd:"" help:"Make a tokenizer that suits a text."`
}

// tokenizerTrainCmd makes a tokenizer of a text.
type tokenizerTrainCmd struct {
	dataFlags
	Vocab int    `required:"" placeholder:"N" help:"Tokens that it has."`
	Out   string `arg:"" help:"The file to write, in the format of llama2.c's tokenizer.bin."`
}

// Help is shown by --help.
func (*tokenizerTrainCmd) Help() string {
	return "Byte pair encoding as SentencePiece does it. The same documents in any order give the same file."
}

// Run is called by kong.
func (c *tokenizerTrainCmd) Run(ctx context.Context, a *app) error {
	if _, err := os.Stat(filepath.Dir(c.Out)); err != nil {
		return err // now, and not after the work
	}
	spm, err := trainTokenizer(c.documents(ctx), c.Vocab)
	if err != nil {
		return err
	}
	var textBytes, tokens int
	for doc, err := range c.documents(ctx) {
		if err != nil {
			return err
		}
		textBytes += len(doc)
		tokens += len(spm.Encode(nil, doc, false, false))
	}
	err = train.ReplaceFile(c.Out, func(w io.Writer) error {
		_, err := spm.WriteTo(w)
		return err
	})
	if err != nil {
		return err
	}
	a.note("%s: %d tokens, each of which stands for %.2f bytes of the text on average", c.Out, spm.Size(),
		float64(textBytes)/float64(max(1, tokens)))
	return nil
}
