package main

import (
	"strings"

	"cria/internal/llama2c"
	"cria/internal/load"
	"cria/internal/tensor"
)

// headerFlags name a checkpoint, or a published shape for which no file is needed.
type headerFlags struct {
	Model string `arg:"" optional:"" name:"model" help:"A llama2.c checkpoint."`
	Shape string `placeholder:"NAME" help:"Take this published shape in place of a file: ${shapes}."`
	Type  string `placeholder:"TYPE" enum:"f32,f16,bf16,q8" default:"f32" help:"With --shape, type of the matrices: ${enum} (${default})."`
}

// header returns the header of what is named, and how many bytes its file has.
func (f *headerFlags) header() (h *llama2c.Header, size int64, err error) {
	switch {
	case f.Model != "" && f.Shape != "":
		return nil, 0, misuse("a model and --shape are both given")
	case f.Model != "":
		return readHeader(f.Model)
	case f.Shape == "":
		return nil, 0, misuse("name a model, or a shape with --shape")
	}
	c, ok := load.Shapes[f.Shape]
	if !ok {
		return nil, 0, misuse("--shape %s: want one of %s", f.Shape, strings.Join(load.ShapeNames(), ", "))
	}
	typ, err := tensor.ParseDType(f.Type)
	if err != nil {
		return nil, 0, usageError{err}
	}
	h = &llama2c.Header{
		Version: versionFor(typ), Dim: c.Dim, HiddenDim: c.HiddenDim, NLayers: c.NLayers, NHeads: c.NHeads,
		NKVHeads: c.NKVHeads, VocabSize: c.VocabSize, SeqLen: c.SeqLen,
		SharedClassifier: load.SharedClassifier(&c), Type: typ,
	}
	if typ == tensor.Q8 {
		h.Group = llama2c.GroupFor(h)
	}
	size, err = h.FileSize()
	return h, size, err
}

// name returns what the user called the model.
func (f *headerFlags) name() string {
	if f.Model != "" {
		return f.Model
	}
	return f.Shape + " " + f.Type
}
