package main

import (
	"bufio"
	"context"
	"io"
)

// Reading cannot be interrupted. When ctx ends, the goroutines below end with
// the read that they wait for, or with the program.

// An inputLine is a line of input, or the error that ends it.
type inputLine struct {
	text string
	err  error
}

// readLines returns a channel of lines, the last of which has an error.
func readLines(ctx context.Context, r io.Reader) <-chan inputLine {
	lines := make(chan inputLine)
	go func() {
		for in := bufio.NewReader(r); ; {
			text, err := in.ReadString('\n')
			if text != "" && err == io.EOF {
				err = nil // the next read says it again
			}
			select {
			case lines <- inputLine{text, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return lines
}

// readAll returns all of r, unless ctx ends before.
func readAll(ctx context.Context, r io.Reader) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		data, err := io.ReadAll(r)
		done <- result{data, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case all := <-done:
		return all.data, all.err
	}
}

// warnOfBOS says it if a text begins with two of the token that begins a sequence (negative: there
// is none): models have seen only one.
func warnOfBOS[ID ~int32](a *app, bos ID, ids []ID) {
	if bos >= 0 && len(ids) > 1 && ids[0] == bos && ids[1] == bos {
		a.note("warning: the text begins with two tokens BOS (%d)", bos)
	}
}
