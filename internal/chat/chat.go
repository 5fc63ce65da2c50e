// Package chat turns a conversation into a prompt, by the template that comes with a model.
package chat

import (
	"time"

	"cria/internal/jinja"
)

// A Message is what somebody says: the role is "system", "user" or "assistant". Templates may make
// names of control tokens of it, so it is not a user's to choose.
type Message struct{ Role, Content string }

// A Template writes the prompts of one model.
type Template struct {
	source   *jinja.Template
	bos, eos string
}

// New reads a template. bos and eos are the names of the tokens that begin and end a sequence, "" for none.
func New(source, bos, eos string) (*Template, error) {
	t, err := jinja.Parse(source)
	if err != nil {
		return nil, err
	}
	return &Template{t, bos, eos}, nil
}

// Prompt returns the prompt for the model's next message. What stands in messages is marked as a
// user's, whoever said it: names of control tokens in it are text.
func (t *Template) Prompt(messages []Message, now time.Time) ([]jinja.Part, error) {
	list := make([]any, len(messages))
	for i, m := range messages {
		list[i] = jinja.Map{{Key: "role", Value: m.Role}, {Key: "content", Value: jinja.User(m.Content)}}
	}
	vars := jinja.Map{
		{Key: "messages", Value: list}, {Key: "add_generation_prompt", Value: true},
		{Key: "bos_token", Value: t.bos}, {Key: "eos_token", Value: t.eos},
		{Key: "tools", Value: nil}, {Key: "documents", Value: nil}, // none, as transformers says it
	}
	return t.source.Render(vars, jinja.Options{Now: now})
}
