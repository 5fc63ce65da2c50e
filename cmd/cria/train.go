package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"cria"
	"cria/internal/bench"
	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/token"
	"cria/internal/train"
)

// trainCmd teaches a model.
type trainCmd struct {
	dataFlags
	Tokenizer string `short:"z" placeholder:"FILE" help:"The tokenizer (default: tokenizer.bin beside --init, or else one of --vocab tokens is made of the data)."`
	Vocab     int    `placeholder:"N" default:"1024" help:"Tokens of a tokenizer that is made (${default})."`
	Out       string `short:"o" required:"" placeholder:"DIR" help:"Where model.bin, model.q8.bin, tokenizer.bin, loss.svg and the state go."`
	Resume    bool   `help:"Go on with the training in DIR; all other flags must be the same."`
	Init      string `placeholder:"MODEL" help:"Begin with the weights of this checkpoint; it also says the shape."`

	shapeFlags    `group:"Shape"`
	scheduleFlags `group:"Training"`
}

// dataFlags name the text to learn from.
type dataFlags struct {
	Data []string `required:"" sep:"none" placeholder:"FILE" help:"Text to learn from, any number of times: .jsonl has a field \"text\" in each line; in other files lines \"<|endoftext|>\" separate documents."`
}

// documents yields the documents of all files. If ctx ends, its error is the last thing to come.
func (f *dataFlags) documents(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, path := range f.Data {
			for doc, err := range train.Documents(path) {
				if ctx.Err() != nil {
					doc, err = "", ctx.Err()
				}
				if !yield(doc, err) || err != nil {
					return
				}
			}
		}
	}
}

// shapeFlags are the shape of a new model.
type shapeFlags struct {
	Dim         int  `placeholder:"N" default:"64" help:"Width of the model (${default})."`
	Layers      int  `placeholder:"N" default:"5" help:"Layers (${default})."`
	Heads       int  `placeholder:"N" default:"8" help:"Query heads (${default})."`
	KVHeads     int  `name:"kv-heads" placeholder:"N" help:"Key/value heads (default: as many as query heads)."`
	Hidden      int  `placeholder:"N" help:"Width of the feed-forward part (default: 8/3 of --dim, rounded up to a multiple of 32)."`
	OwnOutput   bool `help:"Give the classifier weights of its own; otherwise it shares the embedding's."`
	ContextSize int  `name:"ctx-size" short:"c" placeholder:"N" help:"Positions that the model will have (default: --seq)."`
}

// scheduleFlags say how to train.
type scheduleFlags struct {
	Seq           int     `placeholder:"N" default:"256" help:"Tokens of a sequence (${default})."`
	Batch         int     `short:"b" placeholder:"N" default:"8" help:"Sequences at once (${default})."`
	Accumulate    int     `placeholder:"N" default:"1" help:"Batches whose gradients make one step (${default})."`
	Steps         int     `short:"n" placeholder:"N" default:"1000" help:"Steps (${default})."`
	LR            float64 `name:"lr" placeholder:"X" default:"0.001" help:"Learning rate at its height (${default})."`
	MinLR         float64 `name:"min-lr" placeholder:"X" default:"-1" help:"Learning rate at the end (default: a tenth of --lr)."`
	Warmup        int     `placeholder:"N" default:"-1" help:"Steps until the learning rate is at its height (default: a twentieth of --steps)."`
	Decay         float64 `placeholder:"X" default:"0.1" help:"Weight decay (${default})."`
	Clip          float64 `placeholder:"X" default:"1" help:"Largest norm of the gradients; 0: no limit (${default})."`
	Windows       string  `enum:"stream,documents" default:"stream" help:"What a sequence is: a piece of all documents one after the other, or the beginning of one document: ${enum} (${default})."`
	Validation    float64 `placeholder:"X" default:"0.05" help:"Share of the documents put aside for validation (${default})."`
	Seed          uint64  `placeholder:"N" default:"1" help:"Seed of the first weights and of the order of the data (${default})."`
	Threads       int     `short:"t" placeholder:"N" env:"CRIA_THREADS" help:"Threads that compute (default: one for each core)."`
	ValidateEvery int     `placeholder:"N" default:"100" help:"Steps from one validation to the next (${default})."`
	SaveEvery     int     `placeholder:"N" default:"500" help:"Steps from one saved state and sample to the next (${default})."`
	Sample        string  `placeholder:"TEXT" help:"How the samples begin (default: at the beginning)."`
}

// Help is shown by --help.
func (*trainCmd) Help() string {
	return "The same data, flags and seed give the same weights, bit for bit, on any number of threads and on any " +
		"machine. Ctrl-C saves; --resume goes on, to the same weights."
}

