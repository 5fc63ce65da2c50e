package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"cria"
	"cria/internal/sample"
	"cria/internal/token"
)

// llama2cCmd is the command line of run.c and runq.c of llama2.c: the same
// flags, the same steps, the same text. It reads every version of the format.
//
// What run.c leaves undefined is defined here: numbers must be numbers, input
// of any length is taken whole, the end of input ends a chat, and a prompt
// that -n cuts short is spoken of.
type llama2cCmd struct {
	Checkpoint  string  `arg:"" help:"A checkpoint of llama2.c."`
	Temperature float32 `short:"t" placeholder:"X" default:"1.0" help:"Temperature, 0 or more (${default})."`
	TopP        float32 `name:"topp" short:"p" placeholder:"X" default:"0.9" help:"p value in top-p (nucleus) sampling, 0 to 1 (${default})."`
	Seed        int64   `short:"s" placeholder:"N" default:"0" help:"Random seed; 0 takes the time (default)."`
	Steps       int     `short:"n" placeholder:"N" default:"256" help:"Positions to run for, those of the prompt included; 0 for all that the model has (${default})."`
	Prompt      *string `short:"i" placeholder:"TEXT" help:"Input prompt."`
	Tokenizer   string  `short:"z" placeholder:"FILE" default:"tokenizer.bin" help:"Tokenizer (${default})."`
	Mode        string  `short:"m" enum:"generate,chat" default:"generate" help:"${enum} (${default})."`
	System      *string `short:"y" placeholder:"TEXT" help:"System prompt in chat mode."`
	Threads     int     `placeholder:"N" env:"CRIA_THREADS" help:"Threads that compute (default: one for each core)."`
	Force       bool    `help:"Run a model even if it does not fit into memory."`
}

// A llama2cRun is a model with a text so far: what run.c keeps in local variables.
type llama2cRun struct {
	*app
	s       *cria.Session
	tok     *token.SPM
	sampler *sample.Llama2c
	decoder *token.Decoder
	lines   <-chan inputLine
	steps   int
	pos     int
	start   time.Time
	began   time.Time // when the first step was done, which may be slower than others
	first   int       // positions of that step
}

// Run is called by kong.
func (c *llama2cCmd) Run(ctx context.Context, a *app) (err error) {
	flags := modelFlags{Tokenizer: c.Tokenizer, Force: c.Force}
	flags.Threads, flags.BatchSize, flags.CacheType = c.Threads, 128, "f32"
	m, err := flags.open(a, c.Checkpoint, flags.logger(a.stderr))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	r := llama2cRun{app: a, steps: c.Steps}
	if r.steps <= 0 || r.steps > m.Config().Context {
		r.steps = m.Config().Context
	}
	vocab, err := os.ReadFile(c.Tokenizer)
	if err != nil {
		return err
	}
	if r.tok, err = token.ParseLlama2c(c.Tokenizer, vocab, m.Config().VocabSize); err != nil {
		return err
	}
	if r.sampler, err = c.sampler(m.Config().VocabSize); err != nil {
		return usageError{err}
	}
	if r.s, err = m.NewSession(); err != nil {
		return err
	}
	defer r.s.Close()
	r.decoder, r.start = r.tok.NewLlama2cDecoder(), time.Now()
	if c.Mode == "chat" {
		err = r.chat(ctx, c.System, c.Prompt)
	} else {
		err = r.generate(ctx, c.Prompt)
	}
	writeErr := r.print(r.decoder.Flush() + "\n")
	if c.Mode == "generate" {
		r.report()
	}
	return errors.Join(err, writeErr)
}

// sampler returns the sampler that run.c builds from the flags.
func (c *llama2cCmd) sampler(vocab int) (*sample.Llama2c, error) {
	topP := c.TopP
	if topP < 0 || topP > 1 {
		topP = 0.9
	}
	seed := uint64(int64(int32(c.Seed))) // atoi gives an int, which C widens with its sign
	return sample.NewLlama2c(vocab, max(0, c.Temperature), topP, seed)
}

