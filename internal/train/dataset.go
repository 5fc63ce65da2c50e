package train

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"iter"
	"math/rand/v2"

	"cria/internal/token"
)

// A Dataset is tokenized documents: each is BOS, its text and EOS.
type Dataset struct {
	Tokens []int32 // of all documents, one after the other
	Starts []int   // where each document begins, and at last where the last one ends
}

// Tokenize returns the documents as tokens.
func Tokenize(docs iter.Seq2[string, error], spm *token.SPM) (*Dataset, error) {
	d := &Dataset{Starts: []int{0}}
	var ids []token.ID
	for doc, err := range docs {
		if err != nil {
			return nil, err
		}
		ids = spm.Encode(ids[:0], doc, true, true)
		for _, id := range ids {
			d.Tokens = append(d.Tokens, int32(id))
		}
		d.Starts = append(d.Starts, len(d.Tokens))
	}
	return d, nil
}

// Len returns the number of documents.
func (d *Dataset) Len() int { return len(d.Starts) - 1 }

// Doc returns the tokens of document i.
func (d *Dataset) Doc(i int) []int32 { return d.Tokens[d.Starts[i]:d.Starts[i+1]] }

// Split puts aside a share of the documents for validation, chosen by seed and
// number, at least one of two or more. Of a single document it puts aside the
// end, as a document of its own.
func (d *Dataset) Split(share float64, seed uint64) (train, validation *Dataset, err error) {
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("train: share for validation is %v, want a number between 0 and 1", share)
	}
	train, validation = &Dataset{Starts: []int{0}}, &Dataset{Starts: []int{0}}
	if d.Len() == 1 {
		cut := len(d.Tokens) - max(2, int(float64(len(d.Tokens))*share))
		if cut < 2 {
			return nil, nil, fmt.Errorf("train: a document of %d tokens is too short to put a part aside", len(d.Tokens))
		}
		train.add(d.Tokens[:cut])
		validation.add(d.Tokens[cut:])
		return train, validation, nil
	}
	for i := range d.Len() {
		if float64(hash(seed, uint64(i))>>11)/(1<<53) < share {
			validation.add(d.Doc(i))
		} else {
			train.add(d.Doc(i))
		}
	}
	for _, pair := range [][2]*Dataset{{train, validation}, {validation, train}} {
		if full, empty := pair[0], pair[1]; empty.Len() == 0 && full.Len() > 1 {
			empty.add(full.Doc(full.Len() - 1))
			full.Starts = full.Starts[:len(full.Starts)-1]
			full.Tokens = full.Tokens[:full.Starts[full.Len()]]
		}
	}
	if train.Len() == 0 || validation.Len() == 0 {
		return nil, nil, fmt.Errorf("train: %d documents are too few to learn from some and put others aside", d.Len())
	}
	return train, validation, nil
}

func (d *Dataset) add(doc []int32) {
	d.Tokens = append(d.Tokens, doc...)
	d.Starts = append(d.Starts, len(d.Tokens))
}

// hash returns well-mixed bits of two numbers.
func hash(a, b uint64) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, a), b))
	return rand.New(rand.NewPCG(h.Sum64(), a^b)).Uint64()
}

// Batches is a Source: it deals out all windows of a dataset in an order that
// the seed shuffles anew for every round. What belongs to a step depends on
// the step alone.
type Batches struct {
	data                   *Dataset
	batch, seq, accumulate int
	docs                   bool
	seed                   uint64

	round int   // of order
	order []int // of windows
}

// NewBatches returns batches of a number of windows. If docs, a window is the
// first seq tokens of a document; otherwise the documents form one stream that
// is cut every seq tokens.
func NewBatches(d *Dataset, batch, seq, accumulate int, docs bool, seed uint64) (*Batches, error) {
	b := &Batches{data: d, batch: batch, seq: seq, accumulate: accumulate, docs: docs, seed: seed, round: -1}
	if b.Windows() == 0 {
		return nil, fmt.Errorf("train: %d tokens do not make one window of %d", len(d.Tokens), seq)
	}
	return b, nil
}

// Windows returns how many windows a round has.
func (b *Batches) Windows() int {
	if b.docs {
		return b.data.Len()
	}
	if n := (len(b.data.Tokens) - 1) / b.seq; n > 0 {
		return n
	}
	return min(1, max(0, len(b.data.Tokens)-1)) // one that is short
}

// At returns part part of a step, counted from 0: what to read and what to predict.
func (b *Batches) At(step, part int) (in, want [][]int32) {
	first := (step*b.accumulate + part) * b.batch
	for i := range b.batch {
		w := b.window(b.shuffled(first + i))
		in, want = append(in, w[:len(w)-1]), append(want, w[1:])
	}
	return in, want
}

// shuffled returns the window that is dealt out i-th.
func (b *Batches) shuffled(i int) int {
	n := b.Windows()
	if round := i / n; round != b.round {
		b.round = round
		b.order = rand.New(rand.NewPCG(b.seed, uint64(round))).Perm(n)
	}
	return b.order[i%n]
}

// window returns the tokens of window i: what is read and one more.
func (b *Batches) window(i int) []int32 {
	if b.docs {
		doc := b.data.Doc(i)
		return doc[:min(len(doc), b.seq+1)]
	}
	w := b.data.Tokens[i*b.seq:]
	return w[:min(len(w), b.seq+1)]
}
