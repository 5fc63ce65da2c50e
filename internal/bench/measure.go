package bench

import (
	"cmp"
	"context"
	"fmt"

	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// A Spec says what to measure.
type Spec struct {
	Prompt    int   // tokens of a prompt; 0 for none
	Generate  int   // tokens to generate; 0 for none
	Depths    []int // tokens that the context holds before; nil for an empty one
	Sequences []int // that generate at once; nil for one alone
	Rounds    int   // how often to measure each
	Peers     []Peer
}

// A Row is one line of a table.
type Row struct {
	Name    string `json:"name"` // "cria", or a peer's
	Model   string `json:"model"`
	Type    string `json:"type"`
	Cache   string `json:"cache_type"`
	Device  string `json:"device"` // "cpu", or the device's name
	Threads int    `json:"threads"`
	Grain   int    `json:"grain"` // 0: chosen by the backend
	Test    string `json:"test"`  // "pp512", "tg128", "tg128@d512" after 512 tokens, "tg128x4" of 4 sequences at once
	Tokens  Stat   `json:"tokens_per_second"`
	Rate    Stat   `json:"rate"`    // of what Unit says; none for peers
	Ceiling Stat   `json:"ceiling"` // measured between the rounds
	Unit    string `json:"unit"`    // "GB/s", "GFLOP/s" or "GOP/s"
	Share   Stat   `json:"share"`   // of the ceiling, round by round; for peers: cria's speed divided by theirs
}

// Measure runs the tests of a spec on a runner, and the peers in turn with them.
func Measure(ctx context.Context, r *Runner, name string, grain int, s Spec) ([]Row, error) {
	row := Row{
		Name: "cria", Model: name, Type: load.TypeOf(r.Weights).String(), Cache: r.KV.String(),
		Threads: r.Threads, Grain: grain, Device: r.Device,
	}
	var rows []Row
	if s.Prompt > 0 {
		pp := row
		pp.Test = fmt.Sprintf("pp%d", s.Prompt)
		peers, err := measurePrompt(ctx, r, &pp, s)
		if err != nil {
			return nil, err
		}
		rows = append(append(rows, pp), peers...)
	}
	if s.Generate == 0 {
		return rows, nil
	}
	for _, depth := range orOne(s.Depths, 0) {
		for _, n := range orOne(s.Sequences, 1) {
			tg := row
			tg.Test, tg.Unit = fmt.Sprintf("tg%d", s.Generate), "GB/s"
			if n > 1 {
				tg.Test += fmt.Sprintf("x%d", n)
			}
			if depth > 0 {
				tg.Test += fmt.Sprintf("@d%d", depth)
			}
			peers, err := measureGenerate(ctx, r, &tg, s, depth, n)
			if err != nil {
				return nil, err
			}
			rows = append(append(rows, tg), peers...)
		}
	}
	return rows, nil
}

// orOne returns a list, or one of x alone if it is nil.
func orOne(list []int, x int) []int {
	if list == nil {
		return []int{x}
	}
	return list
}

// measurePrompt reads prompts, after one to warm up, in turn with the peers that can.
func measurePrompt(ctx context.Context, r *Runner, row *Row, s Spec) ([]Row, error) {
	ceiling, unit := PeakFMA, "GFLOP/s"
	if typ := load.TypeOf(r.Weights); typ == tensor.Q8 || typ == tensor.LLMInt8 || typ.IsBlocks() {
		ceiling, unit = PeakInt8, "GOP/s"
	}
	row.Unit = unit
	ops := PromptOps(&r.Config, s.Prompt)
	r.Prompt(min(s.Prompt, r.batch))
	var tokens, rates, ceilings, shares []float64
	turns := newTurns(s.Peers, task{threads: row.Threads, pp: s.Prompt})
	for range s.Rounds {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		peak := 0.0
		if r.at.GPU == nil { // of another device nobody knows it
			peak = ceiling(r.at.Pool)
		}
		seconds := r.Prompt(s.Prompt)
		tokens = append(tokens, float64(s.Prompt)/seconds)
		rates = append(rates, ops/seconds/1e9)
		ceilings = append(ceilings, peak)
		shares = append(shares, share(ops/seconds/1e9, peak))
		if err := cmp.Or(r.Err(), turns.run(ctx)); err != nil {
			return nil, err
		}
	}
	row.Tokens, row.Rate, row.Ceiling, row.Share = NewStat(tokens), NewStat(rates), NewStat(ceilings), NewStat(shares)
	return turns.rows(row, tokens), nil
}

// share returns x/ceiling, or 0 if the ceiling is not known.
func share(x, ceiling float64) float64 {
	if ceiling == 0 {
		return 0
	}
	return x / ceiling
}

// stretch is how many tokens are generated between two measurements of the ceiling.
const stretch = 16

// measureGenerate generates with a number of sequences after depth tokens of each, measuring the ceiling before and
// after every stretch: on a shared machine it moves. Peers, who have one sequence, take their turn after every round.
func measureGenerate(ctx context.Context, r *Runner, row *Row, s Spec, depth, sequences int) ([]Row, error) {
	var tokens, rates, ceilings, shares []float64
	if sequences > 1 {
		s.Peers = nil
	}
	turns := newTurns(s.Peers, task{threads: row.Threads, tg: s.Generate, depth: depth})
	for range s.Rounds {
		r.Reset(sequences)
		r.Fill(depth)
		r.Generate(1)
		seconds, before := 0.0, r.Ceiling()
		for done := 0; done < s.Generate; {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			n := min(stretch, s.Generate-done)
			took, bytes := r.Generate(n)
			after := r.Ceiling()
			rate := float64(bytes) / took / 1e9
			rates, ceilings = append(rates, rate), append(ceilings, (before+after)/2)
			shares = append(shares, share(rate, (before+after)/2))
			seconds, done, before = seconds+took, done+n, after
		}
		tokens = append(tokens, float64(s.Generate*sequences)/seconds)
		if err := cmp.Or(r.Err(), turns.run(ctx)); err != nil {
			return nil, err
		}
	}
	row.Tokens, row.Rate, row.Ceiling, row.Share = NewStat(tokens), NewStat(rates), NewStat(ceilings), NewStat(shares)
	return turns.rows(row, tokens), nil
}

// PromptOps returns the operations that reading a prompt of n tokens into an
// empty context takes: two for each weight and token, the classifier's for the
// last token only, and two each for a query's product with every key and value
// before it. Norms, rotations and exponentials are not counted.
func PromptOps(c *model.Config, n int) float64 {
	attn, kvDim := c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim
	layer := c.Dim*(2*attn+2*kvDim) + 3*c.Dim*c.HiddenDim
	pairs := float64(n) * float64(n+1) / 2
	return 2*float64(n)*float64(layer)*float64(c.NLayers) + 2*float64(c.VocabSize)*float64(c.Dim) +
		4*pairs*float64(attn)*float64(c.NLayers)
}
