package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"cria"
	"cria/internal/bench"
	"cria/internal/cpu"
	"cria/internal/llmint8"
	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/par"
	"cria/internal/place"
	"cria/internal/tensor"
)

// benchCmd measures what this machine can do, and what models do on it.
type benchCmd struct {
	Model     string   `arg:"" optional:"" help:"Model to measure. Without it, and without --synthetic, only the machine's ceilings."`
	Synthetic []string `placeholder:"SHAPE" help:"Random weights of a published shape in place of a file: ${shapes}."`
	Type      []string `placeholder:"TYPE" default:"f32" help:"Type of synthetic weights: f32, f16, bf16, q8, a type of blocks, or llm.int8, made of f16 (${default}). Of a file, llm.int8 is made of what is in it."`
	Group     int      `default:"64" help:"Weights that share a scale in q8 (${default}); halved until it divides the shape."`
	Threads   []int    `short:"t" placeholder:"N" help:"Numbers of threads (default: 1 and one for each core)."`
	Grain     []int    `placeholder:"ROWS" default:"0" help:"Rows of a matrix that a thread takes at once; 0 chooses by size."`
	Prompt    int      `name:"pp" default:"512" help:"Tokens of the prompt (${default}); 0 for no such test."`
	Generate  int      `name:"tg" default:"128" help:"Tokens to generate (${default}); 0 for no such test."`
	Rounds    int      `default:"5" help:"How often to measure (${default}): the median is printed, and the range."`
	Depth     []int    `placeholder:"N" default:"0" help:"Tokens that the context holds before these are generated (${default})."`
	Sequences []int    `placeholder:"N" default:"1" help:"Sequences that generate at once (${default}); tok/s is of all."`
	CacheType []string `enum:"f32,f16,q8_0" default:"f32" help:"Type of keys and values: ${enum} (${default})."`
	Repack    *bool    `negatable:"" env:"CRIA_REPACK" help:"Hold all weights a second time, in the order in which the processor reads them."`
	Overhead  bool     `help:"Say instead where the time of a token goes: into loops over numbers, or kernels of a GPU, and between them."`
	Wait      bool     `help:"On a GPU, begin the pass of a token only when the host knows the token."`
	deviceFlags
	Peer   []string `sep:"none" placeholder:"NAME=CMD" help:"Another program to run in turn, which prints tok/s or, like llama-bench -o json, avg_ts; {threads}, {pp}, {tg} and {depth} in it are replaced. Prompts are read by those with {pp}."`
	Format string   `enum:"text,md,csv,json" default:"text" help:"How to print: ${enum} (${default})."`
	Md     bool     `help:"The same as --format md."`
	CSV    bool     `name:"csv" help:"The same as --format csv."`
	JSON   bool     `name:"json" help:"The same as --format json."`
}

// A benchModel is weights to measure.
type benchModel struct {
	name    string
	config  model.Config
	weights *model.Weights
	close   func() error
}

