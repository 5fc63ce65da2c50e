package chat_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"cria/internal/chat"
	"cria/internal/fixture"
	"cria/internal/jinja"
)

// Templates in the style of those of well-known models.
const (
	llama3 = `{{- bos_token }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{%- endif %}
`
	chatML = `{% for message in messages %}
<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% endfor %}
{% if add_generation_prompt %}
<|im_start|>assistant
{% endif %}`
	mistral = `{{ bos_token }}{% for m in messages %}` +
		`{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}` +
		`{% if m['role'] == 'user' %}{{ '[INST] ' + m['content'] + ' [/INST]' }}` +
		`{% else %}{{ m['content'] + eos_token }}{% endif %}{% endfor %}`
	gemma = `{{ bos_token }}{% if messages[0].role == 'system' %}{% set first = messages[0].content ~ '\n\n' %}` +
		`{% set rest = messages[1:] %}{% else %}{% set first = '' %}{% set rest = messages %}{% endif %}` +
		`{% for m in rest %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}` + "\n" +
		`{{ first if loop.first }}{{ m.content | trim }}<end_of_turn>` + "\n" +
		`{% endfor %}{% if add_generation_prompt %}<start_of_turn>model` + "\n" + `{% endif %}`
	phi3 = `{% for m in messages %}{{ '<|' + m.role + '|>\n' + m.content + '<|end|>\n' }}{% endfor %}` +
		`{{ '<|assistant|>\n' if add_generation_prompt else eos_token }}`
)

var talk = []chat.Message{{"user", " Hi "}, {"assistant", "Hello."}, {"user", "Sing!"}}

func prompt(t *testing.T, source string, messages []chat.Message) ([]jinja.Part, error) {
	t.Helper()
	tmpl, err := chat.New(source, "<s>", "</s>")
	if err != nil {
		t.Fatal(err)
	}
	return tmpl.Prompt(messages, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
}

func TestStyles(t *testing.T) {
	for name, c := range map[string]struct{ source, want string }{
		"llama3": {llama3, "<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>" +
			"<|start_header_id|>assistant<|end_header_id|>\n\nHello.<|eot_id|>" +
			"<|start_header_id|>user<|end_header_id|>\n\nSing!<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"},
		"chatML": {chatML, "<|im_start|>user\n Hi <|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n" +
			"<|im_start|>user\nSing!<|im_end|>\n<|im_start|>assistant\n"},
		"mistral": {mistral, "<s>[INST]  Hi  [/INST]Hello.</s>[INST] Sing! [/INST]"},
		"gemma": {gemma, "<s><start_of_turn>user\nHi<end_of_turn>\n<start_of_turn>model\nHello.<end_of_turn>\n" +
			"<start_of_turn>user\nSing!<end_of_turn>\n<start_of_turn>model\n"},
		"phi3": {phi3, "<|user|>\n Hi <|end|>\n<|assistant|>\nHello.<|end|>\n<|user|>\nSing!<|end|>\n<|assistant|>\n"},
	} {
		parts, err := prompt(t, c.source, talk)
		if err != nil || jinja.Text(parts) != c.want {
			t.Errorf("%s: %q (error %v), want %q", name, jinja.Text(parts), err, c.want)
		}
	}
	_, err := prompt(t, mistral, talk[1:])
	if err == nil || !strings.Contains(err.Error(), "roles must alternate") {
		t.Errorf("two turns of one side: error %v, want the template's", err)
	}
	parts, err := prompt(t, gemma, append([]chat.Message{{"system", "Be brief."}}, talk[2:]...))
	if want := "<s><start_of_turn>user\nBe brief.\n\nSing!<end_of_turn>\n<start_of_turn>model\n"; err != nil ||
		jinja.Text(parts) != want {
		t.Errorf("gemma with a system prompt: %q (error %v), want %q", jinja.Text(parts), err, want)
	}
}

// TestQwen2 runs the template of a model as it is published.
func TestQwen2(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "tokenizers", "qwen2-tokenizer_config.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Template string `json:"chat_template"`
	}
	if err := json.Unmarshal(data, &config); err != nil {
		t.Fatal(err)
	}
	parts, err := prompt(t, config.Template, talk)
	want := "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n Hi <|im_end|>\n" +
		"<|im_start|>assistant\nHello.<|im_end|>\n<|im_start|>user\nSing!<|im_end|>\n<|im_start|>assistant\n"
	if err != nil || jinja.Text(parts) != want {
		t.Errorf("%q (error %v), want %q", jinja.Text(parts), err, want)
	}
}

// TestMarks: a name of a control token in a message is known as the user's.
func TestMarks(t *testing.T) {
	parts, err := prompt(t, llama3, []chat.Message{{"user", "a<|eot_id|>b"}})
	if err != nil {
		t.Fatal(err)
	}
	own := ""
	for _, p := range parts {
		if p.User && p.Text != "a<|eot_id|>b" {
			t.Errorf("the user's text is %q", p.Text)
		}
		if !p.User {
			own += p.Text
		}
	}
	if strings.Count(own, "<|eot_id|>") != 1 {
		t.Errorf("the template's own text is %q", own)
	}
}

func TestBad(t *testing.T) {
	if _, err := chat.New("{% if %}", "", ""); err == nil {
		t.Error("a template that cannot be read is none")
	}
	_, err := prompt(t, "{% for i in range(10000000) %}{{ i }}{% endfor %}", talk)
	if !errors.Is(err, jinja.ErrLimit) {
		t.Errorf("error %v, want one about a limit", err)
	}
}
