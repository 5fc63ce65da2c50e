package jinja

import "slices"

// A run is one rendering.
type run struct {
	opt    Options
	global *scope
	scope  *scope
	out    builder

	steps, work, depth int
	line               int // of the node in hand, for errors
}

// A flow says how a statement ended.
type flow uint8

const (
	flowOn flow = iota
	flowBreak
	flowContinue
)

// A scope is the variables of a loop's turn, of a macro, or of the template.
type scope struct {
	vars   map[string]any
	parent *scope
}

// valueBytes is what a value in a list is paid for with.
const valueBytes = 32

// pay takes n bytes of work from what a template may do.
func (r *run) pay(n int) {
	if n < 0 || n > WorkMax-r.work {
		fail("%w: the template reads or writes more than %d bytes", ErrLimit, WorkMax)
	}
	r.work += n
}

// enter is a step, within those that have not been left.
func (r *run) enter() {
	if r.steps++; r.steps > StepsMax {
		fail("%w: the template takes more than %d steps", ErrLimit, StepsMax)
	}
	if r.depth++; r.depth > 4*DepthMax {
		fail("%w: values or macros nest deeper than %d", ErrLimit, 4*DepthMax)
	}
}

func (r *run) leave() { r.depth-- }

// value evaluates a node.
func (r *run) value(x expr) any {
	r.enter()
	defer r.leave()
	return x.eval(r)
}

// exec runs statements.
func (r *run) exec(body []stmt) flow {
	r.enter()
	defer r.leave()
	for _, s := range body {
		r.enter()
		f := s.exec(r)
		r.leave()
		if f != flowOn {
			return f
		}
	}
	return flowOn
}

// within runs statements in a scope, and returns what they write if it is asked for.
func (r *run) within(s *scope, body []stmt, capture bool) (f flow, written str) {
	old := r.scope
	r.scope = s
	if !capture {
		f = r.exec(body)
		r.scope = old
		return f, str{}
	}
	out := r.out
	r.out = builder{}
	f = r.exec(body)
	written = r.out.str()
	r.scope, r.out = old, out
	return f, written
}

func (s *textStmt) exec(r *run) flow {
	r.out.add(r, text(s.text))
	return flowOn
}

func (s *printStmt) exec(r *run) flow {
	r.out.add(r, r.print(r.value(s.x)))
	return flowOn
}

func (s *ifStmt) exec(r *run) flow {
	for i, cond := range s.conds {
		if truth(r.value(cond)) {
			return r.exec(s.bodies[i])
		}
	}
	if len(s.bodies) > len(s.conds) {
		return r.exec(s.bodies[len(s.conds)])
	}
	return flowOn
}

func (s *flowStmt) exec(*run) flow { return s.flow }

func (s *groupStmt) exec(r *run) flow { return r.exec(s.body) }

func (s *forStmt) exec(r *run) flow {
	items := r.items(r.value(s.x))
	if s.cond != nil {
		old := r.scope
		items = slices.DeleteFunc(slices.Clone(items), func(item any) bool {
			r.scope = &scope{vars: map[string]any{}, parent: old}
			r.bind(s.names, item)
			return !truth(r.value(s.cond))
		})
		r.scope = old
	}
	if len(items) == 0 {
		return r.exec(s.orElse)
	}
	old := r.scope
	defer func() { r.scope = old }()
	for i, item := range items {
		r.scope = &scope{vars: map[string]any{"loop": &loop{items, i}}, parent: old}
		r.bind(s.names, item)
		if r.exec(s.body) == flowBreak {
			break
		}
	}
	return flowOn
}

// bind sets a name, or those of a tuple, in the scope.
func (r *run) bind(names []string, value any) {
	if len(names) == 1 {
		r.scope.vars[names[0]] = value
		return
	}
	parts := r.items(value)
	if len(parts) != len(names) {
		fail("%d values for %d names", len(parts), len(names))
	}
	for i, name := range names {
		r.scope.vars[name] = parts[i]
	}
}

func (s *setStmt) exec(r *run) flow {
	r.line = s.line
	var value any
	if s.x != nil {
		value = r.value(s.x)
	} else {
		_, written := r.within(&scope{vars: map[string]any{}, parent: r.scope}, s.body, true)
		value = written
	}
	if s.field == "" {
		r.bind(s.names, value)
		return flowOn
	}
	r.line = s.line
	space, ok := r.lookup(s.names[0]).(*namespace)
	if !ok {
		fail("line %d: %s is no namespace", s.line, s.names[0])
	}
	if _, ok := space.vars[s.field]; !ok {
		r.pay(valueBytes)
	}
	space.vars[s.field] = value
	return flowOn
}

func (s *macroStmt) exec(r *run) flow {
	r.scope.vars[s.name] = callable(func(r *run, in arguments) any { return s.call(r, in) })
	return flowOn
}

