package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"cria/internal/imatrix"
	"cria/internal/load"
	"cria/internal/newfile"
)

// imatrixCmd has a model read a text, and writes how much each column of its matrices
// matters.
type imatrixCmd struct {
	Model     string `arg:"" optional:"" name:"model" help:"A model, best as it was before it was quantized (default: the storyteller inside cria)."`
	File      string `required:"" short:"f" placeholder:"FILE" help:"The text; \"-\" reads standard input. One newline at its end falls away."`
	Out       string `required:"" short:"o" placeholder:"FILE" help:"The file to write: GGUF, or llama.cpp's older form if its name ends with .dat."`
	Chunks    int    `placeholder:"N" help:"Take the first N chunks only (default: all)."`
	Process   bool   `name:"process-output" help:"Count the classifier, too."`
	Tokenizer string `short:"z" placeholder:"FILE" env:"CRIA_TOKENIZER" help:"Tokenizer (default: the model's own, or tokenizer.bin beside it)."`
	planFlags
	Force bool `help:"Run a model even if it does not fit into memory."`
}

// Help is shown by --help.
func (*imatrixCmd) Help() string {
	return "The text is cut into chunks of --ctx-size tokens (default: 512, or all of the model's context if that is " +
		"less), and what is left at its end does not count. cria quantize --imatrix and llama-quantize read the file."
}

// Run is called by kong.
func (c *imatrixCmd) Run(ctx context.Context, a *app) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	text, err := readPrompt(ctx, c.File, a.stdin)
	if err != nil {
		return err
	}
	path, err := a.path(ctx, c.Model)
	if err != nil {
		return err
	}
	m, err := openFiles(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	if err := c.fit(a, m); err != nil {
		return err
	}
	chunks, err := c.cut(m, text)
	if err != nil {
		return err
	}
	progress, finish := a.bar(int64(len(chunks)), "reading chunks")
	opt := imatrix.Options{Threads: c.threads(), Batch: c.BatchSize, Output: c.Process}
	f, err := imatrix.Collect(ctx, m, chunks, opt, func(done int) {
		if progress != nil {
			progress(int64(done), int64(len(chunks)))
		}
	})
	finish()
	if err != nil {
		return err
	}
	f.Datasets = []string{filepath.Base(c.File)}
	if err := c.write(ctx, f); err != nil {
		return err
	}
	a.note("%s: %d matrices, %d chunks of %d tokens", c.Out, len(f.Entries), f.Chunks, f.ChunkSize)
	return nil
}

// check returns what is wrong with the flags, whatever the model.
func (c *imatrixCmd) check() error {
	switch {
	case c.Chunks < 0:
		return misuse("--chunks: %d, want at least 1", c.Chunks)
	case c.Threads < 0:
		return misuse("--threads: %d, want at least 1", c.Threads)
	case c.BatchSize < 1:
		return misuse("--batch-size: %d, want at least 1", c.BatchSize)
	case c.CtxSize < 0:
		return misuse("--ctx-size: %d, want at least 1", c.CtxSize)
	}
	return nil
}

// fit sets the length of chunks, and returns an error if the model does not fit into memory.
func (c *imatrixCmd) fit(a *app, m *load.Model) error {
	switch most := m.Config.SeqLen; {
	case c.CtxSize > most:
		return misuse("--ctx-size: %d, and the context of %s has %d", c.CtxSize, m.Path, most)
	case c.CtxSize == 0:
		c.CtxSize = min(chunkDefault, most)
	}
	c.scores = c.Process
	if c.Force {
		return nil
	}
	if err := a.checkMemory(load.MemoryFor(&m.Config, m.Bytes, c.plan(&m.Config, 1))); err != nil {
		return fmt.Errorf("%s: %w; --force runs it all the same", m.Path, err)
	}
	return nil
}

// cut returns the chunks of a text.
func (c *imatrixCmd) cut(m *load.Model, text string) ([][]int32, error) {
	tok, tried, err := m.Tokenizer(c.Tokenizer)
	switch {
	case err != nil:
		return nil, err
	case tok == nil:
		return nil, fmt.Errorf("%s has no tokenizer: there is no %s", m.Path, tried)
	}
	var ids, begins []int32
	for _, id := range tok.Encode(nil, text, tok.AddBOS(), false) {
		ids = append(ids, int32(id))
	}
	for _, id := range tok.Encode(nil, "", tok.AddBOS(), false) {
		begins = append(begins, int32(id))
	}
	return cutChunks(ids, begins, c.CtxSize, c.Chunks)
}

// write writes f, in the form that the name asks for.
func (c *imatrixCmd) write(ctx context.Context, f *imatrix.File) error {
	var b bytes.Buffer
	put := f.Write
	if strings.EqualFold(filepath.Ext(c.Out), ".dat") {
		put = f.WriteDat
	}
	if err := put(&b); err != nil {
		return err
	}
	return newfile.Write(ctx, c.Out, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}
