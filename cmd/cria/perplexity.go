package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"

	"cria"
	"cria/internal/score"
)

// perplexityCmd measures a model on a text the way llama.cpp does, so that the
// numbers can be compared: the text is cut into chunks of a context each, the first
// token of a chunk is BOS if the model wants one, and the second half of each chunk
// counts, whose tokens have at least half a context before them.
type perplexityCmd struct {
	Model  string `arg:"" optional:"" name:"model" help:"A model (default: the storyteller inside cria)."`
	File   string `required:"" short:"f" placeholder:"FILE" help:"The text; \"-\" reads standard input. One newline at its end falls away."`
	Chunks int    `placeholder:"N" help:"Take the first N chunks only (default: all)."`
	KLBase string `name:"kl-base" placeholder:"MODEL" help:"Also measure how far the model's probabilities are from this one's, which has the same vocabulary: before it was quantized, say. --type is not for it."`
	JSON   bool   `name:"json" help:"Write one object."`

	modelFlags `group:"Model"`
}

// chunkDefault is llama.cpp's context, and so the one that published figures have.
const chunkDefault = 512

// chunkMin is the shortest chunk of which a token counts.
const chunkMin = 4

// Help is shown by --help.
func (*perplexityCmd) Help() string {
	return "The text is cut into chunks of --ctx-size tokens (default: 512, or all of the model's context if that is " +
		"less), and what is left at its end does not count. Of each chunk the second half counts. Standard error shows the " +
		"perplexity so far, chunk by chunk."
}

