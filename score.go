package cria

import (
	"context"
	"fmt"
	"iter"

	"cria/internal/kv"
	"cria/internal/load"
	"cria/internal/model"
)

// Score runs ids, which begin a text, through the network and yields the logits
// [VocabSize] after each of ids[first:], in order: what the model thinks of the token
// that follows. They are valid, and may be changed, until the next are asked for. The sequence
// ends after the last, or with an error. Sessions are not touched; keys and values take
// their room for the time. Beside it, Score takes memory for as many rows of logits as 32 MB
// hold, at most a batch, and at least one.
func (m *Model) Score(ctx context.Context, ids []int32, first int) iter.Seq2[[]float32, error] {
	return func(yield func([]float32, error) bool) {
		if err := m.score(ctx, ids, first, yield); err != nil {
			yield(nil, err)
		}
	}
}

// score returns an error that the caller has not seen yet.
func (m *Model) score(ctx context.Context, ids []int32, first int, yield func([]float32, error) bool) error {
	if err := m.checkIDs(ids); err != nil {
		return err
	}
	switch {
	case first < 0 || first >= len(ids):
		return fmt.Errorf("%w: score from token %d of %d", ErrBadOption, first, len(ids))
	case len(ids) > m.context:
		return fmt.Errorf("%w: %d tokens, and the context has %d", ErrPromptTooLong, len(ids), m.context)
	}
	most := load.ScoreRows(&m.config, m.batch)
	m.mu.Lock()
	state, seq := m.state.WithLogits(m.config.VocabSize, most), m.state.Cache.NewSeq(len(ids))
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		seq.Truncate(0)
		m.mu.Unlock()
	}()
	for at := 0; at < len(ids); at = seq.Len() {
		if err := ctx.Err(); err != nil {
			return err
		}
		wanted, n := at >= first, min(len(ids)-at, most)
		if !wanted {
			n = min(first-at, m.batch)
		}
		if err := m.scoreBatch(state, seq, ids[at:at+n], wanted); err != nil {
			return err
		}
		for i := range n {
			if wanted && !yield(state.Logits(i), nil) {
				return nil
			}
		}
	}
	return nil
}

// scoreBatch appends ids to seq; state has the logits after each of them, if they are wanted.
func (m *Model) scoreBatch(state *model.State, seq *kv.Seq, ids []int32, wanted bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.settle()
	pos := seq.Len()
	if err := seq.Grow(len(ids)); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	for i, id := range ids {
		m.rows[i] = kv.Row{Seq: seq, Token: id, Pos: pos + i, Logits: wanted}
	}
	model.Forward(m.at.Backend, &m.config, m.weights, state, m.rows[:len(ids)])
	return m.deviceErr()
}

// checkIDs returns an error if a token is not of the vocabulary.
func (m *Model) checkIDs(ids []int32) error {
	for i, id := range ids {
		if id < 0 || int(id) >= m.config.VocabSize {
			return fmt.Errorf("%w: token %d of the prompt is %d, outside of the vocabulary of %d",
				ErrBadOption, i, id, m.config.VocabSize)
		}
	}
	return nil
}
