package lint

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// strangers are words that speak of one machine, or of how the work was
// organised, where a text should speak of the project.
var strangers = []struct{ pattern, why string }{
	{`(^|[\s"'(=:\x60])/(home|root|tmp|Users|work|farm)/\w`,
		"a path of somebody's machine"},
	{`(^|[^./])\.\./\.[a-z]`,
		"a hidden folder outside the repository"},
	{`goproxy|gosumdb|proxy\.golang\.org|sum\.golang\.org|registry\.npmjs|deb\.debian\.org|pypi\.org`,
		"a package registry's host: name the package"},
	{`(^|[^-\w])(sub-?)?agents?\b`,
		"say what the program does, or who may do it"},
	{`session's end|end of my session|\b(an earlier|a later|my last|my next) session\b|\bworkplace\b`,
		"a session is a conversation with a model"},
}

func checkWords(t *tree) []string {
	patterns := make([]*regexp.Regexp, len(strangers))
	for i, s := range strangers {
		patterns[i] = regexp.MustCompile("(?i)" + s.pattern)
	}
	var bad []string
	for name, text := range t.text {
		if name == "internal/lint/words_test.go" {
			continue
		}
		for i, line := range strings.Split(text, "\n") {
			for j, p := range patterns {
				if found := p.FindString(line); found != "" {
					bad = append(bad, fmt.Sprintf("%s:%d: %q: %s", name, i+1, strings.TrimSpace(found), strangers[j].why))
				}
			}
		}
	}
	return bad
}

func TestWords(t *testing.T) {
	run(t, checkWords,
		plant{map[string]string{
			"README.md": "Run /tmp/cria.\nDone in a later session by an Agent.\n",
			"Makefile":  "x: ; cp ../.cache/a .\n\nGOPROXY=off\n",
			"good.go": "// Close ends this session; the next session reuses its pages, whatever the user-agent.\n" +
				"// See ../../.ci/run and ../shared/data, and a/work/b.\npackage p\n",
			"zero.bin": "/tmp/x\x00",
		}, []string{
			`Makefile:1: "../.c": a hidden folder outside the repository`,
			`Makefile:3: "GOPROXY": a package registry's host: name the package`,
			`README.md:1: "/tmp/c": a path of somebody's machine`,
			`README.md:2: "Agent": say what the program does, or who may do it`,
			`README.md:2: "a later session": a session is a conversation with a model`,
		}})
}