// step runs tokens through the network and returns the next one.
func (r *llama2cRun) step(ctx context.Context, ids ...token.ID) (token.ID, error) {
	list := make([]int32, len(ids))
	for i, id := range ids {
		list[i] = int32(id)
	}
	logits, err := r.s.Read(ctx, list)
	if err != nil {
		return 0, err
	}
	r.pos += len(ids)
	next, err := r.sampler.Sample(logits)
	if r.began.IsZero() {
		r.began, r.first = time.Now(), r.pos
	}
	return next, err
}

// write writes the text of a token; it depends on the token before.
func (r *llama2cRun) write(id token.ID) error { return r.print(r.decoder.Next(id)) }

func (r *llama2cRun) print(text string) error {
	_, err := io.WriteString(r.stdout, text)
	return err
}

// generate continues a prompt until BOS, which delimits texts, or until all steps are done.
func (r *llama2cRun) generate(ctx context.Context, prompt *string) error {
	var text string
	if prompt != nil {
		text = *prompt
	}
	ids := r.tok.Encode(nil, text, true, false)
	cut := len(ids) > r.steps
	if cut {
		r.note("the prompt has %d tokens, and -n %d ends it there", len(ids), r.steps)
		ids = ids[:r.steps+1] // run.c writes one token more than it reads
	}
	for _, id := range ids {
		if err := r.write(id); err != nil {
			return err
		}
	}
	if cut {
		return nil
	}
	next, err := r.step(ctx, ids...)
	for err == nil && next != r.tok.BOS() {
		if err = r.write(next); err != nil || r.pos >= r.steps {
			return err
		}
		next, err = r.step(ctx, next)
	}
	return err
}

// report prints the speed, as run.c does without the first step, if there are others.
func (r *llama2cRun) report() {
	n, since := r.pos-r.first, r.began
	if n == 0 {
		n, since = r.pos, r.start
	}
	if n > 0 {
		fmt.Fprintf(r.stderr, "achieved tok/s: %f\n", rate(float64(n), time.Since(since)))
	}
}

// chat is run.c's: what it writes and when it draws a random number is the
// same, down to the token after each EOS, which is written and then forgotten.
func (r *llama2cRun) chat(ctx context.Context, system, prompt *string) error {
	r.lines = readLines(ctx, r.stdin)
	userTurn, idx := true, 0
	var ids []token.ID
	var next token.ID
	for r.pos < r.steps {
		if userTurn {
			text, err := r.turn(ctx, system, prompt)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			ids, idx = r.tok.Encode(nil, text, true, false), 0
		}
		id := next
		if idx < len(ids) {
			id = ids[idx]
			idx++
			r.decoder.Next(id) // the user knows it
			r.decoder.Flush()
		}
		userTurn = id == r.tok.EOS()
		var err error
		if next, err = r.step(ctx, id); err != nil {
			return err
		}
		if err := r.answer(next, idx >= len(ids)); err != nil {
			return err
		}
	}
	return nil
}

// answer writes a token of an answer. While the prompt is read, isAnswer is
// false and only the newline for EOS is written.
func (r *llama2cRun) answer(id token.ID, isAnswer bool) error {
	switch {
	case id == r.tok.EOS():
		if isAnswer {
			r.decoder.Next(id)
		}
		return r.print("\n")
	case !isAnswer:
		return nil
	case id == r.tok.BOS():
		r.decoder.Next(id)
		return r.print(r.tok.Piece(id))
	default:
		return r.write(id)
	}
}

// turn asks the user for what was not given on the command line and returns
// it in Llama 2's form. At the end of input it returns io.EOF.
func (r *llama2cRun) turn(ctx context.Context, system, prompt *string) (string, error) {
	if err := r.print(r.decoder.Flush()); err != nil {
		return "", err
	}
	isFirst := r.pos == 0
	var systemText, text string
	var err error
	if isFirst {
		systemText, err = r.ask(ctx, "Enter system prompt (optional): ", system)
	} else {
		prompt = nil
	}
	if err == nil {
		text, err = r.ask(ctx, "User: ", prompt)
	}
	if err == nil {
		err = r.print("Assistant: ")
	}
	return instruction(systemText, text, isFirst), err
}

// ask returns what was given, or else asks for a line.
func (r *llama2cRun) ask(ctx context.Context, question string, given *string) (string, error) {
	if given != nil {
		return *given, nil
	}
	if err := r.print(question); err != nil {
		return "", err
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case line := <-r.lines:
		return strings.TrimSuffix(line.text, "\n"), line.err
	}
}
