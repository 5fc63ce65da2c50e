package bench

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Peer is another program that reads a prompt or generates text and prints how fast
// it was, like run.c: "achieved tok/s: 123.4", or like llama-bench -o json: "avg_ts": 123.4.
type Peer struct {
	Name    string
	Command string // for a shell; see task
}

// A task is what a peer is told to do: the numbers that stand in its command
// for {threads}, {pp} and {tg}, the tokens of the prompt and those to generate, and {depth},
// the tokens that the context holds before. Of pp and tg one is 0.
type task struct{ threads, pp, tg, depth int }

// reads reports whether the peer can be told to read a prompt and generate nothing.
func (p Peer) reads() bool { return strings.Contains(p.Command, "{pp}") }

// ParsePeer returns the peer that "NAME=COMMAND" describes.
func ParsePeer(s string) (Peer, error) {
	name, command, ok := strings.Cut(s, "=")
	if !ok || name == "" || command == "" {
		return Peer{}, fmt.Errorf("peer %q: want NAME=COMMAND", s)
	}
	return Peer{name, command}, nil
}

var speedPattern = regexp.MustCompile(`(?:tok/s:?|"avg_ts":)\s*([0-9]+(?:\.[0-9]+)?)|([0-9]+(?:\.[0-9]+)?)\s*tok/s`)

// Run runs the command once and returns the last speed that it printed, in tokens per second.
func (p Peer) Run(ctx context.Context, t task) (float64, error) {
	command := strings.NewReplacer(
		"{threads}", strconv.Itoa(t.threads), "{depth}", strconv.Itoa(t.depth),
		"{pp}", strconv.Itoa(t.pp), "{tg}", strconv.Itoa(t.tg),
	).Replace(p.Command)
	out, err := exec.CommandContext(ctx, "sh", "-c", command).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("peer %s: %w: %s", p.Name, err, lastLine(out))
	}
	found := speedPattern.FindAllSubmatch(out, -1)
	if len(found) == 0 {
		return 0, fmt.Errorf("peer %s: printed no speed (tok/s): %s", p.Name, lastLine(out))
	}
	last := found[len(found)-1]
	speed, err := strconv.ParseFloat(string(last[1])+string(last[2]), 64)
	if err != nil || speed <= 0 {
		return 0, fmt.Errorf("peer %s: printed a speed of %q", p.Name, last[0])
	}
	return speed, nil
}

func lastLine(out []byte) string {
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	return lines[len(lines)-1]
}

// turns are the peers' parts of a test: each runs once a round.
type turns struct {
	task   task
	peers  []Peer
	speeds [][]float64 // of each peer, round by round
}

// newTurns returns the turns of the peers that know how to do a task.
func newTurns(peers []Peer, t task) *turns {
	if t.pp > 0 {
		peers = slices.DeleteFunc(slices.Clone(peers), func(p Peer) bool { return !p.reads() })
	}
	return &turns{t, peers, make([][]float64, len(peers))}
}

// run runs every peer once.
func (t *turns) run(ctx context.Context) error {
	for i, p := range t.peers {
		speed, err := p.Run(ctx, t.task)
		if err != nil {
			return err
		}
		t.speeds[i] = append(t.speeds[i], speed)
	}
	return nil
}

// rows returns the peers' rows, to stand below cria's own with its speeds round by round.
func (t *turns) rows(own *Row, tokens []float64) []Row {
	var rows []Row
	for i, p := range t.peers {
		row := *own
		row.Name, row.Grain, row.Tokens, row.Unit = p.Name, 0, NewStat(t.speeds[i]), ""
		row.Rate, row.Ceiling = Stat{}, Stat{}
		ratios := make([]float64, len(tokens))
		for k := range ratios {
			ratios[k] = tokens[k] / t.speeds[i][k]
		}
		row.Share = NewStat(ratios)
		rows = append(rows, row)
	}
	return rows
}