// call runs a macro, which sees the variables of the template besides its own.
func (s *macroStmt) call(r *run, in arguments) any {
	if len(in.list) > len(s.params) {
		fail("%d arguments for the macro %s, which has %d", len(in.list), s.name, len(s.params))
	}
	for name := range in.named {
		if !slices.Contains(s.params, name) {
			fail("the macro %s has no parameter %q", s.name, name)
		}
	}
	old := r.scope
	r.scope = &scope{vars: map[string]any{}, parent: r.global}
	for i, name := range s.params {
		value, given := in.named[name]
		switch {
		case i < len(in.list):
			value = in.list[i]
		case given:
		case s.defaults[i] != nil:
			value = r.value(s.defaults[i])
		default:
			value = undefined{name}
		}
		r.scope.vars[name] = value
	}
	inner := r.scope
	r.scope = old
	_, written := r.within(inner, s.body, true)
	return written
}

// lookup returns a variable's value.
func (r *run) lookup(name string) any {
	for s := r.scope; s != nil; s = s.parent {
		if v, ok := s.vars[name]; ok {
			return v
		}
	}
	return undefined{name}
}

func (x *literal) eval(*run) any    { return x.value }
func (x *variable) eval(r *run) any { return r.lookup(x.name) }

func (x *list) eval(r *run) any {
	items := make([]any, len(x.items))
	for i, item := range x.items {
		items[i] = r.value(item)
	}
	return r.list(items)
}

func (x *dictExpr) eval(r *run) any {
	d := newDict()
	for i, key := range x.keys {
		d.set(r, r.value(key), r.value(x.values[i]))
	}
	return d
}

func (x *unary) eval(r *run) any {
	v := r.value(x.x)
	switch n := v.(type) {
	case int64:
		if x.op == "-" {
			return -n
		}
		if x.op == "+" {
			return n
		}
	case float64:
		if x.op == "-" {
			return -n
		}
		if x.op == "+" {
			return n
		}
	}
	if x.op != "not" {
		fail("line %d: %s of %s", r.line, x.op, kindOf(v))
	}
	return !truth(v)
}

func (x *ternary) eval(r *run) any {
	switch {
	case truth(r.value(x.cond)):
		return r.value(x.yes)
	case x.no != nil:
		return r.value(x.no)
	}
	return undefined{"the value of an if without an else"}
}

func (x *compare) eval(r *run) any {
	a := r.value(x.first)
	for i, op := range x.ops {
		b := r.value(x.rest[i])
		if !r.compare(op, a, b) {
			return false
		}
		a = b
	}
	return true
}

func (x *slice) eval(r *run) any {
	v := r.value(x.x)
	index := func(e expr) *int64 {
		if e == nil {
			return nil
		}
		switch n := r.value(e).(type) {
		case int64:
			return &n
		case nil:
			return nil
		default:
			fail("line %d: a slice's index is %s", r.line, kindOf(n))
			return nil
		}
	}
	return r.slice(v, index(x.from), index(x.to), index(x.step))
}

// arguments are the values of a call's.
type arguments struct {
	list  []any
	named map[string]any
}

func (a *args) eval(r *run) arguments {
	in := arguments{}
	for _, x := range a.list {
		in.list = append(in.list, r.value(x))
	}
	for i, name := range a.names {
		if in.named == nil {
			in.named = map[string]any{}
		}
		in.named[name] = r.value(a.named[i])
	}
	r.pay(valueBytes * (len(a.list) + len(a.names)))
	return in
}

// A callable is a function, a method or a macro.
type callable func(r *run, in arguments) any

func (x *call) eval(r *run) any {
	f := r.value(x.x)
	in := x.args.eval(r)
	r.line = x.line
	switch f := f.(type) {
	case callable:
		return f(r, in)
	case undefined:
		fail("line %d: %s is not defined, and is called", x.line, f.name)
	}
	fail("line %d: %s is called", x.line, kindOf(f))
	return nil
}

func (x *filter) eval(r *run) any {
	v := r.value(x.x)
	in := x.args.eval(r)
	r.line = x.line
	if x.name == "map" {
		return mapFilter(r, v, in)
	}
	f, ok := filterFuncs[x.name]
	if !ok { // in a branch that is taken: many templates have others for other programs
		fail("line %d: there is no filter %q", x.line, x.name)
	}
	return f(r, v, in)
}

func (x *test) eval(r *run) any {
	v := r.value(x.x)
	var arg any
	if len(x.args) > 0 {
		arg = r.value(x.args[0])
	}
	r.line = x.line
	return tests[x.name].is(r, v, arg)
}

func (x *attr) eval(r *run) any {
	v, key := r.value(x.x), r.value(x.key)
	r.line = x.line
	return r.item(v, key, x.isDot)
}
