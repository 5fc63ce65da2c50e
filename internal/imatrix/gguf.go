package imatrix

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"cria/internal/gguf"
	"cria/internal/tensor"
)

// The ends of tensors' names, and the keys.
const (
	sumsEnd   = ".in_sum2"
	countsEnd = ".counts"

	typeKey      = "general.type"
	datasetsKey  = "imatrix.datasets"
	chunksKey    = "imatrix.chunk_count"
	chunkSizeKey = "imatrix.chunk_size"
)

// parseGGUF reads the newer form.
func parseGGUF(name string, data []byte) (*File, error) {
	g, err := gguf.Parse(name, data)
	if err != nil {
		return nil, err
	}
	if typ, _, err := g.String(typeKey); err != nil || typ != "imatrix" {
		return nil, fmt.Errorf("imatrix: %s: the GGUF file is of type %q, want \"imatrix\"", name, typ)
	}
	f := &File{}
	if f.Datasets, _, err = g.Strings(datasetsKey); err != nil {
		return nil, err
	}
	f.Datasets = cloned(f.Datasets)
	for _, k := range []struct {
		key string
		n   *int
	}{{chunksKey, &f.Chunks}, {chunkSizeKey, &f.ChunkSize}} {
		n, _, err := g.Uint(k.key)
		if err != nil {
			return nil, err
		}
		*k.n = int(min(n, 1<<31-1))
	}
	for i := range g.Tensors {
		t := &g.Tensors[i]
		base, isSums := strings.CutSuffix(t.Name, sumsEnd)
		if !isSums {
			continue
		}
		counts := g.Tensor(base + countsEnd)
		if counts == nil {
			return nil, fmt.Errorf("imatrix: %s: there is %s, but no %s%s", name, t.Name, base, countsEnd)
		}
		e := Entry{Name: strings.Clone(base)}
		if e.Sums, err = floats(t); err != nil {
			return nil, fmt.Errorf("imatrix: %s: %w", name, err)
		}
		if e.Counts, err = floats(counts); err != nil {
			return nil, fmt.Errorf("imatrix: %s: %w", name, err)
		}
		f.Entries = append(f.Entries, e)
	}
	return f, nil
}

// floats returns a copy of a tensor's numbers.
func floats(t *gguf.Tensor) ([]float32, error) {
	m, err := t.Mat()
	if err != nil {
		return nil, err
	}
	if m.Type != tensor.F32 {
		return nil, fmt.Errorf("%s is %v, want f32", t.Name, m.Type)
	}
	return slices.Clone(m.F32()), nil
}

func cloned(list []string) []string {
	var c []string
	for _, s := range list {
		c = append(c, strings.Clone(s))
	}
	return c
}

// Write writes the newer form.
func (f *File) Write(w io.Writer) error {
	kv := []gguf.KV{{Key: typeKey, Value: "imatrix"}, {Key: datasetsKey, Value: append([]string{}, f.Datasets...)},
		{Key: chunksKey, Value: uint32(f.Chunks)}, {Key: chunkSizeKey, Value: uint32(f.ChunkSize)}}
	var list []gguf.Tensor
	data := map[string][]float32{}
	f32, _ := gguf.TypeOf(tensor.F32)
	for i := range f.Entries {
		e := &f.Entries[i]
		if err := e.check(); err != nil {
			return fmt.Errorf("imatrix: %q: %w", e.Name, err)
		}
		experts := len(e.Counts)
		list = append(list,
			gguf.Tensor{Name: e.Name + sumsEnd, Type: f32, Dims: []int{len(e.Sums) / experts, experts}},
			gguf.Tensor{Name: e.Name + countsEnd, Type: f32, Dims: []int{1, experts}})
		data[e.Name+sumsEnd], data[e.Name+countsEnd] = e.Sums, e.Counts
	}
	return gguf.Write(w, kv, list, func(t *gguf.Tensor) ([]byte, error) { return tensor.Bytes(data[t.Name]), nil }, nil)
}
