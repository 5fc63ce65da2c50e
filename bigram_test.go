package cria_test

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
	"testing/fstest"

	"cria/internal/llama2c"
	"cria/internal/tensor"
)

// corpus is all that the model of the examples knows.
const corpus = `Once upon a time there lived one small llama.
Once upon a time there lived one small llama.
Once upon a time there lived one woolly llama.
Once upon a time there lived one brave llama.
It ate grass.
It ate grass.
It ate flowers.`

// bigramFS returns a file system with a checkpoint, llama.bin, and a tokenizer.
// The model is worked out by hand, so that examples print words: its one layer
// is all zeros, so that a token's embedding, which is 1 at the token's own place,
// goes straight to the classifier. Row j, column i of that is about 1 if j
// follows i in the corpus, more if it does so often.
func bigramFS() fstest.MapFS {
	ids, vocab := bigramVocab()
	h := llama2c.Header{
		Version: 1, Dim: len(ids) + len(ids)%2, HiddenDim: 1, NLayers: 1, NHeads: 1, NKVHeads: 1,
		VocabSize: len(ids), SeqLen: 64, Type: tensor.F32,
	}
	weights := map[string][]float32{
		"tok_embeddings.weight": make([]float32, h.VocabSize*h.Dim),
		"output.weight":         make([]float32, h.VocabSize*h.Dim),
		"norm.weight":           slices.Repeat([]float32{1}, h.Dim),
	}
	for i := range h.VocabSize {
		weights["tok_embeddings.weight"][i*h.Dim+i] = 1
	}
	for sentence := range strings.Lines(corpus) {
		words := append(append([]string{bos}, wordsOf(sentence)...), eos)
		for i, next := range words[1:] {
			w := &weights["output.weight"][ids[next]*h.Dim+ids[words[i]]]
			*w = max(1, *w+0.125)
		}
	}
	outline, err := h.Outline()
	if err != nil {
		panic(err) // the header is right: it is above
	}
	shapes := map[string]tensor.Mat{}
	for _, t := range outline {
		shapes[t.Name] = t.Mat
	}
	var checkpoint bytes.Buffer
	err = llama2c.Write(&checkpoint, &h, func(name string) (tensor.Mat, error) {
		m := shapes[name]
		x, ok := weights[name]
		if !ok {
			x = make([]float32, m.Rows*m.Cols)
		}
		m.Data = tensor.Bytes(x)
		return m, nil
	}, nil)
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return fstest.MapFS{"llama.bin": {Data: checkpoint.Bytes()}, "tokenizer.bin": {Data: vocab}}
}

// How a vocabulary spells the tokens that begin and end a sequence.
const bos, eos = "\n<s>\n", "\n</s>\n"

// wordsOf splits a sentence into the tokens that spell it.
func wordsOf(sentence string) []string {
	var words []string
	for word := range strings.FieldsSeq(strings.TrimSuffix(strings.TrimSpace(sentence), ".")) {
		words = append(words, " "+word)
	}
	return append(words, ".")
}

// bigramVocab returns the place of every token of the corpus, and the tokenizer.bin
// that says so. Words are merged from left to right, so that their beginnings are tokens too.
func bigramVocab() (ids map[string]int, file []byte) {
	set := map[string]bool{" ": true}
	for sentence := range strings.Lines(corpus) {
		for _, word := range wordsOf(sentence) {
			for i := range len(word) {
				set[word[i:i+1]], set[word[:i+1]] = true, true
			}
		}
	}
	pieces := append([]string{"<unk>", bos, eos}, slices.Sorted(maps.Keys(set))...)
	ids = map[string]int{}
	file = binary.LittleEndian.AppendUint32(file, 16) // max_token_length
	for i, piece := range pieces {
		ids[piece] = i
		file = binary.LittleEndian.AppendUint32(file, 0) // score
		file = binary.LittleEndian.AppendUint32(file, uint32(len(piece)))
		file = append(file, piece...)
	}
	return ids, file
}
