package load

import (
	"errors"
	"fmt"
	"io/fs"

	"cria/internal/hf"
)

// ChatTemplate returns the chat template of a model, or "" if it has none, and where it was looked for:
// tokenizer.chat_template of a GGUF file; of a Hugging Face directory chat_template.jinja,
// chat_template.json, or what tokenizer_config.json has, of several the one called default.
func (m *Model) ChatTemplate() (text, tried string, err error) {
	switch {
	case m.gguf != nil:
		text, _, err = m.gguf.String("tokenizer.chat_template")
		return text, "tokenizer.chat_template in " + m.Path, m.named(err)
	case m.hf == nil:
		return "", "place for one in a file of llama2.c, as " + m.Path + " is", nil
	}
	tried = "chat_template in " + m.disk.in(m.Path, "tokenizer_config.json")
	data, err := m.disk.read(m.disk.in(m.Path, "chat_template.jinja"))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return string(data), tried, err
	}
	for _, file := range []string{"chat_template.json", "tokenizer_config.json"} {
		text, err = m.templateIn(m.disk.in(m.Path, file))
		if text != "" || err != nil {
			break
		}
	}
	return text, tried, err
}

// templateIn returns the chat template in a JSON file, or "" if there is none.
func (m *Model) templateIn(name string) (string, error) {
	data, err := m.disk.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	c, err := hf.ParseTokenizerConfig(name, data)
	if err != nil {
		return "", err
	}
	for _, t := range c.Templates {
		if t.Name == hf.DefaultTemplate {
			return t.Text, nil
		}
	}
	if len(c.Templates) > 0 {
		return "", fmt.Errorf("load: %s: none of its chat templates is called %q", name, hf.DefaultTemplate)
	}
	return "", nil
}