// Run is called by kong.
func (c *trainCmd) Run(ctx context.Context, a *app) error {
	o := c.options()
	if err := o.Check(); err != nil {
		return usageError{err}
	}
	spm, err := c.tokenizer(ctx, a)
	if err != nil {
		return err
	}
	m, err := c.model(spm)
	if err != nil {
		return err
	}
	data, err := c.dataset(ctx, a, spm)
	if err != nil {
		return err
	}
	learn, validation, err := data.Split(c.Validation, c.Seed)
	if err != nil {
		return err
	}
	config := &m.Config
	a.note("%d documents, %d tokens, %d of them for validation; %d parameters, %d steps of %d tokens", data.Len(),
		len(data.Tokens), len(validation.Tokens), len(m.Params), o.Steps, o.Batch*o.Seq*o.Accumulate)
	job := &train.Job{
		Model: m, Options: o, Tokenizer: spm, Train: learn, Validation: validation, Docs: c.Windows == "documents",
		Dir: c.Out, Resume: c.Resume, ValidateEvery: c.ValidateEvery, SaveEvery: c.SaveEvery,
	}
	watch := &trainWatch{app: a, cmd: c, perToken: float64(train.FLOPs(config, train.Sizes{Batch: o.Batch, Seq: o.Seq})) /
		float64(o.Batch*o.Seq), peak: peakFLOPs(o.Threads)}
	job.Report = func(p train.Progress) { watch.report(ctx, p) }
	if err := job.Run(ctx); err != nil {
		return err
	}
	a.note("%s is ready: cria run %s", filepath.Join(c.Out, train.ModelFile), filepath.Join(c.Out, train.ModelFile))
	return nil
}

// options returns the flags with their defaults filled in.
func (c *trainCmd) options() train.Options {
	o := train.Options{
		Batch: c.Batch, Seq: c.Seq, Accumulate: c.Accumulate, Steps: c.Steps, Warmup: c.Warmup,
		Rate: c.LR, MinRate: c.MinLR, Decay: c.Decay, Clip: c.Clip, Seed: c.Seed, Threads: c.Threads,
	}
	if o.MinRate < 0 {
		o.MinRate = o.Rate / 10
	}
	if o.Warmup < 0 {
		o.Warmup = o.Steps / 20
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o
}

// tokenizer reads the tokenizer, or makes one.
func (c *trainCmd) tokenizer(ctx context.Context, a *app) (*token.SPM, error) {
	path := c.Tokenizer
	if path == "" && c.Init != "" {
		path = filepath.Join(filepath.Dir(c.Init), train.TokenizerFile)
	}
	if path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		return token.ParseLlama2c(path, data, 0)
	}
	a.note("making a tokenizer of %d tokens", c.Vocab)
	return trainTokenizer(c.documents(ctx), c.Vocab)
}

// trainTokenizer makes a vocabulary of documents, the errors of which it returns.
func trainTokenizer(docs iter.Seq2[string, error], vocab int) (*token.SPM, error) {
	var failed error
	spm, err := token.Train(func(yield func(string) bool) {
		for doc, err := range docs {
			if failed = err; err != nil || !yield(doc) {
				return
			}
		}
	}, vocab)
	if failed != nil {
		return nil, failed
	}
	return spm, err
}

// model returns the model to begin with.
func (c *trainCmd) model(spm *token.SPM) (*train.Model, error) {
	if c.Init != "" {
		return c.initial(spm)
	}
	kvHeads, hidden, context := c.KVHeads, c.Hidden, c.ContextSize
	if kvHeads == 0 {
		kvHeads = c.Heads
	}
	if hidden == 0 {
		hidden = (c.Dim*8/3 + 31) / 32 * 32
	}
	if context == 0 {
		context = c.Seq
	}
	if c.Heads < 1 || c.Dim%c.Heads != 0 {
		return nil, misuse("--dim: %d is no multiple of the %d heads", c.Dim, c.Heads)
	}
	config := model.Config{
		Dim: c.Dim, HiddenDim: hidden, NLayers: c.Layers, NHeads: c.Heads, NKVHeads: kvHeads, HeadDim: c.Dim / c.Heads,
		VocabSize: spm.Size(), SeqLen: context, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}
	m, err := train.NewModel(config, !c.OwnOutput)
	if err != nil {
		return nil, misuse("%w", err)
	}
	h := m.Header()
	if _, err := h.FileSize(); err != nil {
		return nil, misuse("%w", err)
	}
	m.Init(c.Seed)
	return m, nil
}

