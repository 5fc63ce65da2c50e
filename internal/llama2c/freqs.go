package llama2c

import (
	"cria/internal/float"
	"cria/internal/tensor"
)

// The tables of version 0, named as in llama2.c's model.py. Its first readers
// took the rotary embeddings from them.
const (
	freqsCos = "freqs_cos"
	freqsSin = "freqs_sin"
)

// writeFreqs writes the cosines or sines of pos * 10000^(-2i/K), rounded to
// float32 where model.py rounds.
func writeFreqs(out *output, s *slot) {
	freqs := make([]float32, s.cols) // [K/2]
	for i := range freqs {
		freqs[i] = 1 / float32(float.Pow(10000, float64(i)/float64(s.cols)))
	}
	row := make([]float32, s.cols)
	for pos := range s.rows {
		for i, freq := range freqs {
			sin, cos := float.SinCos(float64(float32(pos) * freq))
			row[i] = float32(cos)
			if s.name == freqsSin {
				row[i] = float32(sin)
			}
		}
		out.write(tensor.Bytes(row), 4)
	}
}
