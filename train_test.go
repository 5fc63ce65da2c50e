package cria_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cria"
)

// A program teaches a model a sentence and lets it complete it.
func ExampleTrain() {
	dir, err := os.MkdirTemp("", "sentence")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	sentence := "the little llama looked at the moon and hummed"
	ctx := context.Background()
	err = cria.Train(ctx, slices.Values([]string{sentence, sentence, sentence}), cria.Training{
		Dir: dir, Dim: 32, NLayers: 2, NHeads: 4, VocabSize: 300, Steps: 120, Batch: 2, Seq: 64, Documents: true, Rate: 0.01,
	})
	if err != nil {
		log.Fatal(err)
	}
	m, err := cria.Open(filepath.Join(dir, "model.bin"))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	s, err := m.NewSession(cria.WithSampling(cria.Greedy()))
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	fmt.Print("the little")
	for tok, err := range s.Generate(ctx, "the little") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(tok.Text)
	}
	fmt.Println()
	// Output: the little llama looked at the moon and hummed
}

func TestTrainErrors(t *testing.T) {
	docs := slices.Values([]string{"one text", "and another"})
	for want, c := range map[string]cria.Training{
		"directory":        {},
		"no multiple":      {Dir: "x", Dim: 10, NHeads: 3},
		"NKVHeads":         {Dir: "x", VocabSize: 275, NKVHeads: 3},
		"steps is -1":      {Dir: "x", Steps: -1},
		"validation is 2":  {Dir: "x", VocabSize: 275, Validation: 2},
		"rate is -1":       {Dir: "x", Rate: -1},
		"vocabulary of 10": {Dir: "x", VocabSize: 10},
	} {
		err := cria.Train(context.Background(), docs, c)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := cria.Training{
		Dir: t.TempDir() + "/out", Dim: 16, NHeads: 2, NLayers: 1, VocabSize: 275, Steps: 5, Batch: 1, Seq: 8,
		Report: func(s cria.TrainingStep) {
			if s.Step == 2 {
				cancel()
			}
		},
	}
	if err := cria.Train(ctx, docs, c); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	c.Resume = true
	if err := cria.Train(context.Background(), docs, c); err != nil {
		t.Error(err)
	}
}