// Run is called by kong.
func (c *perplexityCmd) Run(ctx context.Context, a *app) (err error) {
	if c.Chunks < 0 {
		return misuse("--chunks: %d, want at least 1", c.Chunks)
	}
	text, err := readPrompt(ctx, c.File, a.stdin)
	if err != nil {
		return err
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	models, err := c.openAll(ctx, a)
	defer func() {
		for _, m := range models {
			err = errors.Join(err, m.Close())
		}
	}()
	if err != nil {
		return err
	}
	chunks, err := c.cut(models, text)
	if err != nil {
		return err
	}
	start := time.Now()
	r, err := c.measure(ctx, a, models, chunks)
	if err != nil {
		return err
	}
	n, took := len(chunks)*c.CtxSize, time.Since(start)
	a.note("%d tokens in %v (%s tok/s)", n, took.Round(time.Millisecond), threeDigits(rate(float64(n), took)))
	if c.JSON {
		err = json.NewEncoder(a.stdout).Encode(r.line(len(chunks), c.CtxSize))
	} else {
		err = r.write(a.stdout, len(chunks), c.CtxSize)
	}
	return errors.Join(err, c.writeTrace(models[0]))
}

// openAll opens the model and, if it is asked for, the base. CtxSize is the chunks' from then on.
func (c *perplexityCmd) openAll(ctx context.Context, a *app) (models []*cria.Model, err error) {
	names := []string{c.Model}
	if c.KLBase != "" {
		names = append(names, c.KLBase)
	}
	for i := range names {
		if names[i], err = a.path(ctx, names[i]); err != nil {
			return nil, err
		}
	}
	if err := c.chooseContext(names); err != nil {
		return nil, err
	}
	c.scores = true
	var both int64
	flags := []modelFlags{c.modelFlags, c.modelFlags}
	flags[1].Type = "" // the base is what its file says
	for i, name := range names {
		_, host, err := flags[i].need(name)
		if err != nil {
			return nil, err
		}
		both += host.Total()
	}
	if have, what, err := a.memory(); err == nil && len(names) > 1 && both > have && !c.Force {
		return nil, fmt.Errorf("%w: the two models need %s, and %s are %s; --force runs them all the same",
			errNoRoom, bytesText(both), bytesText(have), what)
	}
	for i, name := range names {
		m, err := flags[i].open(a, name, c.logger(a.stderr))
		if err != nil {
			return models, err
		}
		models = append(models, m)
	}
	return models, nil
}

// chooseContext sets how long chunks are, which no model's context may be below.
func (c *perplexityCmd) chooseContext(names []string) error {
	size := chunkDefault
	for _, name := range names {
		files, err := openFiles(name)
		if err != nil {
			return err
		}
		most := files.Config.SeqLen
		if err := files.Close(); err != nil {
			return err
		}
		if c.CtxSize > most {
			return misuse("--ctx-size: %d, and the context of %s has %d", c.CtxSize, name, most)
		}
		size = min(size, most)
	}
	if c.CtxSize == 0 {
		c.CtxSize = size
	}
	if c.CtxSize < chunkMin {
		return misuse("--ctx-size: %d, want at least %d, for a token in the second half of a chunk that has a next one",
			c.CtxSize, chunkMin)
	}
	return nil
}

// cut returns the chunks of a text, whose tokens all models must agree on.
func (c *perplexityCmd) cut(models []*cria.Model, text string) ([][]int32, error) {
	ids, err := models[0].Encode(text)
	if err != nil {
		return nil, err
	}
	for _, base := range models[1:] {
		other, err := base.Encode(text)
		if err != nil {
			return nil, err
		}
		n, m := models[0].Config().VocabSize, base.Config().VocabSize
		if n != m {
			return nil, fmt.Errorf("the vocabularies differ: %d tokens, and %d in the base %s", n, m, c.KLBase)
		}
		if !slices.Equal(ids, other) {
			return nil, fmt.Errorf("the vocabularies differ: the text is not the same tokens for the base %s", c.KLBase)
		}
	}
	begins, err := models[0].Encode("")
	if err != nil {
		return nil, err
	}
	return cutChunks(ids, begins, c.CtxSize, c.Chunks)
}

// cutChunks cuts a text into chunks of size tokens, the first most of them or, for 0,
// all. The first tokens of each are those that begin a text, as llama.cpp has it.
func cutChunks(ids, begins []int32, size, most int) ([][]int32, error) {
	n := len(ids) / size
	if n == 0 {
		return nil, fmt.Errorf("the text is too short: %d tokens, and a chunk has %d (--ctx-size)", len(ids), size)
	}
	if most > 0 {
		n = min(n, most)
	}
	chunks := slices.Collect(slices.Chunk(ids[:n*size], size))
	for _, chunk := range chunks {
		copy(chunk, begins)
	}
	return chunks, nil
}

// A judgement is what was measured.
type judgement struct {
	ppl, base score.Perplexity
	kl        *score.Divergence // nil without a base
}

// measure runs the models over the chunks, side by side.
func (c *perplexityCmd) measure(
	ctx context.Context, a *app, models []*cria.Model, chunks [][]int32,
) (*judgement, error) {
	r := &judgement{}
	if len(models) > 1 {
		r.kl = &score.Divergence{}
	}
	for i, chunk := range chunks {
		if err := r.chunk(ctx, models, chunk); err != nil {
			if i > 0 {
				fmt.Fprintln(a.stderr)
			}
			return nil, err
		}
		fmt.Fprintf(a.stderr, "[%d]%.4f,", i+1, r.ppl.Value())
	}
	fmt.Fprintln(a.stderr)
	return r, nil
}

// chunk scores the tokens that have at least half of a chunk before them.
func (r *judgement) chunk(ctx context.Context, models []*cria.Model, ids []int32) error {
	first := len(ids) / 2
	base := func() ([]float32, error, bool) { return nil, nil, true }
	if r.kl != nil {
		next, stop := iter.Pull2(models[1].Score(ctx, ids[:len(ids)-1], first))
		defer stop()
		base = next
	}
	at := first
	for logits, err := range models[0].Score(ctx, ids[:len(ids)-1], first) {
		if err != nil {
			return err
		}
		from, err, _ := base()
		if err != nil {
			return err
		}
		at++
		r.ppl.Add(logits, ids[at])
		if r.kl != nil {
			r.base.Add(from, ids[at])
			r.kl.Add(from, logits)
		}
	}
	return nil
}

// A perplexityLine is what --json writes.
type perplexityLine struct {
	Perplexity float64         `json:"perplexity"`
	Error      float64         `json:"perplexity_error"`
	NLL        float64         `json:"nll"` // mean negative log likelihood of a token, in nats
	Tokens     int             `json:"tokens_scored"`
	Chunks     int             `json:"chunks"`
	Context    int             `json:"context"`
	Base       *divergenceLine `json:"base,omitempty"`
}

// A divergenceLine compares with a base.
type divergenceLine struct {
	Perplexity float64 `json:"perplexity"`
	Error      float64 `json:"perplexity_error"`
	KL         float64 `json:"kl_mean"`
	KLError    float64 `json:"kl_error"`
	Median     float64 `json:"kl_median"`
	P99        float64 `json:"kl_99"`
	Most       float64 `json:"kl_max"`
	Same       float64 `json:"same_top"`
	SameError  float64 `json:"same_top_error"`
}

func (r *judgement) line(chunks, context int) perplexityLine {
	l := perplexityLine{Perplexity: r.ppl.Value(), Error: r.ppl.Error(), NLL: r.ppl.NLL.Value(),
		Tokens: r.ppl.NLL.N, Chunks: chunks, Context: context}
	if r.kl != nil {
		l.Base = &divergenceLine{Perplexity: r.base.Value(), Error: r.base.Error(),
			KL: r.kl.KL.Value(), KLError: r.kl.KL.Error(),
			Median: r.kl.Quantile(0.5), P99: r.kl.Quantile(0.99), Most: r.kl.Quantile(1),
			Same: r.kl.Same.Value(), SameError: r.kl.Same.Error()}
	}
	return l
}

// write tells people.
func (r *judgement) write(w io.Writer, chunks, context int) error {
	l := r.line(chunks, context)
	_, err := fmt.Fprintf(w, "perplexity %.4f ± %.4f (%d tokens in %d chunks of %d)\n",
		l.Perplexity, l.Error, l.Tokens, chunks, context)
	if b := l.Base; b != nil && err == nil {
		_, err = fmt.Fprintf(w, "perplexity of the base %.4f ± %.4f\n"+
			"KL divergence from the base %.6f ± %.6f, median %.6f, 99 %% %.6f, most %.6f\n"+
			"same most likely token %.2f ± %.2f %%\n",
			b.Perplexity, b.Error, b.KL, b.KLError, b.Median, b.P99, b.Most, 100*b.Same, 100*b.SameError)
	}
	return err
}
