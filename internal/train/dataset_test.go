package train

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"cria/internal/token"
)

// byteVocabulary returns a tokenizer whose tokens are single bytes.
func byteVocabulary(t *testing.T) *token.SPM {
	t.Helper()
	data := binary.LittleEndian.AppendUint32(nil, 7)
	piece := func(s string) {
		data = binary.LittleEndian.AppendUint64(data, uint64(len(s))<<32)
		data = append(data, s...)
	}
	for _, s := range []string{"<unk>", "\n<s>\n", "\n</s>\n"} {
		piece(s)
	}
	for b := range 256 {
		piece(fmt.Sprintf("<0x%02X>", b))
	}
	spm, err := token.ParseLlama2c("bytes", data, 259)
	if err != nil {
		t.Fatal(err)
	}
	return spm
}

func TestTokenize(t *testing.T) {
	broken := errors.New("the disk is broken")
	docs := func(last error) func(func(string, error) bool) {
		return func(yield func(string, error) bool) {
			if yield("A", nil) && yield("", nil) && yield("BC", nil) && last != nil {
				yield("", last)
			}
		}
	}
	d, err := Tokenize(docs(nil), byteVocabulary(t))
	if err != nil {
		t.Fatal(err)
	}
	const bos, eos, a, b, c = 1, 2, 3 + 'A', 3 + 'B', 3 + 'C'
	want := [][]int32{{bos, a, eos}, {bos, eos}, {bos, b, c, eos}}
	if got := allDocs(d); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("documents %v, want %v", got, want)
	}
	if _, err := Tokenize(docs(broken), byteVocabulary(t)); !errors.Is(err, broken) {
		t.Errorf("error %v, want that of the documents", err)
	}
}

func allDocs(d *Dataset) [][]int32 {
	var list [][]int32
	for i := range d.Len() {
		list = append(list, d.Doc(i))
	}
	return list
}

// TestSplit checks that no document is lost or torn, and that both parts have some, in order.
func TestSplit(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		lengths := make([]int, 2+rng.IntN(40))
		for i := range lengths {
			lengths[i] = 2 + rng.IntN(5)
		}
		d := newDataset(lengths...)
		share := []float64{1e-9, 0.01, 0.5, 0.99, 1 - 1e-9}[rng.IntN(5)]
		train, validation, err := d.Split(share, rng.Uint64())
		if err != nil {
			t.Fatal(err)
		}
		if train.Len() == 0 || validation.Len() == 0 {
			t.Fatalf("%d of %d documents for validation", validation.Len(), d.Len())
		}
		first := func(a, b []int32) int { return int(a[0] - b[0]) } // ids rise
		got := allDocs(train)
		for _, part := range [][][]int32{got, allDocs(validation)} {
			if !slices.IsSortedFunc(part, first) {
				t.Fatalf("not in order: %v", part)
			}
		}
		got = append(got, allDocs(validation)...)
		slices.SortFunc(got, first)
		if !slices.EqualFunc(got, allDocs(d), slices.Equal) {
			t.Fatalf("%v and %v are not %v", allDocs(train), allDocs(validation), allDocs(d))
		}
	}
}

func TestSplitShare(t *testing.T) {
	d := newDataset(slices.Repeat([]int{2}, 10000)...)
	_, a, _ := d.Split(0.1, 1)
	_, again, _ := d.Split(0.1, 1)
	_, b, _ := d.Split(0.1, 2)
	_, more, _ := d.Split(0.2, 1)
	if n := a.Len(); n < 900 || n > 1100 { // three deviations are 90
		t.Errorf("%d of 10000 documents for a share of 0.1", n)
	}
	if !slices.Equal(a.Tokens, again.Tokens) {
		t.Error("the same seed chooses others")
	}
	both := 0
	for _, id := range a.Tokens {
		if _, ok := slices.BinarySearch(b.Tokens, id); ok {
			both++
		}
		if _, ok := slices.BinarySearch(more.Tokens, id); !ok {
			t.Fatal("a larger share leaves out what a smaller one has")
		}
	}
	if both > 2*200 { // 2·100 are to be expected
		t.Errorf("two seeds have %d of %d tokens in common", both, len(a.Tokens))
	}
}

func TestSplitOfOneDocument(t *testing.T) {
	train, validation, err := newDataset(100).Split(0.05, 1)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 1 || validation.Len() != 1 || len(train.Tokens) != 95 || validation.Tokens[0] != 95 {
		t.Errorf("%v and %v", allDocs(train), allDocs(validation))
	}
	for _, c := range []struct {
		d     *Dataset
		share float64
	}{
		{newDataset(), 0.5}, {newDataset(3), 0.5}, {newDataset(100), 0.99},
		{newDataset(2, 2), 0}, {newDataset(2, 2), 1}, {newDataset(2, 2), -1}, {newDataset(2, 2), math.NaN()},
	} {
		if _, _, err := c.d.Split(c.share, 1); err == nil {
			t.Errorf("no error for %d documents and a share of %v", c.d.Len(), c.share)
		}
	}
}

