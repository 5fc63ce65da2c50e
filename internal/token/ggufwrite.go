package token

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// preCandidates are the pre-tokenizers that ToGGUF tries, as llama.cpp names them. Of two that cut alike, one
// looks up whole words before it merges.
var preCandidates = []string{
	"gpt-2", "llama-bpe", "smaug-bpe", "qwen2", "qwen35", "tekken", "gpt-4o", "starcoder", "falcon", "default",
	"deepseek-llm", "deepseek-coder", "deepseek-v3",
}

// preProbe is a text that no two of them cut alike.
const preProbe = "I'm HERE'S we'Ll 1 12 123 1234567890 (3+4=7)/2, $5 ~x^2|`y`\n\n \t  tab\r\n" +
	"  HelloWorld's fooBAR éàÉ e\u0301a\u0308" +
	" 你好世界 カタカナ ひらがな 한국어 Привет мир ελληνικά ①②٣٤ 🦙🦙 !?!?//\n/* */ _a_b_ \u00a0 \u3000 x   "

// ToGGUF returns what a GGUF file says about the tokenizer, with n tokens, those of the model: unused ones
// fill the vocabulary up, and marks beyond it are left out. It is an error if such files cannot say it.
func (t *Tokenizer) ToGGUF(n int) (*GGUF, error) {
	if !t.Fits(n) {
		return nil, fmt.Errorf("token: %d tokens do not fit a vocabulary of %d", len(t.pieces), n)
	}
	bos, eos := t.AddBOS(), t.AddEOS()
	g := &GGUF{AddBOS: &bos, AddEOS: &eos, Tokens: slices.Clone(t.pieces)}
	err := g.setEngine(t)
	if err != nil {
		return nil, err
	}
	for id, k := range t.kinds {
		if g.Tokens[id] == "" {
			g.Tokens[id], k = fmt.Sprintf("[PAD%d]", id), unused
		}
		g.Types = append(g.Types, int32(k))
	}
	for id := len(g.Tokens); id < n; id++ {
		g.Tokens, g.Types = append(g.Tokens, fmt.Sprintf("[PAD%d]", id)), append(g.Types, int32(unused))
	}
	g.Tokens, g.Types = g.Tokens[:n], g.Types[:n]
	if g.Scores != nil {
		g.Scores = append(g.Scores, make([]float32, max(0, n-len(g.Scores)))...)[:n]
	}
	g.setMarks(t, n)
	return g, nil
}

// setEngine sets how text is encoded.
func (g *GGUF) setEngine(t *Tokenizer) error {
	switch e := t.engine.(type) {
	case *SPM:
		g.fromSPM(e, t)
		return nil
	case *spEngine:
		if b, ok := e.inner.(*charBPE); ok && b.listed == nil {
			return g.fromCharBPE(b, e.norm.normalize, t)
		}
	case *byteEngine:
		return g.fromBytes(e, t, e.bpe.split)
	case *hfEngine:
		switch model := e.model.(type) {
		case *byteEngine:
			return g.fromBytes(model, t, func(text string, emit func(string)) {
				cutWords(e.stages, e.normalize(text), true, func(part string, _ bool) { model.bpe.split(part, emit) })
			})
		case *charBPE:
			return g.fromCharBPE(model, e.spaced, t)
		}
	}
	return fmt.Errorf("token: GGUF files are not written for this kind of vocabulary, BPE is wanted")
}

// fromSPM takes over a tokenizer.bin, which has spaces in place of marks.
func (g *GGUF) fromSPM(s *SPM, t *Tokenizer) {
	g.Model, g.Pre, g.Scores, g.AddSpacePrefix = "llama", "default", slices.Clone(s.scores), &t.addPrefix
	for id, k := range t.kinds {
		if k == normal {
			g.Tokens[id] = strings.ReplaceAll(g.Tokens[id], " ", spaceMark)
		}
	}
}

