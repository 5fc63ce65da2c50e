package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"cria"
)

// chatCmd talks to a model that was trained for Llama 2's form of a
// conversation. Each turn is a sequence of its own, with the past before it
// (generation.py of Meta's llama):
//
//	BOS [INST] <<SYS>> system <</SYS>> user [/INST] answer EOS BOS [INST] user [/INST] ...
type chatCmd struct {
	Model  string `arg:"" name:"model" help:"A llama2.c checkpoint."`
	System string `placeholder:"TEXT" env:"CRIA_SYSTEM" help:"What the model is to know or be."`

	samplingFlags `group:"Sampling"`
	modelFlags    `group:"Model"`
	statsFlags    `group:"Model"`
}

// Help is shown by --help.
func (*chatCmd) Help() string {
	return "Each line of standard input is a message. /reset begins a new conversation, /quit or the end of input " +
		"ends it. --predict counts for each answer."
}

// Run is called by kong.
func (c *chatCmd) Run(ctx context.Context, a *app) (err error) {
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
	if c.Model, err = a.path(ctx, c.Model); err != nil {
		return err
	}
	m, err := c.open(a, c.Model, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	s, err := m.NewSession(opts...)
	if err != nil {
		return err
	}
	defer s.Close()

	c.announce(a, seed, isNew)
	talk := conversation{app: a, m: m, s: s, system: c.System, log: log}
	err = talk.run(ctx)
	_, statsErr := c.finish(a, s.Stats(), talk.answers, c.Model, c.threads())
	return errors.Join(err, statsErr, c.writeTrace(m))
}

// A conversation is what has been said, in a session.
type conversation struct {
	*app
	m       *cria.Model
	s       *cria.Session
	system  string
	log     *slog.Logger
	answers int
}

// run answers line by line.
func (c *conversation) run(ctx context.Context) error {
	people := isTerminal(c.stdin)
	lines := readLines(ctx, c.stdin)
	for {
		if people {
			fmt.Fprint(c.stderr, "> ")
		}
		var line inputLine
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line = <-lines:
		}
		switch text := strings.TrimSpace(line.text); {
		case line.err == io.EOF || text == "/quit":
			return nil
		case line.err != nil:
			return line.err
		case text == "":
			continue
		case text == "/reset":
			if err := c.s.Rewind(0); err != nil {
				return err
			}
		default:
			err := c.answer(ctx, text)
			if err != nil && people && isFull(err) {
				c.note("%v; /reset begins anew", err)
				continue
			}
			if err != nil {
				return err
			}
		}
	}
}

// isFull reports whether an error is for the user to decide about.
func isFull(err error) bool {
	return errors.Is(err, cria.ErrContextFull) || errors.Is(err, cria.ErrPromptTooLong)
}

// answer generates and writes the answer to a message.
func (c *conversation) answer(ctx context.Context, message string) error {
	prompt, err := c.prompt(message)
	if err != nil {
		return err
	}
	c.log.Debug("prompt", "tokens", prompt)
	c.answers++
	isFirst := true
	for tok, err := range c.s.GenerateIDs(ctx, prompt) {
		if err != nil {
			if !isFirst {
				err = errors.Join(err, c.print("\n"))
			}
			return err
		}
		c.log.Log(ctx, levelTrace, "token", "id", tok.ID, "text", tok.Text, "position", c.s.Len()-1)
		text := tok.Text
		if isFirst {
			text = strings.TrimPrefix(text, " ") // which separates the answer from [/INST]
		}
		isFirst = isFirst && tok.Text == ""
		if err := c.print(text); err != nil {
			return err
		}
	}
	return c.print("\n")
}

func (c *conversation) print(text string) error {
	_, err := io.WriteString(c.stdout, text)
	return err
}

// prompt returns the tokens of a message and of what goes before it. The last
// answer ends with EOS, whether the model said so or was cut short.
func (c *conversation) prompt(message string) ([]int32, error) {
	var before []int32
	isFirst := c.s.Len() == 0
	if !isFirst {
		eos, err := c.m.EOS()
		if err != nil {
			return nil, err
		}
		if c.s.Stats().Reason == cria.StopEnd {
			if err := c.s.Rewind(c.s.Len() - 1); err != nil { // the model's own EOS, or BOS
				return nil, err
			}
		}
		before = []int32{eos}
	}
	ids, err := c.m.Encode(instruction(c.system, message, isFirst))
	return append(before, ids...), err
}

// instruction returns a message in Llama 2's form; the system prompt is part of the first.
func instruction(system, message string, isFirst bool) string {
	if isFirst && system != "" {
		message = "<<SYS>>\n" + system + "\n<</SYS>>\n\n" + message
	}
	return "[INST] " + message + " [/INST]"
}
