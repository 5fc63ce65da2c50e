package load_test

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"testing/fstest"

	"cria/internal/gguf"
	"cria/internal/load"
	"cria/internal/safetensors"
)

// FuzzGGUF changes a value, a tensor or a byte of a small model. Whatever that
// is, the model opens or is refused; and one that opens runs.
func FuzzGGUF(f *testing.F) {
	all := specs()
	for i := range all {
		for op := range uint8(10) {
			f.Add(uint8(i), op, uint16(7*i)+uint16(op), int64(op)-1)
		}
	}
	f.Fuzz(func(t *testing.T, which, op uint8, at uint16, n int64) {
		s := &all[int(which)%len(all)]
		kv, list := s.metadata(), s.tensors()
		change(&kv, &list, op, int(at), n)
		var b bytes.Buffer
		if gguf.Write(&b, kv, list, func(t *gguf.Tensor) ([]byte, error) { return t.Data, nil }, nil) != nil {
			return // no file can be like this
		}
		data := b.Bytes()
		if op == 9 {
			data[int(uint64(n)%(1<<13))%len(data)] ^= byte(at)
		}
		m, err := openBytes(data)
		if err != nil {
			return
		}
		if m.Config.SeqLen <= 1<<10 && m.Config.VocabSize >= vocab {
			logitsOf(t, m, tokens()[:min(3, m.Config.SeqLen)])
		}
		if _, _, err := m.Tokenizer(""); err == nil {
			_ = m.Largest()
		}
		_ = m.Close() // of bytes in memory
	})
}

// change changes one thing.
func change(kv *[]gguf.KV, list *[]gguf.Tensor, op uint8, at int, n int64) {
	i, j := at%len(*kv), at%len(*list)
	value, x := &(*kv)[i].Value, &(*list)[j]
	switch op {
	case 0:
		*value = uint32(n)
	case 1:
		*value = n
	case 2:
		*value = math.Float32frombits(uint32(n))
	case 3:
		*value = []int32{int32(n), int32(n)}
	case 4:
		*kv = slices.Delete(*kv, i, i+1)
	case 5:
		*list = slices.Delete(*list, j, j+1)
	case 6: // other dimensions of as many numbers
		count := len(x.Data) / 4
		if n > 0 && count%int(min(n, 1<<20)) == 0 {
			x.Dims = []int{int(n), count / int(n)}
		}
	case 7:
		x.Name = (*list)[(j+1)%len(*list)].Name + "x"
	case 8: // a type of half the size, as that has twice the numbers
		x.Type, x.Data = 1, x.Data[:len(x.Data)/2]
	}
}

// FuzzConfig opens a folder with any config.json.
func FuzzConfig(f *testing.F) {
	for _, s := range specs() {
		f.Add(s.configJSON(f))
	}
	var weights bytes.Buffer
	own := func(t *safetensors.Tensor) ([]byte, error) { return t.Data, nil }
	if err := safetensors.Write(&weights, nil, specNamed(f, "llama").hfTensors(), own, nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, config []byte) {
		files := fstest.MapFS{"config.json": {Data: config}, "model.safetensors": {Data: weights.Bytes()}}
		m, err := load.Open(load.Disk{FS: files}, ".")
		if err != nil {
			return
		}
		if m.Config.SeqLen <= 1<<10 {
			logitsOf(t, m, tokens()[:min(3, m.Config.SeqLen)])
		}
		_ = m.Close() // of bytes in memory
	})
}
