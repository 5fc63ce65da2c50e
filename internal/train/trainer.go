package train

import (
	"fmt"
	"math"

	"cria/internal/par"
)

// Options say how a model is taught.
type Options struct {
	Batch      int     // sequences that go through the network at once
	Seq        int     // tokens of each
	Accumulate int     // batches whose gradients make one step
	Steps      int     // of the optimizer
	Warmup     int     // steps until the rate is at its height
	Rate       float64 // learning rate at its height
	MinRate    float64 // learning rate at the end
	Decay      float64 // of weights, per unit of rate
	Clip       float64 // largest norm of the gradients; 0: no limit
	Seed       uint64  // of the first parameters and of the order of the data
	Threads    int
}

// Check returns an error that names the first option that makes no sense.
func (o *Options) Check() error {
	for _, f := range []struct {
		name string
		n    int
		min  int
	}{
		{"batch", o.Batch, 1}, {"seq", o.Seq, 1}, {"accumulate", o.Accumulate, 1}, {"steps", o.Steps, 1},
		{"warmup", o.Warmup, 0}, {"threads", o.Threads, 1},
	} {
		if f.n < f.min {
			return fmt.Errorf("train: %s is %d, want at least %d", f.name, f.n, f.min)
		}
	}
	for _, f := range []struct {
		name string
		x    float64
	}{{"rate", o.Rate}, {"least rate", o.MinRate}, {"decay", o.Decay}, {"clip", o.Clip}} {
		if !(f.x >= 0) || math.IsInf(f.x, 0) {
			return fmt.Errorf("train: %s is %v, want a number of at least 0", f.name, f.x)
		}
	}
	return nil
}

// A Trainer teaches a model, step by step.
type Trainer struct {
	Model *Model
	Done  int // steps

	options   Options
	pool      *par.Pool
	pass      *Pass
	optimizer *AdamW
}

// NewTrainer returns a trainer with its threads running. Close ends them.
func NewTrainer(m *Model, o Options) (*Trainer, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	if o.Seq > m.Config.SeqLen {
		return nil, fmt.Errorf("train: sequences of %d tokens do not fit the model's context of %d", o.Seq, m.Config.SeqLen)
	}
	t := &Trainer{Model: m, options: o, pool: par.New(o.Threads), optimizer: NewAdamW(m)}
	t.optimizer.Decay = o.Decay
	t.pass = NewPass(m, Sizes{o.Batch, o.Seq}, t.pool)
	return t, nil
}

// Close ends the threads.
func (t *Trainer) Close() { t.pool.Close() }

// A Source gives the batch that belongs to a step, as LossBack takes it. part
// counts the batches of one step.
type Source interface {
	At(step, part int) (in, want [][]int32)
}

// Stats is what one step says of itself.
type Stats struct {
	Step   int     // counted from 1
	Loss   float64 // mean over the tokens of the step, in nats, before the step
	Norm   float64 // of the gradients, before they were clipped
	Rate   float64
	Tokens int
}

// A DivergedError says that a number of the training is no number any more.
type DivergedError struct {
	Step   int
	Tensor string // the first one concerned, "" if only the loss is
	What   string // "gradient", "parameter" or "loss"
}

func (e *DivergedError) Error() string {
	if e.Tensor == "" {
		return fmt.Sprintf("train: step %d: the %s is not finite", e.Step, e.What)
	}
	return fmt.Sprintf("train: step %d: the %s of %s is not finite", e.Step, e.What, e.Tensor)
}

// Step takes the next step. After a *DivergedError the parameters are those from before it.
func (t *Trainer) Step(data Source) (Stats, error) {
	o, n := &t.options, t.Done+1
	s := Stats{Step: n, Rate: Rate(n, o.Warmup, o.Steps, o.Rate, o.MinRate)}
	batches := make([][2][][]int32, o.Accumulate)
	for i := range batches {
		in, want := data.At(t.Done, i)
		batches[i] = [2][][]int32{in, want}
		s.Tokens += wanted(want)
	}
	if s.Tokens == 0 {
		return s, fmt.Errorf("train: step %d: the batch has nothing to learn from", n)
	}
	t.pass.ClearGrads()
	sum, scale := 0.0, float32(1/float64(s.Tokens))
	for _, b := range batches {
		sum += t.pass.LossBack(b[0], b[1], scale)
	}
	s.Loss = sum / float64(s.Tokens)
	s.Norm = t.optimizer.Norm(t.pool, t.pass.Grads)
	if !finite(s.Loss) || !finite(s.Norm) {
		return s, t.diverged(n)
	}
	factor := 1.0
	if o.Clip > 0 && s.Norm > o.Clip {
		factor = o.Clip / s.Norm
	}
	t.optimizer.Step(t.pool, t.Model.Params, t.pass.Grads, n, s.Rate, float32(factor))
	t.Done = n
	return s, nil
}

// wanted counts the tokens that should be predicted.
func wanted(want [][]int32) int {
	n := 0
	for _, row := range want {
		for _, w := range row {
			if w >= 0 {
				n++
			}
		}
	}
	return n
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// diverged looks for the tensor where the trouble begins: a parameter, or else a gradient.
func (t *Trainer) diverged(step int) error {
	for _, slab := range []struct {
		what string
		x    []float32
	}{{"parameter", t.Model.Params}, {"gradient", t.pass.Grads}} {
		for _, part := range t.Model.Tensors {
			for _, f := range part.Of(slab.x) {
				if !finite(float64(f)) {
					return &DivergedError{step, part.Name, slab.what}
				}
			}
		}
	}
	return &DivergedError{Step: step, What: "loss"}
}

// Loss returns the mean loss over n batches, in nats for each token, without learning from them.
func (t *Trainer) Loss(data Source, n int) float64 {
	sum, tokens := 0.0, 0
	for i := range n {
		in, want := data.At(i, 0)
		sum += t.pass.Loss(in, want)
		tokens += wanted(want)
	}
	return sum / float64(max(tokens, 1))
}
