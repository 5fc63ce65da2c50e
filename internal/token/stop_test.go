package token_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/token"
)

func TestStopper(t *testing.T) {
	for _, c := range []struct {
		stops   []string
		in, out []string // out has one more, what Flush returns
		stopped bool
	}{
		{nil, nil, []string{""}, false},
		{nil, []string{"a", "", "b"}, []string{"a", "", "b", ""}, false},
		{[]string{""}, []string{"ab"}, []string{"ab", ""}, false},
		{[]string{"x"}, []string{"ab"}, []string{"ab", ""}, false},
		{[]string{"b"}, []string{"abc"}, []string{"a", ""}, true},
		{[]string{"b"}, []string{"abc", "d", "b"}, []string{"a", "", "", ""}, true},
		{[]string{"</s>"}, []string{"a<", "/", "s", ">", "b"}, []string{"a", "", "", "", "", ""}, true},
		{[]string{"</s>"}, []string{"a<", "/", "b"}, []string{"a", "", "</b", ""}, false},
		{[]string{"</s>"}, []string{"a</s"}, []string{"a", "</s"}, false},
		{[]string{"aab"}, []string{"a", "a", "a", "b"}, []string{"", "", "a", "", ""}, true},
		{[]string{"\n\n", "User:"}, []string{"x\nU", "ser", ":"}, []string{"x\n", "", "", ""}, true},
		{[]string{"abcd", "bc"}, []string{"ab", "c"}, []string{"", "a", ""}, true}, // the first that is complete
		{[]string{"bc", "abc"}, []string{"zabc"}, []string{"z", ""}, true},         // the longest of those
		{[]string{"日本"}, []string{"a日", "é"}, []string{"a", "日é", ""}, false},
	} {
		s := token.NewStopper(c.stops)
		var out []string
		stopped := false
		for _, text := range c.in {
			var emit string
			emit, stopped = s.Next(text)
			out = append(out, emit)
		}
		out = append(out, s.Flush())
		if !slices.Equal(out, c.out) || stopped != c.stopped {
			t.Errorf("%q on %q: %q, stopped %v; want %q, %v", c.stops, c.in, out, stopped, c.out, c.stopped)
		}
	}
}

// After Flush the text that has been shown cannot be part of a stop string any more.
func TestStopperFlush(t *testing.T) {
	s := token.NewStopper([]string{"ab"})
	s.Next("a")
	if got := s.Flush(); got != "a" {
		t.Errorf("Flush: %q, want %q", got, "a")
	}
	if emit, stopped := s.Next("b"); emit != "b" || stopped {
		t.Errorf("Next after Flush: %q, %v", emit, stopped)
	}
}

// cut returns the text up to the stop string that is complete first, the
// longest of those, as strings.Index finds it, and whether there is one.
func cut(text string, stops []string) (string, bool) {
	begin, end := len(text), len(text)+1
	for _, stop := range stops {
		at := strings.Index(text, stop)
		if stop == "" || at < 0 {
			continue
		}
		if e := at + len(stop); e < end || e == end && at < begin {
			begin, end = at, e
		}
	}
	return text[:begin], end <= len(text)
}

// checkStopper gives the text in parts that end at the cuts, and looks at every answer.
func checkStopper(t rapid.TB, stops []string, text string, cuts func(left int) int) {
	t.Helper()
	s := token.NewStopper(stops)
	shown, stopped := "", false
	for at := 0; at < len(text); {
		n := cuts(len(text) - at)
		var emit string
		emit, stopped = s.Next(text[at : at+n])
		at += n
		shown += emit
		want, wantStopped := cut(text[:at], stops)
		if stopped != wantStopped || !strings.HasPrefix(want, shown) || stopped && shown != want {
			t.Fatalf("stops %q: after %q shown is %q, stopped %v; want %q, %v",
				stops, text[:at], shown, stopped, want, wantStopped)
		}
		// What waits must begin a stop string.
		if waits := want[len(shown):]; !stopped && waits != "" &&
			!slices.ContainsFunc(stops, func(stop string) bool { return strings.HasPrefix(stop, waits) }) {
			t.Fatalf("stops %q: after %q, %q waits", stops, text[:at], waits)
		}
	}
	shown += s.Flush()
	if want, _ := cut(text, stops); shown != want {
		t.Fatalf("stops %q on %q: %q, want %q", stops, text, shown, want)
	}
}

func TestStopperIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		stops := rapid.SliceOfN(rapid.StringMatching(`[ab]{0,6}`), 0, 4).Draw(t, "stops")
		text := rapid.StringMatching(`[abc]{0,40}`).Draw(t, "text")
		checkStopper(t, stops, text, func(left int) int { return rapid.IntRange(1, left).Draw(t, "part") })
	})
}

func FuzzStopper(f *testing.F) {
	f.Add("aabaab", "aab", "b", 1)
	f.Add("Hello</s>", "</s>", "", 3)
	f.Add("日本語", "本", "\xe6\x9c", 2)
	f.Fuzz(func(t *testing.T, text, stop, other string, part int) {
		checkStopper(t, []string{stop, other}, text, func(left int) int { return min(left, 1+int(uint(part)%16)) })
	})
}
