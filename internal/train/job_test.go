package train

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria/internal/model"
	"cria/internal/token"
)

// newJob returns a small training that begins anew, into a directory of its own.
func newJob(t *testing.T) *Job {
	t.Helper()
	docs := []string{"a cat sat on a mat", "a dog sat on a log", "a cow sat on a plow", "a hen sat on a pen"}
	spm, err := token.Train(slices.Values(docs), 290)
	if err != nil {
		t.Fatal(err)
	}
	data, err := Tokenize(noErrors(slices.Values(docs)), spm)
	if err != nil {
		t.Fatal(err)
	}
	learn, validation, err := data.Split(0.25, 3)
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(model.Config{Dim: 16, HiddenDim: 20, NLayers: 2, NHeads: 2, NKVHeads: 1, HeadDim: 8,
		VocabSize: spm.Size(), SeqLen: 16, Rope: model.Rope{Theta: 10000}, NormEps: 1e-5}, true)
	if err != nil {
		t.Fatal(err)
	}
	m.Init(1)
	return &Job{
		Model: m, Tokenizer: spm, Train: learn, Validation: validation, Dir: filepath.Join(t.TempDir(), "out"),
		ValidateEvery: 3, SaveEvery: 4,
		Options: Options{Batch: 2, Seq: 12, Accumulate: 2, Steps: 9, Warmup: 2, Rate: 1e-2, MinRate: 1e-3,
			Decay: 0.1, Clip: 1, Seed: 5, Threads: 2},
	}
}

func noErrors(docs iter.Seq[string]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for d := range docs {
			if !yield(d, nil) {
				return
			}
		}
	}
}

// files returns what a finished job wrote.
func files(t *testing.T, j *Job) []byte {
	t.Helper()
	var all []byte
	for _, name := range []string{ModelFile, QuantizedFile, TokenizerFile, CurveFile, stateFile} {
		data, err := os.ReadFile(filepath.Join(j.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	return all
}

// TestResume: a training that is stopped after any step and resumed, on another
// number of threads, writes the same files as one that is not.
func TestResume(t *testing.T) {
	whole := newJob(t)
	var losses []float64
	whole.Report = func(p Progress) { losses = append(losses, p.Loss) }
	if err := whole.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(losses) != 9 || losses[8] >= losses[0] {
		t.Errorf("losses %v", losses)
	}
	want := files(t, whole)
	// The same on every processor: CI runs this with each instruction set.
	if sum := sha256.Sum256(want); hex.EncodeToString(sum[:8]) != "480bfc2455e02d22" {
		t.Errorf("SHA-256 of the files begins with %x", sum[:8])
	}
	for stop := 1; stop < 9; stop++ {
		ctx, cancel := context.WithCancel(context.Background())
		first := newJob(t)
		first.Report = func(p Progress) {
			if p.Step == stop {
				cancel()
			}
		}
		if err := first.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Fatalf("stopped after step %d: %v", stop, err)
		}
		second := newJob(t)
		second.Dir, second.Resume, second.Options.Threads = first.Dir, true, 1+stop%3
		if err := second.Run(context.Background()); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(files(t, second), want) {
			t.Errorf("stopped after step %d: other files", stop)
		}
	}
}

func TestResumeRefuses(t *testing.T) {
	done := newJob(t)
	if err := done.Run(context.Background()); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Job){
		"has a training in it": func(j *Job) { j.Resume = false },
		"other options":        func(j *Job) { j.Options.Rate *= 2 },
		"data or tokenizer":    func(j *Job) { j.Train.Tokens[3]++ },
		"state.ckpt":           func(j *Job) { j.Dir = t.TempDir() },
		"at least 1":           func(j *Job) { j.SaveEvery = 0 },
		"do not fit":           func(j *Job) { j.Options.Seq = 17 },
	} {
		j := newJob(t)
		j.Dir, j.Resume = done.Dir, true
		change(j)
		if err := j.Run(context.Background()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// TestDiverged: a number that is none ends the training with its place.
func TestDiverged(t *testing.T) {
	j := newJob(t)
	j.Options.Rate, j.Options.Clip = 1e30, 0
	err := j.Run(context.Background())
	var diverged *DivergedError
	if !errors.As(err, &diverged) || diverged.Step < 2 || diverged.Tensor == "" {
		t.Errorf("error %v, want a step and a tensor", err)
	}
	j = newJob(t)
	j.Model.Params[j.Model.Tensors[3].at+1] = float32(math.NaN())
	if err := j.Run(context.Background()); err == nil || !strings.Contains(err.Error(),
		"step 1: the parameter of layers.0.attention.wk.weight is not finite") {
		t.Errorf("error %v", err)
	}
}
