package token

import (
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/fixture"
)

func parts(split splitter, text string) []string {
	var list []string
	split(text, func(part string) { list = append(list, part) })
	return list
}

// byEngine is the pre-tokenizer with the regular expressions done by the engine.
func byEngine(t testing.TB, name string) splitter {
	t.Helper()
	var steps []splitter
	for _, p := range prePatterns[name] {
		split, err := engineSplitter(p)
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, split)
	}
	return chain(steps...)
}

// alphabet has what the regular expressions tell apart, and some that look alike.
var alphabet = []string{
	" ", " ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u3000",
	"\u200b", "'", "'s", "'S", "'ſ", "'re", "'Re", "'VE", "'ll", "'lL", "'le", "'re", "'d", "'m", "'T", "’s",
	"s", "e", "l", "a", "b", "Z", "A", "é", "É", "ǅ", "ʰ", "ª", "ß", "ſ", "K", "\u212a", "ж", "Ж", "א", "ا",
	"क", "ि", "ก", "日", "本", "ー", "の", "カ", "한", "龦", "ᠠ", "𐐀", "𐐨", "𝒜", "\u1f7d", "\u03ce", "ƻ", "ʔ",
	"0", "1", "12", "345", "6789", "２", "²", "Ⅷ", "½", "٣", "\u0301", "\u20dd", "\u0903",
	"!", "?", ".", "...", "/", "//", "-", "_", "(", ")", "$", "+", "<", "=", ">", "^", "~", "|", "`", "#", "@",
	"…", "。", "、", "“", "”", "—", "！", "￥", "€", "∑", "🦙", "👩\u200d👩", "🏽",
	"\x00", "\x7f", "\ufeff", "\ue000", "\U0010ffff", "\u0378", "\xff", "\xc3", "\x80", "\xe2\x82", "\xed\xa0\x80",
}

var texts = rapid.Custom(func(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 20).Draw(t, "text"), "")
})

func checkSplitter(t rapid.TB, text string, got, want splitter) {
	t.Helper()
	g, w := parts(got, text), parts(want, text)
	if !slices.Equal(g, w) {
		t.Fatalf("%q is cut %q, want %q", text, g, w)
	}
	if strings.Join(g, "") != text || slices.Contains(g, "") {
		t.Fatalf("%q is cut %q", text, g)
	}
}

// What is done by hand is what the regular expressions say.
func TestSplitters(t *testing.T) {
	if len(handSplitters) != 21 {
		t.Errorf("%d regular expressions, want 21: two may be the same", len(handSplitters))
	}
	for name := range prePatterns {
		t.Run(name, func(t *testing.T) {
			got, ok := splitterFor(name)
			if !ok {
				t.Fatal("no such pre-tokenizer")
			}
			want := byEngine(t, name)
			rapid.Check(t, func(t *rapid.T) { checkSplitter(t, texts.Draw(t, "text"), got, want) })
			rapid.Check(t, func(t *rapid.T) { checkSplitter(t, rapid.String().Draw(t, "text"), got, want) })
		})
	}
}

// Each step by itself: inside a chain some cases cannot come up.
func TestHandSplitters(t *testing.T) {
	for pattern, got := range handSplitters {
		t.Run(pattern[:min(len(pattern), 20)], func(t *testing.T) {
			want, err := engineSplitter(pattern)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) { checkSplitter(t, texts.Draw(t, "text"), got, want) })
		})
	}
}

func TestSplittersOnWiki(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "text", "wiki.test.raw"))
	if err != nil {
		t.Fatal(err)
	}
	size := 1 << 18
	if testing.Short() {
		size = 1 << 14
	}
	text := string(data[:min(len(data), size)])
	for name := range prePatterns {
		t.Run(name, func(t *testing.T) {
			got, _ := splitterFor(name)
			checkSplitter(t, text, got, byEngine(t, name))
		})
	}
}

// Every character between a letter and a digit. All planes are alike from the fourth on.
func TestCategories(t *testing.T) {
	const plane, text = 0x10000, 1 << 10 // a long text can take the engine more time than it has
	planes := 4
	if testing.Short() {
		planes = 1
	}
	for _, name := range []string{"gpt-4o", "deepseek-llm", "deepseek-v3"} {
		got, _ := splitterFor(name)
		want := byEngine(t, name)
		for c := rune(0); c < rune(planes*plane); {
			var all strings.Builder
			for end := c + text; c < end; c++ {
				all.WriteString("a" + string(c) + "1")
			}
			checkSplitter(t, all.String(), got, want)
		}
	}
}

func TestSplitterNames(t *testing.T) {
	for name, like := range preNames {
		if _, ok := prePatterns[like]; !ok {
			t.Errorf("%s has no pre-tokenizer %s", name, like)
		}
	}
	for _, name := range []string{"", "gpt2", "llama"} {
		if _, ok := splitterFor(name); ok {
			t.Errorf("there is a pre-tokenizer %q", name)
		}
	}
}

func TestSplitterForPattern(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          []string
	}{
		{"[\r\n]", "a\n\nb", []string{"a", "\n", "\n", "b"}},
		{`\p{N}{1,3}`, "a1234", []string{"a", "123", "4"}},
		{`(?=(\d{3})+(?!\d))`, "12345678", []string{"12", "345", "678"}}, // matches nothing, somewhere
		{`(?<=a)b`, "abab", []string{"a", "b", "a", "b"}},                // looks behind
		{`^a`, "aab", []string{"a", "ab"}},
		{`b+`, "\xffbb\xf0\x9f\xa6b日bb", []string{"\xff", "bb", "\xf0\x9f\xa6", "b", "日", "bb"}},
		{`x`, "", nil},
		{``, "ab", []string{"a", "b"}},
	} {
		split, err := splitterForPattern(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := parts(split, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q cuts %q into %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
	for _, c := range []struct{ pattern, want string }{
		{"(", `pattern "(": `},
		{strings.Repeat("a", patternBytesMax+1), "pattern: 16385 bytes exceed the limit of 16384"},
	} {
		if _, err := splitterForPattern(c.pattern); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// A splitter that looked at the whole text for each pre-token would take longer
// than tests may.
func TestSplittersAreLinear(t *testing.T) {
	size := 1 << 20
	if testing.Short() {
		size >>= 3
	}
	for _, unit := range []string{"a", " ", "1", "!", "日", "\u0301", "A", "\n", " !", "a ", "é1", "Aa", "\u3000",
		"\x00", "\xff", "' "} {
		text := strings.Repeat(unit, size/len(unit)) + "x"
		for name := range prePatterns {
			split, _ := splitterFor(name)
			n := 0
			split(text, func(part string) { n += len(part) })
			if n != len(text) {
				t.Errorf("%s cuts %d bytes of %q into %d", name, len(text), unit, n)
			}
		}
	}
}

// FuzzPattern checks that any regular expression is an error or cuts a text and loses nothing.
func FuzzPattern(f *testing.F) {
	for _, pattern := range []string{"", "(", `\s+(?!\S)|a*`, "[\r\n]", `(?<=a)(?=b)`, `((a{100}){100}){100}`, `^|$`,
		`(?i:'s)`, `(\w+)\1`, `(?>a+)b`} {
		f.Add(pattern, "a b aa\xff日")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		split, err := splitterForPattern(pattern)
		if err != nil {
			return
		}
		text = text[:min(len(text), 32)]
		if got := parts(split, text); strings.Join(got, "") != text || slices.Contains(got, "") {
			t.Fatalf("%q cuts %q into %q", pattern, text, got)
		}
	})
}
