package token

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/fixture"
)

// slowBPE merges as the definition says.
type slowBPE struct {
	ids          map[string]ID
	ranks        map[[2]string]int // nil: the id of what two pieces are together
	ignoreMerges bool
}

func newSlowBPE(pieces []string, merges [][2]string, ignoreMerges bool) *slowBPE {
	s := &slowBPE{ids: map[string]ID{}, ignoreMerges: ignoreMerges}
	for i, p := range slices.Backward(pieces) {
		s.ids[p] = ID(i)
	}
	delete(s.ids, "")
	if merges != nil {
		s.ranks = map[[2]string]int{}
		for i, m := range slices.Backward(merges) {
			s.ranks[m] = i
		}
	}
	return s
}

func (s *slowBPE) rank(left, right string) int {
	id, ok := s.ids[left+right]
	if s.ranks != nil && ok {
		var r int
		r, ok = s.ranks[[2]string{left, right}]
		id = ID(r)
	}
	if !ok {
		return math.MaxInt
	}
	return int(id)
}

func (s *slowBPE) encodePart(part string) (ids []ID) {
	if id, ok := s.ids[part]; ok && s.ignoreMerges {
		return []ID{id}
	}
	var parts []string
	for i := range len(part) {
		parts = append(parts, part[i:i+1])
	}
	for {
		lowest, at := math.MaxInt, 0
		for i := 1; i < len(parts); i++ {
			if r := s.rank(parts[i-1], parts[i]); r < lowest {
				lowest, at = r, i
			}
		}
		if lowest == math.MaxInt {
			break
		}
		parts[at-1] += parts[at]
		parts = slices.Delete(parts, at, at+1)
	}
	for _, p := range parts {
		if id, ok := s.ids[p]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

func whole(text string, emit func(string)) {
	if text != "" {
		emit(text)
	}
}

// Random small vocabularies, in which merges compete: all lengths and both ways
// of merging do what the definition says.
func TestBPE(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := []string{"a", "b", "c"}
		pieces := slices.Clone(letters)
		var merges [][2]string
		for range rapid.IntRange(0, 25).Draw(t, "merges") {
			m := [2]string{rapid.SampledFrom(pieces).Draw(t, "left"), rapid.SampledFrom(pieces).Draw(t, "right")}
			merges = append(merges, m)
			if len(m[0]+m[1]) < 200 {
				pieces = append(pieces, m[0]+m[1])
			}
		}
		pieces = rapid.Permutation(pieces).Draw(t, "pieces")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(append(letters, "d", "aaaa")), 1, 200).Draw(t, "text"), "")
		ignoreMerges := rapid.Bool().Draw(t, "ignore merges")

		b, err := newBPE(pieces, merges, whole, ignoreMerges)
		if err != nil {
			t.Skip(err)
		}
		checkBPE(t, b, newSlowBPE(pieces, merges, ignoreMerges), text)
		if b, err = newRankedBPE(pieces, whole); err != nil {
			t.Fatal(err)
		}
		checkBPE(t, b, newSlowBPE(pieces, nil, true), text)
	})
}

func checkBPE(t rapid.TB, b *bpe, slow *slowBPE, text string) {
	t.Helper()
	want := slow.encodePart(text)
	for range 2 { // the second time a whole piece may be known
		if got := b.encode(nil, text); !slices.Equal(got, want) {
			t.Fatalf("%q becomes %v, want %v", text, got, want)
		}
	}
	if got := b.mergeLong(nil, text); len(want) != 1 && !slices.Equal(got, want) {
		t.Fatalf("%q becomes %v by mergeLong, want %v", text, got, want)
	}
}