func newTestBatches(t *testing.T, d *Dataset, batch, seq, accumulate int, docs bool) *Batches {
	t.Helper()
	b, err := NewBatches(d, batch, seq, accumulate, docs, 42)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// firstTokens deals out n windows and returns the first token of each, which
// tells them apart. It checks that in and want are as they should be.
func firstTokens(t *testing.T, b *Batches, n int) []int32 {
	t.Helper()
	var list []int32
	for i := 0; len(list) < n; i++ {
		in, want := b.At(i/b.accumulate, i%b.accumulate)
		if len(in) != b.batch || len(want) != b.batch {
			t.Fatalf("batch %d has %d and %d rows, want %d", i, len(in), len(want), b.batch)
		}
		for r := range in {
			if len(in[r]) == 0 || len(in[r]) > b.seq || len(in[r]) != len(want[r]) {
				t.Fatalf("row %d of batch %d: %d tokens, and %d to predict", r, i, len(in[r]), len(want[r]))
			}
			for j := range in[r] { // ids count up, within a window too
				if in[r][j] != in[r][0]+int32(j) || want[r][j] != in[r][j]+1 {
					t.Fatalf("row %d of batch %d: %v, %v", r, i, in[r], want[r])
				}
			}
			list = append(list, in[r][0])
		}
	}
	return list[:n]
}

// TestBatchesDealOutEverything checks that each round has every window once.
func TestBatchesDealOutEverything(t *testing.T) {
	lengths := []int{5, 9, 2, 30, 17, 3, 8, 2, 6, 4, 12}
	for _, seq := range []int{1, 4, 7, 97, 200} {
		for _, docs := range []bool{false, true} {
			d := newDataset(lengths...)
			b := newTestBatches(t, d, 3, seq, 2, docs)
			var want []int32
			if docs {
				for _, start := range d.Starts[:d.Len()] {
					want = append(want, int32(start))
				}
			} else {
				for at := 0; at == 0 || at+seq < len(d.Tokens); at += seq {
					want = append(want, int32(at))
				}
			}
			n := b.Windows()
			list := firstTokens(t, b, 3*n)
			for round := range 3 {
				got := slices.Sorted(slices.Values(list[round*n : (round+1)*n]))
				if !slices.Equal(got, want) {
					t.Errorf("seq %d, docs %v: round %d has windows %v, want %v", seq, docs, round, got, want)
				}
			}
			if n > 5 && slices.Equal(list[:n], list[n:2*n]) {
				t.Errorf("seq %d, docs %v: two rounds have the same order", seq, docs)
			}
			if n > 5 && slices.IsSorted(list[:n]) {
				t.Errorf("seq %d, docs %v: a round is not shuffled", seq, docs)
			}
		}
	}
}

// TestBatchesAtAnyTime checks that a batch depends on its number alone, and
// that windows come in the same order however they are cut into batches.
func TestBatchesAtAnyTime(t *testing.T) {
	d := newDataset(50, 60, 70)
	want := firstTokens(t, newTestBatches(t, d, 1, 4, 1, false), 300)
	for _, c := range [][2]int{{5, 1}, {2, 3}, {100, 1}} {
		batch, accumulate := c[0], c[1]
		b := newTestBatches(t, d, batch, 4, accumulate, false)
		if got := firstTokens(t, b, 300); !slices.Equal(got, want) {
			t.Errorf("batch %d, accumulate %d: another order", batch, accumulate)
		}
		rng := rand.New(rand.NewPCG(3, 4))
		for range 50 {
			i := rng.IntN(300 / batch)
			in, _ := b.At(i/accumulate, i%accumulate)
			for r := range in {
				if in[r][0] != want[i*batch+r] {
					t.Fatalf("batch %d is another one when it is asked for out of order", i)
				}
			}
		}
	}
	other, err := NewBatches(d, 1, 4, 1, false, 43)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Equal(firstTokens(t, other, 40), want[:40]) {
		t.Error("another seed gives the same order")
	}
}

func TestBatchesOfDocumentsEndThem(t *testing.T) {
	d := newDataset(3, 6)
	b := newTestBatches(t, d, 2, 4, 1, true)
	in, want := b.At(0, 0)
	for r := range in {
		switch in[r][0] {
		case 0: // all of it: the last token, EOS, is to be predicted
			if !slices.Equal(want[r], []int32{1, 2}) {
				t.Errorf("short document: %v, %v", in[r], want[r])
			}
		case 3: // cut
			if !slices.Equal(want[r], []int32{4, 5, 6, 7}) {
				t.Errorf("long document: %v, %v", in[r], want[r])
			}
		}
	}
}

func TestNewBatchesOfTooLittle(t *testing.T) {
	for _, c := range []struct {
		d    *Dataset
		docs bool
	}{{newDataset(), false}, {newDataset(1), false}, {newDataset(), true}} {
		if _, err := NewBatches(c.d, 1, 4, 1, c.docs, 1); err == nil {
			t.Errorf("no error for %d tokens", len(c.d.Tokens))
		}
	}
}
