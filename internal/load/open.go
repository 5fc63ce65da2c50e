package load

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cria/internal/gguf"
	"cria/internal/hf"
	"cria/internal/llama2c"
	"cria/internal/mmap"
	"cria/internal/model"
)

// A Model is what the files of a model hold.
type Model struct {
	Path    string // the file, or the folder
	Format  string // "llama2.c", "GGUF", "Hugging Face"
	Version int    // of the format, if it has versions
	Family  string // "llama"
	Config  model.Config
	Weights *model.Weights
	IsTied  bool       // the classifier is the embedding
	Bytes   int64      // of the files of the weights
	Tensors []Tensor   // in the order of the files
	KV      []Metadata // what else a file says

	disk  Disk
	files [][]byte // of the weights
	close []func() error
	gguf  *gguf.File // or nil
	hf    *hf.Config // or nil
}

// Open opens a checkpoint of llama2.c, a GGUF file or the first of its shards,
// or a Hugging Face directory, by what is in it. Weights are views of the
// mapped files, until Close.
func Open(disk Disk, path string) (*Model, error) {
	m := &Model{Path: path, disk: disk}
	if err := m.open(); err != nil {
		return nil, errors.Join(err, m.Close())
	}
	return m, nil
}

// Close ends the mappings. Weights must no longer be used.
func (m *Model) Close() error {
	var err error
	for _, f := range m.close {
		err = errors.Join(err, f())
	}
	m.close, m.files = nil, nil
	return err
}

// Lock keeps the files of the weights in memory until Close.
func (m *Model) Lock() error {
	for _, data := range m.files {
		if err := mmap.Lock(data); err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
	}
	return nil
}

// Largest returns the bytes of the largest file, until Close.
func (m *Model) Largest() []byte {
	return slices.MaxFunc(m.files, func(a, b []byte) int { return cmp.Compare(len(a), len(b)) })
}

func (m *Model) open() error {
	info, err := m.disk.stat(m.Path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return m.openHF()
	}
	data, err := m.mapped(m.Path)
	switch {
	case err != nil:
		return err
	case bytes.HasPrefix(data, []byte("GGUF")):
		return m.openGGUF(data)
	case isSafetensors(data):
		m.Path, _ = m.disk.split(m.Path)
		m.Bytes = 0
		return errors.Join(m.Close(), m.openHF())
	}
	f, err := llama2c.Parse(m.Path, data)
	if err != nil {
		return err
	}
	return m.named(m.fromLlama2c(f))
}

// isSafetensors reports whether data begins as the files of Hugging Face do: the
// length of a header, which begins with a brace.
func isSafetensors(data []byte) bool {
	return len(data) > 8 && data[8] == '{' && binary.LittleEndian.Uint64(data) < 1<<32
}

// named puts the model's path into an error, if it is not there.
func (m *Model) named(err error) error {
	if err == nil || strings.Contains(err.Error(), m.Path) {
		return err
	}
	return fmt.Errorf("%s: %w", m.Path, err)
}

// mapped maps one of the model's files.
func (m *Model) mapped(name string) ([]byte, error) {
	data, unmap, err := m.disk.mapped(name)
	if err != nil {
		return nil, err
	}
	m.close = append(m.close, unmap)
	m.files = append(m.files, data)
	m.Bytes += int64(len(data))
	return data, nil
}

// joined reads a GGUF file, and the other shards if it is one.
func (m *Model) joined(data []byte) (*gguf.File, error) {
	dir, base := m.disk.split(m.Path)
	var files []*gguf.File
	shards := gguf.ShardNames(base)
	if len(shards) < 2 {
		shards = []string{base}
	}
	for _, name := range shards {
		path := m.disk.in(dir, name)
		if name == base {
			path = m.Path
		}
		shard, err := data, error(nil)
		if name != base {
			shard, err = m.mapped(path)
		}
		if err != nil {
			return nil, err
		}
		f, err := gguf.Parse(path, shard)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return gguf.Join(files)
}

// openGGUF opens a file, and the other shards if it is one.
func (m *Model) openGGUF(data []byte) error {
	f, err := m.joined(data)
	if err != nil {
		return err
	}
	m.gguf, m.Format, m.Version = f, "GGUF", f.Version
	m.IsTied = f.Tensor("output.weight") == nil
	m.Family, _, _ = f.String("general.architecture")
	for i := range f.Tensors {
		t := &f.Tensors[i]
		shape := slices.Clone(t.Dims)
		slices.Reverse(shape)
		m.Tensors = append(m.Tensors, Tensor{t.Name, t.Type.String(), shape, t.Offset, t.Bytes})
	}
	for _, kv := range f.KV {
		m.KV = append(m.KV, Metadata{kv.Key, kv.Value})
	}
	m.Config, m.Weights, err = GGUF(f)
	return m.named(err)
}

// A Tensor is what a file says of an array of numbers.
type Tensor struct {
	Name   string
	Type   string
	Shape  []int // the last is the length of a row
	Offset int64 // in its file
	Bytes  int64
}

// Metadata is what a file says that is no tensor.
type Metadata struct {
	Key   string
	Value any
}
