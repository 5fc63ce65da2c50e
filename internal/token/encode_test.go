package token_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/fixture"
	"cria/internal/token"
)

// The vectors of llama2.c's own test, test.c.
func TestEncodeLlama2c(t *testing.T) {
	s := llama2(t)
	for _, c := range []struct {
		text string
		want []token.ID
	}{
		{"", []token.ID{1}},
		{"I believe the meaning of life is", []token.ID{1, 306, 4658, 278, 6593, 310, 2834, 338}},
		{"Simply put, the theory of relativity states that ", []token.ID{1, 3439, 17632, 1925, 29892, 278, 6368,
			310, 14215, 537, 5922, 393, 29871}},
		{"A brief message congratulating the team on the launch:\n\n        Hi everyone,\n\n        I just ",
			[]token.ID{1, 319, 11473, 2643, 378, 629, 271, 18099, 278, 3815, 373, 278, 6826, 29901, 13, 13, 4706,
				6324, 14332, 29892, 13, 13, 4706, 306, 925, 29871}},
		{"Translate English to French:\n\n        sea otter => loutre de mer\n        peppermint => menthe poivrée\n" +
			"        plush girafe => girafe peluche\n        cheese =>",
			[]token.ID{1, 4103, 9632, 4223, 304, 5176, 29901, 13, 13, 4706, 7205, 4932, 357, 1149, 301, 449, 276, 316,
				2778, 13, 4706, 1236, 407, 837, 524, 1149, 6042, 354, 772, 440, 29878, 1318, 13, 4706, 715, 1878, 330,
				3055, 1725, 1149, 330, 3055, 1725, 4639, 28754, 13, 4706, 923, 968, 1149}},
	} {
		if got := s.Encode(nil, c.text, true, false); !slices.Equal(got, c.want) {
			t.Errorf("%q:\n got %v\nwant %v", c.text, got, c.want)
		}
	}
}

// What SentencePiece gives for Llama 2: on these texts run.c's way is the same.
func TestEncodeSentencePiece(t *testing.T) {
	s := llama2(t)
	texts, want := vectors(t, "ggml-vocab-llama-spm.gguf")
	for i, text := range texts {
		ids := s.Encode(nil, text, false, false)
		if got := strings.Trim(fmt.Sprint(ids), "[]"); got != want[i] {
			t.Errorf("%q:\n got %s\nwant %s", text, got, want[i])
		}
	}
}

