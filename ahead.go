package cria

import (
	"fmt"

	"cria/internal/gpu"
	"cria/internal/kv"
	"cria/internal/model"
)

// Where a chooser can, the device picks the next token, so the pass of that token can begin before the host knows it:
// the host is one step behind, and what it does for a token costs no time of the device. Where it then finds that
// the text has ended, the pass was for nothing, and the sequence forgets it.

// An ahead is the pass of a session's pending token, if it began before the token was known.
type ahead struct {
	begun bool  // the sequence holds a position more than were read
	done  bool  // it was waited for
	next  int32 // the token that it picked then
}

// goesAhead reports whether a device can begin a pass before the one before has ended.
func (m *Model) goesAhead() bool { return m.at.GPU != nil && m.at.Pool == nil && m.at.GPU.Starts() }

// settle waits for the pass that was begun ahead, if there is one: another one is to follow that is not its next. The
// lock is held.
func (m *Model) settle() {
	if s := m.flight; s != nil {
		m.flight = nil
		s.ahead.next, s.ahead.done = m.at.GPU.Wait(), true
	}
}

// fallBack forgets the pass that was begun ahead. Nobody waits for it now. The lock is held.
func (s *Session) fallBack() {
	if s.ahead.begun {
		s.seq.Truncate(s.seq.Len() - 1)
		s.ahead = ahead{}
	}
}

// stepAhead runs the pending token through the network, and, if more tokens are wanted than the next one, begins
// the pass after that.
func (s *Session) stepAhead(more bool) error {
	m := s.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || s.closed {
		return ErrClosed
	}
	if m.flight != s || !s.ahead.begun {
		m.settle()
	}
	err := s.passAhead(more)
	switch {
	case err != nil:
		s.ahead = ahead{}
		s.seq.Truncate(len(s.read))
		return err
	case s.picked >= 0:
		s.read = append(s.read, s.pending[0])
		return nil
	}
	// A logit is not finite, and the logits are gone: once more, for the sampler to see them.
	m.settle()
	s.fallBack()
	s.seq.Truncate(len(s.read))
	return s.run(s.pending, true, false)
}

// passAhead sets what the pass of the pending token picks. What is under way, if anything, is that pass.
func (s *Session) passAhead(more bool) error {
	m := s.m
	if !s.ahead.begun {
		s.ahead = ahead{}
		if err := s.begin(s.pending[0], 0); err != nil {
			return err
		}
	}
	a, token := s.ahead, int32(gpu.Follows)
	if a.done {
		token = a.next
	}
	s.ahead = ahead{}
	if more && s.seq.Len() < m.context && (!a.done || a.next >= 0) {
		s.ahead.begun = s.begin(token, 1) == nil // if there is no room, the next step says so
	}
	if !a.done {
		a.next = m.at.GPU.Wait()
	}
	m.flight = nil
	if s.ahead.begun {
		m.flight = s
	}
	s.picked = a.next
	return m.deviceErr()
}

// begin begins the pass of a token and lets the device pick the next one, the i-th from now on.
func (s *Session) begin(token int32, i int) error {
	m, pos := s.m, s.seq.Len()
	if err := s.seq.Grow(1); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	m.rows[0] = kv.Row{Seq: s.seq, Token: token, Pos: pos, Logits: true}
	m.at.GPU.StartNext(s.chooser.next(i, token))
	model.Forward(m.at.Backend, &m.config, m.weights, m.state, m.rows[:1])
	return m.deviceErr()
}
