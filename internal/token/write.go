package token

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
)

// WriteTo writes the vocabulary as a tokenizer.bin, which ParseLlama2c reads.
func (s *SPM) WriteTo(w io.Writer) (int64, error) {
	var b bytes.Buffer
	word := func(v uint32) { b.Write(binary.LittleEndian.AppendUint32(nil, v)) }
	word(uint32(s.pieceMax))
	for i, p := range s.pieces {
		word(math.Float32bits(s.scores[i]))
		word(uint32(len(p)))
		b.WriteString(p)
	}
	return b.WriteTo(w)
}