// vectors returns the texts and the lines of ids of a vocabulary's test.
func vectors(t *testing.T, name string) (texts, ids []string) {
	t.Helper()
	in, err := os.ReadFile(fixture.Path(t, "vectors", name+".inp"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(fixture.Path(t, "vectors", name+".out"))
	if err != nil {
		t.Fatal(err)
	}
	const separator = "\n__ggml_vocab_test__\n"
	texts = strings.Split(strings.TrimSuffix(string(in), separator), separator)
	for line := range strings.Lines(string(out)) {
		ids = append(ids, strings.TrimSpace(line))
	}
	if len(texts) < 40 || len(texts) != len(ids) {
		t.Fatalf("%s: %d texts, %d lines of ids", name, len(texts), len(ids))
	}
	return texts, ids
}

func TestEncode(t *testing.T) {
	const space, a, b, c = 259, 260, 261, 262
	for _, test := range []struct {
		why, text string
		bos, eos  bool
		want      []token.ID
	}{
		{"nothing", "", false, false, nil},
		{"no text, no dummy space", "", true, true, []token.ID{1, 2}},
		{"BOS takes part in merges", "b", true, false, []token.ID{279, b}},
		{"EOS does not", "c", false, true, []token.ID{space, c, 2}},
		{"bytes above 0x7f", "\xff", false, false, []token.ID{space, 258}},
		{"byte tokens merge by their spelling", "\xff\xfe", false, false, []token.ID{space, 280}},
		{"bytes from 0xfd", "\xfd", false, false, []token.ID{space, 256}},
		{"a zero byte", "c\x00c", false, false, []token.ID{space, c, 3, c}},
		{"a known character", "é", false, false, []token.ID{space, 263}},
		{"an unknown one", "ö", false, false, []token.ID{space, 3 + 0xc3, 3 + 0xb6}},
		{"a continuation byte takes the letter along", "c\x80", false, false, []token.ID{space, 3 + 'c', 3 + 0x80}},
		{"at most three", "\x80\x80\x80\x80c", false, false, []token.ID{space, 131, 131, 131, 131, c}},
		{"the better score first", "abc", false, false, []token.ID{space, 267}},
		{"no merge at -1e10", "cb", false, false, []token.ID{space, c, b}},
		{"no merge at NaN", "cba", false, false, []token.ID{space, c, b, a}},
		{"the leftmost of equals", "aaaa", false, false, []token.ID{space, 270, a}},
	} {
		s := parse(t, letters())
		if got := s.Encode(nil, test.text, test.bos, test.eos); !slices.Equal(got, test.want) {
			t.Errorf("%s: %q is %v, want %v", test.why, test.text, got, test.want)
		}
	}
}

func TestEncodeAppends(t *testing.T) {
	got := parse(t, letters()).Encode([]token.ID{7, 8}, "c", true, true)
	if want := []token.ID{7, 8, 279, 262, 2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// A vocabulary without byte tokens: a zero byte reads as token 3, as in run.c; other
// bytes lie beyond the vocabulary.
func TestEncodeUnknown(t *testing.T) {
	s := parse(t, append(controls[:3:3], entry{"a", 0}, entry{"b", 0}))
	want := []token.ID{3, 0, 4, 3, 0}
	if got := s.Encode(nil, "a日b\x00\xff", false, false); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// In user text the spelling of a control or byte token is text: no merges lead to it.
func TestEncodeSpecialText(t *testing.T) {
	everyReal(t, func(t *testing.T, s *token.SPM) {
		for id := range token.ID(s.Size()) {
			name := s.Name(id)
			if strings.HasPrefix(name, `"`) {
				continue
			}
			for _, text := range []string{name, s.Piece(id), "a" + name + "b"} {
				if got := s.Encode(nil, text, false, false); slices.Contains(got, id) && id != 0 {
					t.Errorf("the text %q becomes %v, which has %s", text, got, name)
				}
			}
		}
	})
}

// A naive tokenizer encodes as run.c does, a step at a time.
type naive struct {
	*token.SPM
	sorted []token.ID // in the order of the pieces, equal ones in that of the ids
}

func newNaive(s *token.SPM) *naive {
	n := &naive{SPM: s}
	for id := range token.ID(s.Size()) {
		n.sorted = append(n.sorted, id)
	}
	slices.SortStableFunc(n.sorted, func(a, b token.ID) int { return strings.Compare(s.Piece(a), s.Piece(b)) })
	return n
}

// lookup finds a piece as bsearch of glibc does, or returns -1.
func (n *naive) lookup(piece string) token.ID {
	lo, hi := 0, len(n.sorted)
	for lo < hi {
		mid := (lo + hi) / 2
		switch strings.Compare(piece, n.Piece(n.sorted[mid])) {
		case 0:
			return n.sorted[mid]
		case -1:
			hi = mid
		default:
			lo = mid + 1
		}
	}
	return -1
}

func (n *naive) encode(text string, bos, eos bool) []token.ID {
	var ids []token.ID
	if bos {
		ids = append(ids, n.BOS())
	}
	ids = n.merge(n.split(ids, text))
	if eos {
		ids = append(ids, n.EOS())
	}
	return ids
}

func (n *naive) split(ids []token.ID, text string) []token.ID {
	if text != "" && n.lookup(" ") >= 0 {
		ids = append(ids, n.lookup(" "))
	}
	var char []byte
	for i := range len(text) {
		char = append(char, text[i])
		if i+1 < len(text) && text[i+1]&0xc0 == 0x80 && len(char) < 4 {
			continue
		}
		if id := n.lookup(string(char)); id >= 0 {
			ids = append(ids, id)
		} else {
			for _, b := range char {
				ids = append(ids, token.ID(b)+3)
			}
		}
		char = nil
	}
	return ids
}

// merge looks through all pairs for every merge.
func (n *naive) merge(ids []token.ID) []token.ID {
	for {
		best, at, score := token.ID(-1), -1, float32(-1e10)
		for i := range len(ids) - 1 {
			id := n.lookup(n.Piece(ids[i]) + n.Piece(ids[i+1]))
			if id >= 0 && n.Score(id) > score {
				best, at, score = id, i, n.Score(id)
			}
		}
		if at < 0 {
			return ids
		}
		ids[at] = best
		ids = slices.Delete(ids, at+1, at+2)
	}
}

// Random vocabularies of few letters, with equal scores and equal pieces, on random texts.
func TestEncodeReference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letter := rapid.SampledFrom([]string{" ", "a", "b", "é", "<0x41>", "\n"})
		piece := rapid.Map(rapid.SliceOfN(letter, 0, 4), func(l []string) string { return strings.Join(l, "") })
		score := rapid.Float32Range(-3, 3)
		if rapid.Bool().Draw(t, "equal scores") {
			score = rapid.SampledFrom([]float32{0, 1})
		}
		entries := vocab()
		for range rapid.IntRange(0, 40).Draw(t, "pieces") {
			entries = append(entries, entry{piece.Draw(t, "piece"), score.Draw(t, "score")})
		}
		s, err := token.ParseLlama2c("", file(entries), len(entries))
		if err != nil {
			t.Fatal(err)
		}
		chars := rapid.SliceOfN(rapid.SampledFrom([]string{" ", "a", "b", "é", "A", "\n", "\xc3", "\xa9", "\xff"}), 0, 60)
		text, bos := strings.Join(chars.Draw(t, "text"), ""), rapid.Bool().Draw(t, "bos")
		if got, want := s.Encode(nil, text, bos, false), newNaive(s).encode(text, bos, false); !slices.Equal(got, want) {
			t.Fatalf("%q:\n got %v\nwant %v", text, got, want)
		}
	})
}

func TestEncodeReferenceReal(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "text", "tinystories-197k.txt"))
	if err != nil {
		t.Fatal(err)
	}
	rng := rand.New(rand.NewPCG(1, 2))
	for name, s := range map[string]*token.SPM{
		"llama2": llama2(t), "tok512": fromFile(t, 512, "models", "tok512.bin"),
	} {
		naive := newNaive(s)
		for range 100 {
			n := rng.IntN(100)
			at := rng.IntN(len(data) - n)
			for _, text := range []string{string(data[at : at+n]), noise(rng, n)} {
				if got, want := s.Encode(nil, text, true, false), naive.encode(text, true, false); !slices.Equal(got, want) {
					t.Fatalf("%s: %q:\n got %v\nwant %v", name, text, got, want)
				}
			}
		}
	}
}

