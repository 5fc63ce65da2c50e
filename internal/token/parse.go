package token

import (
	"bytes"
	"fmt"
)

// Parse reads a tokenizer's file of any kind, which it tells by its first
// bytes: a tokenizer.json, with tokenizer_config.json in config if there is
// one, a tokenizer.model of SentencePiece or of Llama 3, or a tokenizer.bin of
// llama2.c, for which vocabSize is as in ParseLlama2c.
func Parse(name string, data, config []byte, vocabSize int) (*Tokenizer, error) {
	head := data[:min(len(data), 64)]
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")):
		return ParseHF(name, data, config)
	// A model begins with a piece, and that with its text. A tokenizer.bin begins with
	// the length of the longest piece, of which the higher bytes are zero.
	case len(head) > 2 && head[0] == 0x0a && head[2] == 0x0a:
		return ParseSentencePiece(name, data)
	case bytes.HasPrefix(head, []byte("IQ== 0\n")): // "!", the first in every such file
		return parseLlama3(name, data)
	}
	s, err := ParseLlama2c(name, data, vocabSize)
	if err != nil {
		return nil, err
	}
	return s.Tokenizer(), nil
}

// llama3Ranks is how many pieces Llama 3's tokenizer.model has. 256 control tokens follow them.
const llama3Ranks = 128000

// parseLlama3 reads the tokenizer.model of Meta's release of Llama 3, a file of
// tiktoken's. Which control tokens follow and how text is cut, the file does not say.
func parseLlama3(name string, data []byte) (*Tokenizer, error) {
	pieces, err := ParseTiktoken(name, data)
	if err != nil {
		return nil, err
	}
	if len(pieces) != llama3Ranks {
		return nil, &FormatError{Name: name, Offset: -1, Field: "pieces",
			Reason: fmt.Sprintf("there are %d, but of files of this kind only Llama 3's is known, with %d",
				len(pieces), llama3Ranks)}
	}
	split, _ := splitterFor("llama-bpe")
	b, err := newRankedBPE(pieces, split)
	if err != nil {
		return nil, err
	}
	names := llama3Controls()
	t := newTokenizer(append(pieces[:len(pieces):len(pieces)], names...), make([]kind, len(pieces)+len(names)))
	copy(t.texts, pieces)
	for id := range t.kinds {
		t.kinds[id] = normal
		if id >= len(pieces) {
			t.kinds[id] = control
		}
	}
	t.bos, t.eos, t.addBOS = llama3Ranks, llama3Ranks+1, true
	t.addEnds(t.eos)
	t.addKnownEnds()
	t.engine = &byteEngine{bpe: b}
	t.match(nil)
	return t, nil
}

// llama3Controls returns the names of Llama 3's control tokens, with 3.1's <|eom_id|>.
func llama3Controls() []string {
	names := []string{
		"<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|reserved_special_token_1|>",
		"<|finetune_right_pad_id|>", "<|reserved_special_token_2|>", "<|start_header_id|>", "<|end_header_id|>",
		"<|eom_id|>", "<|eot_id|>", "<|python_tag|>",
	}
	for i := 3; len(names) < 256; i++ {
		names = append(names, fmt.Sprintf("<|reserved_special_token_%d|>", i))
	}
	return names
}
