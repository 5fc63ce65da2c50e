package token

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dlclark/regexp2/v2"
)

// patternTimeMax bounds the time in which an unknown regular expression cuts one
// text: some take time that grows exponentially. Known ones need no such limit.
const patternTimeMax = 5 * time.Second

// patternBytesMax is ten times the longest pattern of any model at hand.
const patternBytesMax = 1 << 14

// lineEndNames spells line ends in a pattern as handSplitters do.
var lineEndNames = strings.NewReplacer("\r", `\r`, "\n", `\n`)

// splitterForPattern returns the splitter that cuts out what a regular
// expression matches, in the dialect of tokenizer.json. The known ones are
// scanned by hand, any others by a backtracking engine: if that takes longer
// than patternTimeMax, the rest of the text is one pre-token.
func splitterForPattern(pattern string) (splitter, error) {
	if split, ok := handSplitters[lineEndNames.Replace(pattern)]; ok {
		return split, nil
	}
	if len(pattern) > patternBytesMax {
		return nil, fmt.Errorf("pattern: %d bytes exceed the limit of %d", len(pattern), patternBytesMax)
	}
	return engineSplitter(pattern)
}

func engineSplitter(pattern string) (splitter, error) {
	re, err := regexp2.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	re.MatchTimeout = patternTimeMax
	return func(text string, emit func(string)) {
		deadline := time.Now().Add(patternTimeMax)
		done := 0 // characters that were emitted
		cut := func(end int) {
			n := 0
			for ; done < end; done++ {
				_, size := utf8.DecodeRuneInString(text[n:])
				n += size
			}
			if n > 0 {
				emit(text[:n])
				text = text[n:]
			}
		}
		// An error is a match that took too long, or too much memory.
		_ = re.FindRunesMatches([]rune(text), 0, func(m regexp2.MatchView) bool {
			start, n, _ := m.GroupRange(0)
			cut(start)
			cut(start + n)
			return time.Now().Before(deadline)
		})
		if text != "" {
			emit(text)
		}
	}, nil
}