// Every character is in one pair at first, and every merge makes at most two
// new ones and takes a token away: less than three look-ups for a character.
// What is looked up enters the queue at most once, where it takes at most log n
// steps to its place and as many out of it. So twice the text is twice the
// look-ups, on a story and on what is worst for run.c, a long line of one letter.
func TestEncodeLinear(t *testing.T) {
	s := llama2(t)
	data, err := os.ReadFile(fixture.Path(t, "text", "tinystories-197k.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(data[:1<<17]), strings.Repeat("a", 1<<17), strings.Repeat(" ", 1<<17)} {
		all, half := s.EncodeLookups(text), s.EncodeLookups(text[:len(text)/2])
		if all > 3*(len(text)+2) { // BOS and the dummy space
			t.Errorf("%.10q...: %d look-ups for %d bytes, want less than three a byte", text, all, len(text))
		}
		if ratio := float64(all) / float64(half); ratio < 1.9 || ratio > 2.1 {
			t.Errorf("%.10q...: twice the text takes %.2f times the look-ups", text, ratio)
		}
	}
}

func FuzzEncode(f *testing.F) {
	for _, text := range []string{"", " ", "abc", "caaaa", "日é", "\xff\xfe", "c\x80\x80\x80\x80", "<s>\n<s>\n", "a\x00b"} {
		f.Add(text, true, false)
	}
	s := parse(f, letters())
	naive := newNaive(s)
	f.Fuzz(func(t *testing.T, text string, bos, eos bool) {
		if got, want := s.Encode(nil, text, bos, eos), naive.encode(text, bos, eos); !slices.Equal(got, want) {
			t.Fatalf("%q:\n got %v\nwant %v", text, got, want)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	s := llama2(b)
	data, err := os.ReadFile(fixture.Path(b, "text", "tinystories-197k.txt"))
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range []struct{ name, text string }{
		{"Stories", string(data)},
		{"Sentence", "Once upon a time there was a baby llama who told stories."},
		{"Line", strings.Repeat("a", 100_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			var ids []token.ID
			for b.Loop() {
				ids = s.Encode(ids[:0], c.text, true, false)
			}
		})
	}
}
