package jinja_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cria/internal/jinja"
)

var vars = jinja.Map{
	{"name", "Mia"}, {"n", 7}, {"nothing", nil}, {"yes", true},
	{"list", []any{1, 2, 3}}, {"words", []any{"b", "A", "c"}},
	{"map", jinja.Map{{"b", 1}, {"a", "x"}}},
	{"people", []any{jinja.Map{{"name", "Tom"}, {"age", 9}}, jinja.Map{{"name", "Ben"}}}},
	{"said", jinja.User("  <|end|> hi\n")},
}

func render(t testing.TB, source string) (string, error) {
	t.Helper()
	tmpl, err := jinja.Parse(source)
	if err != nil {
		return "", err
	}
	parts, err := tmpl.Render(vars, jinja.Options{Now: time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)})
	return jinja.Text(parts), err
}

// TestRender: what Jinja2 3.1.6 gives with the settings of transformers.
func TestRender(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a {{ name }} b\n", "a Mia b"},
		{"{{ 'it''s' }}{{ \"\\\"\\n\\x41\\u00e9\" }}", "its\"\nAé"},
		{"{{ 1 + 2 * 3 ** 2 - 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 7 / 2 }} {{ 2.5 }} {{ 1.0 }}",
			"16 -4 2 3.5 2.5 1.0"},
		{"{{ 'a' ~ 1 ~ none ~ true }}{{ 'ab' * 2 }}{{ [1] + [2] }}", "a1NoneTrueabab[1, 2]"},
		{"{{ 1 < 2 < 3 }} {{ 3 > 2 > 2 }} {{ 'a' in 'cat' }} {{ 4 not in list }} {{ 'b' in map }}",
			"True False True True True"},
		{"{{ not missing }} {{ missing or 'x' }} {{ yes and 'y' }} {{ 'a' if n > 9 else 'b' }}", "True x y b"},
		{"{{ missing }}|{{ map.missing }}|{{ map['a'] }}|{{ map.get('z', 'd') }}|{{ map.b }}", "||x|d|1"},
		{"{{ list[0] }}{{ list[-1] }}{{ list[1:] }}{{ list[::-1] }}{{ name[1:] }}{{ name[:2] }}{{ name[-1] }}",
			"13[2, 3][3, 2, 1]iaMia"},
		{"{% for x in list %}{{ loop.index }}/{{ loop.length }}{{ ',' if not loop.last }}{% endfor %}",
			"1/3,2/3,3/3"},
		{"{% for x in list if x != 2 %}{{ loop.index0 }}{{ x }} {% else %}no{% endfor %}", "01 13 "},
		{"{% for x in [] %}x{% else %}empty{% endfor %}", "empty"},
		{"{% for k, v in map.items() %}{{ k }}={{ v }};{% endfor %}", "b=1;a=x;"},
		{"{% for x in list %}{% if x == 2 %}{% continue %}{% endif %}{% if x" +
			" == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}",
			"1"},
		{"{% set x = 1 %}{% for y in list %}{% set x = y %}{% endfor %}{{ x }}", "1"},
		{"{% set ns = namespace(x=1) %}{% for y in list %}{% set ns.x = ns.x + y %}{% endfor %}{{ ns.x }}",
			"7"},
		{"{% set a, b = 1, 2 %}{{ a }}{{ b }}{% set c %}<{{ a }}>{% endset %}{{ c | upper }}", "12<1>"},
		{"{% macro m(a, b='z') %}[{{ a }}{{ b }}]{% endmacro %}{{ m(1) }}{{ m(1, b=2) }}", "[1z][12]"},
		{"{% if n == 1 %}a{% elif n == 7 %}b{% else %}c{% endif %}", "b"},
		{"{{ words | sort | join(',') }} {{ words | first }} {{ words | last" +
			" }} {{ words | length }} {{ 'abc' | length }}",
			"A,b,c b c 3 3"},
		{"{{ people | map(attribute='name') | join('+') }} {{ people | selectattr('age'," +
			" 'defined') | list | length }}",
			"Tom+Ben 1"},
		{"{{ list | select('odd') | list }} {{ list | reject('equalto', 2) |" +
			" list }} {{ words | map('upper') | list }}",
			"[1, 3] [1, 3] ['B', 'A', 'C']"},
		{"{{ map | tojson }} {{ [1.5, none, 'é<'] | tojson }} {{ {} | tojson }}",
			`{"b": 1, "a": "x"} [1.5, null, "é<"] {}`},
		{"{{ map | tojson(indent=2) }}", "{\n  \"b\": 1,\n  \"a\": \"x\"\n}"},
		{"{{ (map | dictsort)[0][1] }} {{ (map | items | list)[0][1] }}", "x 1"},
		{"{{ ' a ' | trim }}{{ ' a '.strip() }}{{ 'xxaxx'.strip('x') }}{{ 'a,b,c'.split(',')[-1]" +
			" }}{{ 'a b'.split() }}",
			"aaac['a', 'b']"},
		{"{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith(('x', 'c')) }} {{ 'aXa'.replace('X'," +
			" '-') }} {{ 'hello wORLD' | title }}",
			"True True a-a Hello World"},
		{"{{ missing | default('d') }}{{ '' | default('e', true) }}{{ '7' | int + 1 }}", "de8"},
		{"{{ name is string }} {{ n is not none }} {{ nothing is none }} {{ map" +
			" is mapping }} {{ missing is defined }} {{ n is odd }} {{ n is divisibleby 7 }}",
			"True True True True False True True"},
		{"{{ strftime_now('%d %b %Y %%') }}", "03 Feb 2026 %"},
		{"{{ range(3) | list }}{{ range(5, 1, -2) | list }}", "[0, 1, 2][5, 3]"},
		{"{{ {0: 'a', 'k': 2}[0] }}{{ (1, 2)[1] }}{{ people.0.name }}", "a2Tom"},
		// White space: blocks take the newline behind them and blanks before them, expressions do not.
		{"a\n  {% if yes %}\nb\n  {% endif %}\n c {{ n }}\n", "a\nb\n c 7"},
		{"a \n {%- if yes -%} \n b {%- endif %} c", "ab c"},
		{"a\n  {%+ if yes +%}\nb{% endif %}", "a\n  \nb"},
		{"a {# x {{ y }} #} b\n  {#- z -#}\n c", "a  bc"},
		{"{% generation %}x{% endgeneration %}", "x"},
	} {
		got, err := render(t, c.source)
		if err != nil || got != c.want {
			t.Errorf("%q: %q (error %v), want %q", c.source, got, err, c.want)
		}
	}
}

