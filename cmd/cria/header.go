package main

import (
	"context"
	"strings"

	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/tensor"
)

// headerFlags name a checkpoint, or a published shape for which no file is needed.
type headerFlags struct {
	Model string `arg:"" optional:"" name:"model" help:"A llama2.c checkpoint, a GGUF file, a folder of Hugging Face, or hf:org/name."`
	Shape string `placeholder:"NAME" help:"Take this published shape in place of a file: ${shapes}."`
	Type  string `placeholder:"TYPE" enum:"f32,f16,bf16,q8,llm.int8" default:"f32" help:"With --shape, type of the matrices: ${enum} (${default}). llm.int8, which cria fit knows, is made of f16, or of what a file has."`
}

// header returns what is named; nothing else than what describes it is read. Close it.
func (f *headerFlags) header(ctx context.Context, a *app) (*load.Model, error) {
	switch {
	case f.Model != "" && f.Shape != "":
		return nil, misuse("a model and --shape are both given")
	case f.Model != "":
		path, err := a.path(ctx, f.Model)
		if err != nil {
			return nil, err
		}
		return openFiles(path)
	case f.Shape == "":
		return nil, misuse("name a model, or a shape with --shape")
	}
	c, ok := load.Shapes[f.Shape]
	if !ok {
		return nil, misuse("--shape %s: want one of %s", f.Shape, strings.Join(load.ShapeNames(), ", "))
	}
	name := f.Type
	if name == llmInt8 {
		name = "f16"
	}
	typ, err := tensor.ParseDType(name)
	if err != nil {
		return nil, usageError{err}
	}
	h := &llama2c.Header{
		Version: versionFor(typ), Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads,
		NKVHeads: c.NKVHeads, VocabSize: c.VocabSize, SeqLen: c.SeqLen,
		SharedClassifier: load.SharedClassifier(&c), Type: typ,
	}
	if typ == tensor.Q8 {
		h.Group = llama2c.GroupFor(h)
	}
	return load.Llama2cShape(h)
}

// name returns what the user called the model.
func (f *headerFlags) name() string {
	if f.Model != "" {
		return f.Model
	}
	return f.Shape + " " + f.Type
}
