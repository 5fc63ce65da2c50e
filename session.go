package cria

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"cria/internal/kv"
	"cria/internal/model"
	"cria/internal/sample"
	"cria/internal/token"
)

// A Token is one step of a generation. Text may be empty, or more than the
// token's own: bytes are held back until they are whole characters, and text
// that may begin a stop string until it is known not to.
type Token struct {
	ID   int32 // -1 for text that was held back until the end
	Text string
}

// A Reason says why a generation ended.
type Reason string

// The reasons.
const (
	StopEnd       Reason = "end"       // the model ended the text (EOS, the end of a turn, or BOS)
	StopString    Reason = "stop"      // a stop string appeared
	StopLimit     Reason = "limit"     // MaxTokens were generated
	StopContext   Reason = "context"   // the context is full
	StopCancelled Reason = "cancelled" // the caller's context ended, or the loop was left
	StopError     Reason = "error"     // something failed
)

// Stats is what a session has done, and how long it took.
type Stats struct {
	PromptTokens, Tokens   int           // read, generated
	PromptTime, TokensTime time.Duration // spent in forward passes and sampling; on a GPU between tokens, if it is ahead
	FirstToken             time.Duration // from the call of Generate to the first token, the last time
	BytesRead              int64         // weights, keys and values read to generate Tokens
	Reason                 Reason        // why the last generation ended
}

// A Session is a conversation: a text so far, as tokens, keys and values.
type Session struct {
	m       *Model
	seq     *kv.Seq
	sampler Sampler
	chooser chooser
	stops   []string
	limit   int
	read    []int32   // run through the network: those of seq
	pending []int32   // sampled, but not yet run through the network
	logits  []float32 // [VocabSize] after the last token run
	picks   bool      // whether a device may pick the next token, so that logits stay there
	picked  int32     // by the device, after the last token run; -1 if it has not
	ahead   ahead
	stats   Stats
	closed  bool
}

// A Sampler chooses tokens. Sample returns the next one for logits
// [VocabSize], which it may change; Accept tells it each token of the text.
type Sampler interface {
	Sample(logits []float32) (int32, error)
	Accept(id int32)
}

// A SessionOption changes how a session generates.
type SessionOption func(*Session) error

// Sampling says how the next token is chosen. See NewSampling for the defaults.
type Sampling struct {
	Temperature      float32           // 0 always takes the most likely token; any number ≥ 0
	TopK             int               // only the k most likely; 0 for all
	TopP             float32           // only the most likely whose probabilities reach p; 1 for all
	MinP             float32           // only those at least p times as likely as the most likely; 0 for all
	RepeatPenalty    float32           // divides positive logits of recent tokens; 1 for none
	PresencePenalty  float32           // subtracted from the logits of recent tokens; 0 for none
	FrequencyPenalty float32           // the same, times how often they occurred
	RepeatLastN      int               // how many tokens are recent
	Bias             map[int32]float32 // added to logits
	Seed             uint64            // the same seed gives the same text
}

// NewSampling returns the defaults: temperature 0.8, top-k 40, top-p 0.95,
// min-p 0.05, no penalties, seed 0.
func NewSampling() Sampling {
	return Sampling{Temperature: 0.8, TopK: 40, TopP: 0.95, MinP: 0.05, RepeatPenalty: 1, RepeatLastN: 64}
}

// Greedy returns a sampling that always takes the most likely token.
func Greedy() Sampling { return Sampling{TopP: 1, RepeatPenalty: 1} }

// WithSampling sets how tokens are chosen.
func WithSampling(p Sampling) SessionOption {
	return func(s *Session) error {
		bias := make(map[token.ID]float32, len(p.Bias))
		for id, b := range p.Bias {
			bias[token.ID(id)] = b
		}
		params := sample.Params{
			Temperature: p.Temperature, TopK: p.TopK, TopP: p.TopP, MinP: p.MinP,
			RepeatPenalty: p.RepeatPenalty, PresencePenalty: p.PresencePenalty, FrequencyPenalty: p.FrequencyPenalty,
			RepeatLastN: p.RepeatLastN, Bias: bias, Seed: p.Seed,
		}
		sampler, err := sample.New(params, s.m.config.VocabSize)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrBadOption, err)
		}
		s.sampler = adapter{sampler}
		s.chooser = newChooser(sampler)
		return nil
	}
}

// WithSampler sets a sampler of the caller's own.
func WithSampler(sampler Sampler) SessionOption {
	return func(s *Session) error { s.sampler, s.chooser = sampler, chooser{}; return nil }
}

// adapter gives an internal sampler the public types.
type adapter struct{ s *sample.Sampler }

func (a adapter) Sample(logits []float32) (int32, error) {
	id, err := a.s.Sample(logits)
	return int32(id), err
}

func (a adapter) Accept(id int32) { a.s.Accept(token.ID(id)) }

// WithStop ends a generation where one of the strings appears; it is not part of the text.
func WithStop(stops ...string) SessionOption {
	return func(s *Session) error { s.stops = append(s.stops, stops...); return nil }
}

