package train

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"time"

	"cria/internal/llama2c"
	"cria/internal/tensor"
	"cria/internal/token"
)

// The files of a job's directory.
const (
	ModelFile     = "model.bin"     // llama2.c version 0
	QuantizedFile = "model.q8.bin"  // llama2.c version 2, at the end
	TokenizerFile = "tokenizer.bin" // beside the model, where cria looks for it
	CurveFile     = "loss.svg"
	stateFile     = "state.ckpt"
)

// A Job is a whole training with its files, which goes on where it stopped.
type Job struct {
	Model     *Model // where training begins
	Options   Options
	Tokenizer *token.SPM

	Train, Validation *Dataset
	Docs              bool // a window is a document; see NewBatches

	Dir           string
	Resume        bool // go on from what is in Dir
	ValidateEvery int  // steps
	SaveEvery     int  // steps; the last one is saved in any case

	// Report, if not nil, is called after every step.
	Report func(Progress)
}

// Progress is what a job says after a step.
type Progress struct {
	Stats
	Steps      int           // in all
	Validation float64       // loss; NaN if this step did not measure it
	Took       time.Duration // the step itself
	Saved      bool          // the files in Dir are those of this step
	Curve      []Point       // so far
}

// progressMeta is what a state keeps beside the slabs. Resuming wants the same key.
type progressMeta struct {
	Key   string   `json:"key"` // of everything that the result depends on
	Curve []Point  `json:"-"`
	Steps []int    `json:"steps"` // of the curve
	Train []string `json:"train"` // losses as text, because JSON has no NaN
	Valid []string `json:"valid"`
}

// key returns a checksum of all that decides about the final weights.
func (j *Job) key() string {
	h := sha256.New()
	o := j.Options
	o.Threads = 0 // does not show in the result
	c := &j.Model.Config
	fmt.Fprint(h, c.Dim, c.HiddenDim, c.NLayers, c.NHeads, c.NKVHeads, c.VocabSize, c.SeqLen, c.Rope.Theta, c.NormEps)
	fmt.Fprintf(h, " %+v %v %v %d", o, j.Model.Shared, j.Docs, j.ValidateEvery)
	for _, d := range []*Dataset{j.Train, j.Validation} {
		_ = binary.Write(h, binary.LittleEndian, d.Tokens) // a hash does not fail
		fmt.Fprint(h, d.Starts)
	}
	_, _ = h.Write(tensor.Bytes(j.Model.Params))
	return hex.EncodeToString(h.Sum(nil))
}

// Run trains until all steps are done or ctx ends, which saves and returns
// ctx's error. What is saved after a number of steps has the same bits however
// often the job was stopped, and on any number of threads.
func (j *Job) Run(ctx context.Context) (err error) {
	if j.ValidateEvery < 1 || j.SaveEvery < 1 {
		return fmt.Errorf("train: validation every %d and saving every %d steps, want at least 1",
			j.ValidateEvery, j.SaveEvery)
	}
	o := &j.Options
	t, err := NewTrainer(j.Model, *o)
	if err != nil {
		return err
	}
	defer t.Close()
	batches, err := NewBatches(j.Train, o.Batch, o.Seq, o.Accumulate, j.Docs, o.Seed)
	if err != nil {
		return err
	}
	validation, err := NewBatches(j.Validation, o.Batch, o.Seq, 1, j.Docs, o.Seed)
	if err != nil {
		return fmt.Errorf("%w (validation)", err)
	}
	if err := os.MkdirAll(j.Dir, 0o777); err != nil {
		return err
	}
	key := j.key()
	curve, err := j.start(t, key)
	if err != nil {
		return err
	}
	rounds := max(1, min(32, validation.Windows()/o.Batch))
	for t.Done < o.Steps {
		if ctx.Err() != nil {
			return errors.Join(ctx.Err(), j.save(t, key, curve))
		}
		p, err := j.step(t, batches, validation, rounds, &curve)
		if err != nil {
			return err
		}
		if p.Saved = t.Done%j.SaveEvery == 0 || t.Done == o.Steps; p.Saved {
			if err := j.save(t, key, curve); err != nil {
				return err
			}
		}
		if j.Report != nil {
			j.Report(p)
		}
	}
	return j.finish()
}

// step takes one step and, every so often, the loss on what is put aside.
func (j *Job) step(t *Trainer, batches, validation *Batches, rounds int, curve *[]Point) (Progress, error) {
	start := time.Now()
	s, err := t.Step(batches)
	if err != nil {
		return Progress{}, err
	}
	p := Progress{Stats: s, Steps: j.Options.Steps, Took: time.Since(start), Validation: math.NaN()}
	if t.Done%j.ValidateEvery == 0 || t.Done == j.Options.Steps {
		p.Validation = t.Loss(validation, rounds)
	}
	*curve = append(*curve, Point{s.Step, s.Loss, p.Validation})
	p.Curve = *curve
	return p, nil
}

