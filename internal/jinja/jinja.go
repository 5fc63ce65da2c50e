// Package jinja runs the chat templates of language models: the part of Jinja
// (jinja.palletsprojects.com, 3.1) that they use, with the settings of Hugging Face's transformers:
// trim_blocks, lstrip_blocks, loop controls, and nothing that changes a value but namespaces.
//
// Templates come with models, so nobody has checked them. A template can read
// what it is given and nothing else, and the limits below bound its time and memory:
// all work on strings and lists is paid for in bytes, and all else in steps.
//
// Text that users wrote is marked (see User), and the marks stay with it through
// every operation, so that the result tells which bytes are theirs.
package jinja

import (
	"errors"
	"fmt"
	"time"
)

// Limits of a template. Those of well-known models have at most 20 kB, take less than
// 10000 steps for a conversation of ten messages, and nest less than 20 deep.
const (
	SourceMax = 256 << 10 // bytes of a template
	StepsMax  = 1 << 20   // nodes that are evaluated
	WorkMax   = 32 << 20  // bytes that are read or written, for all values together
	DepthMax  = 200       // nodes, values or macros within each other
)

// ErrLimit is what goes wrong if a template asks for more than a limit.
var ErrLimit = errors.New("a limit is exceeded")

// A Template is a template that has been read. It may be shared.
type Template struct{ body []stmt }

// Options are what templates ask their surroundings for.
type Options struct {
	Now time.Time // strftime_now
}

// fault carries an error from where it is found to Parse or Render.
type fault struct{ err error }

// fail ends parsing or rendering with an error.
func fail(format string, args ...any) { panic(fault{fmt.Errorf(format, args...)}) }

// catch turns a fault into an error; other panics go on.
func catch(err *error) {
	switch p := recover().(type) {
	case nil:
	case fault:
		*err = fmt.Errorf("jinja: %w", p.err)
	default:
		panic(p)
	}
}

// Parse reads a template.
func Parse(source string) (t *Template, err error) {
	defer catch(&err)
	if len(source) > SourceMax {
		fail("%w: the template has %d bytes, at most %d", ErrLimit, len(source), SourceMax)
	}
	p := &parser{tokens: lex(source)}
	t = &Template{body: p.block()}
	if p.tokens[p.at].kind != tokEnd {
		p.fail("%q without a beginning", p.tokens[p.at].text)
	}
	return t, nil
}

// Render runs a template with variables, whose values may be nil, bool, int, string, User,
// []any, Map, or these within each other.
func (t *Template) Render(vars Map, opt Options) (parts []Part, err error) {
	defer catch(&err)
	r := &run{opt: opt}
	r.global = &scope{vars: map[string]any{}}
	for name, f := range functions {
		r.global.vars[name] = f
	}
	for _, v := range vars {
		r.global.vars[v.Key] = r.fromGo(v.Value)
	}
	r.scope = r.global
	switch r.exec(t.body) {
	case flowBreak, flowContinue:
		fail("break or continue outside of a loop")
	}
	return r.out.parts(), nil
}

// User is text that a user wrote.
type User string

// A Map is a list of keys and values in their order.
type Map []Pair

// A Pair is an element of a Map.
type Pair struct {
	Key   string
	Value any
}

// A Part is a piece of a result. A user's is text all through; the rest is the template's own.
type Part struct {
	Text string
	User bool
}

// Text returns the whole result.
func Text(parts []Part) string {
	text := ""
	for _, p := range parts {
		text += p.Text
	}
	return text
}
