package cria

import (
	"context"
	"fmt"
	"iter"
	"runtime"

	"cria/internal/model"
	"cria/internal/token"
	"cria/internal/train"
)

// Training says what model to make and how to teach it. The zero value of a
// field means the default beside it.
type Training struct {
	Dir    string // where the files go; needed
	Resume bool   // go on with the training in Dir, of the same data and Training

	Dim, HiddenDim, NLayers int // 64, 8/3 of Dim rounded up to a multiple of 32, 5
	NHeads, NKVHeads        int // 8, NHeads
	VocabSize               int // 1024 tokens, for which a tokenizer is made of the text

	Steps      int     // 1000
	Batch, Seq int     // 8 sequences of 256 tokens
	Documents  bool    // every sequence begins with a document; else all of them form one stream
	Rate       float64 // 0.001: learning rate at its height, after a twentieth of the steps; it falls to a tenth
	Validation float64 // 0.05 of the documents are put aside
	Seed       uint64
	Threads    int // one for each core; it does not show in the result

	// Report, if not nil, is called after every step.
	Report func(TrainingStep)
}

// A TrainingStep says how a training goes.
type TrainingStep struct {
	Step       int
	Loss       float64 // mean over the tokens of the step, in nats, before it
	Validation float64 // the same for what is put aside; NaN at steps that do not measure it
	Saved      bool    // Dir has a model.bin of this step
}

// Train makes a tokenizer and a model of documents, which it reads several
// times, and writes them to c.Dir: model.bin and model.q8.bin for Open,
// tokenizer.bin, loss.svg, and the state to resume from. The same documents and
// Training give the same files, bit for bit, on every machine. If ctx ends, Train
// saves and returns ctx's error; Resume goes on to the same result.
func Train(ctx context.Context, docs iter.Seq[string], c Training) error {
	if c.Dir == "" {
		return fmt.Errorf("%w: a training needs a directory", ErrBadOption)
	}
	c = c.withDefaults()
	options := train.Options{
		Batch: c.Batch, Seq: c.Seq, Accumulate: 1, Steps: c.Steps, Warmup: c.Steps / 20, Rate: c.Rate, MinRate: c.Rate / 10,
		Decay: 0.1, Clip: 1, Seed: c.Seed, Threads: c.Threads,
	}
	if err := options.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrBadOption, err)
	}
	if c.NHeads < 1 || c.Dim%c.NHeads != 0 {
		return fmt.Errorf("%w: Dim %d is no multiple of NHeads %d", ErrBadOption, c.Dim, c.NHeads)
	}
	spm, err := token.Train(docs, c.VocabSize)
	if err != nil {
		return err
	}
	m, err := train.NewModel(model.Config{
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads, NKVHeads: c.NKVHeads,
		HeadDim: c.Dim / c.NHeads, VocabSize: c.VocabSize, SeqLen: c.Seq, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5,
	}, true)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadOption, err)
	}
	m.Init(c.Seed)
	data, err := train.Tokenize(withoutErrors(docs), spm)
	if err != nil {
		return err
	}
	learn, validation, err := data.Split(c.Validation, c.Seed)
	if err != nil {
		return err
	}
	job := &train.Job{
		Model: m, Options: options, Tokenizer: spm, Train: learn, Validation: validation, Docs: c.Documents,
		Dir: c.Dir, Resume: c.Resume, ValidateEvery: 100, SaveEvery: 500,
	}
	if c.Report != nil {
		job.Report = func(p train.Progress) { c.Report(TrainingStep{p.Step, p.Loss, p.Validation, p.Saved}) }
	}
	return job.Run(ctx)
}

// withDefaults returns c with its zero fields filled in.
func (c Training) withDefaults() Training {
	number := func(n *int, value int) {
		if *n == 0 {
			*n = value
		}
	}
	number(&c.Dim, 64)
	number(&c.HiddenDim, (c.Dim*8/3+31)/32*32)
	number(&c.NLayers, 5)
	number(&c.NHeads, 8)
	number(&c.NKVHeads, c.NHeads)
	number(&c.VocabSize, 1024)
	number(&c.Steps, 1000)
	number(&c.Batch, 8)
	number(&c.Seq, 256)
	number(&c.Threads, runtime.GOMAXPROCS(0))
	if c.Rate == 0 {
		c.Rate = 1e-3
	}
	if c.Validation == 0 {
		c.Validation = 0.05
	}
	return c
}

func withoutErrors(docs iter.Seq[string]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for doc := range docs {
			if !yield(doc, nil) {
				return
			}
		}
	}
}
