package token

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cria/internal/fixture"
)

// naiveTrain is Train with everything counted anew at every step, by what Encode makes of each word.
func naiveTrain(docs []string, vocabSize int) []string {
	counts := map[string]int{}
	for _, doc := range docs {
		countWords(counts, " "+doc)
	}
	chars := commonChars(counts)
	var made []string
	for 259+len(chars)+len(made) < vocabSize {
		spm := newVocabulary(append(slices.Clone(made), chars...))
		pairs := map[string]int{}
		for text, n := range counts {
			ids := spm.encodeWord(text)
			for i := 1; i < len(ids); i++ {
				if ids[i-1] >= 259 && ids[i] >= 259 {
					pairs[spm.Piece(ids[i-1])+spm.Piece(ids[i])] += n
				}
			}
		}
		best := ""
		for p, n := range pairs {
			chars, bestChars := len([]rune(p)), len([]rune(best))
			if chars <= pieceCharsMax && (best == "" || n > pairs[best] ||
				n == pairs[best] && (chars < bestChars || chars == bestChars && p < best)) {
				best = p
			}
		}
		if best == "" {
			return nil
		}
		made = append(made, best)
	}
	return append(made, chars...)
}

// encodeWord is Encode without a space in front.
func (s *SPM) encodeWord(text string) []ID {
	m := merger{spm: s}
	for text != "" {
		n := charLen(text)
		m.addChar(text[:n])
		text = text[n:]
	}
	m.endSegment()
	return m.ids
}

func TestTrainIsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[abc1é ]{1,12}`)
		docs := rapid.SliceOfN(word, 1, 12).Draw(t, "docs")
		vocabSize := 259 + rapid.IntRange(1, 24).Draw(t, "size")
		want := naiveTrain(docs, vocabSize)
		got, err := Train(slices.Values(docs), vocabSize)
		if err != nil {
			if want != nil && len(want) == vocabSize-259 {
				t.Fatalf("Train: %v, want %q", err, want)
			}
			return
		}
		if !slices.Equal(got.pieces[259:], want) {
			t.Fatalf("pieces %q, want %q", got.pieces[259:], want)
		}
		slices.Reverse(docs)
		again, err := Train(slices.Values(docs), vocabSize)
		if err != nil || !slices.Equal(again.pieces, got.pieces) || !slices.Equal(again.scores, got.scores) {
			t.Fatal("the order of the documents makes a difference")
		}
	})
}

func TestTrainErrors(t *testing.T) {
	docs := slices.Values([]string{"abc abc"})
	for size, want := range map[int]string{
		100: "token: a vocabulary of 100 has no room for 259 control and byte tokens and 4 characters: it takes 263",
		999: "token: the text gives 266 pieces, want a vocabulary of 999",
	} {
		if _, err := Train(docs, size); err == nil || err.Error() != want {
			t.Errorf("size %d: %v, want %s", size, err, want)
		}
	}
}

func TestTrainOnStories(t *testing.T) {
	text, err := os.ReadFile(fixture.Path(t, "text", "tinystories-197k.txt"))
	if err != nil {
		t.Fatal(err)
	}
	spm, err := Train(slices.Values([]string{string(text)}), 1024)
	if err != nil {
		t.Fatal(err)
	}
	ids := spm.Encode(nil, string(text), true, false)
	if perToken := float64(len(text)) / float64(len(ids)); perToken < 3 {
		t.Errorf("%.2f bytes for each token, want at least 3", perToken)
	}
	if back := decodeAll(spm, ids); back != string(text) {
		t.Error("the text does not come back as it was")
	}
	for _, piece := range spm.pieces[259:] {
		if strings.LastIndex(piece, " ") > 0 || strings.ContainsAny(piece, "\n\t") {
			t.Errorf("piece %q", piece)
		}
	}
}

// decodeAll returns the text of all tokens.
func decodeAll(s *SPM, ids []ID) string { return string(s.AppendDecode(nil, ids)) }

func TestWriteTo(t *testing.T) {
	data, err := os.ReadFile(fixture.Path(t, "models", "tok512.bin"))
	if err != nil {
		t.Fatal(err)
	}
	spm, err := ParseLlama2c("tok512.bin", data, 0)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if n, err := spm.WriteTo(&b); err != nil || n != int64(len(data)) || !bytes.Equal(b.Bytes(), data) {
		t.Errorf("wrote %d bytes (%v), which are not the %d read", n, err, len(data))
	}
}

// TestTrainingTime: heap operations grow hardly faster than the text.
func TestTrainingTime(t *testing.T) {
	work := func(n int) int {
		var docs []string
		for i := range n {
			docs = append(docs, fmt.Sprintf("%x%x %o", uint32(i)*2654435761, i, i*40503))
		}
		counts := map[string]int{}
		for _, doc := range docs {
			countWords(counts, " "+doc)
		}
		tr, visits := newTrainer(counts, commonChars(counts)), 0
		for range 100 {
			if len(tr.queue) == 0 || tr.queue[0].count == 0 {
				break
			}
			visits += len(tr.queue[0].words)
			tr.merge()
		}
		return visits
	}
	if a, b := work(2000), work(8000); b > 8*a {
		t.Errorf("4 times the text took %d visits of words, first %d", b, a)
	}
}

func FuzzTrain(f *testing.F) {
	f.Add("one day a cat sat on a mat", "x")
	f.Add("\xff\xfe 12 é\n\n", "\x00<s>")
	f.Fuzz(func(t *testing.T, text, other string) {
		counts := map[string]int{}
		countWords(counts, " "+text)
		spm, err := Train(slices.Values([]string{text}), 259+len(commonChars(counts))+1)
		if err != nil {
			return
		}
		if got := decodeAll(spm, spm.Encode(nil, other, true, false)); other != "" && got != other {
			t.Errorf("%q came back as %q", other, got)
		}
	})
}
