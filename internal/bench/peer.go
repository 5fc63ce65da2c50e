package bench

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A Peer is another program that generates text and prints how fast it was,
// like run.c: "achieved tok/s: 123.4".
type Peer struct {
	Name    string
	Command string // for a shell; in it, {threads} stands for the number of threads
}

// ParsePeer returns the peer that "NAME=COMMAND" describes.
func ParsePeer(s string) (Peer, error) {
	name, command, ok := strings.Cut(s, "=")
	if !ok || name == "" || command == "" {
		return Peer{}, fmt.Errorf("peer %q: want NAME=COMMAND", s)
	}
	return Peer{name, command}, nil
}

var speedPattern = regexp.MustCompile(`tok/s:?\s*([0-9]+(?:\.[0-9]+)?)|([0-9]+(?:\.[0-9]+)?)\s*tok/s`)

// Run runs the command once and returns the last speed that it printed, in tokens per second.
func (p Peer) Run(ctx context.Context, threads int) (float64, error) {
	command := strings.ReplaceAll(p.Command, "{threads}", strconv.Itoa(threads))
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
