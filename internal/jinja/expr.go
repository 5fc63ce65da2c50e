package jinja

import (
	"slices"
	"strconv"
)

// A parser turns tokens into nodes. Each method reads what it is named after.
type parser struct {
	tokens []tok
	at     int
	depth  int
	loops  int // around what is being read
}

func (p *parser) fail(format string, args ...any) {
	fail("line %d: "+format, append([]any{p.tokens[p.at].line}, args...)...)
}

// enter and leave surround what may hold itself.
func (p *parser) enter() {
	if p.depth++; p.depth > DepthMax {
		p.fail("%w: it nests deeper than %d", ErrLimit, DepthMax)
	}
}

func (p *parser) leave() { p.depth-- }

// peek reports whether the next token is an operator, or a keyword.
func (p *parser) peek(text string) bool {
	t := p.tokens[p.at]
	return (t.kind == tokOp || t.kind == tokName) && t.text == text
}

// take reads a token if it is an operator or keyword.
func (p *parser) take(text string) bool {
	if !p.peek(text) {
		return false
	}
	p.at++
	return true
}

func (p *parser) want(text string) {
	if !p.take(text) {
		p.fail("%q where %q belongs", p.tokens[p.at].text, text)
	}
}

// next reads a token of a kind.
func (p *parser) next(kind tokKind, what string) string {
	t := p.tokens[p.at]
	if t.kind != kind {
		p.fail("%q where %s belongs", t.text, what)
	}
	p.at++
	return t.text
}

func (p *parser) name() string { return p.next(tokName, "a name") }

// An expr is a node that has a value.
type expr interface{ eval(r *run) any }

type (
	literal  struct{ value any }
	variable struct{ name string }
	list     struct{ items []expr }
	dictExpr struct{ keys, values []expr }
	unary    struct {
		op string
		x  expr
	}
	binary struct {
		op   string
		x, y expr
		line int
	}
	compare struct { // x op y op z, as Python has it
		first expr
		ops   []string
		rest  []expr
	}
	ternary struct{ cond, yes, no expr }
	attr    struct { // x.name, or x[key]
		x, key expr
		isDot  bool
		line   int
	}
	slice struct{ x, from, to, step expr }
	call  struct {
		x    expr
		args args
		line int
	}
	filter struct {
		x    expr
		name string
		args args
		line int
	}
	test struct {
		x    expr
		name string
		args []expr
		line int
	}
)

// args are those of a call.
type args struct {
	list  []expr
	names []string
	named []expr
}

// expr reads x if cond else y.
func (p *parser) expr() expr {
	p.enter()
	defer p.leave()
	x := p.or()
	for p.take("if") {
		t := &ternary{yes: x, cond: p.or()}
		if p.take("else") {
			t.no = p.expr()
		}
		x = t
	}
	return x
}

func (p *parser) or() expr  { return p.left(p.and, "or") }
func (p *parser) and() expr { return p.left(p.not, "and") }
func (p *parser) sum() expr { return p.left(p.concat, "+", "-") }

func (p *parser) concat() expr  { return p.left(p.product, "~") }
func (p *parser) product() expr { return p.left(p.sign, "*", "/", "//", "%") }

// left reads x op y op z, as (x op y) op z.
func (p *parser) left(part func() expr, ops ...string) expr {
	x := part()
	for slices.ContainsFunc(ops, p.peek) {
		t := p.tokens[p.at]
		p.at++
		x = &binary{t.text, x, part(), t.line}
	}
	return x
}

func (p *parser) not() expr {
	p.enter()
	defer p.leave()
	if p.take("not") {
		return &unary{"not", p.not()}
	}
	return p.comparison()
}

func (p *parser) comparison() expr {
	c := &compare{first: p.sum()}
	for {
		op := p.tokens[p.at].text
		switch {
		case slices.ContainsFunc([]string{"==", "!=", "<", "<=", ">", ">=", "in"}, p.peek):
			p.at++
		case p.peek("not") && p.tokens[p.at+1].kind == tokName && p.tokens[p.at+1].text == "in":
			op = "not in"
			p.at += 2
		case len(c.ops) == 0:
			return c.first
		default:
			return c
		}
		c.ops, c.rest = append(c.ops, op), append(c.rest, p.sum())
	}
}

func (p *parser) sign() expr {
	p.enter()
	defer p.leave()
	for _, op := range []string{"-", "+"} {
		if p.take(op) {
			return p.filters(&unary{op, p.sign()})
		}
	}
	x := p.postfix(p.primary())
	if line := p.tokens[p.at].line; p.take("**") {
		x = &binary{"**", x, p.sign(), line}
	}
	return p.filters(x)
}

