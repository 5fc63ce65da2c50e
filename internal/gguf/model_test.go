package gguf_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"testing"

	"cria/internal/fixture"
	"cria/internal/gguf"
	"cria/internal/load"
	"cria/internal/tensor"
)

// TestByteOrders wants the same model of a file in every version and byte order.
func TestByteOrders(t *testing.T) {
	name := fixture.Path(t, "models", "stories260K.gguf")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	f := parse(t, name, data)
	config, want, err := load.GGUF(f)
	if err != nil {
		t.Fatal(err)
	}
	for version := 1; version <= 3; version++ {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			c, w, err := load.GGUF(parse(t, "copy", encode(t, version, order, f.KV, f.Tensors)))
			if err != nil {
				t.Fatal(err)
			}
			if c.Dim != config.Dim || c.Rope.Theta != config.Rope.Theta || c.NormEps != config.NormEps {
				t.Errorf("version %d, %v: %+v", version, order, c)
			}
			for _, pair := range [][2][]byte{
				{w.TokenEmbed.Data, want.TokenEmbed.Data}, {w.Layers[2].W2.Data, want.Layers[2].W2.Data},
				{tensor.Bytes(w.FinalNorm), tensor.Bytes(want.FinalNorm)},
			} {
				if !bytes.Equal(pair[0], pair[1]) {
					t.Errorf("version %d, %v: weights differ", version, order)
				}
			}
		}
	}
}

func parse(t *testing.T, name string, data []byte) *gguf.File {
	t.Helper()
	f, err := gguf.Parse(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
