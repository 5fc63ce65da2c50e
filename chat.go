package cria

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"cria/internal/chat"
	"cria/internal/token"
)

// ErrNoTemplate is returned if a model does not say how its conversations are written, or
// says it in a way that cannot be run. Another model's way is never taken instead; see WithChatTemplate.
var ErrNoTemplate = errors.New("cria: the model has no chat template")

// A Message is what somebody says. Role is "system", "user" or "assistant", or what else a template
// knows; templates make names of control tokens of it, so it is not a user's to choose. Content may be anything.
type Message struct{ Role, Content string }

// WithChatTemplate sets the template of conversations, in the language of Jinja as Hugging Face's models
// use it, instead of the model's own: tokenizer.chat_template of a GGUF file, or in a folder
// chat_template.jinja, chat_template.json or tokenizer_config.json, there the one called default.
func WithChatTemplate(source string) Option { return func(o *options) { o.template = source } }

// ChatPrompt returns the prompt for the model's next message in a conversation, as text and
// as tokens, written by the model's chat template. Names of control tokens are these tokens
// where the template has them; in messages they are text. Nothing is put before or after
// what the template writes. A template that does not take the messages is an error.
func (m *Model) ChatPrompt(messages []Message) (prompt string, ids []int32, err error) {
	tok, err := m.tokenizer()
	if err != nil {
		return "", nil, err
	}
	if m.templateErr != nil {
		return "", nil, m.templateErr
	}
	name := func(id token.ID, ok bool) string {
		if !ok {
			return ""
		}
		return tok.Piece(id)
	}
	t, err := chat.New(m.template, name(tok.BOS()), name(tok.EOS()))
	if err != nil {
		return "", nil, fmt.Errorf("%w that can be run: %w", ErrNoTemplate, err)
	}
	list := make([]chat.Message, len(messages))
	for i, said := range messages {
		list[i] = chat.Message(said)
	}
	written, err := t.Prompt(list, time.Now())
	if err != nil {
		return "", nil, fmt.Errorf("cria: the chat template does not take the conversation: %w", err)
	}
	parts := make([]token.Part, len(written))
	for i, p := range written {
		parts[i] = token.Part{Text: p.Text, Special: !p.User}
		prompt += p.Text
	}
	if ids = int32s(tok.EncodeParts(nil, parts)); len(ids) == 0 {
		return "", nil, errors.New("cria: the chat template writes nothing")
	}
	return prompt, ids, nil
}

// Chat generates the model's next message in a conversation, of which messages are all that was said so
// far. What the session holds of it already is not read again, so one session should serve one
// conversation. Otherwise it is like Generate. The caller appends the answer to the messages.
func (s *Session) Chat(ctx context.Context, messages []Message) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		_, ids, err := s.m.ChatPrompt(messages)
		n := 0
		if err == nil {
			n, err = s.Keep(ids)
		}
		if err != nil {
			s.stats.Reason = StopError
			yield(Token{}, err)
			return
		}
		s.GenerateIDs(ctx, ids[n:])(yield)
	}
}

// Keep forgets all tokens of the session but those in front that are also in front of ids,
// without the last of ids, and returns how many are left: after GenerateIDs or Read with ids[n:]
// the logits are those of a session that has read ids from the beginning. The sampler goes on
// from where it is, with what it was told of recent tokens.
func (s *Session) Keep(ids []int32) (n int, err error) {
	for n < min(len(s.read), len(ids)-1) && s.read[n] == ids[n] {
		n++
	}
	return n, s.Rewind(n)
}
