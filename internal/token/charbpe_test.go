package token

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// A piece of a vocabulary for tests.
type testPiece struct {
	text  string
	score float32
	kind  kind
}

// testVocabulary returns a vocabulary of <unk>, the tokens of bytes if bytes, and then pieces.
func testVocabulary(bytes bool, pieces ...testPiece) *spVocabulary {
	all := []testPiece{{"<unk>", 0, unknown}}
	for b := 0; b < 256 && bytes; b++ {
		all = append(all, testPiece{fmt.Sprintf("<0x%02X>", b), 0, byteToken})
	}
	v := &spVocabulary{ids: map[string]ID{}, bytes: bytes}
	for i, p := range append(all, pieces...) {
		v.pieces, v.scores, v.kinds = append(v.pieces, p.text), append(v.scores, p.score), append(v.kinds, p.kind)
		if p.kind == normal || p.kind == userDefined || p.kind == unused {
			v.ids[p.text] = ID(i)
		}
	}
	return v
}

// spell returns ids as their spellings.
func spell(v *spVocabulary, ids []ID) string {
	var parts []string
	for _, id := range ids {
		parts = append(parts, v.pieces[id])
	}
	return strings.Join(parts, " ")
}

func TestCharBPE(t *testing.T) {
	pieces := []testPiece{
		{"a", -1, normal}, {"b", -2, normal}, {"c", -3, normal}, {"日", -4, normal}, {"ab", -5, normal}, {"bc", -5, normal},
		{"aa", -7, normal}, {"aaaa", -6, normal}, {"日本", -1, normal}, {"cab", -9, unused}, {"cabc", -9, normal},
		{"ca", -20, unused}, {"<x>", 0, userDefined}, {"<x>y", 0, userDefined}, {"x", -1, normal}, {"<s>", 0, control},
		{"ba", -30, unused}, {"bab", -31, unused}, {"é", -1, unused},
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"a", "a"},
		{"abc", "ab c"}, // the leftmost of equals
		{"bcabc", "bc ab c"},
		{"aaaaa", "aaaa a"},
		{"日本", "日本"}, // a piece of a character that is none
		{"本日", "<0xE6> <0x9C> <0xAC> 日"},
		{"\xff日\xe6\x97", "<0xFF> 日 <0xE6> <0x97>"},
		{"cabc", "cabc"},
		{"cab", "c ab"}, // unused pieces come apart as they came about
		{"baba", "b ab a"},
		{"<x>", "<x>"},
		{"a<x>ya<x>xb", "a <x>y a <x> x b"}, // nothing merges with these
		{"<s>", "<0x3C> <0x73> <0x3E>"},
		{"é", "é"},
	} {
		v := testVocabulary(true, pieces...)
		if got := spell(v, v.engine(spBPE).encode(nil, c.text, true)); got != c.want {
			t.Errorf("%q is %s, want %s", c.text, got, c.want)
		}
	}
	v := testVocabulary(false, pieces...)
	if got := spell(v, v.engine(spBPE).encode(nil, "öä日öa\xff\xffa", true)); got != "<unk> 日 <unk> a <unk> a" {
		t.Errorf("without byte tokens: %s", got)
	}
	if got := spell(v, v.engine(spChar).encode(nil, "abc<x>", true)); got != "a b c <x>" {
		t.Errorf("characters: %s", got)
	}
}

// naiveMerge merges neighbours one by one: better says how good a pair is, and whether it merges at all.
func naiveMerge(parts []string, better func(left, right string) (float32, bool)) []string {
	for {
		at, best := -1, float32(0)
		for i := 1; i < len(parts); i++ {
			if s, ok := better(parts[i-1], parts[i]); ok && (at < 0 || s > best) {
				at, best = i, s
			}
		}
		if at < 0 {
			return parts
		}
		parts = slices.Replace(parts, at-1, at+1, parts[at-1]+parts[at])
	}
}

// characters returns the characters of a text, and bytes that are none.
func characters(text string) (list []string) {
	for text != "" {
		_, n := utf8.DecodeRuneInString(text)
		list, text = append(list, text[:n]), text[n:]
	}
	return list
}

