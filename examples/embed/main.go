// Command embed is a program with a language model inside: it opens a model,
// generates until a limit of tokens or of time, and says how it went.
//
//	go run ./examples/embed -n 60 -seed 1 stories15M.bin "Once upon a time"
//	go run ./examples/embed -timeout 2s -seed 7 stories15M.bin "The little llama"
//
// The model is a checkpoint of llama2.c with its tokenizer.bin beside it, or where
// -tokenizer says. On a virtual machine with two cores of an x86-64 server, the first
// of these printed, with a checkpoint of 260 thousand parameters,
//
//	Once upon a time, there was a little girl named Lily. She had a little bird who
//	was very happy. One day, she went to the park with her mommy. They saw a big
//	tree with a big box. Lily was so ex
//
//	5 tokens read in 377µs, the first one generated after 395µs
//	60 tokens generated, 16246 a second, weights and cache read at 18.0 GB/s; end: limit
//
// The parts of a program like this are all in generate: Open and Close, a
// session, a loop over tokens, which ends early by break, by return, or when
// its context does, and an error that is looked at in that loop.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"cria"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Args[1:]...)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

// A request is what to generate.
type request struct {
	model, tokenizer, prompt string
	sampling                 cria.Sampling
	tokensMax                int
	timeout                  time.Duration
}

func run(ctx context.Context, w io.Writer, args ...string) error {
	r := request{sampling: cria.NewSampling()}
	flags := flag.NewFlagSet("embed", flag.ContinueOnError)
	flags.StringVar(&r.tokenizer, "tokenizer", "", "tokenizer.bin of llama2.c, if it is not beside the model")
	flags.IntVar(&r.tokensMax, "n", 200, "end after this many tokens")
	flags.DurationVar(&r.timeout, "timeout", 30*time.Second, "end after this time")
	flags.Uint64Var(&r.sampling.Seed, "seed", 0, "the same seed gives the same text")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 2 {
		return fmt.Errorf("%d arguments, want two: embed MODEL PROMPT", flags.NArg())
	}
	r.model, r.prompt = flags.Arg(0), flags.Arg(1)
	return generate(ctx, w, r)
}

// generate writes the prompt, its continuation, and statistics.
func generate(ctx context.Context, w io.Writer, r request) error {
	var opts []cria.Option
	if r.tokenizer != "" {
		opts = append(opts, cria.WithTokenizer(r.tokenizer))
	}
	m, err := cria.Open(r.model, opts...)
	if err != nil {
		return err
	}
	defer m.Close()
	s, err := m.NewSession(cria.WithSampling(r.sampling), cria.WithMaxTokens(r.tokensMax))
	if err != nil {
		return err
	}
	defer s.Close()

	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	fmt.Fprint(w, r.prompt)
	for tok, err := range s.Generate(ctx, r.prompt) {
		switch {
		case ctx.Err() != nil && errors.Is(err, ctx.Err()), errors.Is(err, cria.ErrContextFull):
			// The text so far is good, and the statistics say why it ends.
		case err != nil:
			return err
		default:
			fmt.Fprint(w, tok.Text)
		}
	}
	return report(w, s.Stats())
}

// report writes what a session has done.
func report(w io.Writer, st cria.Stats) error {
	seconds := max(st.TokensTime, 1).Seconds()
	_, err := fmt.Fprintf(w, "\n\n%d tokens read in %v, the first one generated after %v\n"+
		"%d tokens generated, %.0f a second, weights and cache read at %.1f GB/s; end: %s\n",
		st.PromptTokens, st.PromptTime.Round(time.Microsecond), st.FirstToken.Round(time.Microsecond),
		st.Tokens, float64(st.Tokens)/seconds, float64(st.BytesRead)/seconds/1e9, st.Reason)
	return err
}