// TestErrors: what cannot be run is an error that says where.
func TestErrors(t *testing.T) {
	for _, c := range []struct{ source, want string }{
		{"a\n{{ 1 +", `line 2: "{{" has no "}}"`},
		{"{{ 'a }}", "line 1: a string has no end"},
		{"{# a", "a comment has no end"},
		{"{% if x %}", "endif"},
		{"{% endif %}", "without a beginning"},
		{"{% include 'x' %}", `there is no tag "include"`},
		{"{% break %}", "break outside of a loop"},
		{"\n{{ f(1) }}", "line 2: f is not defined, and is called"},
		{"{{ missing.x }}", "missing is not defined, and asked for x"},
		{"{{ 1 + 'a' }}", "an integer + a string"},
		{"{{ 1 | frobnicate }}", `there is no filter "frobnicate"`},
		{"{{ 1 is frob }}", `there is no test "frob"`},
		{"{{ raise_exception('roles must alternate') }}", "the template says: roles must alternate"},
		{"{{ 1 // 0 }}", "a division by 0"},
		{"{% for x in 7 %}{% endfor %}", "a loop over an integer"},
		{"{% set list.x = 1 %}", "list is no namespace"},
		{"{{ name.format(1) }}", "is called"},
		{"{{ list.append(1) }}", "is called"},
		{"{{ 'a\\U99999999' }}", "no character"},
	} {
		if got, err := render(t, c.source); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %q, error %v, want %q", c.source, got, err, c.want)
		}
	}
}

