package jinja

import "slices"

// A stmt is a node that writes or changes something.
type stmt interface{ exec(r *run) flow }

type (
	textStmt  struct{ text string }
	printStmt struct{ x expr }
	ifStmt    struct {
		conds  []expr
		bodies [][]stmt // one more than conds if there is an else
	}
	forStmt struct {
		names  []string
		x      expr
		cond   expr // nil if all are taken
		body   []stmt
		orElse []stmt
	}
	setStmt struct {
		names []string // one, or those of a tuple
		field string   // of a namespace, "" for a variable
		x     expr
		body  []stmt // instead of x
		line  int
	}
	macroStmt struct {
		name     string
		params   []string
		defaults []expr // nil for those that have none
		body     []stmt
	}
	flowStmt  struct{ flow flow }
	groupStmt struct{ body []stmt }
)

// ends are the names that end a block; block stops at them.
var ends = []string{"elif", "else", "endif", "endfor", "endset", "endmacro", "endgeneration"}

// block reads statements up to one that ends a block, or the end.
func (p *parser) block() (body []stmt) {
	p.enter()
	defer p.leave()
	for {
		t := p.tokens[p.at]
		switch {
		case t.kind == tokEnd:
			return body
		case t.kind == tokText:
			p.at++
			body = append(body, &textStmt{t.text})
		case t.text == "{{":
			p.at++
			body = append(body, &printStmt{p.tuple()})
			p.close()
		default:
			if word := p.tokens[p.at+1]; word.kind == tokName && slices.Contains(ends, word.text) {
				return body
			}
			p.at++
			body = append(body, p.tag())
		}
	}
}

// close reads the end of a tag.
func (p *parser) close() { p.next(tokClose, "the end of a tag") }

// end reads {% word %}.
func (p *parser) end(word string) {
	p.next(tokOpen, "{% "+word+" %}")
	p.want(word)
	p.close()
}

// reads reports whether the next tag begins with a word, and reads up to it.
func (p *parser) reads(word string) bool {
	if p.tokens[p.at].kind != tokOpen || p.tokens[p.at+1].text != word {
		return false
	}
	p.at += 2
	return true
}

// tuple reads values with commas between them.
func (p *parser) tuple() expr {
	x := p.expr()
	if !p.peek(",") {
		return x
	}
	l := &list{[]expr{x}}
	for p.take(",") {
		l.items = append(l.items, p.expr())
	}
	return l
}

func (p *parser) tag() stmt {
	switch word := p.name(); word {
	case "if":
		return p.ifTag()
	case "for":
		return p.forTag()
	case "set":
		return p.setTag()
	case "macro":
		return p.macroTag()
	case "generation": // what training is to learn from; it changes nothing
		p.close()
		g := &groupStmt{p.block()}
		p.end("endgeneration")
		return g
	case "break", "continue":
		if p.loops == 0 {
			p.fail("%s outside of a loop", word)
		}
		p.close()
		return &flowStmt{map[string]flow{"break": flowBreak, "continue": flowContinue}[word]}
	default:
		p.at--
		p.fail("there is no tag %q", word)
		return nil
	}
}

func (p *parser) ifTag() stmt {
	s := &ifStmt{}
	for {
		s.conds = append(s.conds, p.tuple())
		p.close()
		s.bodies = append(s.bodies, p.block())
		if !p.reads("elif") {
			break
		}
	}
	if p.reads("else") {
		p.close()
		s.bodies = append(s.bodies, p.block())
	}
	p.end("endif")
	return s
}

func (p *parser) names() []string {
	names := []string{p.name()}
	for p.take(",") {
		names = append(names, p.name())
	}
	return names
}

func (p *parser) forTag() stmt {
	open := p.take("(")
	s := &forStmt{names: p.names()}
	if open {
		p.want(")")
	}
	p.want("in")
	s.x = p.or() // no ternary: its if is the loop's
	if p.take("if") {
		s.cond = p.expr()
	}
	p.close()
	p.loops++
	s.body = p.block()
	p.loops--
	if p.reads("else") {
		p.close()
		s.orElse = p.block()
	}
	p.end("endfor")
	return s
}

func (p *parser) setTag() stmt {
	s := &setStmt{line: p.tokens[p.at].line, names: p.names()}
	if len(s.names) == 1 && p.take(".") {
		s.field = p.name()
	}
	if p.take("=") {
		s.x = p.tuple()
		p.close()
		return s
	}
	if len(s.names) > 1 {
		p.want("=")
	}
	p.close()
	s.body = p.block()
	p.end("endset")
	return s
}

func (p *parser) macroTag() stmt {
	m := &macroStmt{name: p.name()}
	p.want("(")
	for !p.take(")") {
		m.params = append(m.params, p.name())
		var value expr
		if p.take("=") {
			value = p.expr()
		}
		m.defaults = append(m.defaults, value)
		if !p.peek(")") {
			p.want(",")
		}
	}
	p.close()
	loops := p.loops
	p.loops = 0
	m.body = p.block()
	p.loops = loops
	p.end("endmacro")
	return m
}
