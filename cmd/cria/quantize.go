package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"text/tabwriter"

	"cria/internal/convert"
	"cria/internal/gguf"
	"cria/internal/imatrix"
	"cria/internal/load"
	"cria/internal/mix"
	"cria/internal/model"
	"cria/internal/tensor"
)

// quantizeCmd writes a GGUF file with weights of fewer bits.
type quantizeCmd struct {
	In         string   `arg:"" help:"A GGUF file, the first of its shards, or hf:org/name:file."`
	Out        string   `arg:"" help:"The file to write. It is there when all of it is."`
	Type       string   `required:"" placeholder:"MIX" help:"How: ${mixes}."`
	IMatrix    string   `name:"imatrix" placeholder:"FILE" help:"Importance of columns, as cria imatrix or llama.cpp wrote it."`
	Pure       bool     `help:"Give all matrices the type itself, and none more bits."`
	TensorType []string `placeholder:"REGEX=TYPE" sep:"none" help:"Type of the tensors whose names match; the first that does counts."`
	OutputType string   `name:"output-tensor-type" placeholder:"TYPE" help:"Type of the classifier, which is the embedding if there is one matrix for both."`
	EmbedType  string   `name:"token-embedding-type" placeholder:"TYPE" help:"Type of the embedding."`
	Requant    bool     `name:"allow-requantize" help:"Quantize again what is quantized already. That loses more than once."`
	DryRun     bool     `help:"List the tensors with their types, and write nothing."`
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
	path, err := a.path(ctx, c.In)
	if err != nil {
		return err
	}
	if !c.DryRun {
		if err := differ(path, c.Out); err != nil {
			return err
		}
	}
	f, closeFile, err := load.OpenGGUF(load.Disk{}, path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeFile()) }()
	config, _, err := load.GGUF(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	list, err := tensorsOf(f)
	if err != nil {
		return err
	}
	importance, err := c.importance()
	if err != nil {
		return err
	}
	facts := factsOf(f, &config)
	facts.HasImportance = importance != nil
	choices := m.Plan(facts, list, opt)
	a.noteFallbacks(list, choices)
	if c.DryRun {
		return a.listPlan(list, choices)
	}
	a.noteUnknown(list, choices, importance)
	return c.write(ctx, a, f, m, list, choices, importance)
}

// write writes the new file, and says what became of the old one.
func (c *quantizeCmd) write(ctx context.Context, a *app, f *gguf.File, m *mix.Mix,
	list []mix.Tensor, choices []mix.Choice, importance *imatrix.File) error {
	was, is := sizeOf(list, choices)
	progress, finish := a.bar(is.bytes, "quantizing")
	opt := convert.Options{FileType: m.FileType, Types: typesOf(choices), Requant: c.Requant, Threads: c.Threads}
	if opt.Threads == 0 {
		opt.Threads = runtime.GOMAXPROCS(0)
	}
	if importance != nil {
		opt.Importance = importance.Importance
		opt.KV = []gguf.KV{
			{Key: "quantize.imatrix.file", Value: filepath.Base(c.IMatrix)},
			{Key: "quantize.imatrix.dataset", Value: strings.Join(importance.Datasets, ", ")},
			{Key: "quantize.imatrix.entries_count", Value: uint32(len(importance.Entries))},
			{Key: "quantize.imatrix.chunks_count", Value: uint32(importance.Chunks)},
		}
	}
	err := convert.Write(ctx, c.Out, f, &opt, progress)
	finish()
	var again *convert.RequantError
	switch {
	case errors.As(err, &again):
		return fmt.Errorf("%s: %w; --allow-requantize does it all the same", f.Name, err)
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

// tensorsOf returns what a mix wants to know of a file's tensors.
func tensorsOf(f *gguf.File) ([]mix.Tensor, error) {
	var list []mix.Tensor
	for i := range f.Tensors {
		t := &f.Tensors[i]
		m, err := t.Mat()
		if err != nil {
			return nil, err
		}
		list = append(list, mix.Tensor{Name: t.Name, Type: m.Type, Dims: t.Dims})
	}
	return list, nil
}

// factsOf returns what a mix wants to know of a file's model.
func factsOf(f *gguf.File, c *model.Config) mix.Facts {
	arch, _, _ := f.String("general.architecture") // load.GGUF looked at it
	return mix.Facts{Arch: arch, Layers: c.NLayers, Heads: c.NHeads, KVHeads: c.NKVHeads, Experts: c.NExperts}
}

func typesOf(choices []mix.Choice) []tensor.DType {
	var types []tensor.DType
	for _, c := range choices {
		types = append(types, c.Type)
	}
	return types
}

// noteFallbacks says which types did not fit, once for each reason.
func (a *app) noteFallbacks(list []mix.Tensor, choices []mix.Choice) {
	type reason struct {
		cols int
		mix.Choice
	}
	var reasons []reason
	names := map[reason][]string{}
	for i, c := range choices {
		r := reason{list[i].Dims[0], c}
		if c.Type == c.Wanted {
			continue
		}
		if names[r] == nil {
			reasons = append(reasons, r)
		}
		names[r] = append(names[r], list[i].Name)
	}
	for _, r := range reasons {
		which := names[r][0]
		if n := len(names[r]); n > 1 {
			which = fmt.Sprintf("%s and %d more", which, n-1)
		}
		a.note("%s: rows of %d do not fill blocks of %d: %v in place of %v",
			which, r.cols, r.Wanted.BlockLen(), r.Type, r.Wanted)
	}
}

// listPlan lists what would be written.
func (a *app) listPlan(list []mix.Tensor, choices []mix.Choice) error {
	t := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	for i := range list {
		fmt.Fprintf(t, "%s\t%v\t%v\t%v\n", list[i].Name, list[i].Dims, list[i].Type, choices[i].Type)
	}
	was, is := sizeOf(list, choices)
	fmt.Fprintf(t, "all\t\t%s\t%s\n", was, is)
	return t.Flush()
}

// A weightsSize is what the tensors of a file take.
type weightsSize struct{ elements, bytes int64 }

func (s weightsSize) String() string {
	return fmt.Sprintf("%s, %s bits per weight", bytesText(s.bytes), threeDigits(8*float64(s.bytes)/float64(s.elements)))
}

// sizeOf returns what tensors take in the types that they have, and in those chosen.
func sizeOf(list []mix.Tensor, choices []mix.Choice) (was, is weightsSize) {
	for i, t := range list {
		rows := int64(1)
		for _, d := range t.Dims[1:] {
			rows *= int64(d)
		}
		was.elements += rows * int64(t.Dims[0])
		was.bytes += rows * int64(t.Type.RowSize(t.Dims[0]))
		is.bytes += rows * int64(choices[i].Type.RowSize(t.Dims[0]))
	}
	is.elements = was.elements
	return was, is
}
