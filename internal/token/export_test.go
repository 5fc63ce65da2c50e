package token

// Score returns the score of a token.
func (s *SPM) Score(id ID) float32 { return s.scores[id] }

// EncodeLookups returns how many pairs Encode looks up for the text.
func (s *SPM) EncodeLookups(text string) int {
	m := merger{spm: s}
	m.encode(text, true)
	return m.lookups
}

// IsControl reports whether a token is a mark that no text contains.
func (t *Tokenizer) IsControl(id ID) bool { return t.kinds[id] == control }
