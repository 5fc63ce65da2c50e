// Package corpus makes simple stories in good English: the text that the
// project's own storyteller learns from. All of it is the project's own.
//
// A story is a plot (what is wanted, what goes wrong, who helps, how it ends)
// with a cast and with things that fit together, told in sentences each of
// which has many variants.
package corpus

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
)

// Story returns the story of a seed: about 130 to 260 words in paragraphs, one to
// a line. It is the same on every machine.
func Story(seed uint64) string {
	rng := rand.New(rand.NewPCG(seed, 0x73746f7279)) // "story"
	return tell(rng, &plots[rng.IntN(len(plots))])
}

// tell returns a story of a plot.
func tell(rng *rand.Rand, p *plot) string {
	t := &teller{rng: rng, words: newCast(rng)}
	for _, table := range p.tables {
		addRow(t.words, table[rng.IntN(len(table))])
	}
	text := slices.Clone(p.text)
	if rng.IntN(4) == 0 { // so that the model can go on from any beginning
		text[0] = strings.TrimPrefix(text[0], "{opening} ")
	}
	return t.tell(text)
}

// Write writes n stories, no two of them equal, as lines of JSON with a field "text".
func Write(w io.Writer, n int, seed uint64) error {
	out := bufio.NewWriter(w)
	told := make(map[string]bool, n)
	for i := uint64(0); len(told) < n; i++ {
		if i > 4*uint64(n)+1000 {
			return fmt.Errorf("corpus: %d seeds give only %d different stories, want %d", i, len(told), n)
		}
		story := Story(seed<<32 + i)
		if told[story] {
			continue
		}
		told[story] = true
		line, err := json.Marshal(map[string]string{"text": story})
		if err != nil {
			return err
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return out.Flush()
}
