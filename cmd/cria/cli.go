package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"

	"cria"
	"cria/internal/cpuid"
	"cria/internal/load"
	"cria/internal/mix"
)

// A cli is the whole command line: one field for each verb, in a file of its own.
type cli struct {
	Run        runCmd        `cmd:"" help:"Continue a text, or tell a story."`
	Chat       chatCmd       `cmd:"" help:"Talk to a chat model."`
	Llama2c    llama2cCmd    `cmd:"" name:"llama2c" help:"Do what run.c of llama2.c does, with its flags."`
	Train      trainCmd      `cmd:"" help:"Teach a model to write like a text."`
	Pull       pullCmd       `cmd:"" help:"Fetch a model from the Hugging Face hub."`
	Convert    convertCmd    `cmd:"" help:"Write a checkpoint in another type or version."`
	Quantize   quantizeCmd   `cmd:"" help:"Write a GGUF file with weights of fewer bits."`
	IMatrix    imatrixCmd    `cmd:"" name:"imatrix" help:"Find out which columns of a model's matrices matter, for quantize."`
	Inspect    inspectCmd    `cmd:"" help:"Show what is in a checkpoint."`
	Fit        fitCmd        `cmd:"" help:"Say whether a model fits into this machine's memory."`
	Bench      benchCmd      `cmd:"" help:"Measure this machine, and models on it."`
	Perplexity perplexityCmd `cmd:"" help:"Measure how well a model knows a text, or how far two models are apart."`
	Tokenize   tokenizeCmd   `cmd:"" help:"Turn text into tokens, or tokens into text."`
	Tokenizer  tokenizerCmd  `cmd:"" help:"Make a tokenizer."`
	Completion completionCmd `cmd:"" help:"Print a script that teaches a shell to complete cria's arguments."`
	Doctor     doctorCmd     `cmd:"" help:"Say what a model can run on here, and why not on the rest."`
	Version    versionCmd    `cmd:"" help:"Print the version and what this machine offers."`

	Help helpFlag `short:"h" help:"Show help and stop."`
}

const description = `Runs and trains Llama-family language models in pure Go. Without arguments, tells a story.

Text goes to standard output, everything else to standard error. Where a flag names a variable, the flag goes ` +
	`before the variable, and that before the default. CRIA_CPU=generic|avx2|avx512|neon chooses an instruction set, ` +
	`NO_COLOR turns colours off.

Exit codes: 0 all is well, 1 something went wrong, 2 the command line is wrong, 130 interrupted.`

// The ends of a command that are not errors of the work itself.
var (
	errHelp        = errors.New("help was shown")
	errInterrupted = errors.New("interrupted")
)

// A usageError is a mistake on the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// misuse returns a usageError.
func misuse(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// exitCode returns what --help promises for an error.
func exitCode(err error) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errInterrupted):
		return 130
	case errors.As(err, &usage), errors.Is(err, cria.ErrBadOption):
		return 2
	default:
		return 1
	}
}

// helpFlag is kong's own flag, but it returns where that one exits.
type helpFlag bool

// BeforeReset is called by kong if the flag is there, whatever else is wrong or missing.
func (helpFlag) BeforeReset(ctx *kong.Context) error {
	if err := ctx.PrintUsage(false); err != nil {
		return err
	}
	return errHelp
}

// IgnoreDefault tells kong that BeforeReset is for those who ask only.
func (helpFlag) IgnoreDefault() {}

// An app is a command's connection to the world.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	kong           *kong.Kong
	cpuErr         error
	// ceiling measures in GB/s how fast a number of threads reads memory.
	ceiling func(threads int, memory []byte) float64
	// memory returns how many bytes of memory there are to use, and what that number is.
	memory func() (n int64, what string, err error)
}

func newApp(stdin io.Reader, stdout, stderr io.Writer) *app {
	return &app{stdin: stdin, stdout: stdout, stderr: stderr,
		cpuErr: cpuid.Err, ceiling: readCeiling, memory: availableMemory}
}

// parser returns a parser of command lines into c.
func (a *app) parser(ctx context.Context, c *cli) (*kong.Kong, error) {
	return kong.New(c, kong.Name("cria"), kong.Description(description),
		kong.NoDefaultHelp(), kong.Writers(a.stdout, a.stderr), kong.WithHyphenPrefixedParameters(true),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
		kong.Vars{"shapes": strings.Join(load.ShapeNames(), ", "), "mixes": strings.Join(mix.Names(), ", ")},
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(a))
}

// run parses the arguments and runs the verb that they name.
func (a *app) run(ctx context.Context, args []string) error {
	var err error
	if a.kong, err = a.parser(ctx, &cli{}); err != nil {
		return err // a mistake in the structs, which every test would find
	}
	if len(args) == 0 {
		args = []string{"run"} // a newcomer gets a story
	}
	verb, err := a.kong.Parse(args)
	switch {
	case errors.Is(err, errHelp):
		return nil
	case err != nil:
		return usageError{fmt.Errorf("%w (see %s --help)", err, verbOf(err))}
	case a.cpuErr != nil:
		return usageError{a.cpuErr}
	}
	return interrupted(ctx, verb.Run())
}

// interrupted returns errInterrupted in place of an error that the end of ctx caused.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return errInterrupted
	}
	return err
}

// verbOf returns the command that a user who made a mistake had in mind.
func verbOf(err error) string {
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if node := parse.Context.Selected(); node != nil {
			return node.FullPath()
		}
	}
	return "cria"
}

// complain prints an error on one line.
func (a *app) complain(err error) {
	if err == nil {
		return
	}
	text := strings.ReplaceAll(strings.TrimPrefix(err.Error(), "cria: "), "\n", "; ")
	fmt.Fprintf(a.stderr, "cria: %s\n", text)
}

// note tells the user something that is not an error.
func (a *app) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(a.stderr, "cria: %s\n", strings.TrimPrefix(text, "cria: ")) // errors begin with it
}