// TestHostile: templates that would hang, fill the memory or overflow the stack.
func TestHostile(t *testing.T) {
	wide := "{% set n = namespace(x=[]) %}{% for i in range(99) %}{% set n.x = [n.x, n.x] %}{% endfor %}"
	twice := func(s string) string { return strings.Repeat(s, 60) }
	for name, source := range map[string]string{
		"recursion":   "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
		"two of them": "{% macro f(g) %}{{ g(f) }}{% endmacro %}{% macro h(g) %}{{ g(h) }}{% endmacro %}{{ f(h) }}",
		"range":       "{% for i in range(100000000) %}{% endfor %}",
		"ranges":      twice("{% for x in range(9) %}") + twice("{% endfor %}"),
		"repetition":  "{{ 'a' * 100000000000 }}",
		"doubling": "{% set n = namespace(x='ab') %}" +
			"{% for i in range(99) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
		"lists": "{% set n = namespace(x=[1]) %}" +
			"{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
		"nested lists": "{% set n = namespace(x=[]) %}" +
			"{% for i in range(9999) %}{% set n.x = [n.x] %}{% endfor %}{{ n.x }}",
		"wide lists":    wide + "{{ n.x }}",
		"wide JSON":     wide + "{{ n.x | tojson }}",
		"wide equality": wide + "{{ n.x == n.x }}",
		"replacing": "{% set n = namespace(x='aaaa') %}" +
			"{% for i in range(99) %}{% set n.x = n.x.replace('a', n.x) %}{% endfor %}",
		"joining": "{% set n = namespace(x='aaaa') %}" +
			"{% for i in range(99) %}{% set n.x = n.x | join(n.x) %}{% endfor %}",
		"indenting":   "{{ 'a\nb' | indent(100000000) }}",
		"JSON":        "{{ [1] | tojson(indent=100000000) }}",
		"strip":       "{{ ('b' * 1000000).strip('a' * 1000000 ~ 'b') }}",
		"searching":   "{% set s = 'a' * 1000000 %}{% for i in range(1000000) %}{{ 'b' in s }}{% endfor %}",
		"output":      "{% set s = 'a' * 1000000 %}{% for i in range(1000000) %}{{ s }}{% endfor %}",
		"parentheses": "{{ " + strings.Repeat("(", 10000) + "1" + strings.Repeat(")", 10000) + " }}",
		"not":         "{{ " + strings.Repeat("not ", 10000) + "1 }}",
		"minus":       "{{ " + strings.Repeat("-", 10000) + "1 }}",
		"ifs":         strings.Repeat("{% if 1 %}", 10000),
		"else":        "{{ " + strings.Repeat("1 if 1 else ", 10000) + "1 }}",
		"sums":        "{{ 1" + strings.Repeat("+1", 50000) + " }}",
		"dots":        "{{ map" + strings.Repeat(".a", 50000) + " }}",
		"filters":     "{{ 1" + strings.Repeat("|abs", 30000) + " }}",
		"size":        strings.Repeat("a", jinja.SourceMax+1),
	} {
		if _, err := render(t, source); !errors.Is(err, jinja.ErrLimit) {
			t.Errorf("%s: error %v, want one about a limit", name, err)
		}
	}
}

// TestUser: what a user wrote is known as theirs wherever it goes.
func TestUser(t *testing.T) {
	user := func(s string) jinja.Part { return jinja.Part{Text: s, User: true} }
	own := func(s string) jinja.Part { return jinja.Part{Text: s} }
	for _, c := range []struct {
		source string
		want   []jinja.Part
	}{
		{"a{{ said }}b", []jinja.Part{own("a"), user("  <|end|> hi\n"), own("b")}},
		{"{{ '<' + said | trim + '>' }}", []jinja.Part{own("<"), user("<|end|> hi"), own(">")}},
		{"{{ said.split('|')[1] }}{{ said.strip()[3:5] }}", []jinja.Part{user("end" + "nd")}},
		{"{{ said.replace('end', 'END') }}", []jinja.Part{user("  <|"), own("END"), user("|> hi\n")}},
		{"{{ said | upper | trim }}", []jinja.Part{user("<|END|> HI")}},
		{"{{ [said.strip()] | tojson }}", []jinja.Part{own("["), user(`"<|end|> hi"`), own("]")}},
		{"{{ [said.strip()] }}", []jinja.Part{own("["), user(`'<|end|> hi'`), own("]")}},
		{"{% set x %}({{ said.strip() }}){% endset %}{{ x[1:2] ~ x[0] }}", []jinja.Part{user("<"), own("(")}},
		{"{% for c in said.strip() %}{{ c if c == 'e' }}{% endfor %}", []jinja.Part{user("e")}},
		{"{{ said.split() | join('-') }}", []jinja.Part{user("<|end|>"), own("-"), user("hi")}},
	} {
		tmpl, err := jinja.Parse(c.source)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tmpl.Render(vars, jinja.Options{})
		if err != nil {
			t.Errorf("%q: %v", c.source, err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: %s", c.source, d)
		}
	}
}

// FuzzRender: no template panics, hangs or writes more than it may.
func FuzzRender(f *testing.F) {
	for _, s := range []string{
		"{% for m in people %}{{ m.name | upper }}{{ loop.index }}{% endfor %}",
		"{{ said[1:] ~ {1: 2} | tojson }}",
		"{% macro f(a, b=1) %}{{ a * b }}{% endmacro %}{{ f('x', 3) }}",
		"{% set ns = namespace(a=1) %}{% set ns.a = [ns.a] %}",
		"{%- if n is divisibleby 7 -%}{{ words | sort(attribute='x') }}{% else %}{% endif %}",
		"{{ list[::-1] | map('abs') | list }}",
		"{{ 'a,b'.rsplit(',', 1) }}{{ 'é' | indent(2, true) }}{{ -7 // 2 ** -1 }}",
		"{# c #}{{ range(3) | select('odd') | join(said) }}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		if got, err := render(t, source); err == nil && len(got) > jinja.WorkMax {
			t.Errorf("%d bytes", len(got))
		}
	})
}