// spaced returns what the engine's model sees of a text without special tokens, in one piece.
func (e *hfEngine) spaced(text string) string {
	var b strings.Builder
	cutWords(e.stages, e.normalize(text), true, func(part string, _ bool) { b.WriteString(part) })
	return b.String()
}

// fromCharBPE takes over pieces of characters. Merges that are listed become
// scores of what they give: that is the same if a piece comes from all its parts in one order.
func (g *GGUF) fromCharBPE(b *charBPE, normalize func(string) string, t *Tokenizer) error {
	const probe = "a  b\n c "
	want := strings.ReplaceAll(probe, " ", spaceMark)
	if t.addPrefix {
		want = spaceMark + want
	}
	if got := normalize(probe); got != want {
		return fmt.Errorf("token: GGUF files cannot say that a text %q becomes %q before it is cut", probe, got)
	}
	g.Model, g.Pre, g.AddSpacePrefix = "llama", "default", &t.addPrefix
	if b.listed == nil {
		g.Scores = slices.Clone(b.scores)
		return nil
	}
	g.Scores = make([]float32, len(t.pieces))
	for id := range g.Scores {
		g.Scores[id] = -float32(len(b.listed)) // what no merge gives comes last
	}
	for _, m := range b.listed {
		g.Scores[m.id] = max(g.Scores[m.id], m.score)
	}
	return nil
}

// fromBytes takes over pieces of bytes, with the rules by which they merge.
func (g *GGUF) fromBytes(e *byteEngine, t *Tokenizer, split splitter) error {
	if e.prefix {
		return fmt.Errorf("token: GGUF files cannot say that a space goes before each text that bytes are made of")
	}
	g.Model = "gpt2"
	b := e.bpe
	var ok bool
	if g.Pre, ok = preNamed(split, b.ignoreMerges); !ok {
		return fmt.Errorf("token: none of the pre-tokenizers that GGUF files name cuts text as this one does")
	}
	for id, k := range t.kinds {
		if k == normal && b.merged == nil { // tiktoken's pieces are bytes themselves
			g.Tokens[id] = byteAlphabet(b.pieces[id])
		}
	}
	rules := slices.Clone(b.pairs.rules)
	rules = slices.DeleteFunc(rules, func(r uint64) bool { return r == noRule })
	slices.SortFunc(rules, func(x, y uint64) int {
		return cmp.Or(cmp.Compare(x&(1<<rankBits-1), y&(1<<rankBits-1)), cmp.Compare(x, y))
	})
	for _, r := range rules {
		pair := r >> rankBits
		g.Merges = append(g.Merges, g.Tokens[pair>>idBits]+" "+g.Tokens[pair&(1<<idBits-1)])
	}
	return nil
}

// preNamed returns the name of the pre-tokenizer that cuts as split does.
func preNamed(split splitter, ignoreMerges bool) (string, bool) {
	cut := func(split splitter) (parts []string) {
		split(preProbe, func(part string) { parts = append(parts, part) })
		return parts
	}
	want := cut(split)
	for _, name := range preCandidates {
		s, ok := splitterFor(name)
		if ok && slices.Contains(ignoresMerges, name) == ignoreMerges && slices.Equal(cut(s), want) {
			return name, true
		}
	}
	return "", false
}

// setMarks sets the tokens that begin and end texts.
func (g *GGUF) setMarks(t *Tokenizer, n int) {
	at := func(id ID) *uint32 {
		if id < 0 || int(id) >= n {
			return nil
		}
		u := uint32(id)
		return &u
	}
	g.BOS, g.EOS = at(t.bos), at(t.eos)
	for id, k := range t.kinds[:min(n, len(t.kinds))] {
		if k == unknown {
			g.UNK = at(ID(id))
		}
	}
	for _, id := range t.ends {
		switch {
		case id == t.eos || at(id) == nil:
		case g.EOT == nil:
			g.EOT = at(id)
		case g.EOM == nil:
			g.EOM = at(id)
		}
	}
}
