package token

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"
)

// pieceCharsMax is the most characters of a piece, as in SentencePiece.
const pieceCharsMax = 16

// coverage is the share of all characters that get pieces of their own, as in
// SentencePiece. Text spells the rarer ones with byte tokens.
const coverage = 0.9995

// Train returns a vocabulary of vocabSize pieces for texts like docs, made by
// byte pair encoding (Sennrich, Haddow and Birch 2016) as SentencePiece does
// it: the control tokens, a token for every byte, pieces in the order in which
// they merge, and single characters. A piece's score is the negative of its
// place among the last two.
//
// Every document gets the space in front that Encode gives it; nothing else is
// normalized, so that every text comes back as it was. A piece has a space
// at its beginning only, and no digit beside anything else. Control
// characters and bytes that are not UTF-8 are left to the byte tokens.
//
// At every step the piece that occurs most often is made; of equals the
// shorter one, and then the one that comes first by its bytes. The order of
// the documents makes no difference. The time is n log n in the number
// of distinct words, and grows with the square of the length of each: text without
// spaces is slow.
func Train(docs iter.Seq[string], vocabSize int) (*SPM, error) {
	counts := map[string]int{}
	for doc := range docs {
		countWords(counts, " "+doc)
	}
	chars := commonChars(counts)
	fixed := int(firstByte) + 256
	merges := vocabSize - fixed - len(chars)
	if merges < 0 {
		return nil, fmt.Errorf("token: a vocabulary of %d has no room for %d control and byte tokens and %d characters: "+
			"it takes %d",
			vocabSize, fixed, len(chars), fixed+len(chars))
	}
	t := newTrainer(counts, chars)
	for range merges {
		if !t.merge() {
			return nil, fmt.Errorf("token: the text gives %d pieces, want a vocabulary of %d",
				fixed+len(chars)+len(t.made), vocabSize)
		}
	}
	return newVocabulary(append(t.made, chars...)), nil
}

// newVocabulary returns the control and byte tokens, then pieces.
func newVocabulary(learned []string) *SPM {
	pieces := []string{"<unk>", "\n<s>\n", "\n</s>\n"} // as llama2.c spells them
	for b := range 256 {
		pieces = append(pieces, fmt.Sprintf("<0x%02X>", b))
	}
	scores := make([]float32, len(pieces), len(pieces)+len(learned))
	for i := range learned {
		scores = append(scores, -float32(i))
	}
	return newSPM(append(pieces, learned...), scores)
}

// countWords cuts a text into words and counts them: a word begins with a space,
// or where one ends; digits and control characters are words by themselves.
func countWords(counts map[string]int, text string) {
	start := 0
	cut := func(at int) {
		if at > start {
			counts[text[start:at]]++
		}
		start = at
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ':
			cut(i)
		case c < ' ' || c == 0x7f || '0' <= c && c <= '9':
			cut(i)
			cut(i + 1)
		}
	}
	cut(len(text))
}

// commonChars returns the characters that get pieces, the most frequent first.
func commonChars(counts map[string]int) []string {
	chars, total := map[string]int{}, 0
	for word, n := range counts {
		for rest := word; rest != ""; {
			c, size := utf8.DecodeRuneInString(rest)
			if c >= ' ' && c != 0x7f && (c != utf8.RuneError || size > 1) {
				chars[rest[:size]] += n
				total += n
			}
			rest = rest[size:]
		}
	}
	order := slices.SortedFunc(maps.Keys(chars), func(a, b string) int {
		return cmp.Or(cmp.Compare(chars[b], chars[a]), cmp.Compare(a, b))
	})
	seen := 0
	for i, c := range order {
		if float64(seen) >= coverage*float64(total) {
			return order[:i]
		}
		seen += chars[c]
	}
	return order
}

// A trainer merges neighbours in words.
type trainer struct {
	words []word
	pairs map[string]*candidate // by what they spell
	queue candidates
	made  []string
	rank  map[string]int // of pieces made
}

// A word is a distinct word of the text, or a part of one between characters that have no piece.
type word struct {
	count   int
	symbols []string
}

// A candidate is all places where two neighbours spell the same piece.
type candidate struct {
	text  string
	chars int
	count int   // in the whole text
	words []int // that have or had it, some of them more than once
	index int   // in the queue
}

func newTrainer(counts map[string]int, chars []string) *trainer {
	t := &trainer{pairs: map[string]*candidate{}, rank: map[string]int{}}
	known := map[string]bool{}
	for _, c := range chars {
		known[c] = true
	}
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		w := word{count: counts[text]}
		for text != "" {
			_, size := utf8.DecodeRuneInString(text)
			if known[text[:size]] {
				w.symbols = append(w.symbols, text[:size])
			} else {
				t.add(w)
				w.symbols = nil
			}
			text = text[size:]
		}
		t.add(w)
	}
	return t
}

// add adds a word and counts its pairs.
func (t *trainer) add(w word) {
	if len(w.symbols) > 1 {
		t.words = append(t.words, w)
		t.count(len(t.words)-1, w.count)
	}
}

// count adds n to the count of every pair in word i.
func (t *trainer) count(i, n int) {
	symbols := t.words[i].symbols
	for j := 1; j < len(symbols); j++ {
		text := symbols[j-1] + symbols[j]
		p := t.pairs[text]
		if p == nil {
			p = &candidate{text: text, chars: utf8.RuneCountInString(text)}
			if p.chars > pieceCharsMax {
				continue
			}
			t.pairs[text] = p
			heap.Push(&t.queue, p)
		}
		p.count += n
		if n > 0 && (len(p.words) == 0 || p.words[len(p.words)-1] != i) {
			p.words = append(p.words, i)
		}
		heap.Fix(&t.queue, p.index)
	}
}

// merge makes one piece of the best pair. It returns false if there is none.
func (t *trainer) merge() bool {
	if len(t.queue) == 0 || t.queue[0].count == 0 {
		return false
	}
	best := t.queue[0]
	t.rank[best.text] = len(t.made)
	t.made = append(t.made, best.text)
	for _, i := range best.words {
		t.count(i, -t.words[i].count)
		t.words[i].symbols = t.join(t.words[i].symbols)
		t.count(i, t.words[i].count)
	}
	best.words = nil
	return true
}

// join merges neighbours that spell a piece, the one made first before others,
// the leftmost of equals, until there are none: what Encode does.
func (t *trainer) join(symbols []string) []string {
	for {
		best, at := len(t.made), 0
		for j := 1; j < len(symbols); j++ {
			if r, ok := t.rank[symbols[j-1]+symbols[j]]; ok && r < best {
				best, at = r, j
			}
		}
		if at == 0 {
			return symbols
		}
		symbols[at-1] += symbols[at]
		symbols = slices.Delete(symbols, at, at+1)
	}
}

// candidates are a heap with the one to make next in front.
type candidates []*candidate

func (q candidates) Len() int { return len(q) }

func (q candidates) Less(i, j int) bool {
	a, b := q[i], q[j]
	return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.chars, b.chars), cmp.Compare(a.text, b.text)) < 0
}

func (q candidates) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

// Push is called by package heap.
func (q *candidates) Push(x any) {
	p := x.(*candidate)
	p.index = len(*q)
	*q = append(*q, p)
}

// Pop is called by package heap.
func (q *candidates) Pop() any {
	old := *q
	p := old[len(old)-1]
	*q = old[:len(old)-1]
	return p
}
