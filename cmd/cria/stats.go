package main

import (
	"fmt"
	"strings"
	"time"

	"cria"
)

// statsFlags say what is told about the speed.
type statsFlags struct {
	Stats   bool `default:"true" negatable:"" help:"Say how fast it went on standard error (default; --no-stats)."`
	Ceiling bool `help:"Measure how fast this machine reads memory and compare (default if standard error is a terminal)."`
}

// A speed is what a session did in a second.
type speed struct {
	Prompt  float64 `json:"prompt_tokens_per_second"`
	Tokens  float64 `json:"tokens_per_second"`
	GBs     float64 `json:"gb_per_second"`
	Ceiling float64 `json:"ceiling_gb_per_second,omitempty"` // 0 if it was not measured
}

// newSpeed returns the speeds of a session that generated n texts. The first
// token of each comes out of the prompt's pass, so it is not counted as generated.
func newSpeed(s cria.Stats, texts int) speed {
	return speed{
		Prompt: rate(float64(s.PromptTokens), s.PromptTime),
		Tokens: rate(float64(max(0, s.Tokens-texts)), s.TokensTime),
		GBs:    rate(float64(s.BytesRead)/1e9, s.TokensTime),
	}
}

// rate returns n a second, and 0 where there was no time.
func rate(n float64, t time.Duration) float64 {
	if t <= 0 {
		return 0
	}
	return n / t.Seconds()
}

// measure sets the ceiling of a model's speed, by reading the model.
func (s *speed) measure(a *app, path string, threads int) error {
	m, err := openFiles(path)
	if err != nil {
		return err
	}
	s.Ceiling = a.ceiling(threads, m.Largest())
	return m.Close()
}

// report returns the line that ends a session.
func (s *speed) report(stats cria.Stats) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d prompt tokens", stats.PromptTokens)
	if s.Prompt > 0 {
		fmt.Fprintf(&b, " (%s tok/s)", threeDigits(s.Prompt))
	}
	fmt.Fprintf(&b, ", %d tokens", stats.Tokens)
	if s.GBs > 0 {
		fmt.Fprintf(&b, " (%s tok/s, %s GB/s", threeDigits(s.Tokens), threeDigits(s.GBs))
		if s.Ceiling > 0 {
			fmt.Fprintf(&b, ", %.0f %% of this machine's %s", 100*s.GBs/s.Ceiling, threeDigits(s.Ceiling))
		}
		b.WriteString(")")
	}
	if stats.FirstToken > 0 {
		fmt.Fprintf(&b, ", first after %v", stats.FirstToken.Round(100*time.Microsecond))
	}
	return b.String()
}

// finish measures what is asked for and says it.
func (f *statsFlags) finish(a *app, stats cria.Stats, texts int, path string, threads int) (speed, error) {
	s := newSpeed(stats, texts)
	if f.Ceiling || f.Stats && s.GBs > 0 && stats.Reason != cria.StopCancelled && isTerminal(a.stderr) {
		if err := s.measure(a, path, threads); err != nil {
			return s, err
		}
	}
	if f.Stats && stats.PromptTokens > 0 {
		a.note("%s", s.report(stats))
	}
	return s, nil
}
