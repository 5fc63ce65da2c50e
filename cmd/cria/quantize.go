package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"

	"cria/internal/convert"
	"cria/internal/gguf"
	"cria/internal/imatrix"
	"cria/internal/load"
	"cria/internal/mix"
	"cria/internal/tensor"
	"cria/internal/token"
)

// quantizeCmd writes a GGUF file with weights of fewer bits.
type quantizeCmd struct {
	In         string   `arg:"" help:"A GGUF file, or the first of its shards, a folder of Hugging Face, a llama2.c checkpoint, hf:org/name, or synthetic:SHAPE for random weights of a published shape: ${shapes}."`
	Out        string   `arg:"" help:"The file to write. It is there when all of it is."`
	Type       string   `required:"" placeholder:"MIX" help:"How: ${mixes}."`
	IMatrix    string   `name:"imatrix" placeholder:"FILE" help:"Importance of columns, as cria imatrix or llama.cpp wrote it."`
	Pure       bool     `help:"Give all matrices the type itself, and none more bits."`
	TensorType []string `placeholder:"REGEX=TYPE" sep:"none" help:"Type of the tensors whose names match; the first that does counts."`
	OutputType string   `name:"output-tensor-type" placeholder:"TYPE" help:"Type of the classifier, which is the embedding if there is one matrix for both."`
	EmbedType  string   `name:"token-embedding-type" placeholder:"TYPE" help:"Type of the embedding."`
	Requant    bool     `name:"allow-requantize" help:"Quantize again what is quantized already. That loses more than once."`
	DryRun     bool     `help:"List the tensors with their types, and write nothing."`
	Tokenizer  string   `short:"z" placeholder:"FILE" env:"CRIA_TOKENIZER" help:"Tokenizer for the file (default: the model's own, or tokenizer.bin beside it)."`
	Threads    int      `short:"t" placeholder:"N" env:"CRIA_THREADS" help:"Threads that compute (default: one for each core). The file is the same for every number."`
}

// Help is shown by --help.
func (*quantizeCmd) Help() string {
	return `Types and their names are those of llama.cpp: Q4_K_M gives most matrices q4_k, and q6_k to those where errors
cost most. Norms and biases stay as they are. Where the blocks of a type do not fill the rows of a matrix it gets the
next type with more bits whose blocks do, or f16, which is said.`
}

// Run is called by kong.
func (c *quantizeCmd) Run(ctx context.Context, a *app) (err error) {
	m, opt, err := c.options()
	if err != nil {
		return usageError{err}
	}
	src, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, src.Close()) }()
	kv, parts, err := c.read(a, src)
	if err != nil {
		return err
	}
	importance, err := c.importance()
	if err != nil {
		return err
	}
	config, list := &src.Config, tensorsOf(src, parts)
	choices := m.Plan(mix.Facts{Arch: src.Family, Layers: config.NLayers, Heads: config.NHeads, KVHeads: config.NKVHeads,
		Experts: config.NExperts, HasImportance: importance != nil}, list, opt)
	a.noteFallbacks(list, choices)
	if c.DryRun {
		return a.listPlan(list, sources(parts), choices)
	}
	a.noteUnknown(list, choices, importance)
	return c.write(ctx, a, src.Path, m, convert.Options{KV: kv, Types: typesOf(choices)}, sources(parts), importance)
}

// open opens the model, or makes one.
func (c *quantizeCmd) open(ctx context.Context, a *app) (*load.Model, error) {
	if shape, ok := strings.CutPrefix(c.In, "synthetic:"); ok {
		if config, ok := load.Shapes[shape]; ok {
			bytes := load.SyntheticBytes(&config, tensor.F16, 0, load.SharedClassifier(&config))
			if err := a.checkMemory(load.Memory{Weights: bytes}); err != nil {
				return nil, err
			}
		}
		return load.SyntheticModel(shape)
	}
	path, err := a.path(ctx, c.In)
	if err == nil && !c.DryRun {
		err = differ(path, c.Out)
	}
	if err != nil {
		return nil, err
	}
	return load.Open(load.Disk{}, path)
}

// read returns what the new file holds.
func (c *quantizeCmd) read(a *app, src *load.Model) ([]gguf.KV, []load.Part, error) {
	var tok *token.Tokenizer
	if src.Format != "GGUF" {
		var tried string
		var err error
		if tok, tried, err = src.Tokenizer(c.Tokenizer); err != nil {
			return nil, nil, err
		}
		if tok == nil {
			a.note("%s has no tokenizer, and so will %s: there is no %s", src.Path, c.Out, tried)
		}
	} else if c.Tokenizer != "" {
		return nil, nil, misuse("--tokenizer: %s has its own", src.Path)
	}
	return src.AsGGUF(tok)
}