func (p *parser) primary() expr {
	t := p.tokens[p.at]
	p.at++
	switch {
	case t.kind == tokString:
		for p.tokens[p.at].kind == tokString { // strings side by side are one
			t.text += p.tokens[p.at].text
			p.at++
		}
		return &literal{text(t.text)}
	case t.kind == tokNumber:
		if n, err := strconv.ParseInt(t.text, 10, 64); err == nil {
			return &literal{n}
		}
		x, err := strconv.ParseFloat(t.text, 64)
		if err != nil {
			p.fail("%q is no number", t.text)
		}
		return &literal{x}
	case t.kind == tokName:
		if v, ok := constants[t.text]; ok {
			return &literal{v}
		}
		return &variable{t.text}
	case t.kind == tokOp && t.text == "(":
		return p.group()
	case t.kind == tokOp && t.text == "[":
		return &list{p.items("]")}
	case t.kind == tokOp && t.text == "{":
		return p.dict()
	}
	p.at--
	p.fail("unexpected %q", t.text)
	return nil
}

var constants = map[string]any{"true": true, "True": true, "false": false, "False": false, "none": nil, "None": nil}

// group reads what follows a parenthesis: one value, or a tuple, which is a list to us.
func (p *parser) group() expr {
	if p.take(")") {
		return &list{}
	}
	x := p.expr()
	if p.take(")") {
		return x
	}
	p.want(",")
	return &list{append([]expr{x}, p.items(")")...)}
}

// items reads values and commas up to a bracket.
func (p *parser) items(end string) (items []expr) {
	for !p.take(end) {
		items = append(items, p.expr())
		if !p.peek(end) {
			p.want(",")
		}
	}
	return items
}

func (p *parser) dict() expr {
	d := &dictExpr{}
	for !p.take("}") {
		d.keys = append(d.keys, p.expr())
		p.want(":")
		d.values = append(d.values, p.expr())
		if !p.peek("}") {
			p.want(",")
		}
	}
	return d
}

// postfix reads .name, [key] and (arguments) behind x.
func (p *parser) postfix(x expr) expr {
	for {
		line := p.tokens[p.at].line
		switch {
		case p.take("."):
			if p.tokens[p.at].kind == tokNumber { // x.0 is x[0]
				x = &attr{x, p.primary(), false, line}
			} else {
				x = &attr{x, &literal{text(p.name())}, true, line}
			}
		case p.take("["):
			x = p.subscript(x, line)
		case p.take("("):
			x = &call{x, p.args(), line}
		default:
			return x
		}
	}
}

func (p *parser) subscript(x expr, line int) expr {
	s, isSlice := &slice{x: x}, false
	for i, part := range []*expr{&s.from, &s.to, &s.step} {
		if i > 0 {
			if !p.take(":") {
				break
			}
			isSlice = true
		}
		if !p.peek(":") && !p.peek("]") {
			*part = p.expr()
		}
	}
	p.want("]")
	switch {
	case isSlice:
		return s
	case s.from == nil:
		p.fail("[] needs an index")
	}
	return &attr{x, s.from, false, line}
}

// args reads arguments up to the parenthesis.
func (p *parser) args() (a args) {
	for !p.take(")") {
		if t := p.tokens[p.at+1]; p.tokens[p.at].kind == tokName && t.kind == tokOp && t.text == "=" {
			a.names = append(a.names, p.name())
			p.at++
			a.named = append(a.named, p.expr())
		} else {
			if len(a.names) > 0 {
				p.fail("an argument without a name behind one that has a name")
			}
			a.list = append(a.list, p.expr())
		}
		if !p.peek(")") {
			p.want(",")
		}
	}
	return a
}

// filters reads |name(arguments), is name, and what may stand behind these.
func (p *parser) filters(x expr) expr {
	for {
		line := p.tokens[p.at].line
		switch {
		case p.take("|"):
			f := &filter{x: x, name: p.name(), line: line}
			if p.take("(") {
				f.args = p.args()
			}
			x = p.postfix(f)
		case p.take("is"):
			x = p.test(x, line)
		default:
			return x
		}
	}
}

// test reads a test's name and argument.
func (p *parser) test(x expr, line int) expr {
	not := p.take("not")
	t := &test{x: x, name: p.name(), line: line}
	f, ok := tests[t.name]
	switch {
	case !ok:
		p.fail("there is no test %q", t.name)
	case p.take("("):
		a := p.args()
		if len(a.names) > 0 {
			p.fail("an argument of a test has a name")
		}
		t.args = a.list
	case f.args == 1:
		t.args = []expr{p.postfix(p.primary())}
	}
	if len(t.args) != f.args {
		p.fail("test %q has %d arguments, want %d", t.name, len(t.args), f.args)
	}
	if not {
		return &unary{"not", t}
	}
	return t
}
