package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"cria"
)

// chatCmd talks to a model in the form that it was trained for: as its chat template says, or for a
// file of llama2.c, which can have none, in Llama 2's. There each turn is a sequence of its own,
// with the past before it (generation.py of Meta's llama):
//
//	BOS [INST] <<SYS>> system <</SYS>> user [/INST] answer EOS BOS [INST] user [/INST] ...
type chatCmd struct {
	Model            string `arg:"" name:"model" help:"A GGUF file, a folder of Hugging Face, hf:org/name[:file-or-quant], or a checkpoint of llama2.c that was trained for Llama 2's form of a chat."`
	System           string `placeholder:"TEXT" env:"CRIA_SYSTEM" help:"What the model is to know or be."`
	ChatTemplateFile string `placeholder:"FILE" help:"A template in the language of Jinja (default: the model's own)."`
	ShowPrompt       bool   `help:"Show the prompt of each turn, in quotes, on standard error."`

	samplingFlags `group:"Sampling"`
	modelFlags    `group:"Model"`
	statsFlags    `group:"Model"`
}

// Help is shown by --help.
func (*chatCmd) Help() string {
	return "Each line of standard input is a message. /reset begins a new conversation, /quit or the end of input " +
		"ends it. --predict counts for each answer. Names of control tokens in messages are text."
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
	template, err := c.template()
	if err != nil {
		return err
	}
	m, err := c.open(a, c.Model, log, cria.WithChatTemplate(template))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	llama2 := template == "" && m.Config().Format == "llama2.c"
	_, _, err = m.ChatPrompt([]cria.Message{{Role: "user", Content: "?"}})
	if errors.Is(err, cria.ErrNoTemplate) && !llama2 {
		return fmt.Errorf("%w; --chat-template-file gives another, and cria run needs none", err)
	}
	s, err := m.NewSession(opts...)
	if err != nil {
		return err
	}
	defer s.Close()

	c.announce(a, seed, isNew)
	talk := conversation{app: a, m: m, s: s, log: log, system: c.System, showPrompt: c.ShowPrompt, llama2: llama2}
	talk.reset()
	err = talk.run(ctx)
	_, statsErr := c.finish(a, s.Stats(), talk.answers, c.Model, c.threads())
	return errors.Join(err, statsErr, c.writeTrace(m))
}

// template returns the template that the user gives, "" for none.
func (c *chatCmd) template() (string, error) {
	if c.ChatTemplateFile == "" {
		return "", nil
	}
	data, err := os.ReadFile(c.ChatTemplateFile)
	if err == nil && len(data) == 0 {
		err = fmt.Errorf("%s is empty", c.ChatTemplateFile)
	}
	return string(data), err
}

// A conversation is what has been said, in a session.
type conversation struct {
	*app
	m          *cria.Model
	s          *cria.Session
	log        *slog.Logger
	system     string
	showPrompt bool
	llama2     bool // Llama 2's form

	said    []cria.Message
	answers int
}

// reset forgets what has been said.
func (c *conversation) reset() {
	c.said = nil
	if c.system != "" {
		c.said = []cria.Message{{Role: "system", Content: c.system}}
	}
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
			c.reset()
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

// answer generates and writes the answer to a message. If it fails, it is as if
// the message had not been there.
func (c *conversation) answer(ctx context.Context, message string) error {
	said := append(slices.Clip(c.said), cria.Message{Role: "user", Content: message})
	prompt, err := c.prompt(said)
	if err != nil {
		return err
	}
	c.log.Debug("prompt", "tokens", prompt)
	c.answers++
	var answer strings.Builder
	for tok, err := range c.s.GenerateIDs(ctx, prompt) {
		if err != nil {
			if answer.Len() > 0 {
				err = errors.Join(err, c.print("\n"))
			}
			return err
		}
		c.log.Log(ctx, levelTrace, "token", "id", tok.ID, "text", tok.Text, "position", c.s.Len()-1)
		text := tok.Text
		if answer.Len() == 0 {
			text = strings.TrimPrefix(text, " ") // which separates the answer from [/INST]
		}
		answer.WriteString(tok.Text)
		if err := c.print(text); err != nil {
			return err
		}
	}
	c.said = append(said, cria.Message{Role: "assistant", Content: answer.String()})
	return c.print("\n")
}

func (c *conversation) print(text string) error {
	_, err := io.WriteString(c.stdout, text)
	return err
}

// prompt returns the tokens that the session must read to give the next answer.
func (c *conversation) prompt(said []cria.Message) ([]int32, error) {
	if c.llama2 {
		return c.llama2Prompt(said[len(said)-1].Content)
	}
	text, ids, err := c.m.ChatPrompt(said)
	if err != nil {
		return nil, err
	}
	if c.showPrompt {
		c.note("prompt: %q", text)
	}
	if bos, err := c.m.BOS(); err == nil && c.s.Len() == 0 {
		warnOfBOS(c.app, bos, ids)
	}
	n, err := c.s.Keep(ids)
	c.log.Debug("chat", "tokens", len(ids), "kept", n)
	return ids[n:], err
}

// llama2Prompt returns the tokens of a message in Llama 2's form, and of what goes before it. The last
// answer ends with EOS, whether the model said so or was cut short.
func (c *conversation) llama2Prompt(message string) ([]int32, error) {
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
	text := instruction(c.system, message, isFirst)
	if c.showPrompt {
		c.note("prompt: %q", text)
	}
	ids, err := c.m.Encode(text)
	return append(before, ids...), err
}

// instruction returns a message in Llama 2's form; the system prompt is part of the first.
func instruction(system, message string, isFirst bool) string {
	if isFirst && system != "" {
		message = "<<SYS>>\n" + system + "\n<</SYS>>\n\n" + message
	}
	return "[INST] " + message + " [/INST]"
}
