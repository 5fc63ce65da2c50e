package corpus

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"math/rand/v2"
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
	const want = "30b05d6b639ae86df9ae734e4260de8c372baa3e5d6b4ec9b2c1b18e5f107b39"
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
	"full stop before who says": regexp.MustCompile(`\." [a-z]`),
	"open end":                  regexp.MustCompile(`(?m)[^.!?"]$`),
	"comma before big he":       regexp.MustCompile(`,"? (He|She|His|Her|The|They) `),
}

func TestGrammar(t *testing.T) {
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
	if len(words) > 1900 {
		t.Errorf("%d different words, want at most 1900", len(words))
	}
}

// sentences returns the sentences of a story.
func sentences(story string) []string {
	ends := regexp.MustCompile(`([.!?]"?)[ \n]("?[A-Z])`)
	return strings.Split(ends.ReplaceAllString(titles.Replace(story), "$1\n$2"), "\n")
}

// titles takes the full stops away that end no sentence.
var titles = strings.NewReplacer("Mr. ", "Mr ", "Mrs. ", "Mrs ")

// TestPlotsVary: two stories of one plot have hardly ever a sentence in common
// other than the first.
func TestPlotsVary(t *testing.T) {
	const n = 1000
	for i := range plots {
		rng := rand.New(rand.NewPCG(uint64(i), 1))
		told := map[string]int{}
		for range n {
			for _, s := range sentences(tell(rng, &plots[i]))[1:] {
				told[s]++
			}
		}
		var shared float64 // sentences that two stories have in common, on average
		for _, k := range told {
			shared += float64(k) * float64(k-1) / (n * (n - 1))
		}
		t.Logf("plot %d %q: %.4f shared", i, plots[i].text[0][:20], shared)
		if shared <= 0.012 {
			continue
		}
		t.Errorf("plot %d %q: two stories share %.4f sentences on average, want 0.012", i, plots[i].text[0], shared)
		often := slices.SortedFunc(maps.Keys(told), func(a, b string) int {
			return cmp.Or(told[b]-told[a], strings.Compare(a, b))
		})
		for _, s := range often[:15] {
			t.Logf("%4d of %d: %s", told[s], n, s)
		}
	}
}

// TestStoriesVary: of thirty stories, hardly any two have a sentence in common other than the first.
func TestStoriesVary(t *testing.T) {
	const groups = 200
	pairs, often := 0, map[string]int{}
	for g := range uint64(groups) {
		stories := map[string][]int{} // by sentence
		for i := range 30 {
			for _, s := range sentences(Story(g*30 + uint64(i)))[1:] {
				stories[s] = append(stories[s], i)
			}
		}
		sharing := map[[2]int]bool{}
		for s, list := range stories {
			for _, a := range list[1:] {
				if list[0] != a {
					sharing[[2]int{list[0], a}] = true
					often[s]++
				}
			}
		}
		pairs += len(sharing)
	}
	t.Logf("%.3f pairs of 30 stories share a sentence", float64(pairs)/groups)
	if pairs > groups/5 {
		t.Errorf("%.3f pairs of 30 stories share a sentence, want 0.2", float64(pairs)/groups)
		first := slices.SortedFunc(maps.Keys(often), func(a, b string) int { return often[b] - often[a] })
		for _, s := range first[:min(40, len(first))] {
			t.Logf("%3d times: %s", often[s], s)
		}
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
