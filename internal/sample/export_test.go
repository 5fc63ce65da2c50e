package sample

import "cria/internal/token"

// Kept returns the tokens that the last Sample drew from, and false if it did
// not drop any beforehand.
func (s *Sampler) Kept() ([]token.ID, bool) {
	var ids []token.ID
	for _, c := range s.kept {
		ids = append(ids, c.id)
	}
	return ids, len(ids) > 0
}

// Uint32 and Float32 return the next random number.
func (s *Llama2c) Uint32() uint32   { return s.uint32() }
func (s *Llama2c) Float32() float32 { return s.float32() }