func readData(t testing.TB, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(fixture.Path(t, elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func splitterOf(t testing.TB, name string) splitter {
	t.Helper()
	split, ok := splitterFor(name)
	if !ok {
		t.Fatalf("no pre-tokenizer %s", name)
	}
	return split
}

func llama3(t testing.TB) *bpe {
	t.Helper()
	pieces, err := ParseTiktoken("llama3", readData(t, "tokenizers", "llama3-tokenizer.model"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := newRankedBPE(pieces, splitterOf(t, "llama-bpe"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// fromFiles returns the bpe of NAME-vocab.json and NAME-merges.txt.
func fromFiles(t testing.TB, name, pre string) *bpe {
	t.Helper()
	pieces, err := ParseVocab(name, readData(t, "tokenizers", name+"-vocab.json"))
	if err != nil {
		t.Fatal(err)
	}
	merges, err := ParseMerges(name, readData(t, "tokenizers", name+"-merges.txt"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := newBPE(pieces, merges, splitterOf(t, pre), false)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The vectors that the original programs made.
func TestBPEVectors(t *testing.T) {
	for _, c := range []struct {
		name string
		load func(testing.TB) *bpe
	}{
		{"llama-bpe", llama3},
		{"qwen2", func(t testing.TB) *bpe { return fromFiles(t, "qwen2", "qwen2") }},
		{"gpt-2", func(t testing.TB) *bpe { return fromFiles(t, "gpt2", "gpt-2") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := c.load(t)
			checkVectors(t, c.name, func(text string) []ID { return b.encode(nil, text) }, b.pieces)
		})
	}
	files, err := filepath.Glob(fixture.Path(t, "vectors", "*.gguf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vocabularies in the vectors (%v)", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "ggml-vocab-"), ".gguf")
		v := readVocabulary(t, file)
		if v.model == "gpt2" {
			t.Run(name+".gguf", func(t *testing.T) {
				b := v.bpe(t)
				pieces := slices.Clone(b.pieces)
				for i, p := range pieces {
					pieces[i] = cmp.Or(p, v.pieces[i])
				}
				checkVectors(t, name, func(text string) []ID { return v.encode(b, text) }, pieces)
			})
		}
	}
}

func checkVectors(t *testing.T, name string, encode func(string) []ID, pieces []string) {
	t.Helper()
	file := "ggml-vocab-" + name + ".gguf"
	texts := strings.Split(string(readData(t, "vectors", file+".inp")), "\n__ggml_vocab_test__\n")
	lines := strings.Split(strings.TrimSuffix(string(readData(t, "vectors", file+".out")), "\n"), "\n")
	if len(texts) < len(lines) || len(lines) < 40 {
		t.Fatalf("%d texts, %d lines of ids", len(texts), len(lines))
	}
	for i, line := range lines {
		var want []ID
		for _, f := range strings.Fields(line) {
			id, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, ID(id))
		}
		got := encode(texts[i])
		if !slices.Equal(got, want) {
			t.Errorf("text %d, %q, becomes %v, want %v", i, texts[i], got, want)
		}
		if back := spelled(pieces, got); back != texts[i] {
			t.Errorf("text %d, %q, comes back as %q", i, texts[i], back)
		}
	}
}

func spelled(pieces []string, ids []ID) string {
	var text strings.Builder
	for _, id := range ids {
		text.WriteString(pieces[id])
	}
	return text.String()
}

// Real vocabularies on real text, each word by the definition.
func TestBPEOnWiki(t *testing.T) {
	text := string(readData(t, "text", "wiki.test.raw"))[:200_000]
	for _, c := range []struct {
		name string
		b    *bpe
		slow func(*bpe) *slowBPE
	}{
		{"llama3", llama3(t), func(b *bpe) *slowBPE { return newSlowBPE(b.pieces, nil, true) }},
		{"gpt2", fromFiles(t, "gpt2", "gpt-2"), func(b *bpe) *slowBPE {
			merges, err := ParseMerges("gpt2", readData(t, "tokenizers", "gpt2-merges.txt"))
			if err != nil {
				t.Fatal(err)
			}
			return newSlowBPE(b.pieces, merges, false)
		}},
	} {
		slow := c.slow(c.b)
		var want []ID
		c.b.split(text, func(part string) { want = append(want, slow.encodePart(part)...) })
		for range 2 {
			if got := c.b.encode(nil, text); !slices.Equal(got, want) {
				t.Fatalf("%s: not the tokens that the definition gives", c.name)
			}
		}
	}
}

// A long pre-token, which would take hours by the definition.
func TestBPELongPart(t *testing.T) {
	pieces := []string{"a", "aa", "aaaa", "b"}
	merges := [][2]string{{"a", "a"}, {"aa", "aa"}}
	text := strings.Repeat("a", 1<<20+3)
	b, err := newBPE(pieces, merges, whole, false)
	if err != nil {
		t.Fatal(err)
	}
	ids := b.encode(nil, text)
	if len(ids) != 1<<18+2 || ids[0] != 2 || !slices.Equal(ids[1<<18-1:], []ID{2, 1, 0}) {
		t.Errorf("%d tokens that end in %v", len(ids), ids[len(ids)-3:])
	}
}

// Encoding changes only what it proves, which goroutines share.
func TestBPEConcurrently(t *testing.T) {
	pieces := []string{"a", "b", "ab", "abab", "ba"}
	b, err := newBPE(pieces, [][2]string{{"a", "b"}, {"ab", "ab"}}, whole, false)
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 100 {
				for text, want := range map[string]string{"abab": "[3]", "ba": "[1 0]", "ab": "[2]"} {
					if got := fmt.Sprint(b.encode(nil, text)); got != want {
						t.Errorf("%s becomes %s, want %s", text, got, want)
					}
				}
			}
		})
	}
	group.Wait()
}

func TestBPELosesBytes(t *testing.T) {
	b, err := newBPE([]string{"a", "b", "", "xa", "b"}, nil, whole, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := b.encode([]ID{7}, "axbx"); !slices.Equal(got, []ID{7, 0, 1}) {
		t.Errorf("got %v", got)
	}
	if got := b.encode(nil, ""); got != nil {
		t.Errorf("no text becomes %v", got)
	}
}

func TestBPEErrors(t *testing.T) {
	letters := []string{"a", "b", "ab"}
	for _, c := range []struct {
		err  func() error
		want string
	}{
		{func() error { _, err := newBPE(nil, nil, whole, false); return err },
			"token: no piece is a single byte, as byte-level BPE needs them"},
		{func() error { _, err := newBPE(make([]string, bpeIDsMax+1), nil, whole, false); return err },
			"token: 2097152 pieces exceed the limit of 2097151"},
		{func() error { _, err := newBPE(letters, make([][2]string, bpeRanksMax+1), whole, false); return err },
			"token: 4194304 merges exceed the limit of 4194303"},
		{func() error {
			_, err := newBPE(letters, [][2]string{{"a", "b"}, {"c", "b"}, {"a", "a"}, {"b", "x"}}, whole, false)
			return err
		}, "token: only 1 of 4 merges are of pieces and to pieces of the vocabulary"},
		{func() error {
			_, err := newRankedBPE([]string{"a", strings.Repeat("a", rankedPieceMax+1)}, whole)
			return err
		}, "token: piece 1 has 1025 bytes, more than the limit of 1024"},
	} {
		if err := c.err(); err == nil || err.Error() != c.want {
			t.Errorf("error %v, want %s", err, c.want)
		}
	}
}

// FuzzEncodeBPE checks that any bytes come back from their tokens.
func FuzzEncodeBPE(f *testing.F) {
	for _, text := range []string{"", " a", "日é🦙", "\xf0\x9f\xa6", "\xff\xfe\x00", "it's 12345\r\n  x", "\xed\xa0\x80",
		"    "} {
		f.Add(text)
	}
	var pieces []string
	for i := range 256 {
		pieces = append(pieces, allBytes[i:i+1])
	}
	pieces = append(pieces, "th", "he", "the", " the", "  ", "    ", "12", "é", "日", "\r\n", "'s")
	var list []*bpe
	for name := range prePatterns {
		b, err := newRankedBPE(pieces, splitterOf(f, name))
		if err != nil {
			f.Fatal(err)
		}
		list = append(list, b)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, b := range list {
			if got := spelled(pieces, b.encode(nil, text)); got != text {
				t.Fatalf("%q comes back as %q", text, got)
			}
		}
	})
}

func BenchmarkEncodeLlama3(b *testing.B) { benchmarkEncode(b, llama3(b)) }
func BenchmarkEncodeQwen2(b *testing.B)  { benchmarkEncode(b, fromFiles(b, "qwen2", "qwen2")) }

func benchmarkEncode(b *testing.B, v *bpe) {
	text := string(readData(b, "text", "wiki.test.raw"))
	ids := v.encode(nil, text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		ids = v.encode(ids[:0], text)
	}
}

func BenchmarkEncodeLongPart(b *testing.B) {
	v := llama3(b)
	text := strings.Repeat("a", 1<<20)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		v.encode(nil, text)
	}
}

// BenchmarkLoadLlama3 also says how many bytes the tables and pieces take.
func BenchmarkLoadLlama3(b *testing.B) {
	data := readData(b, "tokenizers", "llama3-tokenizer.model")
	split := splitterOf(b, "llama-bpe")
	b.ReportAllocs()
	var v *bpe
	for b.Loop() {
		pieces, err := ParseTiktoken("llama3", data)
		if err != nil {
			b.Fatal(err)
		}
		if v, err = newRankedBPE(pieces, split); err != nil {
			b.Fatal(err)
		}
	}
	size := 8*len(v.pairs.rules) + 8*len(v.words.slots) + 16*len(v.pieces)
	for _, p := range v.pieces {
		size += len(p)
	}
	b.ReportMetric(float64(size), "B-kept")
}