// WithMaxTokens ends a generation after n tokens; 0, the default, means none but the context.
func WithMaxTokens(n int) SessionOption {
	return func(s *Session) error {
		if n < 0 {
			return fmt.Errorf("%w: max tokens is %d, want at least 0", ErrBadOption, n)
		}
		s.limit = n
		return nil
	}
}

// NewSession returns an empty session. Without options it samples as NewSampling says.
func (m *Model) NewSession(opts ...SessionOption) (*Session, error) {
	s := &Session{m: m, logits: make([]float32, m.config.VocabSize)}
	for _, opt := range append([]SessionOption{WithSampling(NewSampling())}, opts...) {
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, ErrClosed
	}
	s.seq = m.state.Cache.NewSeq(m.context)
	return s, nil
}

// Close gives the session's part of the key/value cache back.
func (s *Session) Close() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if !s.closed {
		s.fallBack()
		s.seq.Truncate(0)
		s.read, s.pending, s.closed = nil, nil, true
	}
}

// Len returns how many tokens the session holds.
func (s *Session) Len() int { return len(s.read) + len(s.pending) }

// Rewind forgets all but the first n tokens; the next generation goes on from there.
func (s *Session) Rewind(n int) error {
	if n < 0 || n > s.Len() {
		return fmt.Errorf("%w: rewind to %d of %d tokens", ErrBadOption, n, s.Len())
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.fallBack()
	s.pending = s.pending[:max(0, n-s.seq.Len())]
	s.seq.Truncate(min(n, s.seq.Len()))
	s.read = s.read[:s.seq.Len()]
	return nil
}

// Stats returns what the session has done so far.
func (s *Session) Stats() Stats { return s.stats }

// Generate continues the text with a prompt and then with the model's own
// tokens, as they come. A new session begins with BOS, if the model wants it. The sequence ends with an
// error, or after the last token; Stats().Reason says why. If the context fills
// up, the last element is ErrContextFull. A prompt that does not fit is
// ErrPromptTooLong, and nothing is generated.
func (s *Session) Generate(ctx context.Context, prompt string) iter.Seq2[Token, error] {
	tok, err := s.m.tokenizer()
	if err != nil {
		return failed(err)
	}
	ids := tok.Encode(nil, prompt, s.Len() == 0 && tok.AddBOS(), false)
	return s.GenerateIDs(ctx, int32s(ids))
}

func failed(err error) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) { yield(Token{}, err) }
}

// GenerateIDs is Generate for a prompt of token ids, taken as they are. If the
// model has no tokenizer, the tokens have no text.
func (s *Session) GenerateIDs(ctx context.Context, prompt []int32) iter.Seq2[Token, error] {
	return func(yield func(Token, error) bool) {
		g := generation{s: s, start: time.Now(), stopper: token.NewStopper(s.stops)}
		if s.m.tok != nil {
			g.decoder = s.m.tok.NewDecoder()
		}
		s.stats.Reason = StopCancelled // unless the loop below ends otherwise
		defer s.end()
		if err := g.run(ctx, prompt, yield); err != nil {
			switch {
			case errors.Is(err, ErrContextFull):
				s.stats.Reason = StopContext
			case ctx.Err() == nil:
				s.stats.Reason = StopError
			}
			yield(Token{}, err)
		}
	}
}

// end ends a generation.
func (s *Session) end() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.fallBack()
}

// Read continues the text with token ids and generates nothing: for scoring a
// text, or for a loop of the caller's own. It returns the logits [VocabSize]
// after the last, which the caller may change, valid until the session is used again.
func (s *Session) Read(ctx context.Context, ids []int32) ([]float32, error) {
	g := generation{s: s}
	s.picks = false
	if err := g.read(ctx, ids); err != nil {
		return nil, err
	}
	return s.logits, nil
}

// A generation is one call of Generate.
type generation struct {
	s       *Session
	start   time.Time
	decoder *token.Decoder
	stopper *token.Stopper
	counted time.Time // until then time is counted in the session's
}

// run reads the prompt and generates. It returns an error that the caller has not seen yet.
func (g *generation) run(ctx context.Context, prompt []int32, yield func(Token, error) bool) error {
	s := g.s
	s.picks = s.chooser.can && s.m.at.GPU != nil
	if err := g.read(ctx, prompt); err != nil {
		return err
	}
	for n := 1; ; n++ {
		start := time.Now()
		id, err := s.next()
		if err != nil {
			return err
		}
		s.sampler.Accept(id)
		s.pending = append(s.pending[:0], id)
		s.stats.Tokens++
		g.counted = time.Now()
		s.stats.TokensTime += g.counted.Sub(start)
		if n == 1 {
			s.stats.FirstToken = time.Since(g.start)
		}
		if g.ends(token.ID(id)) {
			s.stats.Reason = StopEnd
			return g.finish(yield)
		}
		text, stopped := g.text(id)
		switch {
		case !yield(Token{id, text}, nil):
			return nil
		case stopped:
			s.stats.Reason = StopString
			return nil
		case n == s.limit:
			s.stats.Reason = StopLimit
			return g.finish(yield)
		case s.Len() > s.m.context:
			if err := g.finish(yield); err != nil {
				return err
			}
			return fmt.Errorf("%w: %d tokens", ErrContextFull, s.m.context)
		}
		if err := g.step(ctx, n+1 != s.limit); err != nil {
			return err
		}
	}
}