// The queue gives what merging one by one gives, by either rule.
func TestCharBPENaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfDistinct(rapid.StringMatching(`[abé]{1,5}`), rapid.ID[string]).Draw(t, "pieces")
		text := rapid.StringMatching(`[abéc\xff]{0,30}`).Draw(t, "text")
		var pieces []testPiece
		for _, w := range words {
			pieces = append(pieces, testPiece{w, float32(rapid.IntRange(-3, 0).Draw(t, "score")), normal})
		}
		v := testVocabulary(true, pieces...)
		check := func(b *charBPE, better func(left, right string) (float32, bool)) {
			var want []ID
			for _, p := range naiveMerge(characters(text), better) {
				if id, ok := v.ids[p]; ok {
					want = append(want, id)
				} else {
					want, _ = b.fallback.append(want, p, false)
				}
			}
			if got := b.encode(nil, text, true); !slices.Equal(got, want) {
				t.Fatalf("%q is %s, want %s", text, spell(v, got), spell(v, want))
			}
		}
		check(v.engine(spBPE).(*charBPE), func(left, right string) (float32, bool) {
			id, ok := v.ids[left+right]
			return v.scores[id], ok
		})
		b := newCharBPE(v.ids, nil, v.fallback())
		b.listed = map[[2]ID]merge{}
		ranks := map[[2]string]float32{}
		for whole, id := range v.ids {
			for i := 1; i < len(whole); i++ {
				left, ok := v.ids[whole[:i]]
				right, ok2 := v.ids[whole[i:]]
				if ok && ok2 {
					rank := -float32(len(ranks))
					b.listed[[2]ID{left, right}] = merge{id, rank}
					ranks[[2]string{whole[:i], whole[i:]}] = rank
				}
			}
		}
		check(b, func(left, right string) (float32, bool) {
			rank, ok := ranks[[2]string{left, right}]
			return rank, ok
		})
	})
}

// Texts that would take hours if the time grew with the square of their length.
func TestLongTexts(t *testing.T) {
	v := testVocabulary(true, testPiece{"a", -1, normal}, testPiece{"aa", -2, normal}, testPiece{"aaaa", -3, normal},
		testPiece{"<x>", 0, userDefined})
	for _, text := range []string{strings.Repeat("a", 1<<19), strings.Repeat("<x", 1<<18), strings.Repeat("<x>", 1<<18)} {
		for _, model := range []uint64{spBPE, spUnigram} {
			if ids := v.engine(model).encode(nil, text, true); len(ids) < len(text)/4 {
				t.Errorf("%d bytes give %d tokens", len(text), len(ids))
			}
		}
	}
}

// Viterbi's way is the best of all ways.
func TestUnigramBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfDistinct(rapid.StringMatching(`[abé]{1,4}`), rapid.ID[string]).Draw(t, "pieces")
		text := rapid.StringMatching(`[abéc]{0,8}`).Draw(t, "text")
		pieces := []testPiece{{"z", -20, normal}}
		for _, w := range words {
			pieces = append(pieces, testPiece{w, -float32(rapid.IntRange(1, 9).Draw(t, "score")), normal})
		}
		v := testVocabulary(false, pieces...)
		u := v.unigram()
		var best func(rest string) float64
		best = func(rest string) float64 {
			if rest == "" {
				return 0
			}
			_, n := utf8.DecodeRuneInString(rest)
			top := -30 + best(rest[n:])
			for piece, id := range v.ids {
				if strings.HasPrefix(rest, piece) {
					top = max(top, u.scores[id]+best(rest[len(piece):]))
				}
			}
			return top
		}
		ids := u.encode(nil, text, true)
		sum := 0.0
		for _, id := range ids {
			sum += u.scores[id]
		}
		// <unk> may stand for several characters.
		if !slices.Contains(ids, 0) && sum != best(text) {
			t.Fatalf("%q is %s with the sum %v, want %v", text, spell(v, ids), sum, best(text))
		}
	})
}

func TestUnigram(t *testing.T) {
	pieces := []testPiece{
		{"a", -1, normal}, {"b", -1, normal}, {"ab", -2, normal}, {"abc", -2.5, normal}, {"c", -9, unused},
		{"bcd", 0, userDefined}, {"日", -1, normal}, {"<s>", 0, control},
	}
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"ab", "ab"}, // of equal sums the longest last piece
		{"abc", "abc"},
		{"abcd", "a bcd"}, // a user-defined piece wins
		{"xyab", "<unk> ab"},
		{"日x日", "日 <unk> 日"},
		{"\xff\xe6日", "<unk> 日"},
		{"<s>", "<unk>"},
	} {
		v := testVocabulary(false, pieces...)
		if got := spell(v, v.engine(spUnigram).encode(nil, c.text, true)); got != c.want {
			t.Errorf("%q is %s, want %s", c.text, got, c.want)
		}
	}
	v := testVocabulary(true, pieces...)
	if got := spell(v, v.engine(spUnigram).encode(nil, "éa\xff", true)); got != "<0xC3> <0xA9> a <0xFF>" {
		t.Errorf("with byte tokens: %s", got)
	}
}
