package main

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cria/internal/fixture"
)

// talker returns a folder with stories260K and a chat template.
func talker(t *testing.T, template string) string {
	t.Helper()
	dir := fixture.StoriesHF(t)
	write(t, filepath.Join(dir, "chat_template.jinja"), []byte(template))
	return dir
}

const chatTemplate = "{{ bos_token }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n" +
	"{% elif m.role == 'user' %}Q: {{ m.content }}\nA:{% else %} {{ m.content | trim }}\n{% endif %}{% endfor %}"

// The template writes the prompts, and what the session has read of them is not read again.
func TestChatTemplate(t *testing.T) {
	dir := talker(t, chatTemplate)
	args := []string{"chat", dir, "--temp", "0", "-n", "8", "--system", "Be kind.", "--show-prompt", "-vv"}
	r := succeed(t, "Hi\nAnd you?\n", args...)
	lines := strings.Split(strings.TrimSuffix(r.stdout, "\n"), "\n")
	first := strings.TrimSpace(lines[0])
	for _, want := range []string{
		`prompt: "<s>Be kind.\nQ: Hi\nA:"`,
		`prompt: "<s>Be kind.\nQ: Hi\nA: ` + first + `\nQ: And you?\nA:"`,
	} {
		if !strings.Contains(r.stderr, want) {
			t.Errorf("stderr %q, want %s in it", r.stderr, want)
		}
	}
	kept := regexp.MustCompile(`msg=chat tokens=(\d+) kept=(\d+)`).FindAllStringSubmatch(r.stderr, -1)
	if len(kept) != 2 || kept[0][2] != "0" || len(kept[1][2]) < 2 {
		t.Errorf("kept %q, want nothing and then the first prompt", kept)
	}
	again := succeed(t, "Who?\n/reset\nHi\nAnd you?\n", args...)
	if !strings.HasSuffix(again.stdout, r.stdout) {
		t.Errorf("after /reset %q, want %q", again.stdout, r.stdout)
	}
}

func TestChatTemplateErrors(t *testing.T) {
	for template, want := range map[string]string{
		"":           "--chat-template-file",
		"{% if x %}": "endif",
		"{{ raise_exception('roles must alternate') }}": "roles must alternate",
		"{{ messages[5].role }}":                        "not defined",
		"{# nothing #}":                                 "writes nothing",
		"{% for a in range(9999999) %}{% endfor %}":     "limit",
	} {
		r := execute("Hi\n", "chat", talker(t, template), "--temp", "0")
		if r.code != 1 || r.stdout != "" || !strings.Contains(r.stderr, want) {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q, want %q", template, r.code, r.stdout, r.stderr, want)
		}
	}
}

// A template that the user gives goes before the model's own, and before Llama 2's form.
func TestChatTemplateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.jinja")
	write(t, file, []byte("{{ bos_token }}{{ bos_token }}Q: {{ messages[0].content }}"))
	for _, model := range []string{
		talker(t, chatTemplate), fixture.Path(t, "models", "stories260K.gguf"), tinyWith(t, 256),
	} {
		r := succeed(t, "Hi\n", "chat", model, "--chat-template-file", file, "--temp", "0", "-n", "2", "--show-prompt")
		for _, want := range []string{`prompt: "<s><s>Q: Hi"`, "begins with two tokens BOS (1)"} {
			if !strings.Contains(r.stderr, want) {
				t.Errorf("%s: stderr %q, want %s in it", model, r.stderr, want)
			}
		}
	}
	write(t, file, nil)
	r := execute("Hi\n", "chat", tiny(t), "--chat-template-file", file)
	if r.code != 1 || !strings.Contains(r.stderr, "empty") {
		t.Errorf("an empty template: exit code %d, stderr %q", r.code, r.stderr)
	}
}

// Llama 2's form is shown too.
func TestChatShowPrompt(t *testing.T) {
	r := succeed(t, "Hi\n", "chat", tinyWith(t, 256), "--temp", "0", "-n", "2", "--show-prompt")
	if !strings.Contains(r.stderr, `prompt: "[INST] Hi [/INST]"`) {
		t.Errorf("stderr %q", r.stderr)
	}
}

// In prompts, names of control tokens are text unless --special says otherwise; two BOS are worth a word.
func TestSpecial(t *testing.T) {
	model := fixture.StoriesHF(t)
	const twice = "two tokens BOS"
	for _, c := range []struct {
		args  []string
		bos   int
		warns bool
	}{
		{[]string{"run", model, "<s>Once", "-n", "1", "-vv"}, 1, false},
		{[]string{"run", model, "<s>Once", "-n", "1", "-vv", "--special"}, 1, false},
		{[]string{"run", model, "<s><s>Once", "-n", "1", "-vv", "--special"}, 2, true},
		{[]string{"tokenize", model, "<s>Once"}, 1, false},
		{[]string{"tokenize", model, "<s>Once", "--special"}, 1, false},
		{[]string{"tokenize", model, "<s>Once", "--special", "--bos"}, 2, true},
	} {
		r := succeed(t, "", c.args...)
		n := len(regexp.MustCompile(`(?m)^1\t`).FindAllString(r.stdout, -1))
		if list := regexp.MustCompile(`msg=prompt tokens="\[([^]]*)\]"`).FindStringSubmatch(r.stderr); list != nil {
			n = len(regexp.MustCompile(`\b1\b`).FindAllString(list[1], -1))
		}
		if n != c.bos || strings.Contains(r.stderr, twice) != c.warns {
			t.Errorf("%q: %d BOS, want %d; stdout %q, stderr %q", c.args, n, c.bos, r.stdout, r.stderr)
		}
	}
}