// next chooses a token, unless the device has.
func (s *Session) next() (int32, error) {
	if s.picks && s.picked >= 0 {
		s.chooser.use()
		return s.picked, nil
	}
	return s.sampler.Sample(s.logits)
}

// ends reports whether a token ends the text.
func (g *generation) ends(id token.ID) bool {
	tok := g.s.m.tok
	if tok == nil {
		return false
	}
	bos, ok := tok.BOS()
	return tok.IsEnd(id) || ok && id == bos
}

// text returns what a token adds to the text, and whether a stop string appeared.
func (g *generation) text(id int32) (string, bool) {
	if g.decoder == nil {
		return "", false
	}
	return g.stopper.Next(g.decoder.Next(token.ID(id)))
}

// finish yields what was held back.
func (g *generation) finish(yield func(Token, error) bool) error {
	if g.decoder == nil {
		return nil
	}
	text, _ := g.stopper.Next(g.decoder.Flush())
	if text += g.stopper.Flush(); text != "" {
		yield(Token{-1, text}, nil)
	}
	return nil
}

// read runs a prompt through the network; the session's logits are then those after it.
func (g *generation) read(ctx context.Context, prompt []int32) error {
	s, m := g.s, g.s.m
	ids := append(append([]int32(nil), s.pending...), prompt...)
	if len(ids) == 0 {
		return fmt.Errorf("%w: the prompt is empty", ErrBadOption)
	}
	if room := m.context - len(s.read); len(ids) > room {
		return fmt.Errorf("%w: %d tokens, and %d of %d are free", ErrPromptTooLong, len(ids), room, m.context)
	}
	if err := m.checkIDs(ids); err != nil {
		return err
	}
	if g.decoder != nil {
		for _, id := range s.pending {
			g.decoder.Next(token.ID(id)) // what follows is not the beginning of a text
		}
		g.decoder.Flush()
	}
	for _, id := range prompt {
		s.sampler.Accept(id)
		if g.decoder != nil {
			g.decoder.Next(token.ID(id)) // its text is known; what follows may depend on it
		}
	}
	start := time.Now()
	for part := range slices.Chunk(ids, m.batch) {
		if err := ctx.Err(); err != nil {
			return err
		}
		ids = ids[len(part):]
		if err := s.forward(part, len(ids) == 0); err != nil {
			return err
		}
		s.pending = append(s.pending[:0], ids...) // what has been read stays, even if the caller gives up
		s.stats.PromptTokens += len(part)
	}
	s.stats.PromptTime += time.Since(start)
	return nil
}

// step runs the pending token through the network; more says whether the one after it will be, too.
func (g *generation) step(ctx context.Context, more bool) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, start := g.s, time.Now()
	if s.ahead.begun {
		start = g.counted // the device was not idle while the caller had the token
	}
	var err error
	if s.picks && s.m.goesAhead() {
		err = s.stepAhead(more)
	} else {
		err = s.forward(s.pending, true)
	}
	if err != nil {
		return err
	}
	s.pending = s.pending[:0]
	s.stats.BytesRead += s.m.BytesPerToken(len(s.read) - 1)
	s.stats.TokensTime += time.Since(start)
	return nil
}

// forward appends tokens to the sequence and, if it is asked to, sets the
// session's logits to those after the last. Sessions take turns here.
func (s *Session) forward(ids []int32, logits bool) error {
	m := s.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed || s.closed {
		return ErrClosed
	}
	m.settle()
	s.fallBack()
	return s.run(ids, logits, logits && s.picks)
}

// run is forward under the lock. If it picks, logits stay on the device, unless one is not finite.
func (s *Session) run(ids []int32, logits, picks bool) error {
	m, pos := s.m, s.seq.Len()
	if err := s.seq.Grow(len(ids)); err != nil {
		return fmt.Errorf("%w: %w", ErrNoRoom, err)
	}
	for i, id := range ids {
		m.rows[i] = kv.Row{Seq: s.seq, Token: id, Pos: pos + i, Logits: logits && i == len(ids)-1}
	}
	s.read = append(s.read, ids...)
	if picks {
		m.at.GPU.PickNext(s.chooser.next(0, 0))
	}
	out := model.Forward(m.at.Backend, &m.config, m.weights, m.state, m.rows[:len(ids)])
	if err := m.deviceErr(); err != nil {
		return err
	}
	switch {
	case picks:
		s.picked = m.at.GPU.Picked(s.logits)
		return m.deviceErr()
	case logits:
		copy(s.logits, out.Row(0))
	}
	return nil
}
