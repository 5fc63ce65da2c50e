// Command write writes the corpus that the project's storyteller learns from, as lines
// of JSON, to standard output.
package main

import (
	"flag"
	"fmt"
	"os"

	"cria/internal/corpus"
)

func main() {
	n := flag.Int("n", 1000, "how many stories")
	seed := flag.Uint64("seed", 1, "of the first story")
	flag.Parse()
	if err := corpus.Write(os.Stdout, *n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "write:", err)
		os.Exit(1)
	}
}
