package load_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cria/internal/gguf"
	"cria/internal/load"
)

// Where the template of a Hugging Face directory comes from, if there are several places.
func TestChatTemplateHF(t *testing.T) {
	const jinja, old, config = "chat_template.jinja", "chat_template.json", "tokenizer_config.json"
	s := specNamed(t, "llama")
	for _, c := range []struct {
		files      map[string]string
		want, says string
	}{
		{nil, "", ""},
		{map[string]string{config: `{"bos_token":"<s>"}`}, "", ""},
		{map[string]string{config: `{"chat_template":"a"}`}, "a", ""},
		{map[string]string{config: `{"chat_template":"a"}`, old: `{"chat_template":"b"}`}, "b", ""},
		{map[string]string{config: `{"chat_template":"a"}`, old: `{"chat_template":"b"}`, jinja: "c\n"}, "c\n", ""},
		{map[string]string{
			config: `{"chat_template":[{"name":"tool_use","template":"a"},{"name":"default","template":"b"}]}`,
		}, "b", ""},
		{map[string]string{config: `{"chat_template":[{"name":"rag","template":"a"}]}`}, "", `is called "default"`},
		{map[string]string{config: `{"chat_template":7}`}, "", "chat_template: is 7"},
	} {
		dir := t.TempDir()
		writeHF(t, dir, s.configJSON(t), s.hfTensors(), 1)
		for name, text := range c.files {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		m, err := load.Open(load.Disk{}, dir)
		if err != nil {
			t.Fatal(err)
		}
		text, tried, err := m.ChatTemplate()
		if c.says != "" {
			wantError(t, err, "template", c.says, dir)
		} else if err != nil || text != c.want || !strings.Contains(tried, filepath.Join(dir, config)) {
			t.Errorf("%v: %q, %q (error %v), want %q", c.files, text, tried, err, c.want)
		}
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestChatTemplateGGUF(t *testing.T) {
	s := specNamed(t, "llama")
	for _, c := range []struct {
		value      any
		want, says string
	}{
		{nil, "", ""}, {"a", "a", ""}, {uint32(7), "", "tokenizer.chat_template"},
	} {
		kv := append(s.metadata(), gguf.KV{Key: "tokenizer.chat_template.tool_use", Value: "b"})
		if c.value != nil {
			kv = append(kv, gguf.KV{Key: "tokenizer.chat_template", Value: c.value})
		}
		m, err := openBytes(ggufBytes(t, kv, s.tensors()))
		if err != nil {
			t.Fatal(err)
		}
		text, tried, err := m.ChatTemplate()
		if c.says != "" {
			wantError(t, err, "template", c.says)
		} else if err != nil || text != c.want || tried != "tokenizer.chat_template in m" {
			t.Errorf("%v: %q, %q (error %v), want %q", c.value, text, tried, err, c.want)
		}
	}
}