// initial returns the model of --init.
func (c *trainCmd) initial(spm *token.SPM) (*train.Model, error) {
	data, err := os.ReadFile(c.Init)
	if err != nil {
		return nil, err
	}
	f, err := llama2c.Parse(c.Init, data)
	if err != nil {
		return nil, err
	}
	config, weights, err := load.Llama2c(f)
	if err != nil {
		return nil, err
	}
	if spm.Size() != config.VocabSize {
		return nil, fmt.Errorf("the tokenizer has %d tokens, but %s was made for %d", spm.Size(), c.Init, config.VocabSize)
	}
	m, err := train.NewModel(config, f.SharedClassifier)
	if err != nil {
		return nil, err
	}
	return m, m.SetWeights(weights)
}

// dataset returns the data as tokens: from the cache in the directory, if it is of this data and tokenizer.
func (c *trainCmd) dataset(ctx context.Context, a *app, spm *token.SPM) (*train.Dataset, error) {
	h := sha256.New()
	_, _ = spm.WriteTo(h) // a hash does not fail
	for doc, err := range c.documents(ctx) {
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(h, "%d:%s", len(doc), doc)
	}
	key := [32]byte(h.Sum(nil))
	path := filepath.Join(c.Out, "tokens.cache")
	if d, err := train.ReadCache(path, key); err == nil {
		return d, nil
	}
	a.note("tokenizing %s", strings.Join(c.Data, ", "))
	d, err := train.Tokenize(c.documents(ctx), spm)
	if err != nil {
		return nil, err
	}
	return d, errors.Join(os.MkdirAll(c.Out, 0o777), train.WriteCache(path, key, d))
}

// A trainWatch shows how a training goes.
type trainWatch struct {
	app      *app
	cmd      *trainCmd
	perToken float64 // floating-point operations
	peak     float64 // operations per second of all threads
	tokens   int     // since the last line
	took     time.Duration
	shown    time.Time
}

// report prints a line when there is something new, and a sample when all is saved.
func (w *trainWatch) report(ctx context.Context, p train.Progress) {
	w.tokens += p.Tokens
	w.took += p.Took
	measured := !math.IsNaN(p.Validation)
	if !measured && !p.Saved && time.Since(w.shown) < 10*time.Second {
		return
	}
	w.shown = time.Now()
	speed := rate(float64(w.tokens), w.took)
	left := time.Duration(float64(w.took) / float64(max(1, w.tokens)) * float64(p.Tokens*(p.Steps-p.Step)))
	line := fmt.Sprintf("step %d/%d  loss %.4f", p.Step, p.Steps, p.Loss)
	if measured {
		line += fmt.Sprintf("  validation %.4f", p.Validation)
	}
	line += fmt.Sprintf("  norm %.2f  rate %.2e  %.0f tok/s  %.1f GFLOP/s", p.Norm, p.Rate, speed, speed*w.perToken/1e9)
	if w.peak > 0 {
		line += fmt.Sprintf(" (%.0f %% of the peak)", 100*speed*w.perToken/w.peak)
	}
	fmt.Fprintf(w.app.stderr, "%s  %v left\n", line, left.Round(time.Second))
	w.tokens, w.took = 0, 0
	if p.Saved {
		w.sample(ctx, p)
	}
}

// sample prints the curve and what the model writes by now.
func (w *trainWatch) sample(ctx context.Context, p train.Progress) {
	var losses []float64
	for _, point := range p.Curve {
		losses = append(losses, point.Train)
	}
	fmt.Fprintf(w.app.stderr, "  %s\n", train.Sparkline(losses, 60))
	text, err := w.story(ctx)
	if err != nil {
		w.app.note("no sample: %v", err)
		return
	}
	fmt.Fprintf(w.app.stderr, "  | %s\n", strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  | "))
}

// sampleTokens is how long a sample is.
const sampleTokens = 80

// story opens the model that was saved and lets it write.
func (w *trainWatch) story(ctx context.Context) (text string, err error) {
	m, err := cria.Open(filepath.Join(w.cmd.Out, train.ModelFile), cria.WithSessions(1))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	s, err := m.NewSession(cria.WithMaxTokens(sampleTokens))
	if err != nil {
		return "", err
	}
	defer s.Close()
	var b strings.Builder
	b.WriteString(w.cmd.Sample)
	for tok, err := range s.Generate(ctx, w.cmd.Sample) {
		if err != nil {
			return "", err
		}
		b.WriteString(tok.Text)
	}
	return b.String(), nil
}

// peakFLOPs measures how many floating-point operations a number of threads do in a second.
func peakFLOPs(threads int) float64 {
	pool := par.New(threads)
	defer pool.Close()
	return 1e9 * bench.PeakFMA(pool)
}
