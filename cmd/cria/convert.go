package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/schollz/progressbar/v3"

	"cria/internal/llama2c"
	"cria/internal/mmap"
	"cria/internal/tensor"
)

// convertCmd writes a checkpoint in another type or version.
type convertCmd struct {
	In       string `arg:"" help:"A llama2.c checkpoint."`
	Out      string `arg:"" help:"The file to write. It is there when all of it is."`
	Type     string `required:"" enum:"f32,f16,bf16,q8" help:"Type of the matrices: ${enum}."`
	Group    int    `placeholder:"N" help:"For q8: how many numbers share a scale (default: 64, or the largest power of two below that fits)."`
	Version  int    `name:"llama2c-version" placeholder:"N" default:"-1" help:"Version of the format, 0 to 3 (default: 0 for f32, which run.c reads; 2 for q8, which runq.c reads; 3 for f16 and bf16)."`
	Saturate bool   `help:"Replace numbers beyond the range of the type by the largest that it has."`
}

// Run is called by kong.
func (c *convertCmd) Run(ctx context.Context, a *app) (err error) {
	if err := differ(c.In, c.Out); err != nil {
		return err
	}
	file, err := mmap.Open(c.In)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	src, err := llama2c.Parse(c.In, file.Bytes())
	if err != nil {
		return err
	}
	opt, err := c.options(&src.Header)
	if err != nil {
		return err
	}
	target := src.Header
	target.Version, target.Type, target.Group = opt.Version, opt.Type, opt.Group
	size, err := target.FileSize()
	if err != nil {
		// The source was sound: it is the flags that do not go together.
		return misuse("%s to version %d, %v: %w", c.In, opt.Version, opt.Type, err)
	}
	progress, done := a.bar(size, "converting")
	report, err := llama2c.ConvertFile(ctx, c.Out, src, opt, progress)
	done()
	writeReport(a.stderr, report)
	var refusal *llama2c.RangeError
	switch {
	case errors.As(err, &refusal) && refusal.Type != tensor.Q8:
		return fmt.Errorf("%w; --saturate replaces them by the largest of %v", err, opt.Type)
	case err != nil:
		return err
	}
	a.note("%s: version %d, %v, %s (was version %d, %v, %s)", c.Out, opt.Version, opt.Type, bytesText(size),
		src.Version, src.Type, bytesText(int64(len(file.Bytes()))))
	return nil
}

// differ returns an error if two paths are the same file.
func differ(in, out string) error {
	i, err := os.Stat(in)
	if err != nil {
		return err
	}
	if o, err := os.Stat(out); err == nil && os.SameFile(i, o) {
		return misuse("%s and %s are the same file", in, out)
	}
	return nil
}

// options returns the flags for a source with header h.
func (c *convertCmd) options(h *llama2c.Header) (llama2c.Options, error) {
	typ, err := tensor.ParseDType(c.Type)
	if err != nil {
		return llama2c.Options{}, err
	}
	opt := llama2c.Options{Version: c.Version, Type: typ, Saturate: c.Saturate}
	if c.Version == -1 {
		opt.Version = versionFor(typ)
	}
	if typ == tensor.Q8 {
		opt.Group = c.Group
		if c.Group == 0 {
			opt.Group = llama2c.GroupFor(h)
		}
	}
	return opt, nil
}

// versionFor returns the version that most programs read for a type.
func versionFor(t tensor.DType) int {
	switch t {
	case tensor.F32:
		return 0
	case tensor.Q8:
		return 2
	default:
		return 3
	}
}

// writeReport lists the tensors with numbers that needed attention.
func writeReport(w io.Writer, r llama2c.Report) {
	if len(r.Ranges) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "tensor\ttoo large\tlargest\tinfinite\tNaN")
	for _, n := range r.Ranges {
		fmt.Fprintf(t, "%s\t%d\t%g\t%d\t%d\n", n.Tensor, n.Overflow, n.Largest, n.Inf, n.NaN)
	}
	_ = t.Flush() // what is printed for people may be lost with the terminal
}

// bar returns a function that shows progress in bytes and one that takes the
// bar away. If standard error is no terminal, nothing is shown.
func (a *app) bar(total int64, what string) (progress func(done, total int64), finish func()) {
	if !isTerminal(a.stderr) {
		return nil, func() {}
	}
	bar := progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.stderr), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionFullWidth())
	return func(done, _ int64) { _ = bar.Set64(done) }, func() { _ = bar.Clear() }
}

// loadBar is bar for weights on their way to a device, whose bytes it is told with the first of them.
func (a *app) loadBar() (progress func(done, all int64), finish func()) {
	show, finish := a.fileBars()
	return func(done, all int64) { show("loading", done, all) }, finish
}
