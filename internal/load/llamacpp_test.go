package load_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// TestLlamaCpp compares with what llama.cpp (ggml 0.20.2, keys and values of f32)
// computes of the same files: testdata/llamacpp.txt has the first logits of some
// tokens. The sums of both have roundings in other places; and llama.cpp takes
// GELU from a table of binary16, which has 11 bits.
func TestLlamaCpp(t *testing.T) {
	data, err := os.ReadFile("testdata/llamacpp.txt")
	if err != nil {
		t.Fatal(err)
	}
	compared := map[string]int{}
	for _, s := range specs() {
		tolerance := 2e-5
		if strings.HasPrefix(s.family, "gemma") {
			tolerance = 4e-3
		}
		got := logitsOf(t, open(t, writeGGUF(t, &s, t.TempDir())), tokens())
		for line := range strings.Lines(string(data)) {
			words := strings.Fields(line)
			if words[0] != s.name {
				continue
			}
			var at int
			if _, err := fmt.Sscan(words[1], &at); err != nil {
				t.Fatal(err)
			}
			for i, word := range words[2:] {
				var want float64
				if _, err := fmt.Sscan(word, &want); err != nil {
					t.Fatal(err)
				}
				if z := float64(got[at][i]); !(math.Abs(z-want) <= tolerance) {
					t.Errorf("%s: logit %d of token %d is %g, want %g ± %g", s.name, i, at, z, want, tolerance)
				}
				compared[s.name]++
			}
		}
		if compared[s.name] != 24 {
			t.Errorf("%s: %d logits compared, want 24", s.name, compared[s.name])
		}
	}
}