// start reads the state to go on from, if there is to be one.
func (j *Job) start(t *Trainer, key string) ([]Point, error) {
	path := filepath.Join(j.Dir, stateFile)
	if !j.Resume {
		if _, err := os.Stat(path); err == nil {
			return nil, fmt.Errorf("train: %s has a training in it: resume it, or choose another directory", j.Dir)
		}
		return nil, nil
	}
	s, err := ReadState(path)
	if err != nil {
		return nil, err
	}
	var meta progressMeta
	if err := json.Unmarshal(s.Meta, &meta); err != nil {
		return nil, fmt.Errorf("train: %s: %w", path, err)
	}
	if meta.Key != key {
		return nil, fmt.Errorf("train: %s is of a training with other options, data or tokenizer", path)
	}
	if len(s.Slabs) != 3 {
		return nil, fmt.Errorf("train: %s has %d slabs, want 3", path, len(s.Slabs))
	}
	for i, dst := range [][]float32{t.Model.Params, t.optimizer.M, t.optimizer.V} {
		if len(s.Slabs[i]) != len(dst) {
			return nil, fmt.Errorf("train: %s: slab %d has %d numbers, want %d", path, i, len(s.Slabs[i]), len(dst))
		}
		copy(dst, s.Slabs[i])
	}
	t.Done = s.Step
	return meta.points()
}

// points returns the curve.
func (m *progressMeta) points() ([]Point, error) {
	if len(m.Train) != len(m.Steps) || len(m.Valid) != len(m.Steps) {
		return nil, errors.New("train: the state's curve has parts of different lengths")
	}
	list := make([]Point, len(m.Steps))
	for i, step := range m.Steps {
		list[i].Step = step
		for _, f := range []struct {
			dst  *float64
			text string
		}{{&list[i].Train, m.Train[i]}, {&list[i].Validation, m.Valid[i]}} {
			if _, err := fmt.Sscan(f.text, f.dst); err != nil {
				return nil, fmt.Errorf("train: the state's curve: %w", err)
			}
		}
	}
	return list, nil
}

// save writes all files, the state last.
func (j *Job) save(t *Trainer, key string, curve []Point) error {
	meta := progressMeta{Key: key}
	for _, p := range curve {
		meta.Steps = append(meta.Steps, p.Step)
		meta.Train = append(meta.Train, fmt.Sprint(p.Train))
		meta.Valid = append(meta.Valid, fmt.Sprint(p.Validation))
	}
	text, err := json.Marshal(meta)
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name  string
		write func(w io.Writer) error
	}{
		{ModelFile, j.Model.Write},
		{TokenizerFile, func(w io.Writer) error { _, err := j.Tokenizer.WriteTo(w); return err }},
		{CurveFile, func(w io.Writer) error { return WriteCurve(w, "Loss", curve) }},
	} {
		if err := ReplaceFile(filepath.Join(j.Dir, f.name), f.write); err != nil {
			return err
		}
	}
	slabs := [][]float32{t.Model.Params, t.optimizer.M, t.optimizer.V}
	return WriteState(filepath.Join(j.Dir, stateFile), &State{Step: t.Done, Meta: text, Slabs: slabs})
}

// Header returns the header of the model as a checkpoint of version 0.
func (m *Model) Header() llama2c.Header {
	c := &m.Config
	return llama2c.Header{
		Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads, NKVHeads: c.NKVHeads,
		VocabSize: c.VocabSize, SeqLen: c.SeqLen, SharedClassifier: m.Shared, Type: tensor.F32,
	}
}

// Write writes the model as a llama2.c checkpoint of version 0.
func (m *Model) Write(w io.Writer) error {
	h := m.Header()
	return llama2c.Write(w, &h, func(name string) (tensor.Mat, error) {
		for i := range m.Tensors {
			if t := &m.Tensors[i]; t.Name == name {
				return tensor.Mat{Type: tensor.F32, Rows: t.Rows, Cols: t.Cols, Data: tensor.Bytes(t.Of(m.Params))}, nil
			}
		}
		return tensor.Mat{}, errors.New("the model has no such tensor")
	}, nil)
}

// finish writes the model with weights of int8 beside the one of float32.
func (j *Job) finish() error {
	path := filepath.Join(j.Dir, ModelFile)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	src, err := llama2c.Parse(path, data)
	if err != nil {
		return err
	}
	group := llama2c.GroupFor(&src.Header)
	return ReplaceFile(filepath.Join(j.Dir, QuantizedFile), func(w io.Writer) error {
		_, err := llama2c.Convert(w, src, llama2c.Options{Version: 2, Type: tensor.Q8, Group: group}, nil)
		return err
	})
}