// Run measures, and prints the table at the end.
func (c *benchCmd) Run(ctx context.Context, a *app) error {
	spec := bench.Spec{Prompt: c.Prompt, Generate: c.Generate, Depths: c.Depth, Sequences: c.Sequences, Rounds: c.Rounds}
	if c.Rounds < 1 || c.Prompt < 0 || c.Generate < 0 {
		return misuse("--rounds is %d, --pp %d, --tg %d: want at least 1, 0 and 0", c.Rounds, c.Prompt, c.Generate)
	}
	for _, s := range c.Peer {
		p, err := bench.ParsePeer(s)
		if err != nil {
			return usageError{err}
		}
		spec.Peers = append(spec.Peers, p)
	}
	if !c.isCPU() && !c.splits() {
		c.Threads = []int{1} // of which there is no more than one
	}
	if c.Overhead && c.splits() {
		return misuse("--overhead is of one device: not with --gpu-layers")
	}
	if len(c.Threads) == 0 {
		c.Threads = slices.Compact([]int{1, runtime.GOMAXPROCS(0)})
	}
	for _, n := range c.Depth {
		if n < 0 || n > 1<<24 {
			return misuse("--depth: %d is not in 0 to %d", n, 1<<24)
		}
	}
	for _, n := range c.Sequences {
		if n < 1 || n > 4096 {
			return misuse("--sequences: %d is not in 1 to 4096", n)
		}
	}
	for _, n := range slices.Concat(c.Threads, c.Grain) {
		if n < 0 || n > 4096 {
			return misuse("--threads and --grain: %d is not in 0 to 4096", n)
		}
	}
	if c.Model == "" && len(c.Synthetic) == 0 {
		return c.ceilings(a)
	}
	var rows []bench.Row
	var overheads []bench.Overhead
	err := c.eachRunner(ctx, a, spec, func(r *bench.Runner, name string, grain int, spec bench.Spec) error {
		if c.Overhead {
			overheads = append(overheads, bench.MeasureOverhead(r, name, max(spec.Generate, 1)))
			return nil
		}
		more, err := bench.Measure(ctx, r, name, grain, spec)
		rows = append(rows, more...)
		for _, row := range more {
			a.note("%s %s, cache %s, %d threads, grain %d, %s: %s %.1f tok/s",
				row.Model, row.Type, row.Cache, row.Threads, grain, row.Test, row.Name, row.Tokens.Median)
		}
		return err
	})
	if err != nil {
		return interrupted(ctx, err)
	}
	if c.Overhead {
		return bench.WriteOverheads(a.stdout, overheads)
	}
	return bench.Formats[c.format()](a.stdout, rows)
}

// format returns the name of the format that the flags ask for.
func (c *benchCmd) format() string {
	switch {
	case c.Md:
		return "md"
	case c.CSV:
		return "csv"
	case c.JSON:
		return "json"
	}
	return c.Format
}

// ceilings prints what the machine can do at the most.
func (c *benchCmd) ceilings(a *app) error {
	fmt.Fprintf(a.stdout, "kernels %s\n", cria.Kernels())
	fmt.Fprintln(a.stdout, "threads  read GB/s (64 MiB, 1 GiB)  f32 fused multiply-add GFLOP/s  int8 dot GOP/s")
	for _, n := range c.Threads {
		pool := par.New(n)
		f, i := bench.PeakFMA(pool), bench.PeakInt8(pool)
		pool.Close()
		_, err := fmt.Fprintf(a.stdout, "%7d  %12.1f %12.1f  %30.0f  %14.0f\n",
			n, bench.ReadCeiling(n, 64<<20), bench.ReadCeiling(n, 1<<30), f, i)
		if err != nil {
			return err
		}
	}
	return nil
}

// use is what to do with a runner: measure a spec that the model's context has room for.
type use func(r *bench.Runner, name string, grain int, spec bench.Spec) error

