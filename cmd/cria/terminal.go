package main

import (
	"io"
	"os"

	"golang.org/x/term"
)

// isTerminal reports whether somebody sees what is written to w, or types what is read from it.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// The escape sequences of ECMA-48 that cria uses.
const (
	bold  = "\x1b[1m"
	plain = "\x1b[0m"
)

// A painter writes the user's words unlike the model's, if it has colours.
type painter struct {
	w       io.Writer
	colours bool
}

// newPainter returns a painter with colours if w is a terminal and nobody objects.
func newPainter(w io.Writer, noColor bool) painter {
	return painter{w, isTerminal(w) && !noColor && os.Getenv("NO_COLOR") == ""}
}

// prompt writes what the user gave.
func (p painter) prompt(s string) error {
	if p.colours && s != "" {
		s = bold + s + plain
	}
	_, err := io.WriteString(p.w, s)
	return err
}
