package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"time"

	"cria"
)

// runCmd continues a text.
type runCmd struct {
	First  *string `arg:"" optional:"" name:"model" help:"A llama2.c checkpoint, a GGUF file, a folder of Hugging Face, or hf:org/name[:file-or-quant]. What has no slash and no suffix of a model in its name, and is no file, is the prompt: the storyteller inside cria continues it."`
	Second *string `arg:"" optional:"" name:"prompt" help:"The text to continue; \"-\" reads it from standard input."`

	Model           string  `short:"m" placeholder:"FILE" help:"The model; then the only argument is the prompt."`
	Prompt          *string `short:"p" placeholder:"TEXT" help:"The prompt; then the only argument is the model."`
	File            string  `short:"f" placeholder:"FILE" help:"A file with the prompt; one newline at its end falls away."`
	Special         bool    `help:"Take names of control tokens in the prompt as these tokens."`
	NoDisplayPrompt bool    `help:"Do not write the prompt before the text."`
	JSON            bool    `name:"json" help:"Write an object for each token, {\"id\",\"text\"}, and then one with \"stats\"; each on a line."`

	samplingFlags `group:"Sampling"`
	modelFlags    `group:"Model"`
	statsFlags    `group:"Model"`
}

// Run is called by kong.
func (c *runCmd) Run(ctx context.Context, a *app) (err error) {
	path, prompt, err := c.resolve(ctx, a.stdin)
	if err != nil {
		return err
	}
	if path, err = a.path(ctx, path); err != nil {
		return err
	}
	seed, isNew := c.seed()
	opts, err := c.options(seed)
	if err != nil {
		return err
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	log := c.logger(a.stderr)
	m, err := c.open(a, path, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	s, err := m.NewSession(opts...)
	if err != nil {
		return err
	}
	defer s.Close()

	ids, err := c.encode(a, m, prompt)
	if err != nil {
		return err
	}
	log.Debug("prompt", "tokens", ids)
	if len(ids) <= m.Config().Context { // or else the error says so
		c.announce(a, seed, isNew)
		if err := c.echo(a, prompt); err != nil {
			return err
		}
	}
	err = c.generate(ctx, a, s, ids, log)
	if errors.Is(err, cria.ErrContextFull) {
		a.note("%v", err) // all that was asked for, as far as there was room
		err = nil
	}
	speed, statsErr := c.finish(a, s.Stats(), 1, path, c.threads())
	if c.JSON && statsErr == nil {
		statsErr = json.NewEncoder(a.stdout).Encode(newLastLine(s.Stats(), speed, seed))
	}
	return errors.Join(err, statsErr, c.writeTrace(m))
}

// resolve returns the path of the model and the prompt.
func (c *runCmd) resolve(ctx context.Context, stdin io.Reader) (path, prompt string, err error) {
	path, arg := c.Model, c.First
	if path == "" && arg != nil && namesModel(*arg) {
		path, arg = *arg, c.Second
	} else if c.Second != nil {
		return "", "", misuse("unexpected argument %q; a prompt of several words needs quotes", *c.Second)
	}
	sources := 0
	for _, given := range []bool{arg != nil, c.Prompt != nil, c.File != ""} {
		if given {
			sources++
		}
	}
	switch {
	case sources > 1:
		return "", "", misuse("the prompt is given %d times: as an argument, by --prompt or by --file", sources)
	case c.Prompt != nil:
		return path, *c.Prompt, nil
	case c.File != "":
		prompt, err = readPrompt(ctx, c.File, stdin)
	case arg != nil && *arg == "-":
		prompt, err = readPrompt(ctx, "-", stdin)
	case arg != nil:
		prompt = *arg
	}
	return path, prompt, err
}

// readPrompt reads a prompt from a file, or from standard input for "-". The
// newline that ends a text file is not part of it.
func readPrompt(ctx context.Context, name string, stdin io.Reader) (string, error) {
	var data []byte
	var err error
	if name == "-" {
		data, err = readAll(ctx, stdin)
	} else {
		data, err = os.ReadFile(name)
	}
	data = bytes.TrimSuffix(data, []byte("\n"))
	return string(bytes.TrimSuffix(data, []byte("\r"))), err
}

// encode returns the tokens of a prompt.
func (c *runCmd) encode(a *app, m *cria.Model, prompt string) ([]int32, error) {
	if !c.Special {
		return m.Encode(prompt)
	}
	ids, err := m.EncodeSpecial(prompt)
	if err != nil {
		return nil, err
	}
	bos, err := m.BOS()
	warnOfBOS(a, bos, ids)
	return ids, err
}

// echo writes the prompt, for the text to follow.
func (c *runCmd) echo(a *app, prompt string) error {
	if c.JSON || c.NoDisplayPrompt {
		return nil
	}
	return newPainter(a.stdout, c.NoColor).prompt(prompt)
}

// generate writes what the model makes of a prompt, as it comes.
func (c *runCmd) generate(ctx context.Context, a *app, s *cria.Session, prompt []int32, log *slog.Logger) error {
	lines, last := json.NewEncoder(a.stdout), time.Now()
	for tok, err := range s.GenerateIDs(ctx, prompt) {
		if errors.Is(err, cria.ErrPromptTooLong) {
			return err
		}
		if err != nil {
			return c.endLine(a, err)
		}
		log.Log(ctx, levelTrace, "token", "id", tok.ID, "text", tok.Text, "position", s.Len()-1, "took", time.Since(last))
		last = time.Now()
		if c.JSON {
			err = lines.Encode(tokenLine{tok.ID, tok.Text})
		} else {
			_, err = io.WriteString(a.stdout, tok.Text)
		}
		if err != nil {
			return err
		}
	}
	return c.endLine(a, nil)
}

// endLine ends a text with a newline, so that what follows begins on a line of
// its own, and returns err.
func (c *runCmd) endLine(a *app, err error) error {
	if c.JSON {
		return err
	}
	_, writeErr := io.WriteString(a.stdout, "\n")
	return errors.Join(err, writeErr)
}

// A tokenLine is what --json writes for a token.
type tokenLine struct {
	ID   int32  `json:"id"`
	Text string `json:"text"`
}

// A lastLine is what --json writes in the end.
type lastLine struct {
	Stats statsLine `json:"stats"`
}

// A statsLine says what was done.
type statsLine struct {
	Reason       cria.Reason `json:"reason"`
	Seed         uint64      `json:"seed"`
	PromptTokens int         `json:"prompt_tokens"`
	Tokens       int         `json:"tokens"`
	PromptTime   float64     `json:"prompt_seconds"`
	TokensTime   float64     `json:"tokens_seconds"`
	FirstToken   float64     `json:"first_token_seconds"`
	BytesRead    int64       `json:"bytes_read"`
	speed
}

func newLastLine(s cria.Stats, v speed, seed uint64) lastLine {
	return lastLine{statsLine{
		Reason: s.Reason, Seed: seed, PromptTokens: s.PromptTokens, Tokens: s.Tokens,
		PromptTime: s.PromptTime.Seconds(), TokensTime: s.TokensTime.Seconds(), FirstToken: s.FirstToken.Seconds(),
		BytesRead: s.BytesRead, speed: v,
	}}
}