// eachRunner makes a runner of every model with every number of threads, every grain and every type of keys and values.
func (c *benchCmd) eachRunner(ctx context.Context, a *app, spec bench.Spec, f use) error {
	if c.Model != "" {
		path, err := a.path(ctx, c.Model)
		if err != nil {
			return err
		}
		for _, typ := range c.fileTypes() {
			m, err := openBenchModel(path)
			if err == nil && typ == llmInt8 {
				m.weights, err = llmint8.Convert(m.weights, slices.Max(c.Threads))
			}
			if err != nil {
				return err
			}
			if err := c.runnersOf(a, m, spec, f); err != nil {
				return err
			}
		}
	}
	for _, shape := range c.Synthetic {
		for _, typ := range c.Type {
			m, err := c.synthetic(a, shape, typ)
			if err != nil {
				return err
			}
			if err := c.runnersOf(a, m, spec, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// runnersOf is eachRunner for one model, which it closes.
func (c *benchCmd) runnersOf(a *app, m benchModel, spec bench.Spec, f use) error {
	defer func() { _ = m.close() }() // it was only read
	spec.Prompt = min(spec.Prompt, m.config.SeqLen)
	spec.Generate = min(spec.Generate, m.config.SeqLen-1)
	for _, threads := range c.Threads {
		for _, grain := range c.Grain {
			for _, cache := range c.CacheType {
				r, err := c.runner(a, m, threads, grain, cache, spec)
				if err != nil {
					return err
				}
				err = f(r, m.name, grain, spec)
				r.Close()
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// runner makes a runner of a model with room for what spec asks for.
func (c *benchCmd) runner(
	a *app, m benchModel, threads, grain int, cache string, spec bench.Spec,
) (*bench.Runner, error) {
	kvType, err := tensor.ParseDType(cache)
	if err != nil {
		return nil, usageError{err}
	}
	deepest := slices.Max(spec.Depths)
	if deepest+spec.Generate+1 > m.config.SeqLen {
		return nil, misuse("--depth: after %d tokens and one to warm up, %d do not fit the model's context of %d",
			deepest, spec.Generate, m.config.SeqLen)
	}
	room := bench.Room{
		Positions: max(spec.Prompt, deepest+spec.Generate+1), Sequences: slices.Max(spec.Sequences),
		Batch: place.Batch(c.Device),
	}
	options := cpu.Options{Threads: max(threads, 1), Grain: grain}
	if c.isCPU() {
		return bench.NewRunner(m.config, m.weights, kvType, room, options, c.Repack)
	}
	layers, err := c.layers(&m.config)
	if err != nil {
		return nil, err
	}
	dev, err := place.Open(c.Device, c.libraries())
	if err != nil {
		return nil, err
	}
	progress, finish := a.loadBar()
	defer finish()
	return bench.NewGPURunner(m.config, m.weights, kvType, room, dev,
		bench.GPUOptions{CPU: options, Layers: layers, Shared: c.shares(), Waits: c.Wait, Progress: progress})
}

// fileTypes returns how a file is to be computed: as it is, or as llm.int8, or both.
func (c *benchCmd) fileTypes() []string {
	types := []string{}
	if slices.ContainsFunc(c.Type, func(s string) bool { return s != llmInt8 }) {
		types = append(types, "")
	}
	if slices.Contains(c.Type, llmInt8) {
		types = append(types, llmInt8)
	}
	return types
}

// openBenchModel maps a model.
func openBenchModel(path string) (benchModel, error) {
	m, err := openFiles(path)
	if err != nil {
		return benchModel{}, err
	}
	return benchModel{name: filepath.Base(path), config: m.Config, weights: m.Weights, close: m.Close}, nil
}

// synthetic makes random weights, if they fit into memory.
func (c *benchCmd) synthetic(a *app, shape, typ string) (benchModel, error) {
	config, ok := load.Shapes[shape]
	if !ok {
		return benchModel{}, misuse("--synthetic %q: want one of %s", shape, strings.Join(load.ShapeNames(), ", "))
	}
	isInt8 := typ == llmInt8
	if isInt8 {
		typ = "f16"
	}
	t, err := tensor.ParseDType(typ)
	if err != nil {
		return benchModel{}, usageError{err}
	}
	group := c.Group
	for t == tensor.Q8 && group > 1 && (config.Dim%group != 0 || config.HiddenDim%group != 0) {
		group /= 2
	}
	shared := load.SharedClassifier(&config)
	positions := max(c.Prompt, slices.Max(c.Depth)+c.Generate+1)
	plan := load.Plan{SeqLen: positions, Sequences: slices.Max(c.Sequences), Batch: 256, Threads: slices.Max(c.Threads)}
	bytes := load.SyntheticBytes(&config, t, group, shared)
	if isInt8 { // half as much again
		plan.LLMInt8, bytes = true, bytes+bytes/2
	}
	if err := a.checkMemory(load.MemoryFor(&config, bytes, plan)); err != nil {
		return benchModel{}, err
	}
	w, err := load.Synthetic(&config, t, group, shared, 1)
	if err == nil && isInt8 {
		w, err = llmint8.Convert(w, slices.Max(c.Threads))
	}
	return benchModel{shape, config, w, func() error { return nil }}, err
}
