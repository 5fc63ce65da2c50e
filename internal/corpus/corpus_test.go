package corpus

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestGolden: the corpus is the same on every machine. Whoever changes a story
// has to train the storyteller anew.
func TestGolden(t *testing.T) {
	h := sha256.New()
	for seed := range uint64(1000) {
		h.Write([]byte(Story(seed) + "\n"))
	}
	const want = "d0f2e56331113a8fc9a4a9e1da74ae1c47461e5ece583e678bd19014358ef918"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("SHA-256 of the first 1000 stories is %s, want %s", got, want)
	}
}

func TestStoriesDiffer(t *testing.T) {
	const n = 100_000
	seen := make(map[string]bool, n)
	for seed := range uint64(n) {
		seen[Story(seed)] = true
	}
	if len(seen) < n*99/100 {
		t.Errorf("%d of %d stories are different, want 99 %%", len(seen), n)
	}
}

// mistakes are patterns that good English does not have.
var mistakes = map[string]*regexp.Regexp{
	"two spaces":                regexp.MustCompile(`  `),
	"a before a vowel":          regexp.MustCompile(`(?i)\ba [aeio]`),
	"an before a consonant":     regexp.MustCompile(`(?i)\ban [^aeiou]`),
	"something not filled in":   regexp.MustCompile(`[\[\]{}|]`),
	"space before a mark":       regexp.MustCompile(` [.,!?]`),
	"two marks":                 regexp.MustCompile(`[.,!?][.,!?]`),
	"mark after a quote":        regexp.MustCompile(`"[.,]`),
	"small letter at the start": regexp.MustCompile(`(?m)^"?[a-z]|[.!?] [a-z]`),
	"a word twice":              regexp.MustCompile(`\b(the the|a a|and and|to to|was was|he he|she she)\b`),
	"not ASCII":                 regexp.MustCompile(`[^\x20-\x7e\n]`),
	"open end":                  regexp.MustCompile(`(?m)[^.!?"]$`),
	"comma before big he":       regexp.MustCompile(`,"? (He|She|His|Her|The|They) `),
}

func TestGrammar(t *testing.T) {
	titles := strings.NewReplacer("Mr. ", "Mr ", "Mrs. ", "Mrs ")
	words := map[string]bool{}
	for seed := range uint64(20_000) {
		story := Story(seed)
		for what, mistake := range mistakes {
			if at := mistake.FindStringIndex(titles.Replace(story)); at != nil {
				t.Fatalf("story %d: %s: %q", seed, what, titles.Replace(story)[max(0, at[0]-40):at[1]])
			}
		}
		for _, line := range strings.Split(story, "\n") {
			if strings.Count(line, `"`)%2 != 0 {
				t.Fatalf("story %d: a quote is not closed: %s", seed, line)
			}
		}
		all := strings.Fields(story)
		if len(all) < 90 || len(all) > 280 {
			t.Fatalf("story %d has %d words", seed, len(all))
		}
		for _, w := range all {
			words[strings.ToLower(strings.Trim(w, `.,!?":;`))] = true
		}
	}
	if len(words) > 1700 {
		t.Errorf("%d different words, want at most 1700", len(words))
	}
}

// TestPronouns: of the hero and the pal one is he and the other she.
func TestPronouns(t *testing.T) {
	he, she := regexp.MustCompile(`\b(he|him|his|himself)\b`), regexp.MustCompile(`\b(she|her|herself)\b`)
	for seed := range uint64(2_000) {
		story := Story(seed)
		first, _, _ := strings.Cut(story, "\n")
		for kind, wrong := range map[string]*regexp.Regexp{"boy": she, "girl": he} {
			// Of the first paragraph, where no other has come in yet.
			alone := strings.Contains(first, kind) && !strings.Contains(first, `"`) && strings.Count(first, "mother") == 0
			for _, relative := range []string{"father", "grand", "Grand", "Aunt", "Uncle", "Mrs", "Miss", "Farmer", "Captain"} {
				alone = alone && !strings.Contains(first, relative)
			}
			if alone && wrong.MatchString(first) {
				t.Fatalf("story %d: the %s changes: %s", seed, kind, first)
			}
		}
	}
}

func TestTablesAreUsed(t *testing.T) {
	for i, p := range plots {
		all := strings.Join(p.text, " ")
		for _, phrase := range slices.Sorted(maps.Keys(phrases)) {
			all += phrases[phrase]
		}
		for _, table := range p.tables {
			for _, row := range table {
				for j := 0; j+1 < len(row); j += 2 {
					key := row[j]
					if !strings.Contains(strings.ToLower(all), strings.ToLower(key)+"}") {
						t.Errorf("plot %d has no place for %q", i, key)
					}
				}
				if len(row)%2 != 0 || len(row) != len(table[0]) {
					t.Errorf("plot %d: row %q", i, row)
				}
			}
		}
	}
}

func TestWrite(t *testing.T) {
	var b bytes.Buffer
	if err := Write(&b, 500, 7); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
	if len(lines) != 500 {
		t.Fatalf("%d lines", len(lines))
	}
	var first struct{ Text string }
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil || first.Text != Story(7<<32) {
		t.Errorf("first line %s (%v)", lines[0], err)
	}
}