// write writes the new file, and says what became of the old one.
func (c *quantizeCmd) write(ctx context.Context, a *app, path string, m *mix.Mix, opt convert.Options,
	from []convert.Tensor, importance *imatrix.File) error {
	was, is := sizeOf(from, opt.Types)
	progress, finish := a.bar(is.bytes, "quantizing")
	opt.FileType, opt.Requant, opt.Threads = m.FileType, c.Requant, c.Threads
	if opt.Threads == 0 {
		opt.Threads = runtime.GOMAXPROCS(0)
	}
	if importance != nil {
		opt.Importance = importance.Importance
		opt.KV = slices.DeleteFunc(slices.Clone(opt.KV), func(kv gguf.KV) bool {
			return strings.HasPrefix(kv.Key, "quantize.imatrix.")
		})
		opt.KV = append(opt.KV,
			gguf.KV{Key: "quantize.imatrix.file", Value: filepath.Base(c.IMatrix)},
			gguf.KV{Key: "quantize.imatrix.dataset", Value: strings.Join(importance.Datasets, ", ")},
			gguf.KV{Key: "quantize.imatrix.entries_count", Value: uint32(len(importance.Entries))},
			gguf.KV{Key: "quantize.imatrix.chunks_count", Value: uint32(importance.Chunks)})
	}
	err := convert.Write(ctx, c.Out, from, &opt, progress)
	finish()
	var again *convert.RequantError
	switch {
	case errors.As(err, &again):
		return fmt.Errorf("%s: %w; --allow-requantize does it all the same", path, err)
	case err != nil:
		return err
	}
	a.note("%s: %s, %s (was %s)", c.Out, m.Name, is, was)
	return nil
}

// importance reads --imatrix. It is nil without.
func (c *quantizeCmd) importance() (*imatrix.File, error) {
	if c.IMatrix == "" {
		return nil, nil
	}
	data, err := os.ReadFile(c.IMatrix)
	if err != nil {
		return nil, err
	}
	return imatrix.Parse(c.IMatrix, data)
}

// noteUnknown says which matrices an importance matrix does not know.
func (a *app) noteUnknown(list []mix.Tensor, choices []mix.Choice, importance *imatrix.File) {
	var names []string
	for i := range list {
		if importance != nil && choices[i].Type.IsBlocks() && importance.Importance(list[i].Name) == nil {
			names = append(names, list[i].Name)
		}
	}
	if len(names) > 0 {
		a.note("--imatrix has nothing on %d matrices: %s", len(names), shortList(names))
	}
}

// shortList returns the first of many names.
func shortList(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// options returns the flags, or what is wrong with them.
func (c *quantizeCmd) options() (*mix.Mix, *mix.Options, error) {
	if c.Threads < 0 {
		return nil, nil, fmt.Errorf("--threads: %d, want at least 1", c.Threads)
	}
	if strings.EqualFold(c.Type, llmInt8) {
		return nil, nil, errors.New("--type llm.int8: no file has it, because any column of the floats may be wanted " +
			"beside the int8; give --type llm.int8 to run, chat, perplexity or bench, with a file of f32, f16 or bf16")
	}
	m, err := mix.Named(c.Type)
	if err != nil {
		return nil, nil, fmt.Errorf("--type: %w", err)
	}
	opt := &mix.Options{Pure: c.Pure}
	for _, x := range []struct {
		flag, name string
		typ        **tensor.DType
	}{
		{"--output-tensor-type", c.OutputType, &opt.Output}, {"--token-embedding-type", c.EmbedType, &opt.Embed},
	} {
		if x.name != "" {
			typ, err := typeNamed(x.flag, x.name)
			if err != nil {
				return nil, nil, err
			}
			*x.typ = &typ
		}
	}
	for _, rule := range c.TensorType {
		i := strings.LastIndexByte(rule, '=')
		if i < 0 {
			return nil, nil, fmt.Errorf("--tensor-type: %q, want REGEX=TYPE", rule)
		}
		typ, err := typeNamed("--tensor-type", rule[i+1:])
		if err != nil {
			return nil, nil, err
		}
		name, err := regexp.Compile(rule[:i])
		if err != nil {
			return nil, nil, fmt.Errorf("--tensor-type: %w", err)
		}
		opt.Rules = append(opt.Rules, mix.NameRule{Name: name, Type: typ})
	}
	return m, opt, nil
}

// typeNamed returns the type that a flag names, which GGUF files must have.
func typeNamed(flag, name string) (tensor.DType, error) {
	typ, err := tensor.ParseDType(name)
	if err == nil {
		if _, ok := gguf.TypeOf(typ); !ok {
			err = fmt.Errorf("GGUF files have no %v", typ)
		}
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", flag, err)
	}
	return typ, nil
}
